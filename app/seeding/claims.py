"""What customers claim: complaints with what makes up for them, and goods that go back for money or for new ones."""

from datetime import timedelta
from typing import Any, Final

from app.seeding.sayings import COMPLAINTS, RETURNS
from app.seeding.scenes import SHOPS, STARS, AtStep, Scene, rows

#: How finance hands over what was promised, by the sort of it.
_HANDED_OVER: Final = {"money": "现金补偿已微信转账给客户，流水号 {}。", "coupon": "代金券已发到客户账户，券号 {}。"}
#: Complaints that are not ours to answer for: one in ten turns out so, and nothing makes up for it.
_UNFOUNDED: Final = 0.1
#: Models that cool a whole house, and what they cost.
_CENTRAL: Final = "HVR"
_CENTRAL_PRICES: Final = ("15800", "18800")
_COURIERS: Final = (("顺丰速运", "SF", 13), ("京东物流", "JDV", 12), ("德邦快递", "DPK", 12))


def complaint(scene: Scene) -> dict[str, Any]:
    """Return what a complaint says, what was found, and what was promised and paid."""
    dice = scene.dice
    age = (scene.created.date() - scene.machine.sold_on).days if scene.machine.sold_on else 0
    told = dice.choice([one for one in COMPLAINTS if age <= one.get("within", age)])
    scene.elsewhere = "elsewhere" in told
    answers = {
        "complaint_source": dice.choice(("hotline",) * 5 + ("wechat",) * 3 + ("shop_review", "hotline_12315")),
        "severity": dice.choices(("minor", "serious", "critical"), (70, 26, 4))[0],
        "complaint_category": told["category"], "complaint_content": told["content"],
        "customer_demand": told["demand"], "occurred_at": scene.created - timedelta(hours=dice.randrange(3, 60)),
        "media_risk": False, "first_response_at": AtStep(timedelta(minutes=-dice.randrange(3))),
        "customer_accepts": True, "satisfaction": dice.choice(("4", "4", "5", "3")),
        "callback_remark": "客户接受处理结果，无其他诉求。",
    }  # fmt: skip
    if told.get("unfounded") and dice.random() < _UNFOUNDED:
        return {**answers, **told["unfounded"], "is_justified": "no", "compensation_type": "none"}
    answers |= {"finding": told["finding"], "solution": told["solution"], "prevention": told["prevention"],
                "is_justified": told["justified"], "compensation_type": told["makes_up"]}  # fmt: skip
    if amount := told.get("amount"):
        scene.words["compensate"] = _HANDED_OVER[told["makes_up"]].format(scene.digits(16))
        answers |= {"compensation_amount": amount, "compensation_paid": amount}
    return answers


def returned(scene: Scene) -> dict[str, Any]:
    """Return what goes back and why, and what the customer gets: the money, or the same once more."""
    dice, sort = scene.dice, scene.appliance
    told = dice.choice(RETURNS)
    goods = f"{scene.brand} {sort.name} {scene.model}"
    part, cost = sort.part_left_out
    scene.elsewhere = True
    price = dice.choice(_CENTRAL_PRICES if scene.model.startswith(_CENTRAL) else sort.prices)
    price = cost if told["type"] == "refund_only" else price
    item = (part, "", "1", price) if told["type"] == "refund_only" else (goods, scene.model, "1", price)
    if told.get("turned_down"):
        scene.words["reject"] = told["turned_down"]
    answers = {
        "return_type": told["type"], "goods_name": goods,
        "order_no": scene.digits(14), "sales_channel": dice.choice(SHOPS[:-1]),
        "purchase_on": scene.created.date() - timedelta(days=dice.randrange(*told["bought"])),
        "return_reason": told["reason"], "reason_detail": told["detail"].format(part=part),
        "items_returned": rows(("item_name", "sku", "quantity", "unit_price"), (item,)),
        "satisfaction": dice.choice(STARS),
    }  # fmt: skip
    if told["type"] == "exchange":
        return answers | _sent_back(scene, told) | {"new_tracking_no": f"JD{scene.digits(12)}"}
    if told["type"] == "return":
        answers |= _sent_back(scene, told)
    due = int(price) + int(answers.get("shipping_compensation", 0)) - int(answers.get("deduction", 0))
    return answers | {"refund_method": "original", "refunded_amount": str(due), "refund_reference": scene.digits(20)}


def _sent_back(scene: Scene, told: dict[str, Any]) -> dict[str, Any]:
    """Return the parcel that came back, and what was found in it."""
    courier, prefix, length = scene.dice.choice(_COURIERS)
    parcel = {
        "return_courier": courier, "return_tracking_no": prefix + scene.digits(length), "received_on": AtStep(day=True),
        "inspection_grade": told["grade"], "inspection_note": told["found"],
    }  # fmt: skip
    return parcel | {key: told[key] for key in ("deduction", "shipping_compensation") if key in told}
