"""What the columns of a file probably are, told before anybody chose: for the command line, to be looked at."""

from pathlib import Path

from app.core.work import Work
from app.exchange.left_out import LeftOut, left_out
from app.exchange.mapping import ImportMapping
from app.exchange.reader import open_table
from app.exchange.suggestions import by_values, suggested
from app.exchange.tally import Tallying, tallies
from app.exchange.ticket_import import Progress, chunks
from ticket_templates import queries as templates


def first_mapping(
    work: Work, path: Path, template: str, *, progress: Progress = lambda _rows, _total: None
) -> tuple[ImportMapping, list[LeftOut]]:
    """Return the mapping the wizard would suggest for the file at ``path``, and the columns it leaves aside.

    ``progress`` hears how many rows are read.
    """
    version = templates.published_version(work, template)
    table = open_table(path)
    tallying, read = Tallying(len(table.headings)), 0
    for rows in chunks(table):
        for row in rows:
            tallying.add(row.cells)
        read += len(rows)
        progress(read, None)
    counted = tallies(tallying.as_json(), len(table.headings))
    empty = [heading for heading, tally in zip(table.headings, counted, strict=True) if not tally.filled]
    told = by_values(work, version, table.headings, counted)
    found = suggested(table.headings, version, work.actor, told, empty)
    mapping = ImportMapping("", tuple(found[one] for one in table.headings if one in found))
    filled = [tally.filled for tally in counted]
    return mapping, left_out(mapping, table.headings, filled, version, work.actor)
