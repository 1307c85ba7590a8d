"""The first page: the work that is this person's to see to."""

from typing import Any

import pytest

ALL_BOXES = {"mine", "overdue", "unassigned", "recent"}


@pytest.mark.parametrize(
    ("role", "boxes", "links"),
    [
        ("administrator", ALL_BOXES, False),
        ("dispatcher", ALL_BOXES, False),
        ("technician", {"mine", "done"}, False),
        ("template_designer", {"overdue", "recent"}, True),
        ("auditor", {"overdue", "recent"}, True),
    ],
)
def test_each_role_first_sees_what_it_can_act_on(role: str, boxes: set[str], links: bool, client_as: Any) -> None:
    page = client_as(role).get("/").get_data(as_text=True)
    shown = {key for key in {*ALL_BOXES, "done"} if f'data-testid="figure-{key}"' in page}
    assert shown == boxes
    assert ('data-testid="home-links"' in page) is links
