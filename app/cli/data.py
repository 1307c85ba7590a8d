"""`gongdan ticket import|export|report|reindex` and `gongdan seed`."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from app.cli import main
from app.cli.houses import actor_named, opened, own_words, written
from app.cli.progress import Say, progress_line
from app.core.i18n import LOCALES, spoken
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange import ticket_export, ticket_import
from app.exchange.first_mapping import first_mapping
from app.exchange.left_out import LeftOut
from app.exchange.mapping import mapping_to_yaml
from app.exchange.results import write_result
from app.exchange.ticket_import import ImportReport, Progress
from app.reports.pdf.service_report import report_pdf
from app.seeding import seed_tickets
from app.tickets import renewal
from ticket_templates import queries as template_queries


class _NewFile(click.Path):
    """A file to write: where it cannot be written is told before the work, not after it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        try:
            # What is asked for rights alone says yes where nothing can be made, as in /proc.
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            self.fail(f"cannot write into {folder}", param, ctx)
        return path


FILE = _NewFile(dir_okay=False, writable=True, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.group()
def ticket() -> None:
    """Tickets, in and out."""


@ticket.command("import")
@click.argument("file", type=EXISTING)
@click.option("--template", required=True, help="Key of the template.")
@click.option("--mapping", type=EXISTING, help="YAML: which column becomes what.")
@click.option("--suggest", is_flag=True, help="Import nothing: print the mapping that the headings suggest.")
@click.option("--as", "username", help="Account in whose name; the system unless given.")
@click.option("--result", type=FILE, help="Workbook to write with what became of each row.")
def import_(
    file: Path, *, template: str, mapping: Path | None, suggest: bool, username: str | None, result: Path | None
) -> None:
    """Import tickets from Excel or CSV. Each row is imported, was there already, or is refused with its reason.

    A terminal shows how far it is.
    """
    if suggest:
        _suggest(file, template, username)
        return
    if mapping is None:
        raise click.UsageError("Missing option '--mapping'; --suggest prints one to begin with.")
    with opened() as house:
        actor = actor_named(house, username)
        with progress_line() as say:
            report = ticket_import.import_file(
                house.transactions, actor, file, template, mapping, progress=_rows_told(say)
            )
            if result:
                with own_words():
                    write_result(report, result)
    _say_report(report, has_result=result is not None)


def _say_report(report: ImportReport, *, has_result: bool) -> None:
    click.echo(
        f"{report.total} rows: {report.imported} imported, {report.present} there already, {report.refused} refused"
    )
    _say_aside(report.left_out)
    if doubted := report.doubted:
        click.echo(f"{len(doubted)} of the imported should be looked at; row {doubted[0].number}: {doubted[0].reason}")
    for row in report.refusals[:20]:
        click.echo(f"row {row.number}: {row.reason}")
    if report.refused > 20:  # noqa: PLR2004 - enough to see what is wrong
        click.echo(f"… and {report.refused - 20} more" + ("" if has_result else "; --result FILE.xlsx lists them all"))


def _suggest(file: Path, template: str, username: str | None) -> None:
    """Print what the columns of a file probably become, and which of them nothing."""
    with (
        opened() as house,
        house.transactions.reading(actor_named(house, username)) as work,
        progress_line() as say,
    ):
        mapping, aside = first_mapping(work, file, template, progress=_rows_told(say))
    if not mapping.columns:
        raise click.ClickException(f"no heading of {file.name} resembles a column or a field of {template}")
    click.echo(mapping_to_yaml(mapping), nl=False)
    _say_aside(aside, err=True)


def _rows_told(say: Say) -> Progress:
    """Return what hears of the rows and says so; that the file is read is said before its first row is."""
    say("reading the file")

    def told(rows: int, total: int | None) -> None:
        say(f"reading the file: {rows} rows" if total is None else f"{rows} of {total} rows done")

    return told


def _say_aside(columns: list[LeftOut], *, err: bool = False) -> None:
    if columns:
        click.echo(f"not imported: {', '.join(map(_aside, columns))}", err=err)


def _aside(column: LeftOut) -> str:
    """Return a column that the mapping leaves aside: how many rows have something in it, and what is taken instead."""
    instead = f"; {spoken(column.called, 'en')} comes from {column.fed_by}" if column.called else ""
    return f"{column.heading} ({column.filled} {'row' if column.filled == 1 else 'rows'}{instead})"


@ticket.command("export")
@click.argument("file", type=FILE)
@click.option("--text", default="", help="Only tickets that contain these words.")
@click.option("--template", "templates", multiple=True, help="Only tickets of this template; may be repeated.")
@click.option(
    "--fields",
    type=click.Choice(["all", "list"]),
    default="all",
    show_default=True,
    help="All fields, of several templates those that are answered, or the columns a list shows.",
)
@click.option("--as", "username", help="Account whose rights apply; the system unless given.")
def export(file: Path, text: str, templates: tuple[str, ...], fields: str, username: str | None) -> None:
    """Export tickets to FILE.xlsx or FILE.csv."""
    with opened() as house, house.transactions.reading(actor_named(house, username)) as work:
        for key in templates:
            template_queries.card(work, key)
        with own_words():
            rows = ticket_export.export_file(work, file, text=text, templates=templates, all_fields=fields == "all")
    click.echo(f"{rows} tickets")


@ticket.command("report")
@click.argument("number")
@click.argument("file", type=FILE)
@click.option("--locale", default="zh_Hans", type=click.Choice(LOCALES), help="Language of the document.")
@click.option("--as", "username", help="Account whose rights apply; the system unless given.")
def report(number: str, file: Path, locale: str, username: str | None) -> None:
    """Write the service report of ticket NUMBER to FILE.pdf."""
    with opened() as house, house.transactions.reading(actor_named(house, username)) as work:
        written(file, report_pdf(work, number, locale))


@ticket.command("reindex")
@click.option("--after", default=0, type=click.IntRange(0), help="Go on behind this ticket's id, after a stop.")
def reindex(after: int) -> None:
    """Write anew what the search finds tickets by. People may work meanwhile; doing it twice does no harm."""
    cause = Cause("system", "reindex")
    renewed = 0
    with opened() as house:
        with house.transactions.reading(SYSTEM) as work:
            total = renewal.count_all(work)
        try:
            while True:
                # A chunk is one transaction: a stop loses at most that, and nobody waits long for a ticket.
                with house.transactions.unit_of_work(SYSTEM, cause) as work:
                    done = renewal.renew_next(work, after)
                if done is None:
                    break
                after, count = done
                renewed += count
                click.echo(f"{renewed} of {total} tickets, up to id {after}", err=True)
        except BaseException:
            click.echo(f"to go on: gongdan ticket reindex --after {after}", err=True)
            raise
        with house.transactions.unit_of_work(SYSTEM, cause) as work:
            renewal.note_renewed(work, total)
    click.echo(f"{renewed} tickets renewed")


@main.command()
@click.option("--tickets", "count", type=click.IntRange(1, 10_000_000), required=True, help="How many to make.")
def seed(count: int) -> None:
    """Make realistic tickets, the same ones each time, at bulk speed."""
    with opened() as house:
        made = seed_tickets(house.transactions, count, cause=Cause("system", "seed"))
    click.echo(f"{made} tickets")
