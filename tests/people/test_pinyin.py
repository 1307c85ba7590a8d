"""People are listed by the sound of their names, on both databases in the same order."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import literal, select

from app.core.permissions import SYSTEM
from app.core.pinyin import by_pinyin, sound_key
from app.core.records import service
from app.people.records import CUSTOMER_LEVEL
from tests.clients import CAUSE, make_account
from tests.factories import people as make

#: ài, chén, chén, féi, lǐ, qín, shàn, wáng, yán, zēng, zhāng, zhāng; Latin letters lead.
NAMES = [
    "alice",
    "Bob",
    "艾青",
    "陳静",
    "陈静文",
    "费翔",
    "李娜",
    "覃海洋",
    "单雄信",
    "王芳",
    "闫妮",
    "曾国",
    "張伟",
    "张伟文",
]
ODD = ["", "𠮷野家", "\U0001f6e0 工具", "ß", "한국", "'; drop", "%", "\ue000", "\uffee"]


def test_names_are_sorted_by_their_sound():
    assert sorted(set(NAMES), key=sound_key) == NAMES


@pytest.mark.parametrize("name", [*NAMES, *ODD])
def test_both_databases_sort_alike(work, name):
    assert bytes(work.session.scalar(select(by_pinyin(literal(name))))) == sound_key(name)


def test_nobody_has_no_sound(work):
    assert work.session.scalar(select(by_pinyin(literal(None)))) is None


def test_people_are_offered_and_listed_in_that_order(web, client_as):
    mark = uuid4().hex[:8]
    for name in ("张" + mark, "李" + mark, "艾" + mark):
        make_account(web, f"{sound_key(name).hex()}"[:40], "technician", name=name)
    admin = client_as("administrator")
    found = admin.get(f"/lookup/user?q={mark}").json["results"]
    assert [one["text"][0] for one in found] == ["艾", "李", "张"]
    admin.get("/lang/en")
    page = admin.get(f"/users/list/?q={mark}").text
    assert list(dict.fromkeys(re.findall(f"[艾李张](?={mark})", page))) == ["艾", "李", "张"]
    assert "Full name" in page


def make_level(work, name):
    values = {"key": f"k{uuid4().hex[:8]}", "labels": {"en": name}, "rank": 1, "color": "blue"}
    service.create(work, CUSTOMER_LEVEL, values)


@pytest.mark.parametrize(
    ("view", "column", "make_row"),
    [
        ("customers", "name", make.customer),
        ("contacts", "customer", lambda work, name: make.customer(work, name, contacts=[{"name": name}])),
        ("contacts", "name", lambda work, name: make.customer(work, "C", contacts=[{"name": name}])),
        ("customer-levels", "labels", make_level),
        ("tags", "name", make.tag),
    ],
)
def test_records_are_listed_and_taken_away_in_that_order(web, client_as, view, column, make_row):
    mark = uuid4().hex[:8]
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for name in "云丁任黄鼎张":
            make_row(work, name + mark)
    admin = client_as("administrator")
    owner = {"customers": "Customer", "contacts": "Contact", "customer-levels": "CustomerLevel", "tags": "Tag"}[view]
    for direction, order in (("asc", "丁鼎黄任云张"), ("desc", "张云任黄鼎丁")):
        asked = f"q={mark}&_oc_{owner}View={column}&_od_{owner}View={direction}"
        for address in (f"/{view}/list/?{asked}", f"/{view}/export/csv?{asked}"):
            shown = re.findall(f"[丁鼎黄任云张](?={mark})", admin.get(address).text)
            assert "".join(dict.fromkeys(shown)) == order, address
