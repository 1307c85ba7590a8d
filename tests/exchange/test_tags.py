"""Tags in files: read from one cell, written into one, and read back from that."""

import csv
import io

import pytest

from app.exchange.mapping import mapping_from_json
from app.exchange.reader import SourceRow
from app.exchange.ticket_export import csv_pieces, export_of
from app.exchange.ticket_import import import_rows, planned
from app.tickets import queries
from app.tickets.queries import TicketQuery
from tests.factories import tickets


@pytest.fixture
def key(work):
    return tickets.template(work)


def imported(work, key, *cells):
    mapping = mapping_from_json({"columns": {"answers.fault": "f", "tags": "标签"}})
    plan = planned(work, key, mapping, ("f", "标签"), "source")
    return import_rows(work, plan, [SourceRow(2 + place, ("x", cell)) for place, cell in enumerate(cells)])


def test_one_cell_holds_several_tags_and_each_is_made_once(work, key):
    results = imported(work, key, "加急; VIP", "vip，加急、 投诉 ;", None)
    assert [one.status for one in results] == ["imported"] * 3
    found = [queries.ticket(work, one.ticket).tags for one in results]
    assert found == [["加急", "VIP"], ["VIP", "加急", "投诉"], []]


def test_a_row_whose_tags_are_none_is_refused_at_their_column(work, key):
    (result,) = imported(work, key, "x" * 61)
    assert (result.status, [one.column for one in result.reasons]) == ("refused", ["标签"])


def test_what_is_written_is_read_again(work, key):
    first = tickets.ticket(work, key, tags=["加急", "VIP"])
    query = TicketQuery(columns=("number", "tags"), tag_id=int(queries.ticket(work, first).columns["tags"][0]))
    text = b"".join(csv_pieces(work, export_of(work, query))).decode("utf-8-sig")
    heading, row = list(csv.reader(io.StringIO(text)))[:2]
    cell = row[heading.index("Tags")] if "Tags" in heading else row[1]
    (again,) = imported(work, key, cell)
    assert queries.ticket(work, again.ticket).tags == ["加急", "VIP"]
