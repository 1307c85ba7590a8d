"""The code on the report, read as a phone reads it."""

import pytest

from app.reports.pdf import qr
from app.reports.pdf.layout import report_bytes
from tests.reports.qr_reading import cells_of, text_of
from tests.reports.test_layout import report


@pytest.mark.parametrize("code", [
    "WX-20261121-0001",
    "WX-20261121-001",
    "工单",
    "https://service.example.com/tickets/WX-20261121-0001",
    "https://service.example.com/a-long-way-in-front/" * 3 + "tickets/WX-20261121-0001",
])  # fmt: skip
def test_the_code_says_what_it_was_given(code: str):
    cells = cells_of(report_bytes(report(code=code)))
    assert text_of(cells) == code
    assert cells == qr.modules(code)


def test_a_damaged_code_is_seen_to_be_damaged():
    cells = qr.modules("https://service.example.com/tickets/WX-20261121-0001")
    cells[-1][-1] = not cells[-1][-1]
    with pytest.raises(AssertionError, match="check words"):
        text_of(cells)
