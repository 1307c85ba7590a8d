"""`gongdan ticket import` with the mapping the how-to ships: what came in, what was there, what was refused and why."""

import openpyxl
import pytest

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
