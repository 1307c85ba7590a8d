"""How fast a table becomes tickets, checked, through the change path."""

import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.core.permissions import SYSTEM
from app.exchange.mapping import mapping_from_json
from app.exchange.ticket_import import import_file
from app.house import House

#: What performance.md asks for.
TARGET: Final = 2_000.0
_START: Final = date(2020, 1, 1)
_MAPPING: Final = {
    "source": "bench",
    "columns": {
        "external_id": "id", "created_at": "date", "state": {"column": "status", "values": {"Fixed": "closed"}},
        "outlet": {"column": "site", "create": True}, "answers.product_category_text": "category",
        "answers.brand": "brand", "answers.fault_description": "problem", "answers.year_of_manufacture": "year",
        "answers.repair_outcome": "outcome", "answers.service_mode": "mode",
    },
}  # fmt: skip
_HEADINGS: Final = ("id", "date", "status", "site", "category", "brand", "problem", "year", "outcome", "mode")


@BENCHES.register
class ExcelImport(Bench):
    """A workbook of ten columns into the shipped repair template; then the same file again, which imports nothing."""

    name = "excel_import"
    about = "rows/s of a 10-column workbook into tickets, against the 2,000 rows/s we promise"
    rows = 20_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure the first run and the second."""
        mapping = mapping_from_json(_MAPPING)
        with tempfile.TemporaryDirectory(prefix="gongdan-bench-") as folder:
            path = Path(folder) / "rows.xlsx"
            _write(path, rows)
            for metric in ("excel_import", "excel_import_again"):
                began = time.perf_counter()
                report = import_file(house.transactions, SYSTEM, path, "appliance_repair", mapping)
                seconds = time.perf_counter() - began
                done = report.imported if metric == "excel_import" else report.present
                if done != rows:
                    raise RuntimeError(f"{metric}: {done} of {rows} rows")
                yield Measurement(metric, rows, rows / seconds, TARGET, "rows/s")


def _write(path: Path, rows: int) -> None:
    """Write the workbook, each text in its cell and no size told, as programs that stream do."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.append(list(_HEADINGS))
    for row in _values(rows):
        sheet.append(row)
    book.save(path)


def _values(rows: int) -> Iterator[list[Any]]:
    for number in range(rows):
        yield [
            f"b{number}", _START + timedelta(days=number % 2000), "Fixed", f"Site {number % 50}", "Vacuum", "Bosch",
            f"Does not turn on, case {number}", 2000 + number % 25, "Fixed", "Brought in",
        ]  # fmt: skip
