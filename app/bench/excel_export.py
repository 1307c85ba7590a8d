"""How fast the list leaves as a workbook, and whether memory stays flat."""

import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rustpy_xlsxwriter import Format, write_worksheet

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.exchange.workbook import INSTANT, Column, write_workbook
from app.house import House

COLUMNS: Final = 20
_START: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - a cell has no zone


@BENCHES.register
class ExcelExport(Bench):
    """Our writer, which types, escapes, counts and splits, against the bare one; both get the same rows."""

    name = "excel_export"
    about = "rows/s of 20 columns into a workbook, against the bare writer; memory of N rows against N/10"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure both in turn, twice, and take the better of each."""
        del house
        with tempfile.TemporaryDirectory(prefix="gongdan-bench-") as folder:
            target = Path(folder) / "x.xlsx"
            ours = min(_timed(lambda: _ours(target, rows)) for _round in range(2))
            bare = min(_timed(lambda: _bare(target, rows)) for _round in range(2))
            yield Measurement("excel_export", rows, rows / ours, rows / bare, "rows/s")
            small = _peak(lambda: _ours(target, max(100, rows // 100)))
            large = _peak(lambda: _ours(target, max(1_000, rows // 10)))
            yield Measurement("excel_export_memory", rows // 10, large / 2**20, small / 2**20, "MB")


def _values(rows: int) -> Iterator[list[Any]]:
    for number in range(rows):
        moment = _START + timedelta(minutes=number)
        yield [(f"文字 {number}", number * place, moment, "已完成")[place % 4] for place in range(COLUMNS)]


def _ours(target: Path, rows: int) -> None:
    columns = [Column(f"c{place}", INSTANT if place % 4 == 2 else "General") for place in range(COLUMNS)]  # noqa: PLR2004
    write_workbook(target, columns, _values(rows), sheet="x", expected_rows=rows)


def _bare(target: Path, rows: int) -> None:
    names = [f"c{place}" for place in range(COLUMNS)]
    formats = {name: Format().set_num_format(INSTANT) for place, name in enumerate(names) if place % 4 == 2}  # noqa: PLR2004
    records = (dict(zip(names, row, strict=True)) for row in _values(rows))
    write_worksheet(records, str(target), column_formats=formats)


def _timed(run: Any) -> float:
    # Processor time: neighbours on the machine do not make it longer.
    began = time.process_time()
    run()
    return time.process_time() - began


def _peak(run: Any) -> int:
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
