"""What is written on a ticket, told as one story: the machine, its fault, the work and the bill fit each other."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from app.seeding.appliances import APPLIANCES, SINCE, Appliance
from app.seeding.claims import complaint, returned
from app.seeding.sayings import IT_FAULTS, VANS
from app.seeding.scenes import SHOPS, STARS, AtStep, Scene, rows
from app.tickets.origins import months_after

#: Lists that are one object for all tickets are cleaned once.
_NOTHING_DONE: Final = ["none"]
#: What nobody does to a machine from afar.
_BY_HAND: Final = frozenset({"clean", "adjust", "refill", "repair_part", "replace_part"})
_MAINTAINED: Final = {
    "routine": ["clean_filter"], "minor": ["clean_filter", "tighten"],
    "major": ["clean_filter", "clean_coil", "check_pressure", "check_current"],
    "annual": ["clean_coil", "check_pressure", "check_current", "disinfect"],
}  # fmt: skip
_DEFECTS: Final = ("电源线外皮老化，有裂纹。", "外机支架锈蚀，需尽快更换。", "排水管固定卡脱落。")
#: Sort of an inspection, what it is about, what is measured (item, limit, good, not good), and what mends it.
_ELECTRIC: Final = (("绝缘电阻", "≥2MΩ", "120MΩ", "120MΩ"), ("接地电阻", "≤0.1Ω", "0.06Ω", "0.06Ω"),
                    ("泄漏电流", "≤0.75mA", "0.21mA", "0.92mA"))  # fmt: skip
_REWIRED: Final = "更换老化电源线，复检合格后方可使用。"
_INSPECTIONS: Final = (
    ("warranty", "鉴定故障是否属三包责任", _ELECTRIC, _REWIRED),
    ("safety", "用电安全与接地", _ELECTRIC, _REWIRED),
    ("annual", "整机年度检测", _ELECTRIC, _REWIRED),
    ("trade_in", "以旧换新残值评估",
     (("外观", "无破损变形", "轻微划痕", "面板开裂"), ("通电运行", "功能正常", "正常", "正常")),
     "面板开裂，按残值表下浮一档评估。"),
    ("pre_sale", "安装条件勘测", (("专用插座", "≥16A", "16A", "10A"), ("安装位尺寸", "符合机型要求", "符合", "符合")),
     "加装16A专用插座后方可安装。"),
)  # fmt: skip
#: Whom a fault of the house's own machines keeps from work, and how many.
_IMPACTS: Final = (("one_person", "1"), ("one_person", "1"), ("team", "3"), ("team", "8"), ("site", "20"))
#: What people take along when they move, and what is looked after by season and counted in hours.
_MOVED: Final = frozenset({"空调", "热水器"})
_SEASONAL: Final = frozenset({"空调"})
_PLANS: Final = ("年度保养计划", "延保用户关怀")
#: What is worth looking after; nobody has a television maintained.
_MAINTAINABLE: Final = frozenset({"空调", "热水器", "净水器", "油烟机", "洗衣机", "冰箱"})
_YEAR: Final = 365


def _repair(scene: Scene) -> dict[str, Any]:
    dice, fault = scene.dice, scene.dice.choice(scene.appliance.faults)
    age = (scene.created.date() - scene.bought).days / _YEAR
    covered = scene.created.date() <= scene.covered_until
    # Who bought two years more has them after the maker's own.
    prolonged = scene.created.date() <= months_after(scene.covered_until, 24) and dice.random() < 0.25  # noqa: PLR2004 - one in four
    mode = dice.choices(("on_site", "in_shop", "remote"), (92, 6, 2))[0]
    if mode == "remote" and _BY_HAND.intersection(fault.measures):
        mode = "on_site"
    travel = "30" if mode == "on_site" else "0"
    outcome = "fixed" if fault.measures != ["none"] else "repairable"
    if not covered and age > 8 and dice.random() < 0.3:  # noqa: PLR2004 - old machines
        outcome = "end_of_life"
    answers = scene.product() | scene.times() | {
        "year_of_manufacture": str(scene.bought.year), "product_age": f"{age:.1f}", "purchase_on": scene.bought,
        "warranty_status": "in_warranty" if covered else "extended" if prolonged else "out_of_warranty",
        "fault_description": fault.said + dice.choice(SINCE), "fault_phenomenon": fault.symptoms, "service_mode": mode,
        "fault_cause": fault.cause, "repair_measures": fault.measures, "repair_outcome": outcome,
        "work_summary": fault.done, "parts_used": _lines(fault.parts), "labour_fee": str(fault.labour),
        "travel_fee": travel, "satisfaction": dice.choice(STARS),
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
    return answers | scene.paid(answers["labour_fee"], travel, *parts, "-" + answers.get("discount", "0"))


def _lines(parts: tuple[tuple[str, str, str], ...]) -> list[Mapping[str, str]]:
    lines = tuple((name, number, "1", price) for name, number, price in parts)
    return rows(("part_name", "part_no", "quantity", "unit_price"), lines)


def _installation(scene: Scene) -> dict[str, Any]:
    dice, sort = scene.dice, scene.appliance
    scene.elsewhere = True
    number = dice.choices((1, 2, 3, 4), (80, 14, 4, 2))[0] if sort.name == "空调" else 1
    floor = dice.randrange(1, 32)
    high = sort.name == "空调" and dice.random() < 0.15  # noqa: PLR2004 - some hang outside
    answers = scene.product() | scene.times() | {
        "order_no": scene.digits(14), "sales_channel": dice.choice(SHOPS),
        "install_quantity": str(number), "install_type": dice.choices(
            ("first", "move", "replace"), (78, 14 if sort.name in _MOVED else 0, 8))[0],
        "delivered": True, "floor": str(floor), "has_lift": floor > 6,  # noqa: PLR2004 - houses above have one
        "wall_type": dice.choice(("concrete", "brick", "brick", "light")), "high_altitude": high,
        "installed_serials": "\n".join(f"{scene.created:%y%m}{dice.randrange(10**8):08d}" for _one in range(number)),
        "test_result": "normal", "installation_fee": str(sort.installation * number),
        "materials_used": rows(("material", "used", "unit_price"), sort.materials),
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
        "readings": rows(("item", "before", "after", "passed"), readings),
        "defects_found": found, "next_due_on": scene.visit.date() + timedelta(days=180),
        "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    if scene.appliance.name in _SEASONAL:
        answers["running_hours"] = str(dice.randrange(8, 120) * 50)
    if found:
        answers |= {"defect_description": dice.choice(_DEFECTS),
                    "advice": "建议一个月内更换，已向客户说明风险。"}  # fmt: skip
    return answers


def _inspection(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    kind, scope, measured, mended = dice.choice(_INSPECTIONS)
    good = dice.random() < 0.85  # noqa: PLR2004 - most pass
    lines = tuple(
        (item, limit, right if good else wrong, "true" if good or right == wrong else "false")
        for item, limit, right, wrong in measured
    )
    answers = scene.product() | scene.times() | {
        "inspection_kind": kind, "standard": "GB 4706.1-2005", "inspection_scope": scope,
        "purchase_on": scene.bought,
        "environment_temperature": str(dice.randrange(18, 32)), "environment_humidity": str(dice.randrange(45, 80)),
        "insulation_resistance": "120", "earthing_ok": True,
        "measurements": rows(("item", "limit_value", "measured", "passed"), lines),
        "conclusion": "passed" if good else "conditional", "inspection_fee": "100", "travel_fee": "30",
        "satisfaction": dice.choice(STARS),
    } | scene.paid("100", "30")  # fmt: skip
    if not good:
        answers |= {"rectification": mended, "rectify_by_on": scene.visit.date() + timedelta(days=15)}
    return answers


def _it_fault(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    told = dice.choice(IT_FAULTS)
    number = dice.randrange(1, 200)
    impact, users = dice.choice(_IMPACTS)
    return {
        "it_category": told["category"], "impact": impact, "affected_users": users,
        "occurred_at": scene.created - timedelta(minutes=dice.randrange(10, 180)),
        "fault_description": told["wrong"],
        "asset_no": f"IT-{number:05d}", "hostname": f"KF-PC{number:03d}", "ip_address": f"10.20.{number % 8}.{number}",
        "operating_system": dice.choice(("windows", "windows", "kylin")), "remote_allowed": True,
        "root_cause": told["cause"],
        "resolution": told["way"], "restored_at": AtStep(timedelta(minutes=-dice.randrange(2, 12))),
        "work_summary": told["done"],
        "duration_spent": dice.choice(("0:20", "0:30", "0:45")), "satisfaction": dice.choice(STARS),
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
        "appointment_at": scene.visit, "received_at": AtStep(timedelta(minutes=-dice.randrange(4))),
        "promised_at": AtStep(timedelta(hours=6)),
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
    "complaint": (complaint, 5), "return_exchange": (returned, 5), "inspection": (_inspection, 4),
    "it_fault": (_it_fault, 2), "vehicle_service": (_van, 1),
}  # fmt: skip
#: By template: answers that come with another step than the one that asks for their neighbours.
BELONGS: Final[Mapping[str, Mapping[str, str]]] = {
    "appliance_repair": {"discount": "approve"},
    "complaint": {"compensation_type": "propose", "compensation_amount": "propose"},
    "return_exchange": {"deduction": "submit", "shipping_compensation": "submit"},
    "it_fault": {"satisfaction": "close"},
    "vehicle_service": {"promised_at": "receive", "body_check": "receive", "next_service_km": "submit",
                        "next_service_on": "submit"},
}  # fmt: skip
