"""A text of several lines keeps them wherever a ticket is read, and is one line in the cell of a list."""

import html

from tests.factories.field_types import bound, context

LINES = "外机不转\n显示 E1\n客户称已断电"


def test_the_page_and_the_history_keep_the_lines(desk, boss):
    number = desk.opened(boss, "appliance_repair")
    assert boss.patch(f"/api/v1/tickets/{number}", json={"answers": {"fault_description": LINES}}).status_code == 200
    page = html.unescape(boss.get(f"/tickets/{number}").text)
    assert f'<span class="ticket-text">{LINES}</span>' in page
    assert f"<ins>{LINES}</ins>" in page


def test_codes_and_cells_of_tables_keep_theirs_and_lists_have_one_line():
    codes = bound("barcode", {"several": True})
    assert codes.in_full("SN1\nSN2", context()) == "SN1\nSN2"
    assert codes.shown("SN1\nSN2", context()) == "SN1 SN2"
    columns = [{"key": "what", "type": "long_text", "labels": {"en": "What"}}]
    table = bound("table", {"columns": columns})
    assert table.grid([{"what": LINES}], context()) == (["What"], [[LINES]])
    assert "\n" not in table.shown([{"what": LINES}], context())
    joined = bound("computed", {"formula": "a", "result": "text"})
    assert (joined.in_full("a\nb", context()), joined.shown("a\nb", context())) == ("a\nb", "a b")
