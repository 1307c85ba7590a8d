"""Newer shipped packs: found without being asked for, taken over only by who has seen what they change."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.permissions import SYSTEM
from app.core.work import Work
from tests.clients import CAUSE
from tests.ticket_templates.specs import DESIGNER
from ticket_templates import exchange, queries, service
from ticket_templates.exchange import packs

KEY = "it_fault"
PACK = next(path for path in exchange.shipped_packs() if path.stem == KEY).read_text("utf-8")


def renamed(name: str) -> str:
    """The pack with another label on its first state."""
    return re.sub(r"(states:\n +- key: \w+\n +labels: \{zh_Hans: )\w+", rf"\g<1>{name}", PACK, count=1)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of shipped packs, with the one pack."""
    monkeypatch.setattr(packs, "_PACKS", tmp_path)
    (tmp_path / f"{KEY}.yaml").write_text(PACK, "utf-8")
    return tmp_path


def ship(shelf: Path, text: str) -> None:
    """Make a newer Gongdan ship ``text``, as another file, since one is read once."""
    for path in shelf.iterdir():
        path.unlink()
    folder = shelf / str(abs(hash(text)))
    folder.mkdir(exist_ok=True)
    packs._PACKS = folder  # restored with the fixture
    (folder / f"{KEY}.yaml").write_text(text, "utf-8")


def newer(work: Work) -> list[tuple[str, bool]]:
    """What is offered, and whether the company has versions of its own."""
    return [(one.key, one.changed) for one in exchange.newer_packs(work)]


def test_what_was_installed_just_now_is_not_old(work: Work) -> None:
    service.install_packs(work)
    assert newer(work) == []


def test_a_newer_pack_is_offered_until_it_is_imported(work: Work, shelf: Path) -> None:
    service.install_packs(work)
    assert newer(work) == []
    assert renamed("刚收到") != PACK
    ship(shelf, renamed("刚收到"))
    assert newer(work) == [(KEY, False)]
    service.install_packs(work)
    assert queries.card(work, KEY).number == 1, "nothing is taken over unasked"
    pack = exchange.newer_pack(work, KEY)
    assert exchange.import_pack(work, pack.path.read_bytes(), pack.path.name).number == 2
    assert newer(work) == []


def test_what_the_company_changed_is_told_apart(work: Work, shelf: Path) -> None:
    service.install_packs(work)
    theirs = replace(work, actor=DESIGNER)
    work.session.info["work"] = theirs
    exchange.import_pack(theirs, renamed("我们的叫法"), "ours.yaml")
    work.session.info["work"] = work
    assert newer(work) == [], "what is shipped has been here before"
    ship(shelf, renamed("刚收到"))
    assert newer(work) == [(KEY, True)]
    service.withdraw(work, KEY)
    assert newer(work) == []


def test_the_list_leads_to_what_would_change(fresh_web, shelf):
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.install_packs(work)
    client = fresh_web.test_client()
    client.sign_in("boss")
    assert "newer-packs" not in client.get("/templates/").text
    assert client.get(f"/templates/{KEY}/shipped").status_code == 404
    ship(shelf, renamed("刚收到"))
    assert f'href="/templates/{KEY}/shipped"' in client.get("/templates/").text
    page = client.get(f"/templates/{KEY}/shipped").text
    assert "刚收到" in page
    assert 'data-testid="confirm-import"' in page
    assert "own-changes" not in page
