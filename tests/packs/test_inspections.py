"""Inspections: what was measured stands, and a failed row and a passed report do not go together."""

import pytest

from app.core.errors import DomainError
from app.tickets import service
from app.tickets.orders import ChangeTicket
from tests.packs.acting import WHY, amounts, change, take

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

FAILED = {"item": "绝缘电阻", "limit_value": "≥2MΩ", "measured": "0.3", "passed": False}
ASKED = {"product_category_text": "热水器", "inspection_kind": "safety", "measurements": [FAILED]}


def test_a_failed_item_and_a_passed_conclusion_do_not_go_together(work, opened):
    ticket_id = opened("inspection", "in_progress", ASKED)
    assert amounts(work, ticket_id, "failed_items") == (1,)
    told = take(work, ticket_id, "submit_unsigned", note=WHY, conclusion="passed", inspection_fee="0")
    assert told["conclusion"].startswith("An item failed")
    assert "photos_before" in told
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"conclusion": "failed"}))
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"conclusion": "passed"}))
    assert [one.field for one in refused.value.refusals] == ["conclusion"]
    untold = [FAILED, {"item": "外观"}]
    assert set(change(work, ticket_id, measurements=untold).values()) == {"required"}
    assert change(work, ticket_id, conclusion="conditional", rectification="更换").keys() == {"rectify_by_on"}
    good = [FAILED | {"passed": True}]
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"measurements": good, "conclusion": "passed"}))


@pytest.mark.parametrize("state", ["in_review", "completed", "followed_up"])
def test_what_was_measured_is_not_rewritten_once_it_is_submitted(work, opened, state):
    ticket_id = opened("inspection", state, ASKED | {"conclusion": "failed", "earthing_ok": False})
    better = {"measurements": None, "conclusion": "passed", "earthing_ok": True, "inspection_kind": "trade_in"}
    assert change(work, ticket_id, **better) == dict.fromkeys(better, "settled")


def test_what_was_measured_changes_by_going_back_to_who_measures(work, hired, opened):
    ticket_id = opened("inspection", "in_review", ASKED | {"conclusion": "failed"})
    clerk, technician = hired("clerk"), hired("technician")
    assert take(hired("qa"), ticket_id, "rework", note=WHY) == {}
    good = {"measurements": [FAILED | {"passed": True}], "conclusion": "passed"}
    assert change(clerk, ticket_id, **good) == dict.fromkeys(good, "not_allowed")
    assert change(technician, ticket_id, **good) == {}
