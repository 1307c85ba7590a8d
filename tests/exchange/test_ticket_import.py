"""Imports through the one door: every row is imported, already there, or refused with its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.errors import DomainError, NotAllowedError
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange import ledger
from app.exchange.mapping import mapping_from_json
from app.exchange.reader import SourceRow, Unreadable, delimited
from app.exchange.ticket_import import import_file, import_rows, planned
from app.exchange.workbook import DAY, Column, write_workbook
from app.people.models import Outlet
from app.tickets import queries
from app.tickets.models import Ticket
from app.tickets.references import DatabaseReferences
from tests.conftest import NOW
from tests.factories import people, tickets
from tests.tickets.test_moving import RECEIVED
from tests.tickets.test_moving import spec as counting_spec

MAPPING = {
    "source": "legacy",
    "columns": {
        "external_id": "no",
        "created_at": "when",
        "state": {"column": "status", "values": {"Fixed": "closed"}, "default": "waiting"},
        "outlet": {"column": "site", "create": True},
        "answers.fault": "problem",
        "answers.quantity": "count",
    },
}
SAME_NUMBER = (
    "Row %s of this file has the same external number and says something else. Keep one of the two, or give this one"
    " its own number."
)
HEADINGS = "no,when,status,site,problem,count\n"


@pytest.fixture
def importing(fresh_transactions, tmp_path) -> Callable[..., Any]:
    """Return a function that imports CSV text on a database of its own."""
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")

    def run(rows: str, mapping: dict[str, Any] = MAPPING, actor: Any = SYSTEM, **more: Any) -> Any:
        path = tmp_path / "rows.csv"
        path.write_text(HEADINGS + rows)
        return import_file(fresh_transactions, actor, path, key, mapping_from_json(mapping), **more)

    run.transactions = fresh_transactions  # type: ignore[attr-defined]
    return run


def reasons(report: Any) -> list[tuple[int, str, str]]:
    return [(row.number, one.column, str(one.message)) for row in report.results for one in row.reasons]


def test_rows_become_tickets_and_a_second_run_imports_nothing(importing):
    rows = 'a1,2025-07-01,Fixed,Cardiff,"=1+1 不转",2\na2,2025/7/2 08:15,,Cardiff,-bad,\na3,,done,Swansea,三,1\n'
    report = importing(rows)
    assert (report.imported, report.present, report.refused, reasons(report)) == (3, 0, 0, [])
    again = importing(rows + "a4,,,,新,\n")
    assert (again.imported, again.present, again.refused) == (1, 3, 0)
    assert [row.ticket for row in again.results[:3]] == [row.ticket for row in report.results]
    with importing.transactions.reading(SYSTEM) as work:
        first, second, third = (queries.ticket(work, row.ticket) for row in report.results)
        assert first.values == {"fault": "=1+1 不转", "quantity": 2}
        assert first.columns["created_at"] == datetime(2025, 7, 1, 4, 0, tzinfo=UTC)
        assert second.columns["created_at"] == datetime(2025, 7, 2, 0, 15, tzinfo=UTC)
        assert [one.state for one in (first, second, third)] == ["closed", "waiting", "done"]
        assert first.named("outlet_id") == second.named("outlet_id") != third.named("outlet_id")
        assert (first.columns["channel"], first.columns["external_source"]) == ("import", "legacy")
        assert sorted(work.session.scalars(select(Outlet.name))) == ["Cardiff", "Swansea"]


def test_a_refused_row_names_its_cells_and_stops_nobody(importing):
    rows = (
        "b1,2025-07-01,,,fine,1\n"
        "b2,yesterday,,,x,many\n"
        "b3,2030-01-01,,,x,1\n"
        "b4,,gone,,,1\n"
        "b5,,,,x,1,surplus\n"
        "b6,0001-01-01,,,x,1\n"
        "b7,9999-12-31,,,x,1e400\n"
        "b8,2025-02-30,,,x,NaN\n"
        f"b9,,,,{'x' * 20_000},1\n"
        f"{'y' * 200},,,,x,1\n"
    )
    report = importing(rows)
    assert (report.imported, report.present, report.total) == (1, 0, 10)
    found = {(number, column) for number, column, _message in reasons(report)}
    assert {
        (3, "when"), (3, "count"), (4, "when"), (5, "status"), (6, ""), (7, "when"), (8, "when"), (8, "count"),
        (9, "when"), (9, "count"), (10, "problem"), (11, "no"),
    } <= found  # fmt: skip
    assert all(message and "Traceback" not in message for _number, _column, message in reasons(report))


def test_a_required_answer_without_a_column_is_named(importing):
    report = importing("c1,,,,x,1\n", {"source": "s", "columns": {"external_id": "no"}})
    ((_number, column, message),) = reasons(report)
    assert (column, message.count("Fault")) == ("", 1)


def test_all_that_is_wrong_with_a_row_is_told_at_once(work):
    """Cells that cannot be read, empty ones that must not be, and things that do not exist: one upload tells all."""
    key = tickets.template(work)
    columns = {
        "answers.fault": "f", "answers.quantity": "q", "created_at": "d", "customer": "c", "state": "s", "note": "n",
    }  # fmt: skip
    plan = planned(work, key, mapping_from_json({"columns": columns}), tuple("fqdcsn"), "source")
    results = import_rows(work, plan, [
        SourceRow(2, (None, "many", "someday", "nobody", "gone", None)),
        SourceRow(3, (None, "1", "2999-01-01", None, None, "x" * 30_000)),
        SourceRow(4, ("x", "1", None, None, None, None)),
        SourceRow(5, (Unreadable("error", "S!A5", "#N/A"), "1", "someday", None, None, None)),
    ])  # fmt: skip
    assert [one.status for one in results] == ["refused", "refused", "imported", "refused"]
    told = [[one.column for one in row.reasons] for row in results]
    assert [sorted(columns) for columns in told] == [list("cdfqs"), list("dfn"), [], list("df")]
    assert "Fill in" in results[0].reason
    assert "Fill in" not in results[3].reason


def test_an_answer_its_row_hides_is_no_answer_lost(importing):
    """Its field is asked only under a condition that an unreadable cell leaves open, and an empty cell does not."""
    columns = {"answers.fault": "problem", "answers.fault_code": "status", "answers.detail": "site"}
    rows = "1,,,很吵,x,\n2,,E2,很吵,x,\n3,,E1,,x,\n4,,E9,很吵,x,\n5,,E1,很吵,x,\n"
    report = importing(rows, {"columns": columns})
    assert [row.status for row in report.results] == ["refused", "imported", "imported", "refused", "refused"]
    told = [(number, column) for number, column, _message in reasons(report)]
    assert told == [(2, "site"), (5, "status"), (6, "site")]
    # Through the ledger of a job, which keeps it for readers of any language, it says the same.
    (reason,) = report.results[0].reasons
    kept = ledger.kept(reason.message)
    assert ledger.told(kept, "en") == "“Detail” is asked only when Fault code is “异响”."
    assert ledger.told(kept, "zh_Hans") == reason.message.in_("zh_Hans")
    with importing.transactions.reading(SYSTEM) as work:
        assert queries.ticket(work, report.results[1].ticket).values["detail"] == "很吵"


def test_a_bad_row_is_the_first_of_its_number_too(importing):
    """Which of two rows that contradict each other is right, a person says; neither is lost under the other's name."""
    report = importing("e1,someday,,,x,1\ne1,,,,y,1\ne1,someday,,,x,1\n")
    assert reasons(report) == [
        (2, "when", reasons(report)[0][2]), (3, "no", SAME_NUMBER % 2), (4, "when", reasons(report)[0][2]),
    ]  # fmt: skip
    assert report.refused == 3
    assert [row.status for row in importing("e1,someday,,,x,1\n").results] == ["refused"]


