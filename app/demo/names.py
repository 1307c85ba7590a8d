"""Customers who do not exist: names, numbers and addresses put together by chance with a seed."""

from random import Random
from typing import Any, Final

from app.demo.things import DISTRICTS

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN: Final = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "秀英", "霞", "平",
    "建国", "志强", "晓东", "雅婷", "子涵", "浩然", "雨桐", "思远", "佳怡", "文博", "嘉豪", "欣怡", "俊杰",
    "美玲", "国华", "海燕",
)  # fmt: skip
_WORDS: Final = ("海润", "鼎盛", "云帆", "万和", "华信", "恒达", "星源", "嘉禾", "锦程", "远东", "天翼", "百川")
_TRADES: Final = (
    "物业管理有限公司",
    "酒店有限公司",
    "餐饮有限公司",
    "科技有限公司",
    "贸易有限公司",
    "教育咨询有限公司",
)
_ESTATES: Final = (
    "阳光花园",
    "翠湖苑",
    "金色家园",
    "万科城",
    "碧水湾",
    "锦绣江南",
    "世纪城",
    "东方雅苑",
    "海棠里",
    "梧桐苑",
)
_STREETS: Final = ("人民路", "建设路", "解放路", "中山路", "和平路", "新华街", "文化路", "学府路", "滨河路", "朝阳街")
_PREFIXES: Final = ("135", "136", "138", "139", "150", "158", "186", "188")


def person(chance: Random) -> str:
    """Return a name."""
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def phone(chance: Random, number: int) -> str:
    """Return a mobile number, another one for each customer."""
    return f"{chance.choice(_PREFIXES)}{number:04d}{chance.randrange(10**4):04d}"


def customer(chance: Random, number: int) -> dict[str, Any]:
    """Return the values of a customer; ``outlet_id`` still holds the outlet's code."""
    outlet = chance.choices(list(DISTRICTS), [30, 15, 20, 15, 12, 8])[0]
    company = number % 10 == 0
    name = f"{chance.choice(_WORDS)}{chance.choice(_TRADES)}" if company else person(chance)
    street = f"{chance.choice(_STREETS)}{chance.randrange(1, 300)}号"
    rooms = f"{chance.choice(_ESTATES)}{chance.randrange(1, 30)}栋{chance.randrange(1, 33)}0{chance.randrange(1, 7)}室"
    values: dict[str, Any] = {
        "code": f"KH{number:04d}", "kind": "company" if company else "person", "name": name, "outlet_id": outlet,
        "active": True,
        "phones": [{"raw": phone(chance, number)}],
        "sites": [{"name": "办公地点" if company else "家", "region_code": chance.choice(DISTRICTS[outlet]),
                   "address_line": street if company else street + rooms}],
    }  # fmt: skip
    if company:
        values["contacts"] = [{"name": person(chance), "position": "行政主管", "is_primary": True}]
        values["phones"].append({"raw": phone(chance, 5000 + number)})
    return values
