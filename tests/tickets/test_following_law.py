"""Whatever is named and typed in whatever order: typed answers stay, the others are what the records give now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.tickets import journal, queries, service
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket
from tests.factories import tickets
from tests.tickets.records_known import DEFAULTS, FROM, Household, household, spec
from ticket_templates import queries as templates
from ticket_templates.spec import FieldUse

#: When the units of the first two households were sold.
SOLD = (date(2026, 6, 1), date(2020, 1, 1))
#: Which of the households each column names; None: nothing. What belongs to a customer goes with it.
NAMED = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from((0, 1, 2)), st.booleans(), st.booleans(), st.booleans()
    ),
)  # fmt: skip
TYPED = st.fixed_dictionaries(
    {},
    optional={
        "serial": st.sampled_from(["SN-1", "SN-2", "SN-9", None]),
        "brand": st.sampled_from(["甲牌", "别的牌", None]),
        "sold": st.sampled_from(["2020-01-01", "2019-01-01", None]),
        "warranty": st.sampled_from(["in_warranty", "out_of_warranty", "unknown", None]),
        "who": st.sampled_from(["甲", "邻居", None]),
        "person": st.sampled_from(["别人", None]),
    },
)
#: Of each field: whether it takes anything from the records, and whether the template says something of all.
USES = st.fixed_dictionaries({name: st.tuples(st.booleans(), st.booleans()) for name in FROM})


def columns_of(homes: list[Household], named: tuple[int, bool, bool, bool] | None) -> dict[str, int | None]:
    nothing: dict[str, int | None] = dict.fromkeys(homes[0].named)
    if named is None:
        return nothing
    which, *wanted = named
    full = homes[which].named
    some = zip(("contact_id", "site_id", "installed_product_id"), wanted, strict=True)
    return nothing | {"customer_id": full["customer_id"]} | {name: full[name] for name, on in some if on}


def gives(homes: list[Household], columns: Mapping[str, int | None]) -> dict[str, Any]:
    """Return what the records say, worked out anew from what they are made of."""
    found: dict[str, Any] = {}
    for at, home in enumerate(homes):
        name = "甲乙丙"[at]
        said = {
            "installed_product_id": {"brand": f"{name}牌"},
            "customer_id": {"who": name},
            "contact_id": {"person": f"{name}联系人"},
            "site_id": {"place": {"line": f"{name}路 1 号"}},
        }
        said["installed_product_id"]["serial"] = f"SN-{at + 1}"
        # Of the third unit nobody knows when it was sold.
        if at < len(SOLD):
            said["installed_product_id"] |= {
                "sold": SOLD[at].isoformat(), "warranty": ("in_warranty", "out_of_warranty")[at],
            }  # fmt: skip
        for column, facts in said.items():
            if columns.get(column) == home.named[column]:
                found |= facts
    return found


@pytest.fixture
def homes(work):
    return [
        household(work, name, f"SN-{at}", sold)
        for name, at, sold in zip("甲乙丙", (1, 2, 3), (*SOLD, None), strict=True)
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(uses=USES, begun=NAMED, orders=st.lists(st.tuples(st.one_of(st.just("-"), NAMED), TYPED), max_size=6))
def test_typed_answers_stay_and_the_others_are_what_the_records_give(work, homes, uses, begun, orders):
    defaults = {name: one for name, one in DEFAULTS.items() if uses[name][1]}
    template = tickets.template(work, spec=spec(**{
        name: FieldUse(name, default=defaults.get(name), default_from=origin if uses[name][0] else "")
        for name, (_kind, origin) in FROM.items()
    }))  # fmt: skip
    follows = {name for name, (taken, _default) in uses.items() if taken}

    columns = columns_of(homes, begun)
    ticket = tickets.ticket(work, template, **{name: one for name, one in columns.items() if one is not None})
    expected = defaults | {name: one for name, one in gives(homes, columns).items() if name in follows}
    touched: set[str] = set()
    for named, typed in orders:
        after = columns if named == "-" else columns_of(homes, named)
        changed = {FROM[name][1].partition(".")[0] for name in FROM} & {
            name.removesuffix("_id") for name in columns if columns[name] != after[name]
        }
        old, new = ({**defaults, **gives(homes, one)} for one in (columns, after))
        goes = {
            name
            for name in follows - typed.keys()
            if FROM[name][1].partition(".")[0] in changed and expected.get(name) in (None, old.get(name))
        }
        asked = any(name in expected and expected[name] != new.get(name) for name in goes)
        order = ChangeTicket(ticket, fields={} if named == "-" else after, answers=typed, confirmed=False)
        outcome = service.change_tickets(work, [order]).outcomes[0]
        assert (outcome.status == "refused") == asked
        assert {one.code for one in outcome.refusals} <= {"needs_confirmation"}
        if asked:
            service.change_ticket(work, ChangeTicket(ticket, fields=after, answers=typed))
        expected |= typed | {name: new.get(name) for name in goes}
        expected = {name: one for name, one in expected.items() if one is not None}
        touched |= typed.keys()
        columns = after
        values = queries.ticket(work, ticket).values
        assert {name: values[name] for name in FROM if name in values} == expected
        # What nobody ever touched is what a ticket made now would begin with.
        fresh = defaults | {name: one for name, one in gives(homes, columns).items() if name in follows}
        assert {name: one for name, one in expected.items() if name not in touched} == {
            name: one for name, one in fresh.items() if name not in touched
        }
    told = select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
    events = work.session.execute(told.where(TicketEvent.ticket_id == ticket).order_by(TicketEvent.id)).mappings()
    replayed = journal.replay(events, lambda version_id: templates.version(work, version_id))
    now = queries.ticket(work, ticket)
    assert now.version.unsealed(replayed["values"]) == now.values
    assert {name: replayed.get(name) for name in columns} == columns