def test_rows_without_a_number_are_known_by_their_place_in_this_very_file(importing):
    mapping = {"columns": {"answers.fault": "problem"}}
    assert importing("1,,,,x,\n2,,,,x,\n", mapping).imported == 2
    assert importing("1,,,,x,\n2,,,,x,\n", mapping).present == 2
    assert importing("1,,,,x,\n2,,,,y,\n", mapping).imported == 2


@pytest.mark.parametrize("number", [{}, {"external_id": {"default": "7"}}])
def test_a_named_source_without_numbers_is_refused_before_any_row(importing, number):
    """Next month's file has other rows at the same places."""
    with pytest.raises(DomainError) as error:
        importing("1,,,,x,\n", {"source": "monthly", "columns": number | {"answers.fault": "problem"}})
    assert [(one.field, one.code) for one in error.value.refusals] == [("source", "no_number")]
    assert "leave the source empty" in str(error.value)


def test_a_row_without_its_number_is_never_taken_for_the_row_of_another_file(importing):
    first, other = importing("m1,,,,x,1\n,,,,y,1\n"), importing("m2,,,,x,1\n,,,,z,1\n")
    for report in (first, other):
        assert [row.status for row in report.results] == ["imported", "refused"]
        assert reasons(report) == [(3, "no", "Fill in the external number: the rows of “legacy” are told apart by it.")]


