"""The real case: repair records in the Open Repair Data Standard into the shipped repair template.

The records (CC BY-SA 4.0, Open Repair Alliance) are not ours to ship. They are read from ``../shared/data`` beside
the checkout or from GONGDAN_SHARED_DATA; without them these tests are skipped and say so. A small file of the same
shape, with what is awkward in it, is always tried.
"""

import csv
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from app.core.permissions import SYSTEM
from app.exchange.ticket_import import import_file
from app.people.models import Outlet
from app.tickets import queries
from app.tickets.models import Ticket
from tests.databases import POSTGRES

ROOT: Final = Path(__file__).parents[2]
MAPPING: Final = ROOT / "docs/how-to/mappings/open-repair.yaml"
REAL: Final = (
    Path(os.environ.get("GONGDAN_SHARED_DATA") or ROOT.parent / "shared/data") / "open_repair_wales_202507.csv"
)
#: How many records there are.
TOTAL: Final = 20_190
STATES: Final = {"Fixed": "closed", "End of life": "closed", "Repairable": "waiting_parts", "Unknown": "in_review"}

HEADINGS: Final = (
    "id,data_provider,country,partner_product_category,product_category,product_category_id,brand,year_of_manufacture,"
    "product_age,repair_status,repair_barrier_if_end_of_life,group_identifier,event_date,problem"
)
SAMPLE: Final = """\
s_1,Sample,GBR,Electrical ~ Iron,Iron,40,Unknown,"","",Fixed,"",Cardiff Cathays,2017-04-01,-won't heat
s_2,Sample,GBR,Electrical ~ TV,Flat screen,8,Sony,2012,4.5,End of life,Item too worn out,Penarth,2018-05-02,=1+1
s_3,Sample,GBR,Electrical,Small home electrical,28,Dyson,"","",Repairable,"",Cardiff Cathays,2019-06-03,
s_4,Sample,GBR,Electrical,Lamp,15,Bosch,"","",Unknown,"",Ruthin,2025-07-01,Flickers
s_5,Sample,GBR,Electrical,Kettle,41,Russell  Hobbs,1999,26,Fixed,"",Ynys Môn,2016-02-29,"Boils, then
stops; "" like this"" "
"""


@pytest.fixture(params=["sample", "real"])
def records(request: pytest.FixtureRequest, tmp_path: Path, dialect: str) -> Path:
    """The sample, or all records: every tenth on PostgreSQL where there is one, which takes longer, else on SQLite."""
    path = tmp_path / "records.csv"
    if request.param == "sample":
        path.write_text(f"{HEADINGS}\n{SAMPLE}", encoding="utf-8")
        return path
    if not REAL.is_file():
        pytest.skip(f"the {TOTAL} records are not at {REAL}: nothing but the sample is tried")
    with REAL.open(encoding="utf-8", newline="") as real, path.open("w", encoding="utf-8", newline="") as mine:
        heading, *rows = csv.reader(real)
        assert len(rows) == TOTAL
        tenths = [row for place, row in enumerate(rows) if (place % 10 == 0) == (dialect == "postgresql")]
        csv.writer(mine).writerows([heading, *(tenths if POSTGRES else rows)])
    return path


def counted(work: Any, column: Any) -> Counter[Any]:
    rows = work.session.execute(select(column, func.count()).group_by(column))
    return Counter(dict(map(tuple, rows)))


@pytest.mark.long
@pytest.mark.packs
def test_every_record_is_accounted_for_and_none_twice(fresh_transactions, records: Path):
    with records.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    report = import_file(fresh_transactions, SYSTEM, records, "appliance_repair", MAPPING)
    assert (report.imported, report.present, report.refused) == (len(rows), 0, 0)
    assert [one.number for one in report.results] == list(range(2, len(rows) + 2))
    again = import_file(fresh_transactions, SYSTEM, records, "appliance_repair", MAPPING)
    assert (again.imported, again.present, again.refused) == (0, len(rows), 0)
    assert [one.ticket for one in again.results] == [one.ticket for one in report.results]

    with fresh_transactions.reading(SYSTEM) as work:
        assert counted(work, Ticket.state) == Counter(STATES[row["repair_status"]] for row in rows)
        assert set(work.session.scalars(select(Outlet.name))) == {row["group_identifier"] for row in rows}
        for place in (0, len(rows) // 2, len(rows) - 1):
            _check_ticket(work, rows[place], report.results[place].ticket)
        formulas = [place for place, row in enumerate(rows) if row["problem"].startswith(("=", "-"))]
        assert formulas
        for place in formulas[:20]:
            _check_ticket(work, rows[place], report.results[place].ticket)


def _check_ticket(work: Any, row: dict[str, str], number: str) -> None:
    ticket = queries.ticket(work, number)
    noon = datetime.strptime(row["event_date"], "%Y-%m-%d").replace(hour=12, tzinfo=work.company.zone)
    assert ticket.columns["created_at"] == noon.astimezone(UTC)
    assert ticket.columns["external_id"] == row["id"]
    assert ticket.named("outlet_id").startswith(row["group_identifier"])
    assert ticket.value("product_category_text") == row["product_category"]
    assert ticket.value("brand") == (None if row["brand"] == "Unknown" else row["brand"].strip())
    assert ticket.shown("repair_outcome", "en") == row["repair_status"]
    assert ticket.shown("unrepairable_reason", "en") == row["repair_barrier_if_end_of_life"]
    expected = row["problem"].strip() or "(not described)"
    assert " ".join(ticket.value("fault_description").split()) == " ".join(expected.split())
