"""The import wizard and the exports, as a browser sees them."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.orders import OpenTicket
from app.worker import owner_actor
from tests.clients import make_account
from tests.factories import tickets

HEADINGS = "编号,日期,状态,故障描述,数量,乱七八糟\n"
ROWS = "w1,2025-07-01,已关闭,=1+1,2,x\nw2,2025-07-02,Waiting,-bad <b>,3,\nw3,昨天,waiting,,many,\n"


@pytest.fixture
def boss(fresh_web):
    """A browser of the administrator, in English, on an installation with one small template."""
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        tickets.template(work, "repair")
    client = fresh_web.test_client()
    client.sign_in("boss")
    client.post("/language/en")
    return client


def body(**parts: tuple[str, bytes] | str) -> dict[str, Any]:
    """A multipart body made by hand: the test client would leave its temporary files open."""
    pieces = []
    for name, part in parts.items():
        filename, content = part if isinstance(part, tuple) else ("", part.encode())
        more = f'; filename="{filename}"' if filename else ""
        head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        pieces.append(head.encode() + content + b"\r\n")
    return {"data": b"".join(pieces) + b"--cut--\r\n", "content_type": "multipart/form-data; boundary=cut"}


def upload(client: Any, content: bytes, name: str = "rows.csv", **more: Any) -> Any:
    return client.post("/imports/new", **body(template="repair", file=(name, content), **more))


def checked(app: Any, client: Any, columns: str, chosen: dict[str, str]) -> str:
    """Go on from the columns with the values as they are suggested; return the address of the finished check."""
    values = client.post(columns, data=chosen).location
    assert values.endswith("/values")
    assert client.get(values).status_code == 200
    check = str(client.post(values, data={}).location)
    work_off(app)
    return check


def work_off(app: Any) -> None:
    transactions = app.extensions["gongdan"].transactions
    while run_one(transactions, "test:1:1", owner_actor):
        pass


def test_from_the_file_to_the_result(fresh_web, boss):
    assert "repair" in boss.get("/imports/new").text
    answer = upload(boss, (HEADINGS + ROWS).encode("gb18030"))
    assert answer.status_code == 303
    page = boss.get(answer.location).text
    selected = re.findall(r'<option value="([^"]+)" selected>', page)
    assert selected == ["external_id", "created_at", "state", "answers.fault", "answers.quantity"]
    assert "=1+1" in page
    assert "&lt;b&gt;" in page
    chosen = {f"column-{place}": target for place, target in enumerate(selected)}
    check = checked(fresh_web, boss, answer.location, chosen | {"source": "legacy"})
    page = boss.get(check).text
    assert re.findall(r'h2 mb-0 tabular">(\d+)<', page) == ["2", "0", "1"]
    assert "Import 2 rows" in page
    assert "日期" in page
    assert "昨天" in page
    assert re.findall(r"<li><strong>([^<]+)</strong> · ([^<]+)</li>", page) == [("乱七八糟", "1 rows")]
    with fresh_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        assert _count(work) == 0

    start = check.replace("/check", "/start")
    first, again = boss.post(start), boss.post(start)
    assert first.location == again.location
    page = boss.get(first.location).text
    assert 'hx-trigger="every 1s"' in page
    work_off(fresh_web)
    page = boss.get(first.location + "/progress").text
    assert re.findall(r'data-testid="count-(\w+)">(\d+)<', page) == [
        ("imported", "2"),
        ("present", "0"),
        ("refused", "1"),
    ]
    # It is not asked for again; that its end was seen is told once.
    assert re.findall(r'hx-trigger="([^"]*)"', page) == ["load"]
    # What can be done stands above the reasons, and each reason once.
    assert page.index("download-refused") < page.index('data-testid="refusals"')
    reasons = page[page.index('data-testid="refusals"') :]
    assert sorted(re.findall(r'data-label="Column">([^<]*)<', reasons)) == ["故障描述", "数量", "日期"]
    assert set(re.findall(r'data-label="First row">([^<]*)<', reasons)) == {"4"}
    assert "rows.csv" in boss.get("/imports/").text
    refused = workbook(boss.get(first.location + "/result.xlsx?only=refused"))
    assert [row[:4] for row in refused[1:]] == [("w3", "昨天", "waiting", None)]
    assert "昨天" in refused[1][8]
    everything = workbook(boss.get(first.location + "/result.xlsx"))
    assert [row[6] for row in everything[1:]] == ["Imported", "Imported", "Refused"]

    assert boss.get("/tickets/?source=legacy").text.count("data-row-link") >= 2
    assert "data-row-link" not in boss.get("/tickets/?source=other").text
    mapping = boss.get(first.location + "/mapping.yaml")
    assert "source: legacy" in mapping.text

    second = upload(boss, (HEADINGS + ROWS).encode())
    assert "rows.csv" in boss.get(second.location).text
    check = checked(fresh_web, boss, second.location, chosen | {"source": "legacy"})
    last = boss.post(check.replace("/check", "/start"))
    work_off(fresh_web)
    assert re.findall(r'count-\w+">(\d+)<', boss.get(last.location).text) == ["0", "2", "1"]


def test_of_two_columns_for_one_target_the_other_is_told(fresh_web, boss):
    """So on the page of the columns, and after the check, where something stands in it."""
    answer = upload(boss, "客户编号,客户,故障描述\nC9999,海天家电,不制冷\n".encode())
    page = boss.get(answer.location).text
    assert re.findall(r'<option value="([^"]+)" selected>', page) == ["customer", "answers.fault"]
    told = "“Customer” comes from the column “客户编号”."
    assert re.findall(r'data-testid="beside">([^<]+)<', page) == [f"Skipped: {told}"]
    check = boss.post(answer.location, data={"column-0": "customer", "column-2": "answers.fault"}).location
    work_off(fresh_web)
    page = boss.get(check).text
    assert re.findall(r"<li><strong>([^<]+)</strong> · ([^<]+)</li>", page) == [("客户", f"1 rows · {told}")]


def _count(work: Any) -> int:
    return int(work.session.scalar(select(func.count()).select_from(Ticket)))


def workbook(answer: Any) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200
    sheets = openpyxl.load_workbook(io.BytesIO(answer.data))
    answer.close()
    return list(sheets.worksheets[0].values)


@pytest.mark.parametrize(("content", "said"), [
    (b"", "The file is empty"), (b"PK\x03\x04broken", "damaged"), (b"\xd0\xcf\x11\xe0", "old or protected"),
    (b"a,b\n\xff\xfe\xff,1\n", "encoding"), (b"a,A\n1,2\n", "Rename one"), (b"a,b\n", "no rows"),
    (b"%PDF-1.4", "PDF"), (b"a\x00b", "not a table"),
])  # fmt: skip
def test_a_bad_file_says_what_to_do(boss, content: bytes, said: str):
    answer = upload(boss, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_content_of_a_file_counts_not_its_name(boss, encoding: str):
    answer = upload(boss, (HEADINGS + ROWS).encode(encoding), name="rows.xlsx")
    assert answer.status_code == 303
    assert "故障描述" in boss.get(answer.location).text


def test_next_months_file_is_not_taken_for_the_last_ones(fresh_web, boss):
    """A source is named and no column is the number: it is said where, and without the name all rows come in."""
    for first, second in (("一号", "二号"), ("三号", "四号")):
        url = upload(boss, f"产品品类,故障描述\n空调,{first}\n冰箱,{second}\n".encode()).location
        answer = boss.post(url, data={"column-1": "answers.fault", "source": "monthly"})
        assert answer.status_code == 422
        assert "leave the source empty" in answer.text
        assert re.search(r'<input class="form-control is-invalid" id="source"[^>]* aria-invalid="true"', answer.text)
        check = str(boss.post(url, data={"column-1": "answers.fault", "source": ""}).location)
        work_off(fresh_web)
        assert re.findall(r'h2 mb-0 tabular">(\d+)<', boss.get(check).text) == ["2", "0", "0"]
        boss.post(check.replace("/check", "/start"))
        work_off(fresh_web)


def test_what_has_no_place_in_the_wizard_leads_back(boss):
    url = upload(boss, (HEADINGS + ROWS).encode()).location
    for step in ("values", "check", "mapping.yaml"):
        assert boss.get(url.replace("/columns", f"/{step}")).location == url
    fixed = {"column-3": "answers.fault", "fixed-0": "priority", "fixed-value-0": ""}
    assert "in every row" in boss.post(url, data=fixed).text
    twice = {"column-2": "state", "also-2": "state"}
    assert "become the same" in boss.post(url, data=twice).text
    assert boss.post(url.replace("/columns", "/start")).status_code in (400, 409, 422)


def test_no_file_and_no_template(boss):
    assert "Choose an Excel or CSV file" in boss.post("/imports/new", **body(template="repair")).text
    assert boss.post("/imports/new", **body(template="gone", file=("a.csv", b"a\n1\n"))).status_code in (404, 422)


@pytest.mark.parametrize("name", ["file", "mapping"])
def test_a_text_in_the_place_of_a_file_is_none(boss, name: str):
    files = {"file": ("rows.csv", (HEADINGS + ROWS).encode())} if name == "mapping" else {}
    answer = boss.post("/imports/new", **body(template="repair", **{**files, name: "rows.csv"}))
    assert answer.status_code == (303 if files else 422)
    assert files or "Choose an Excel or CSV file." in answer.text


def test_columns_that_make_no_sense_are_refused(boss):
    url = upload(boss, (HEADINGS + ROWS).encode()).location
    for data, said in (
        ({}, "at least one column"),
        ({"column-0": "state", "column-1": "state"}, "become the same"),
        ({"column-0": "nonsense"}, "nonsense"),
        ({"column-0": "answers.gone"}, "no field"),
    ):
        answer = boss.post(url, data=data)
        assert answer.status_code == 422
        assert said in answer.text


def test_the_same_in_every_row_is_chosen_of_a_list(boss):
    url = upload(boss, (HEADINGS + ROWS).encode()).location
    same = url.replace("/columns", "/same/0")
    offered = boss.get(f"{same}?fixed-0=answers.fault_code").text
    assert re.findall(r'<option value="(\w+)">', offered) == ["E1", "E2"]
    assert 'name="fixed-value-0"' in offered
    for free in ("subject", "answers.fault", "answers.gone", "nonsense", ""):
        assert "<option" not in boss.get(f"{same}?fixed-0={free}").text
    # The page offers the list as well, and says what is none of it before a row is read.
    chosen = {"column-3": "answers.fault", "fixed-0": "answers.fault_code"}
    answer = boss.post(url, data=chosen | {"fixed-value-0": "到店"})
    assert answer.status_code == 422
    assert 'href="#fixed-value-0"' in answer.text
    assert '<option value="E1">' in answer.text
    assert boss.post(url, data=chosen | {"fixed-value-0": "不制冷"}).status_code == 303
    assert '<option value="E1" selected>' in boss.get(url).text


def test_an_empty_cell_becomes_what_the_wizard_is_told(fresh_web, boss):
    url = upload(boss, "编号,故障描述,数量\nm1,噪音,1\nm2,,2\nm3,,3\n".encode()).location
    page = boss.get(url).text
    # Offered where cells are empty, and open where the template needs an answer.
    assert "What an empty cell becomes (2 rows)" in page
    assert 'name="empty-1"' in page
    assert 'name="empty-0"' not in page
    chosen = {"column-0": "external_id", "column-1": "answers.fault", "column-2": "answers.quantity"}
    check = boss.post(url, data=chosen | {"empty-1": "（未描述）"}).location
    work_off(fresh_web)
    assert re.findall(r'h2 mb-0 tabular">(\d+)<', boss.get(check).text) == ["3", "0", "0"]
    assert 'value="（未描述）"' in boss.get(url).text
    assert "default: （未描述）" in boss.get(check.replace("/check", "/mapping.yaml")).text
    # Taken back, such rows are refused again.
    check = boss.post(url, data=chosen | {"empty-1": ""}).location
    work_off(fresh_web)
    assert re.findall(r'h2 mb-0 tabular">(\d+)<', boss.get(check).text) == ["1", "0", "2"]


def test_a_mapping_file_fills_the_columns(boss):
    mapping = (
        "source: s\ncolumns: {answers.fault: {column: 故障描述, default: '?'}, state: {column: 状态},"
        " note: {column: 状态}, priority: {default: '2'}}"
    ).encode()
    url = upload(boss, (HEADINGS + ROWS).encode(), mapping=("m.yaml", mapping)).location
    selected = re.findall(r'<option value="([^"]+)" selected>', boss.get(url).text)
    assert selected == ["state", "note", "answers.fault", "priority", "2"]
    answer = upload(boss, b"a\n1\n", mapping=("m.yaml", b"columns: ["))
    assert answer.status_code == 422
    assert "not YAML" in answer.text


def test_uploads_and_imports_are_their_owners(fresh_web, boss):
    url = upload(boss, (HEADINGS + ROWS).encode()).location
    make_account(fresh_web, "clerk", "clerk")
    other = fresh_web.test_client()
    other.sign_in("clerk")
    assert other.get(url).status_code in (403, 404)
    for bad in (
        "/imports/upload/../columns",
        "/imports/upload/" + "0" * 32 + "/check",
        "/imports/99",
        f"/imports/{10**30}",
    ):
        assert boss.get(bad).status_code == 404


def test_who_only_reads_sees_what_was_imported_and_starts_nothing(fresh_web, boss):
    url = upload(boss, (HEADINGS + ROWS).encode()).location
    plain = {"column-0": "external_id", "column-3": "answers.fault"}
    boss.post(url, data=plain)
    start = url.replace("/columns", "/start")
    done = str(boss.post(start).location)
    work_off(fresh_web)
    make_account(fresh_web, "auditor", "auditor")
    auditor = fresh_web.test_client()
    auditor.sign_in("auditor")
    auditor.post("/language/en")
    listed = auditor.get("/imports/").text
    assert "rows.csv" in listed
    assert "new-import" not in listed
    assert 'href="/imports/"' in auditor.get("/").text
    assert f'href="{done}"' in auditor.get("/jobs/?whose=all").text
    page = auditor.get(done).text
    assert re.findall(r'count-\w+">(\d+)<', page) == ["2", "0", "1"]
    assert 'data-testid="refusals"' in page
    assert not re.findall(r'data-testid="(again|stop|download-mapping)"', page)
    assert len(workbook(auditor.get(f"{done}/result.xlsx"))) == 4
    for method, one in (
        ("GET", "/imports/new"), ("POST", "/imports/new"), ("POST", f"{done}/again"), ("POST", f"{done}/stop"),
        ("GET", f"{done}/mapping.yaml"), ("GET", url), ("POST", start),
    ):  # fmt: skip
        assert auditor.open(one, method=method).status_code == 403, one
    # A field that is kept from him stood in this file: he sees that it was imported, and nothing of its rows.
    make_account(fresh_web, "checker", "administrator", "qa")
    checker = fresh_web.test_client()
    checker.sign_in("checker")
    url = upload(checker, (HEADINGS + ROWS).encode()).location
    assert checker.post(url, data=plain | {"column-5": "answers.secret"}).status_code == 303
    done = str(checker.post(url.replace("/columns", "/start")).location)
    work_off(fresh_web)
    page = auditor.get(done).text
    assert "count-refused" in page
    assert not re.findall(r'data-testid="(refusals|download-result|download-refused)"', page)
    assert auditor.get(f"{done}/result.xlsx").status_code == 403
    # Who has nothing of his own and may not see others' sees none.
    make_account(fresh_web, "technician", "technician")
    nobody = fresh_web.test_client()
    nobody.sign_in("technician")
    assert "rows.csv" not in nobody.get("/imports/").text
    assert nobody.get(done).status_code == 404
    assert 'href="/imports/"' not in nobody.get("/").text


def test_an_empty_workbook_to_fill_in(boss):
    answer = boss.get("/imports/templates/repair.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    answer.close()
    sheet = book.worksheets[0]
    headings = [one.value for one in sheet[1]]
    assert headings[:3] == ["External number", "Created at", "State"]
    assert "Fault" in headings
    rules = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert any("Waiting" in rule for rule in rules.values())


def opened(app: Any) -> str:
    with app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        answers = {
            "fault": "=cmd|' /C calc'!A0",
            "quantity": 3,
            "fault_code": "E1",
            "secret": "x",
            "phone": "13800138000",
        }
        return service.open_ticket(work, OpenTicket("repair", {"priority": 1}, answers)).number


def test_the_list_as_a_workbook(fresh_web, boss):
    number = opened(fresh_web)
    rows = workbook(boss.get("/tickets/export.xlsx?fields=all"))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["Number"], row["Fault"], row["Quantity"], row["Priority"]) == (
        number,
        "=cmd|' /C calc'!A0",
        3,
        "Urgent",
    )
    assert row["Created"].year > 2000
    assert workbook(boss.get("/tickets/export.xlsx?q=nothinglikethis"))[1:] == []
    assert len(workbook(boss.get("/tickets/export.xlsx?priority=1"))) == 2


def test_the_file_has_the_columns_the_page_shows(fresh_web, boss):
    opened(fresh_web)
    page = boss.get("/tickets/?cols=number,priority,values.fault,outlet")
    address = re.search(r'href="([^"]+)" data-export data-testid="export-xlsx"', page.text)[1].replace("&amp;", "&")
    assert workbook(boss.get(address))[0] == ("Number", "Priority", "Fault", "Outlet")
    every = re.search(r'href="([^"]+)" data-export data-testid="export-all-xlsx"', page.text)[1].replace("&amp;", "&")
    assert {"Quantity", "Outlet code", "Age (hours)", "Progress"} < set(workbook(boss.get(every))[0])
    usual = workbook(boss.get("/tickets/export.xlsx"))[0]
    assert usual[:3] == ("Number", "Subject", "Customer")
    assert len(usual) == 10


def test_a_long_list_is_made_into_a_file_that_lies_under_jobs(fresh_web, boss, monkeypatch):
    numbers = {opened(fresh_web) for _each in range(2)}
    # A list that is short is there at once, also for who asks to have it made.
    assert boss.post("/tickets/export.csv?priority=1").location == "/tickets/export.csv?priority=1"
    monkeypatch.setattr("views.exports.at_once", lambda: 1)
    page = boss.get("/tickets/?priority=1").text
    assert re.search(r'<form method="post" action="(/tickets/export.xlsx[^"]+fields=all)"', page)
    assert 'data-testid="export-all-xlsx"' in page
    for kind in ("xlsx", "csv"):
        assert f'action="/tickets/export.{kind}?priority=1"' in boss.get(f"/tickets/export.{kind}?priority=1").text
    job = boss.post("/tickets/export.xlsx?priority=1&fields=all").location
    assert boss.post("/tickets/export.xlsx?priority=1&fields=all").location == job
    assert "go on working" in boss.get(job).text
    work_off(fresh_web)
    ready = boss.get(job).text
    [address] = set(re.findall(r'href="(/exports/\d+)"', ready))
    assert "For you alone" in ready
    assert address in boss.get("/jobs/").text
    answer = boss.get(address)
    assert re.search(r'filename="?tickets-\d{8}-\d{4}.xlsx', answer.headers["Content-Disposition"])
    assert {row[0] for row in workbook(answer)[1:]} == numbers
    make_account(fresh_web, "other", "administrator")
    other = fresh_web.test_client()
    other.sign_in("other")
    assert other.get(address).status_code == 404
    assert address not in other.get(job).text


def test_the_list_as_csv(fresh_web, boss):
    number = opened(fresh_web)
    answer = boss.get("/tickets/export.csv?fields=all")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    answer.close()
    assert (rows[0]["Number"], rows[0]["Fault"], rows[0]["Quantity"]) == (number, "'=cmd|' /C calc'!A0", "3")


@pytest.mark.parametrize(("role", "shown"), [
    ("qa", ("x", "138 0013 8000")), ("clerk", (None, "138 0013 8000")), ("finance", (None, "138****8000")),
])  # fmt: skip
def test_an_export_shows_no_more_than_its_reader_may_see(fresh_web, boss, role: str, shown: tuple[Any, ...]):
    number = opened(fresh_web)
    make_account(fresh_web, "reader", role)
    reader = fresh_web.test_client()
    reader.sign_in("reader")
    reader.post("/language/en")
    answer = reader.get("/tickets/export.csv?fields=all")
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    answer.close()
    assert (row["Number"], row["Quantity"]) == (number, "3")
    assert (row.get("Secret"), row["Phone"]) == shown
    (headings, cells) = workbook(reader.get("/tickets/export.xlsx?fields=all"))
    found = dict(zip(headings, cells, strict=True))
    assert (found.get("Secret"), found["Phone"]) == shown
    asked = workbook(reader.get("/tickets/export.xlsx?cols=number,values.secret"))
    assert asked == ([("Number", "Secret"), (number, "x")] if role == "qa" else [("Number",), (number,)])


def test_who_may_not_export_gets_no_file_and_what_is_out_of_reach_is_in_none(fresh_web, boss):
    opened(fresh_web)
    readers = {role: fresh_web.test_client() for role in ("technician", "outlet_manager")}
    for role, reader in readers.items():
        make_account(fresh_web, role, role)
        reader.sign_in(role)
    for kind in ("xlsx", "csv"):
        assert readers["technician"].get(f"/tickets/export.{kind}").status_code == 403
    assert len(workbook(readers["outlet_manager"].get("/tickets/export.xlsx?fields=all"))) == 1


def test_the_report_in_the_browser(fresh_web, boss):
    number = opened(fresh_web)
    answer = boss.get(f"/tickets/{number}/report.pdf?lang=zh_Hant")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"inline; filename={number}.pdf"
    assert number in PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert boss.get("/tickets/WX-0/report.pdf").status_code == 404