def test_a_row_with_the_number_of_another_row_is_told_of_that_row(importing):
    rows = "d1,,,,x,1\nd1,,,,y,1\nd2,,,,x,1\nd1,,,,x,1\n"
    for first in ("imported", "present"):
        report = importing(rows)
        assert [row.status for row in report.results] == [first, "refused", first, "present"]
        assert reasons(report) == [(3, "no", SAME_NUMBER % 2), (5, "no", "Row 2 of this file says the same.")]
        assert [bool(row.ticket) for row in report.results] == [True, False, True, False]


def test_what_is_not_imported_makes_no_other_row(importing):
    columns = {"external_id": "no", "answers.fault": "problem"}
    report = importing("f1,,,here,x,\nf1,,,there,x,\n", {"source": "s", "columns": columns})
    assert [row.status for row in report.results] == ["imported", "present"]


def test_a_file_that_cannot_be_read_to_its_end_imports_nothing(importing, monkeypatch):
    monkeypatch.setattr(delimited, "MOST_ROWS", 1500)
    heard: list[tuple[int, int | None]] = []
    rows = "".join(f"g{number},,,,x,1\n" for number in range(1501))
    with pytest.raises(DomainError) as error:
        importing(rows, progress=lambda *told: heard.append(told))
    assert (error.value.refusals[0].code, heard) == ("too_long", [(1000, None)])
    with importing.transactions.reading(SYSTEM) as work:
        assert work.session.scalar(select(func.count()).select_from(Ticket)) == 0
    importing("g1,,,,x,1\n", progress=lambda *told: heard.append(told))
    assert heard[1:] == [(1, None), (1, 1)]


def test_typed_cells_of_a_workbook(fresh_transactions, tmp_path: Path):
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work)
    columns = [Column("no"), Column("when", DAY), Column("status"), Column("site"), Column("problem"), Column("count")]
    rows = [
        [7, date(2025, 7, 1), "已关闭", None, "=SUM(A1)", Decimal(3)],
        [8, date(2026, 11, 21), "Working", None, 5, 4],
    ]
    write_workbook(tmp_path / "x.xlsx", columns, rows, sheet="x")
    report = import_file(fresh_transactions, SYSTEM, tmp_path / "x.xlsx", key, mapping_from_json(MAPPING))
    assert reasons(report) == []
    with fresh_transactions.reading(SYSTEM) as work:
        first, second = (queries.ticket(work, row.ticket) for row in report.results)
        assert (first.state, first.value("fault"), first.value("quantity")) == ("closed", "=SUM(A1)", 3)
        assert (first.columns["external_id"], second.value("fault")) == ("7", "5")
        assert second.columns["created_at"] == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_today_without_a_time_is_not_the_future(work):
    key = tickets.template(work)
    columns = {"answers.fault": "problem", "created_at": {"column": "when", "time": "23:00"}}
    plan = planned(work, key, mapping_from_json({"columns": columns}), ("when", "problem"), "s")
    [result] = import_rows(work, plan, [SourceRow(2, ("2026-11-21", "x"))])
    assert queries.ticket(work, result.ticket).columns["created_at"] == NOW


def test_a_time_that_is_written_is_neither_cut_nor_read_in_another_zone(work):
    key = tickets.template(work)
    mapping = mapping_from_json({"columns": {"answers.fault": "problem", "created_at": "when"}})
    plan = planned(work, key, mapping, ("when", "problem"), "s")
    # NOW is half past four in the afternoon in Shanghai.
    told = ("2026-11-21 23:59", "2026-11-21Z", "2026-11-21T00:30Z", "2026-11-20T18:30:15Z")
    later, no_time, utc, before = import_rows(work, plan, [SourceRow(at, (one, "x")) for at, one in enumerate(told, 2)])
    assert [one.reasons[0].column for one in (later, no_time)] == ["when", "when"]
    made = [queries.ticket(work, one.ticket).columns["created_at"] for one in (utc, before)]
    assert made == [datetime(2026, 11, 21, 0, 30, tzinfo=UTC), datetime(2026, 11, 20, 18, 30, 15, tzinfo=UTC)]


def test_references_are_found_by_code_name_or_number(work):
    customer = people.customer(work, "海天家电")
    unit = people.installed_product(work, customer)
    key = tickets.template(work)
    columns = {
        "answers.fault": "f",
        "customer": "c",
        "installed_product": "u",
        "priority": "p",
        "note": "n",
        "outlet": "o",
    }
    plan = planned(work, key, mapping_from_json({"columns": columns}), ("f", "c", "u", "p", "n", "o"), "s")
    results = import_rows(work, plan, [
        SourceRow(2, ("x", "海天家电", unit.serial, "紧急", "客户着急", None)),
        SourceRow(3, ("x", customer.code, None, 4, None, None)),
        SourceRow(4, ("x", "nobody", "nothing", "soon", None, "nowhere")),
    ])  # fmt: skip
    assert [row.status for row in results] == ["imported", "imported", "refused"]
    assert {one.column for one in results[2].reasons} == {"c", "u", "p", "o"}
    first = queries.ticket(work, results[0].ticket)
    assert (first.columns["customer_id"], first.columns["installed_product_id"], first.priority) == (
        customer.id,
        unit.id,
        1,
    )
    assert "客户着急" in [entry.body for entry in queries.timeline(work, first.id)]


