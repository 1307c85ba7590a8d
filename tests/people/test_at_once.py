"""Two people who save the same at once: the second is told, and overwrites nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.company import profile
from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.core.records import service as records
from app.core.work import Cause
from app.people import access, role_service
from app.people.access_tables import ACCOUNT
from app.people.records import CUSTOMER
from tests.clients import PASSWORD
from tests.conftest import NOW


def _rename(work, _seen):
    (user_id,) = work.session.scalars(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "the.one"))
    access.hold_account(work, user_id, name="the.one")
    access.change_account(work, user_id, name="Another", email="")


SAVES = {
    "account's name": _rename,
    "account": lambda work, _seen: access.create_account(work, "li.wei", PASSWORD),
    "role": lambda work, _seen: role_service.create_role(work, "night_desk", (), "own"),
    "company": lambda work, seen: profile.save(work, {"phone": "400"}, seen=seen),
}


def await_waiting(work):
    """Return when somebody waits for this transaction; on SQLite nobody can even begin."""
    if work.dialect == "postgresql":
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        pause = threading.Event()
        assert any(work.session.scalar(waiting) or pause.wait(0.01) for _attempt in range(500))


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES.keys())
def test_the_second_of_two_is_told(fresh_transactions, save):
    def as_second():
        with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
            save(work, seen)

    names = {"names": {"en": "Qinglan"}}
    with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        profile.save(work, names, seen=None)
        access.create_account(work, "the.one", PASSWORD)
    with fresh_transactions.reading(SYSTEM) as work:
        seen = profile.profile(work).seen
    with ThreadPoolExecutor(1) as pool:
        later = replace(fresh_transactions, clock=lambda: NOW + timedelta(seconds=1))
        with later.unit_of_work(SYSTEM, Cause("person")) as work:
            save(work, seen)
            second = pool.submit(as_second)
            await_waiting(work)
        with pytest.raises(DomainError):
            second.result()


def test_two_customers_made_at_once_get_codes_of_their_own(fresh_transactions):
    def make(work, name):
        return records.create(work, CUSTOMER, {"kind": "person", "name": name}).code

    def as_second():
        with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
            return make(work, "李伟")

    with ThreadPoolExecutor(1) as pool:
        with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
            first = make(work, "王芳")
            second = pool.submit(as_second)
            await_waiting(work)
        assert (first, second.result()) == ("C000001", "C000002")
