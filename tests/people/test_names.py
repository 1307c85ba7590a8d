"""Somebody is called the same in Python and in SQL, wherever the name comes from."""

import pytest
from sqlalchemy import select, update

from app.core.records.lookups import LOOKUPS
from app.people import queries
from app.people.assignees import assignees
from app.people.identity import actor_of
from app.people.models import Account
from app.people.names import full_name
from app.tickets.references import DatabaseReferences
from tests.factories import people as make

NAMES = {
    ("罗斌", ""): "罗斌",
    ("Ada", "Lovelace"): "Ada Lovelace",
    ("", "Lovelace"): "Lovelace",
    ("", ""): "ada",
    (" ", " "): "ada",
    (" 罗斌 ", ""): "罗斌",
}


@pytest.mark.parametrize(("parts", "name"), NAMES.items())
def test_every_door_calls_somebody_the_same(work, parts, name):
    user_id = make.account(work, "ada").user_id
    work.session.execute(update(Account).where(Account.id == user_id).values(first_name=parts[0], last_name=parts[1]))
    work.session.expire_all()
    row = work.session.get_one(Account, user_id)
    named = DatabaseReferences(work).named("user", user_id)
    assert {
        full_name(*parts, "ada"),
        row.name,
        str(row),
        work.session.scalar(select(Account.name).where(Account.id == user_id)),
        actor_of(work.session, user_id).name,
        queries.account_names(work, [user_id])[user_id],
        assignees(work, [user_id])[user_id].name,
        LOOKUPS["user"].named(work, [user_id])[user_id],
        named.name,
    } == {name}
    assert named.label == (name if name == "ada" else f"{name} (ada)")
    assert user_id in [one.id for one in LOOKUPS["user"].search(work, name)]