def test_a_customer_is_found_by_the_only_exact_phone(work, make_work):
    customer = people.customer(work, "海天家电", phone="13800138000")
    other = people.customer(work, "海风", phone="010-62345678")
    people.customer(work, "海浪", phone="+86 10 6234 5678")
    key = tickets.template(work)
    columns = {"answers.fault": "f", "customer_phone": "p", "customer": "c"}
    plan = planned(work, key, mapping_from_json({"columns": columns}), ("f", "p", "c"), "s")
    results = import_rows(work, plan, [
        SourceRow(2, ("x", "+86 138-0013-8000", None)),
        SourceRow(3, ("x", 13800138000, None)),
        SourceRow(4, ("x", "13800138000", other.code)),
        SourceRow(5, ("x", None, None)),
        SourceRow(6, ("x", "01062345678", None)),
        SourceRow(7, ("x", "13800138001", None)),
        SourceRow(8, ("x", "nobody", None)),
    ])  # fmt: skip
    linked = [queries.ticket(work, one.ticket).columns["customer_id"] for one in results[:4]]
    assert linked == [customer.id, customer.id, other.id, None]
    assert [one.status for one in results[4:]] == ["refused"] * 3
    assert [one.reason for one in results[4:]] == [
        "p: 2 customers have this phone. Give the customer's code.",
        *["p: No customer has this phone."] * 2,
    ]
    blind = make_work(tickets.actor(work, without=["customer.read"]))
    assert import_rows(blind, plan, [SourceRow(9, ("x", "13800138000", None))])[0].status == "refused"


def test_a_name_that_several_have_is_told_apart_from_one_that_nobody_has(work):
    for _one in range(3):
        people.customer(work, "王伟")
    key = tickets.template(work)
    columns = {"answers.fault": "f", "customer": "c"}
    plan = planned(work, key, mapping_from_json({"columns": columns}), ("f", "c"), "s")
    results = import_rows(work, plan, [SourceRow(2, ("x", "王伟")), SourceRow(3, ("x", "王维"))])
    assert [one.reason for one in results] == [
        "c: 3 entries are called “王伟”. Give a code or number.",
        "c: “王维” was not found.",
    ]
    references = DatabaseReferences(work)
    kinds = ("customer", "product", "installed_product", "user", "team", "outlet", "region", "file")
    assert [references.count(kind, "王维") for kind in kinds] == [0] * len(kinds)


def test_who_may_not_import_is_refused(work, make_work):
    key = tickets.template(work)
    clerk = make_work(tickets.actor(work, without=["ticket.import"]))
    with pytest.raises(NotAllowedError):
        planned(clerk, key, mapping_from_json(MAPPING), ("no",), "s")


def test_an_outlet_is_only_made_by_who_may(work, make_work, importing):
    actor = tickets.actor(work, "dispatcher", without=["outlet.create"])
    with pytest.raises(DomainError):
        importing("e1,,,New place,x,1\n", actor=actor)


def test_what_only_steps_change_here_comes_along_from_the_past(fresh_transactions, tmp_path):
    """Amounts received before are brought along by who may change them, typed as they were typed."""
    barred = replace(RECEIVED, write_roles=frozenset({"finance"}))
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        keys = [tickets.template(work, spec=counting_spec(use)) for use in (RECEIVED, barred)]
        boss = tickets.actor(work, "administrator")
    path = tmp_path / "rows.csv"
    path.write_text("problem,paid\n漏水,１２０。５\n不转,0\n")
    mapping = mapping_from_json({"columns": {"answers.fault": "problem", "answers.received": "paid"}})
    report = import_file(fresh_transactions, boss, path, keys[0], mapping)
    assert (report.imported, reasons(report)) == (2, [])
    with fresh_transactions.reading(SYSTEM) as work:
        assert [queries.ticket(work, row.ticket).values["received"] for row in report.results] == [12050, 0]
    with pytest.raises(DomainError) as error:
        import_file(fresh_transactions, boss, path, keys[1], mapping)
    assert [(one.field, one.code) for one in error.value.refusals] == [("answers.received", "read_only")]
