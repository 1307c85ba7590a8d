"""A table on the desk's forms: every wrong cell is marked where it stands, and named once above."""

import re

import pytest
from sqlalchemy import update

from app.core.errors import DomainError
from app.tickets import queries, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket
from tests.desk.filling import problems

ROWS = {
    "values.parts_used-0-part_name": "电容", "values.parts_used-0-quantity": "0",
    "values.parts_used-0-unit_price": "1,200.555", "values.parts_used-1-part_name": "",
    "values.parts_used-5-quantity": "1",
}  # fmt: skip


@pytest.fixture
def number(desk, boss):
    return desk.opened(boss, "appliance_repair", **{"values.warranty_status": "out_of_warranty"})


def control(html, name):
    """The input ``name`` and what stands under it in its cell."""
    return re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>.*?</td>', html, re.DOTALL)[0]


def test_every_cell_is_marked_and_every_line_leads_to_its_input(boss, number):
    answer = boss.post(f"/tickets/{number}/sections/fees/edit", data=ROWS)
    assert answer.status_code == 422
    assert [re.sub(r"(Row \d, [^:]+):.*", r"\1", one) for one in problems(answer.text)] == [
        "Parts used: Row 1, Quantity", "Parts used: Row 1, Unit price", "Parts used: Row 3, Part",
    ]  # fmt: skip
    for cell in ("0-quantity", "0-unit_price", "2-part_name"):
        seen = control(answer.text, f"values.parts_used-{cell}")
        assert 'aria-invalid="true"' in seen.partition(">")[0]
        assert f'aria-describedby="values-parts_used-{cell}-note"' in seen.partition(">")[0]
        assert f'<div id="values-parts_used-{cell}-note"><div class="invalid-feedback" data-error>' in seen
        assert "Row " not in seen
        assert f'href="#values-parts_used-{cell}"' in answer.text
    assert "data-error" not in control(answer.text, "values.parts_used-2-quantity")


def test_required_columns_are_starred_in_their_cells_too(boss, number):
    html = boss.get(f"/tickets/{number}/sections/fees/edit").text
    starred = re.findall(r'class="form-label gd-cell-label required" for="values-parts_used-__row__-(\w+)"', html)
    assert starred == ["part_name", "quantity"]
    assert len(re.findall(r'<th scope="col" class="required">', html)) == len(starred)


def test_what_is_wrong_in_a_table_is_not_missing_for_the_step_as_well(boss, desk, number):
    answers = {"parts_used": [{"part_name": "x", "quantity": 0}], "repair_measures": ["replace_part"]}
    with desk.work() as work, pytest.raises(DomainError) as refused:
        ticket_id = queries.ticket(work, number).id
        work.session.execute(update(Ticket).where(Ticket.id == ticket_id).values(state="in_progress"))
        service.change_ticket(work, ChangeTicket(ticket_id, answers=answers, transition="submit"))
    places = [one.field for one in refused.value.refusals]
    assert "work_summary" in places
    assert [one for one in places if one.startswith("parts_used")] == ["parts_used[0].quantity"]
