"""Transactions: committed as a whole, or not at all; a rehearsal leaves nothing."""

import dataclasses
import importlib.util

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core import unit_of_work
from app.core.audit import AuditEvent
from app.core.permissions import SYSTEM, Actor
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work
from app.people.models import Tag

CAUSE = Cause("person")


def count(transactions: Transactions, model: type) -> int:
    with transactions.reading(SYSTEM) as work:
        return work.session.scalar(select(func.count()).select_from(model))


def test_a_unit_of_work_commits(fresh_transactions):
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add(Tag(name="VIP"))
    assert count(fresh_transactions, Tag) == 1


def test_an_error_leaves_nothing(fresh_transactions):
    with pytest.raises(RuntimeError, match="boom"), fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add(Tag(name="VIP"))
        work.session.flush()
        raise RuntimeError("boom")
    assert count(fresh_transactions, Tag) == 0
    assert count(fresh_transactions, AuditEvent) == 0


def test_a_rehearsal_writes_nothing(fresh_transactions):
    with fresh_transactions.rehearsal(SYSTEM, CAUSE) as work:
        work.session.add(Tag(name="VIP"))
        work.session.flush()
        assert work.session.scalar(select(func.count()).select_from(Tag)) == 1
    assert count(fresh_transactions, Tag) == 0


def test_a_change_is_stamped_and_audited(transactions):
    clerk = Actor(user_id=7, name="小王")
    with transactions.unit_of_work(clerk, CAUSE) as work:
        tag = Tag(name="VIP")
        work.session.add(tag)
    with transactions.unit_of_work(clerk, CAUSE) as work:
        work.session.get(Tag, tag.id).name = "SVIP"
    with transactions.reading(SYSTEM) as work:
        created, changed = work.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert (created.action, created.actor_id, created.changes["name"]) == ("created", 7, [None, "VIP"])
        folded = {"name_folded": ["vip", "svip"]}
        assert (changed.action, changed.changes) == ("changed", {"name": ["VIP", "SVIP"]} | folded)
        assert work.session.get(Tag, tag.id).created_by_id == 7


class Followed:
    """An event each of which leads to the next."""


def test_events_that_go_round_in_a_circle_are_a_bug_and_leave_nothing(transactions, monkeypatch):
    monkeypatch.setattr(unit_of_work, "LONGEST_CHAIN", 20)
    told = []

    def follow(work: Work, _event: Followed) -> None:
        told.append(1)
        # Without the limit nothing else would end it.
        if len(told) < 100:
            work.events.append(Followed())

    circle = dataclasses.replace(transactions, handlers={Followed: (follow,)})
    with pytest.raises(RuntimeError, match="come to rest"), circle.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add(Tag(name="VIP"))
        work.events.append(Followed())
    assert len(told) == 20
    assert count(transactions, Tag) == 0


def test_what_fails_is_told_without_the_values_it_was_asked_with(work):
    with pytest.raises(DBAPIError) as failed, work.session.begin_nested():
        work.session.execute(text("SELECT :phone FROM nowhere"), {"phone": "13800138000"})
    assert "nowhere" in str(failed.value)
    assert "13800138000" not in str(failed.value)


def test_what_is_committed_is_on_the_disk(tmp_path):
    """SQLite's word for it: every commit is synced (docs/security.md); only a cut of power would show it."""
    # The module as it is: the one that is loaded has been told not to sync (tests/conftest.py).
    spec = importlib.util.find_spec("app.core.db")
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    engine = own.open_engine(f"sqlite:///{tmp_path / 'own.db'}")
    with engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {one}").scalar() for one in ("journal_mode", "synchronous")]
    engine.dispose()
    assert told == ["wal", 2]
