"""How fast service reports are made."""

import io
import time
from collections.abc import Iterator
from typing import Any, Final

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.house import House
from app.reports.pdf.content import Card, Check, Fact, Grid, Letterhead, Report, SectionBlock, Signature
from app.reports.pdf.fonts import typeface
from app.reports.pdf.layout import report_bytes

#: A table of so many rows must be done within this many seconds.
LARGE: Final = 10_000
LARGE_SECONDS: Final = 10.0
_FIELDS: Final = 30


@BENCHES.register
class Pdf(Bench):
    """A report of thirty fields, a table and a checklist against the same words laid out by bare reportlab."""

    name = "pdf"
    about = "service reports/s against bare reportlab with the same words; seconds for a table of 10,000 rows"
    rows = 100

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure both in turn, fonts loaded."""
        report = _report(house.company.name)
        report_bytes(report)
        _bare(report)
        ours = _timed(lambda: [report_bytes(report) for _round in range(rows)])
        bare = _timed(lambda: [_bare(report) for _round in range(rows)])
        yield Measurement("pdf", rows, rows / ours, rows / bare, "reports/s")
        large = Grid("备件", ("名称", "编号", "数量"), tuple((f"排水泵 {n}", f"DP-{n}", "1") for n in range(LARGE)))
        seconds = _timed(lambda: report_bytes(_report(house.company.name, large)))
        yield Measurement("pdf_large_table", LARGE, seconds, LARGE_SECONDS, "s")


def _report(company: str, grid: Grid | None = None) -> Report:
    facts = tuple(Fact(f"字段 {number}", f"第 {number} 个字段的值 Value {number}") for number in range(_FIELDS))
    grid = grid or Grid("备件", ("名称", "数量"), tuple((f"排水泵 {number}", "1") for number in range(10)))
    return Report(
        "zh_Hans", Letterhead(company), "维修服务单", "WX-20261121-0001", "WX-20261121-0001", "空调不制冷",
        (Card("客户", facts[:4]), Card("服务", facts[4:8])),
        (SectionBlock("处理", (*facts[8:], grid)),), (Check("试机", "2026-11-21"),), (), (Signature("客户", None),),
    )  # fmt: skip


def _bare(report: Report) -> bytes:
    style = ParagraphStyle("bare", fontName=typeface("zh_Hans").regular[0], fontSize=9, wordWrap="CJK")
    facts = [
        *(fact for card in report.cards for fact in card.facts),
        *(part for part in report.sections[0].parts if isinstance(part, Fact)),
    ]
    cells = [[Paragraph(one.label, style), Paragraph(one.value, style)] for one in facts]
    pairs = [[*left, *right] for left, right in zip(cells[::2], cells[1::2], strict=True)]
    grid = next(part for part in report.sections[0].parts if isinstance(part, Grid))
    rows = [[Paragraph(text, style) for text in row] for row in (grid.headings, *grid.rows)]
    target = io.BytesIO()
    words = [Paragraph(text, style) for text in (report.company.name, report.title, report.number)]
    SimpleDocTemplate(target).build([*words, Table(pairs), Table(rows)])
    return target.getvalue()


def _timed(run: Any) -> float:
    # Processor time: neighbours on the machine do not make it longer.
    began = time.process_time()
    run()
    return time.process_time() - began
