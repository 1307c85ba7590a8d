"""What is written on a ticket, told as one story: the machine, its fault, the work and the bill fit each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from app.seeding.appliances import APPLIANCES, BY_CODE, SHARES, SINCE, Appliance
from app.seeding.sayings import COMPLAINTS, IT_FAULTS, RETURNS, VANS
from app.tickets.origins import months_after

PAYMENTS: Final = ("wechat_pay",) * 6 + ("alipay",) * 3 + ("cash", "card")
STARS: Final = ("5",) * 12 + ("4",) * 5 + ("3",) * 2 + ("2",)
SHOPS: Final = ("jd", "jd", "tmall", "tmall", "douyin", "store", "store", "mini_program", "project")
#: Lists that are one object for all tickets are cleaned once.
_NOTHING_DONE: Final = ["none"]
_MAINTAINED: Final = {
    "routine": ["clean_filter"], "minor": ["clean_filter", "tighten"],
    "major": ["clean_filter", "clean_coil", "check_pressure", "check_current"],
    "annual": ["clean_coil", "check_pressure", "check_current", "disinfect"],
}  # fmt: skip
_DEFECTS: Final = ("电源线外皮老化，有裂纹。", "外机支架锈蚀，需尽快更换。", "排水管固定卡脱落。")
_INSPECTIONS: Final = (
    ("warranty", "鉴定故障是否属三包责任"),
    ("safety", "用电安全与接地"),
    ("annual", "整机年度检测"),
    ("trade_in", "以旧换新残值评估"),
    ("pre_sale", "安装条件勘测"),
)
#: What people take along when they move, and what is looked after by season and counted in hours.
_MOVED: Final = frozenset({"空调", "热水器"})
_SEASONAL: Final = frozenset({"空调"})
_PLANS: Final = ("年度保养计划", "延保用户关怀")
#: What is worth looking after; nobody has a television maintained.
_MAINTAINABLE: Final = frozenset({"空调", "热水器", "净水器", "油烟机", "洗衣机", "冰箱"})
_YEAR: Final = 365
#: Days a machine has been in use when something is asked about it.
SETTLED: Final = 20


@dataclass(frozen=True, slots=True)
class Machine:
    """An installed product, with whose it is and where it stands."""

    id: int | None
    customer_id: int
    site_id: int | None
    outlet_id: int | None
    category: str
    brand: str = ""
    model: str = ""
    serial: str = ""
    sold_on: date | None = None
    installed_on: date | None = None
    warranty_months: int | None = None
    #: Of whom it is: ``person`` or ``company``.
    owner: str = ""

    def known_on(self, day: date) -> bool:
        """Whether it had been in use for some weeks on ``day``."""
        begun = self.installed_on or self.sold_on
        return begun is None or begun <= day - timedelta(days=SETTLED)

    def unknown(self) -> "Machine":
        """Return another machine of the same customer, of which nothing is written down."""
        return Machine(None, self.customer_id, self.site_id, self.outlet_id, "", owner=self.owner)


def suits(machine: Machine, sorts: Sequence[Appliance]) -> bool:
    """Whether it is, or may be, of one of these sorts."""
    known = BY_CODE.get(machine.category)
    return known is None or known in sorts


@dataclass(slots=True)
class Scene:
    """What a story is told about: the dice, the machine, and when things happen (local times)."""

    dice: Random
    machine: Machine
    created: datetime
    visit: datetime
    appliance: Appliance = APPLIANCES[0]
    brand: str = ""
    model: str = ""
    #: What it can be about, where the machine does not say.
    sorts: Sequence[Appliance] = APPLIANCES
    _bought: date | None = None

    def __post_init__(self) -> None:
        known = BY_CODE.get(self.machine.category)
        if known is None:
            shares = SHARES if self.sorts is APPLIANCES else [one.share for one in self.sorts]
            self.appliance = self.dice.choices(self.sorts, shares)[0]
        else:
            self.appliance = known
        drawn = self.dice.choice(self.appliance.models)
        self.brand, self.model = (self.machine.brand, self.machine.model) if known and self.machine.model else drawn

    @property
    def bought(self) -> date:
        """Return when it was bought, which is before the ticket."""
        if self._bought is None:
            latest = self.created.date() - timedelta(days=SETTLED)
            self._bought = self.machine.sold_on or latest - timedelta(days=self.dice.randrange(9 * _YEAR))
        return self._bought

    @property
    def covered_until(self) -> date:
        """Return the last day of the warranty, as the product says it or as the trade has it."""
        months = self.machine.warranty_months
        begun = self.machine.installed_on or self.bought
        return months_after(begun, self.appliance.warranty if months is None else months)

    def product(self) -> dict[str, Any]:
        """Return what names the machine."""
        told = {"product_category_text": self.appliance.name, "brand": self.brand, "model_no": self.model}
        return told | ({"serial_no": self.machine.serial} if self.machine.serial else {})

    def times(self) -> dict[str, Any]:
        """Return the appointment, and when the technician was there."""
        late = self.dice.choice((-10, -5, 0, 0, 5, 10, 15, 25, 40))
        return {"appointment_at": self.visit, "arrived_at": self.visit + timedelta(minutes=late)}

    def paid(self, *amounts: object) -> dict[str, Any]:
        """Return how a bill of these amounts was settled, to the last fen."""
        total = sum((Decimal(str(one)) for one in amounts), Decimal(0))
        return {"payment_method": self.dice.choice(PAYMENTS), "amount_received": str(total)} if total else {}


def _repair(scene: Scene) -> dict[str, Any]:
    dice, fault = scene.dice, scene.dice.choice(scene.appliance.faults)
    age = (scene.created.date() - scene.bought).days / _YEAR
    covered = scene.created.date() <= scene.covered_until
    # Who bought two years more has them after the maker's own.
    prolonged = scene.created.date() <= months_after(scene.covered_until, 24) and dice.random() < 0.25  # noqa: PLR2004 - one in four
    mode = dice.choices(("on_site", "in_shop", "remote"), (92, 6, 2))[0]
    outcome = "fixed" if fault.measures != ["none"] else "repairable"
    if not covered and age > 8 and dice.random() < 0.3:  # noqa: PLR2004 - old machines
        outcome = "end_of_life"
    answers = scene.product() | scene.times() | {
        "year_of_manufacture": str(scene.bought.year), "product_age": f"{age:.1f}", "purchase_on": scene.bought,
        "warranty_status": "in_warranty" if covered else "extended" if prolonged else "out_of_warranty",
        "fault_description": fault.said + dice.choice(SINCE), "fault_phenomenon": fault.symptoms, "service_mode": mode,
        "fault_cause": fault.cause, "repair_measures": fault.measures, "repair_outcome": outcome,
        "work_summary": fault.done, "parts_used": _lines(fault.parts), "labour_fee": str(fault.labour),
        "travel_fee": "30", "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    if dice.random() < 0.1:  # noqa: PLR2004 - one in ten
        answers["discount"] = "10"
    if outcome == "end_of_life":
        answers |= {"unrepairable_reason": dice.choice(("parts_unavailable", "worn_out", "parts_expensive")),
                    "repair_measures": _NOTHING_DONE, "parts_used": [],
                    "work_summary": "配件已停产，更换整机更划算，已向客户说明并建议以旧换新。"}  # fmt: skip
    if answers["warranty_status"] == "in_warranty":
        return answers
    parts = [row["unit_price"] for row in answers["parts_used"]]
    return answers | scene.paid(answers["labour_fee"], "30", *parts, "-" + answers.get("discount", "0"))


def _lines(parts: tuple[tuple[str, str, str], ...]) -> list[Mapping[str, str]]:
    rows = tuple((name, number, "1", price) for name, number, price in parts)
    return _rows(("part_name", "part_no", "quantity", "unit_price"), rows)


def _rows(names: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[Mapping[str, str]]:
    """Return the rows of a table; equal ones are one object, which is cleaned once."""
    if (names, rows) not in _TABLES:
        _TABLES[names, rows] = [dict(zip(names, row, strict=True)) for row in rows]
    return _TABLES[names, rows]


_TABLES: Final[dict[tuple[Any, Any], list[Mapping[str, str]]]] = {}


def _installation(scene: Scene) -> dict[str, Any]:
    dice, sort = scene.dice, scene.appliance
    number = dice.choices((1, 2, 3, 4), (80, 14, 4, 2))[0] if sort.name == "空调" else 1
    floor = dice.randrange(1, 32)
    high = sort.name == "空调" and dice.random() < 0.15  # noqa: PLR2004 - some hang outside
    answers = scene.product() | scene.times() | {
        "order_no": f"{scene.created:%y%m%d}{dice.randrange(10**8):08d}", "sales_channel": dice.choice(SHOPS),
        "install_quantity": str(number), "install_type": dice.choices(
            ("first", "move", "replace"), (78, 14 if sort.name in _MOVED else 0, 8))[0],
        "delivered": True, "floor": str(floor), "has_lift": floor > 6,  # noqa: PLR2004 - houses above have one
        "wall_type": dice.choice(("concrete", "brick", "brick", "light")), "high_altitude": high,
        "installed_serials": "\n".join(f"{scene.created:%y%m}{dice.randrange(10**8):08d}" for _one in range(number)),
        "test_result": "normal", "installation_fee": str(sort.installation * number),
        "materials_used": _rows(("material", "used", "unit_price"), sort.materials),
        "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    answers |= {"altitude_fee": "150"} if high else {}
    materials = [Decimal(used) * Decimal(price) for _name, used, price in sort.materials]
    return answers | scene.paid(answers["installation_fee"], *materials, answers.get("altitude_fee", "0"))


def _plans(scene: Scene) -> tuple[str, ...]:
    own = ("企业维保合同",) if scene.machine.owner == "company" else _PLANS
    return (*own, "换季保养") if scene.appliance.name in _SEASONAL else own


def _maintenance(scene: Scene) -> dict[str, Any]:
    dice, level = scene.dice, scene.dice.choices(("routine", "minor", "major", "annual"), (30, 40, 15, 15))[0]
    readings = tuple((*one, "true") for one in scene.appliance.readings)
    found = dice.random() < 0.2  # noqa: PLR2004 - one visit in five finds something
    first = scene.visit.date() - timedelta(days=3)
    answers = scene.product() | scene.times() | {
        "plan_name": dice.choice(_plans(scene)),
        "visit_no": str(dice.randrange(1, 3)),
        "equipment_count": dice.choice(("1", "2", "4", "6") if scene.machine.owner == "company" else ("1",)),
        "maintenance_level": level, "window_from": first, "window_to": first + timedelta(days=14),
        "duration_spent": dice.choice(("0:40", "1:00", "1:30", "2:10")),
        "maintenance_items": _MAINTAINED[level],
        "readings": _rows(("item", "before", "after", "passed"), readings),
        "defects_found": found, "next_due_on": scene.visit.date() + timedelta(days=180),
        "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    if scene.appliance.name in _SEASONAL:
        answers["running_hours"] = str(dice.randrange(8, 120) * 50)
    if found:
        answers |= {"defect_description": dice.choice(_DEFECTS),
                    "advice": "建议一个月内更换，已向客户说明风险。"}  # fmt: skip
    return answers


def _complaint(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    told = dice.choice(COMPLAINTS)
    category = told["category"]
    money = category.startswith(("fee", "logistics"))
    severity = dice.choices(("minor", "serious", "critical"), (70, 26, 4))[0]
    amount = dice.choice(("30", "50", "100"))
    return {
        "complaint_source": dice.choice(("hotline",) * 5 + ("wechat",) * 3 + ("shop_review", "hotline_12315")),
        "severity": severity, "complaint_category": category, "complaint_content": told["content"],
        "customer_demand": told["demand"],
        "occurred_at": scene.created - timedelta(hours=dice.randrange(3, 60)),
        "media_risk": False, "first_response_at": scene.created + timedelta(minutes=dice.randrange(10, 110)),
        "finding": told["finding"], "is_justified": dice.choices(("yes", "partly", "no"), (60, 30, 10))[0],
        "solution": told["solution"],
        "compensation_type": "money" if money else "none", "compensation_amount": amount, "compensation_paid": amount,
        "prevention": told["prevention"], "customer_accepts": True, "satisfaction": dice.choice(("4", "4", "5", "3")),
        "callback_remark": "客户接受处理结果，无其他诉求。",
    }  # fmt: skip


def _return(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    told = dice.choice(RETURNS)
    price = str(dice.choice((1299, 1899, 2399, 2999, 3499, 4599)))
    item = (f"{scene.brand} {scene.appliance.name} {scene.model}", scene.model, "1", price)
    answers = {
        "return_type": told["type"], "goods_name": item[0],
        "order_no": f"{scene.created:%y%m%d}{dice.randrange(10**8):08d}",
        "sales_channel": dice.choice(SHOPS[:-1]),
        "purchase_on": scene.created.date() - timedelta(days=dice.randrange(2, 14)),
        "return_reason": told["reason"],
        "items_returned": _rows(("item_name", "sku", "quantity", "unit_price"), (item,)),
        "return_courier": dice.choice(("顺丰速运", "京东物流", "德邦快递")),
        "return_tracking_no": f"SF{dice.randrange(10**13):013d}",
        "received_on": scene.visit.date(),
        "inspection_grade": dice.choice(("intact", "intact", "defective", "used")),
        "inspection_note": "配件齐全，外观与描述一致。", "refund_method": "original", "refunded_amount": price,
        "refund_reference": f"TK{scene.visit:%Y%m%d}{dice.randrange(10**6):06d}",
        "new_tracking_no": f"JD{dice.randrange(10**12):012d}", "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    if told["type"] == "exchange":
        # Nothing goes back but the goods.
        answers = {key: one for key, one in answers.items() if not key.startswith("refund")}
    return answers | {"reason_detail": told["detail"] or "未拆封，客户改买大一号"}


def _inspection(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    kind, scope = dice.choice(_INSPECTIONS)
    good = dice.random() < 0.85  # noqa: PLR2004 - most pass
    rows = (("绝缘电阻", "≥2MΩ", f"{dice.choice((80, 120, 200))}MΩ", "true"), ("接地电阻", "≤0.1Ω", "0.06Ω", "true"),
            ("泄漏电流", "≤0.75mA", "0.21mA" if good else "0.92mA", "true" if good else "false"))  # fmt: skip
    answers = scene.product() | scene.times() | {
        "inspection_kind": kind, "standard": "GB 4706.1-2005", "inspection_scope": scope,
        "purchase_on": scene.bought,
        "environment_temperature": str(dice.randrange(18, 32)), "environment_humidity": str(dice.randrange(45, 80)),
        "insulation_resistance": "120", "earthing_ok": True,
        "measurements": _rows(("item", "limit_value", "measured", "passed"), rows),
        "conclusion": "passed" if good else "conditional", "inspection_fee": "100", "travel_fee": "30",
        "satisfaction": dice.choice(STARS),
    } | scene.paid("100", "30")  # fmt: skip
    if not good:
        answers |= {"rectification": "更换老化电源线，复检合格后方可使用。",
                    "rectify_by_on": scene.visit.date() + timedelta(days=15)}  # fmt: skip
    return answers


def _it_fault(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    told = dice.choice(IT_FAULTS)
    number = dice.randrange(1, 200)
    return {
        "it_category": told["category"], "impact": dice.choice(("one_person", "one_person", "team", "site")),
        "affected_users": dice.choice(("1", "1", "3", "8", "20")),
        "occurred_at": scene.created - timedelta(minutes=dice.randrange(10, 180)),
        "fault_description": told["wrong"],
        "asset_no": f"IT-{number:05d}", "hostname": f"KF-PC{number:03d}", "ip_address": f"10.20.{number % 8}.{number}",
        "operating_system": dice.choice(("windows", "windows", "kylin")), "remote_allowed": True,
        "root_cause": told["cause"],
        "resolution": told["way"], "restored_at": scene.visit + timedelta(minutes=50),
        "work_summary": told["done"],
        "duration_spent": dice.choice(("0:20", "0:45", "1:30")), "satisfaction": dice.choice(STARS),
    }  # fmt: skip


def _van(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    told = dice.choice(VANS)
    parts, labour = tuple(map(tuple, told["parts"])), told["labour"]
    far = dice.randrange(12, 180) * 1000
    total = labour + sum(int(price) for _name, _number, price in parts)
    return {
        "plate_no": f"粤B{dice.choice('ADFGK')}{dice.randrange(10**4):04d}",
        "vehicle_model": dice.choice(("五菱荣光", "长安跨越星", "开瑞优优EV", "金杯小海狮")),
        "mileage": str(far), "customer_request": told["request"], "vehicle_services": told["services"],
        "appointment_at": scene.visit, "received_at": scene.visit,
        "promised_at": scene.visit + timedelta(hours=6),
        "body_check": "车身无新增划痕，车内无贵重物品。",
        "diagnosis": told["diagnosis"], "quoted_amount": str(total), "quote_accepted": True,
        "work_summary": told["work"],
        "parts_used": _lines(parts), "labour_fee": str(labour),
        "next_service_km": str(far + 10_000),
        "next_service_on": scene.visit.date() + timedelta(days=180), "satisfaction": dice.choice(STARS),
    } | scene.paid(total)  # fmt: skip


#: Template → the appliances it can be about; the others are about any.
SORTS: Final[Mapping[str, Sequence[Appliance]]] = {
    "maintenance": [one for one in APPLIANCES if one.name in _MAINTAINABLE],
}
#: By template: who tells its story, and how many of a hundred tickets are of it.
STORIES: Final[dict[str, tuple[Callable[[Scene], dict[str, Any]], int]]] = {
    "appliance_repair": (_repair, 52), "installation": (_installation, 20), "maintenance": (_maintenance, 11),
    "complaint": (_complaint, 5), "return_exchange": (_return, 5), "inspection": (_inspection, 4),
    "it_fault": (_it_fault, 2), "vehicle_service": (_van, 1),
}  # fmt: skip
