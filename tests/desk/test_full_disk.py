"""No room left under the database: said in words, in one's language; nothing half saved, nothing skipped."""

from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.outbox.models import OutboxMessage
from app.people.models import Customer
from app.tickets.models import Attachment, Ticket, TicketCounter, TicketEvent, TicketNote
from tests.databases import full_disk

LONG = "压缩机异响" * 700
DETAIL = {"values.fault": "异响", "values.fault_code": "E2", "values.detail": LONG}
TABLES = (Ticket, TicketEvent, TicketNote, TicketCounter, Attachment, Customer, OutboxMessage)


@pytest.fixture
def full(web: Flask) -> AbstractContextManager[None]:
    return full_disk(web.extensions["gongdan"].engine)


def rows(desk: Any) -> list[int]:
    """How many rows there are in what a ticket, a note or a customer writes."""
    with desk.work() as work:
        return [work.session.scalar(select(func.count()).select_from(one)) or 0 for one in TABLES]


def test_a_ticket_is_refused_whole_and_its_number_is_not_lost(desk, clerk, full):
    first = desk.opened(clerk)
    data, before = desk.new_form(clerk, desk.small) | DETAIL, rows(desk)
    with full:
        answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert answer.status_code == 507
    assert "The disk is full" in answer.text
    assert "Nothing was saved." in answer.text
    # Where the browser has kept what was typed (tests/journeys/test_interrupted.py).
    assert "data-not-taken" in answer.text
    assert rows(desk) == before
    # The same form, sent again when there is room: one ticket, of the next number.
    again = clerk.post(f"/tickets/new/{desk.small}", data=data).headers["Location"].split("/")[2].partition("?")[0]
    assert int(again.rpartition("-")[2]) == int(first.rpartition("-")[2]) + 1
    assert desk.ticket(again)["values"]["detail"] == LONG


@pytest.mark.parametrize(("locale", "said"), [("zh_Hans", "磁盘已满"), ("zh_Hant", "磁碟已滿")])
def test_a_note_stays_in_the_page_that_sent_it(desk, clerk, full, locale, said):
    number = desk.opened(clerk)
    clerk.get(f"/lang/{locale}")
    before = rows(desk)
    with full:
        answer = clerk.post(f"/tickets/{number}/notes", data={"body": LONG}, headers={"HX-Request": "true"})
    assert answer.status_code == 507
    assert said in answer.text
    # Beside the page: the box with the note is not swapped away.
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert rows(desk) == before


def test_a_field_keeps_its_old_value(desk, clerk, full):
    number = desk.opened(clerk)
    before = rows(desk), desk.ticket(number)
    with full:
        answer = clerk.post(f"/tickets/{number}/sections/main/edit", data=DETAIL | {"version": "1"})
    assert answer.status_code == 507
    assert (rows(desk), desk.ticket(number)) == before


def test_a_program_is_told_too(desk, boss, full):
    before = rows(desk)
    with full:
        answer = boss.post("/api/v1/customer/", json={"name": "海天酒店", "kind": "company", "remark": "备注" * 990})
    assert answer.status_code == 507
    assert answer.mimetype == "application/problem+json"
    assert rows(desk) == before
