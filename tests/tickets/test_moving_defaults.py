"""Defaults that move with time: the day, or the minute, at which a ticket is made; of a record of the past, its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.i18n import spoken
from app.tickets import service
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.queries import TicketQuery, ticket_page
from forms.new_ticket import defaults
from tests.factories import people, tickets
from tests.factories.field_types import bound, context
from ticket_templates import queries as templates
from ticket_templates.field_types.base import FieldError
from ticket_templates.spec import FieldUse
from views.templates.asked import facts

#: 00:10:42 of the next day in Shanghai.
LATE = datetime(2026, 11, 21, 16, 10, 42, tzinfo=UTC)
FIELDS = (
    tickets.field_spec("heard_on", "date", "接报日", settings={"default": "today", "max": "today"}),
    tickets.field_spec("heard_at", "datetime", "接报时间", settings={"max": "now"}),
    tickets.field_spec("day_began", "datetime", "当日零点"),
    tickets.field_spec("sold", "date", "购买日", settings={"default": "today"}),
)
USES = (
    FieldUse("heard_on"), FieldUse("heard_at", default="now"), FieldUse("day_began", default="today"),
    FieldUse("sold", default_from="installed_product.sold_on"),
)  # fmt: skip
NIGHT = {"heard_on": "2026-11-22", "heard_at": "2026-11-21T16:10:00Z", "day_began": "2026-11-21T16:00:00Z"}


@pytest.fixture
def key(work) -> str:
    spec = tickets.repair_spec()
    main, *others = spec.sections
    return tickets.template(
        work,
        spec=replace(
            spec,
            fields=spec.fields | {one.key: one for one in FIELDS},
            sections=(replace(main, fields=(*main.fields, *USES)), *others),
        ),
    )


def values(work, ticket_id: int) -> dict[str, Any]:
    rows = {row.id: row for row in ticket_page(work, TicketQuery()).rows}
    return {one.key: rows[ticket_id].value(one.key) for one in FIELDS}


def test_a_new_ticket_gets_the_day_and_the_minute_it_is_made(make_work, key):
    late = make_work(now=LATE)
    made = values(late, tickets.ticket(late, key))
    assert made == NIGHT | {"sold": "2026-11-22"}
    said = {"heard_on": None, "heard_at": "2026-11-20T08:00:00Z", "day_began": "", "sold": "2020-01-01"}
    told = values(late, tickets.ticket(late, key, said))
    assert told == {"heard_on": None, "heard_at": "2026-11-20T08:00:00Z", "day_began": None, "sold": "2020-01-01"}


def test_a_record_of_the_past_gets_those_of_its_own_time(make_work, key):
    late = make_work(now=LATE)
    past = LATE - timedelta(days=400)
    orders = [
        OpenTicket(key, {}, {"fault": "旧"}, created_at=past, external_source="old", external_id="1"),
        OpenTicket(key, {}, {"fault": "新"}),
    ]
    old, new = (one.ticket_id for one in service.open_tickets(late, orders).outcomes)
    assert values(late, old) == {
        "heard_on": "2025-10-18", "heard_at": "2025-10-17T16:10:00Z", "day_began": "2025-10-17T16:00:00Z",
        "sold": "2025-10-18",
    }  # fmt: skip
    assert values(late, new) == NIGHT | {"sold": "2026-11-22"}


def test_what_is_known_comes_first_and_nothing_moves_later(make_work, work, key):
    owner = people.customer(work, "王五")
    first, second = (
        people.installed_product(work, owner, people.product(work, category_id=None), sold_on=day)
        for day in (datetime(2024, 5, 1, tzinfo=UTC).date(), None)
    )
    late = make_work(now=LATE)
    made = tickets.ticket(late, key, customer_id=owner.id, installed_product_id=first.id)
    assert values(late, made)["sold"] == "2024-05-01"
    later = make_work(now=LATE + timedelta(days=3))
    service.change_ticket(later, ChangeTicket(made, fields={"installed_product_id": second.id}))
    assert values(later, made) == NIGHT | {"sold": None}


def test_a_form_begins_with_them(make_work, work, key):
    version = templates.published_version(work, key)
    found = defaults(version, [one.key for one in FIELDS], replace(context(), now=LATE), {})
    assert found == NIGHT | {"sold": "2026-11-22"}
    shown = version.types["heard_at"].form_value(found["heard_at"], context())
    assert shown == "2026-11-22T00:10"


@pytest.mark.parametrize(("name", "word"), [("date", "today"), ("datetime", "today"), ("datetime", "now")])
def test_the_words_are_an_authors_and_nobodys_answer(name, word):
    ftype, where = bound(name, {"default": word}), context()
    assert ftype.clean(ftype.default(), where)
    with pytest.raises(FieldError):
        ftype.clean(word, where)
    with pytest.raises(FieldError):
        ftype.clean(ftype.from_json(word, where), where)


def test_another_word_is_no_default():
    for name, word in (("date", "now"), ("date", "tomorrow"), ("datetime", "soon")):
        ftype = bound(name, {"default": word})
        with pytest.raises(FieldError):
            ftype.clean(ftype.default(), context())


def test_whoever_reads_a_template_reads_the_word():
    for name, word, said in (("date", "today", "今天"), ("datetime", "now", "现在")):
        (fact,) = facts(bound(name, {"default": word}), context())
        assert spoken(fact.text, "zh_Hans") == said
