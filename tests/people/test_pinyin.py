"""People are listed by the sound of their names, on both databases in the same order."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import literal, select

from app.core.pinyin import by_pinyin, sound_key
from tests.clients import make_account

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
