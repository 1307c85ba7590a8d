"""`gongdan ticket import` with the mapping the how-to ships: what came in, what was there, what was refused and why."""

import io

import openpyxl
import pytest

from app.cli import progress
from tests.house.source import ROOT

MAPPING = ROOT / "docs" / "how-to" / "mappings" / "open-repair.yaml"
HEAD = ("id,event_date,group_identifier,repair_status,product_category,brand,year_of_manufacture,product_age,problem,"
        "repair_barrier_if_end_of_life")  # fmt: skip
ROWS = (
    "r1,2025-07-01,Repair Café,Fixed,Kettle,Philips,2019,6,Does not boil,",
    "r2,2025-07-02,Repair Café,End of life,Toaster,Unknown,2010,15,,Spare parts not available",
    "r3,2999-01-01,Repair Café,Fixed,Lamp,Ikea,2020,5,From the future,",
)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_rows_come_in_once_and_refusals_have_reasons(gongdan, tmp_path):
    table, result = tmp_path / "repairs.csv", tmp_path / "result.xlsx"
    table.write_text("\n".join((HEAD, *ROWS)), "utf-8")
    words = ("ticket", "import", str(table), "--template", "appliance_repair", "--mapping", str(MAPPING))
    first = gongdan(*words, "--result", str(result))
    assert first.returncode == 0, first.stderr
    said = first.stdout.splitlines()
    assert said[0] == "3 rows: 2 imported, 0 there already, 1 refused"
    assert said[1].startswith("row 4: ")
    cells = [cell for row in openpyxl.load_workbook(result).worksheets[0].iter_rows(values_only=True) for cell in row]
    assert "r3" in cells
    assert gongdan(*words).stdout.splitlines()[0] == "3 rows: 0 imported, 2 there already, 1 refused"


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_mapping_is_suggested_and_says_what_it_leaves_aside(gongdan, tmp_path):
    table, mapping = tmp_path / "list.csv", tmp_path / "mapping.yaml"
    table.write_text("客户编号,客户,状态,故障描述,渠道\n,海天家电,,不制冷,电话\n,,,漏水,\n", "utf-8")
    words = ("ticket", "import", str(table), "--template", "appliance_repair")
    told = gongdan(*words, "--suggest")
    assert told.returncode == 0, told.stderr
    assert "customer:\n    column: 客户\n" in told.stdout
    assert told.stderr == "not imported: 渠道 (1 row)\n"
    mapping.write_text(told.stdout, "utf-8")
    assert gongdan(*words, "--mapping", str(mapping)).stdout.splitlines()[:2] == [
        "2 rows: 0 imported, 0 there already, 2 refused", "not imported: 渠道 (1 row)",
    ]  # fmt: skip
    missing = gongdan(*words)
    assert (missing.returncode, len(missing.stderr.splitlines())) == (2, 1)
    assert "--suggest" in missing.stderr


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_is_left_aside_is_called_as_on_the_screen(gongdan, tmp_path):
    table = tmp_path / "repairs.csv"
    head, row = f"{HEAD},data_provider,partner_product_category", f"{ROWS[0]},Sample,Electrical ~ Kettle"
    table.write_text(f"{head}\n{row}\n", "utf-8")
    words = ("ticket", "import", str(table), "--template", "appliance_repair", "--mapping", str(MAPPING))
    assert gongdan(*words).stdout.splitlines() == [
        "1 rows: 1 imported, 0 there already, 0 refused",
        (
            "not imported: data_provider (1 row), "
            "partner_product_category (1 row; Product category comes from product_category)"
        ),
    ]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_source_without_numbers_is_refused_in_one_line(gongdan, tmp_path):
    table, mapping = tmp_path / "list.csv", tmp_path / "mapping.yaml"
    table.write_text("故障描述\n漏水\n", "utf-8")
    mapping.write_text("source: monthly\ncolumns: {answers.fault_description: 故障描述}\n", "utf-8")
    told = gongdan("ticket", "import", str(table), "--template", "appliance_repair", "--mapping", str(mapping))
    assert (told.returncode, told.stdout, len(told.stderr.splitlines())) == (2, "", 1)
    assert "external number" in told.stderr


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_terminal_shows_how_far_an_import_is(gongdan, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    table = tmp_path / "repairs.csv"
    table.write_text("\n".join((HEAD, *ROWS)), "utf-8")
    words = ("ticket", "import", str(table), "--template", "appliance_repair")
    more = (("--suggest",), ("--mapping", str(MAPPING)))
    assert [gongdan(*words, *one).stderr.count("reading") for one in more] == [0, 0]
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    suggested, imported = (gongdan(*words, *one).stderr.split("\r") for one in more)
    assert suggested[:3] == ["", "reading the file", "reading the file: 3 rows"]
    assert imported == ["", "reading the file", "reading the file: 3 rows", "3 of 3 rows done", ""]


def test_the_line_is_written_at_once_then_every_few_seconds_and_taken_away(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, times = Terminal(), iter((0.0, 0.5, 1.9, 2.0, 2.0, 3.0))
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.progress_line(lambda: next(times)) as say:
        for text in ("one", "two", "three", "four", "five"):
            say(text)
    assert terminal.getvalue() == "\r\x1b[Kone\r\x1b[Kfour\r\x1b[K"
    with progress.progress_line(lambda: next(times)):
        pass
    assert terminal.getvalue().endswith("four\r\x1b[K")
