"""`gongdan template import|export|list`."""

from pathlib import Path

import click

from app.cli import main
from app.cli.houses import opened, written
from app.core.i18n import LOCALES, Message, _, label_in
from app.core.permissions import SYSTEM
from app.core.work import Cause
from ticket_templates import exchange, queries


@main.group()
def template() -> None:
    """Ticket templates and their packs."""


@template.command("list")
@click.option("--locale", default="zh_Hans", type=click.Choice(LOCALES), help="Language of the names.")
def list_(locale: str) -> None:
    """List the templates with their published version."""
    with opened() as house, house.transactions.reading(SYSTEM) as work:
        for card in queries.templates(work, with_withdrawn=True):
            state = "withdrawn" if card.withdrawn else f"v{card.number}" if card.number else "draft"
            click.echo(f"{card.key}\t{state}\t{label_in(card.labels, locale)}")


@template.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say what would change.")
@click.option("--locale", default="en", type=click.Choice(LOCALES), help="Language of problems and changes.")
def import_(files: tuple[Path, ...], locale: str, *, check: bool) -> None:
    """Import packs, all or nothing; what is there already stays as it is."""
    with opened() as house:
        way = house.transactions.rehearsal if check else house.transactions.unit_of_work
        with way(SYSTEM, Cause("import", "cli")) as work:
            results = [exchange.import_pack(work, path.read_bytes(), path.name) for path in files]
            if problems := [problem for result in results for problem in result.problems]:
                # Raised inside the unit of work: one bad file, and none of them is imported.
                first, *others = told = [problem.in_(locale) for problem in problems]
                for line in told if check else ():
                    click.echo(line)
                raise click.ClickException(f"{first}{_others(len(others), check=check).in_(locale) if others else ''}")
    for result in results:
        click.echo(f"{result.template_key}\t{result.status}")
        for change in result.changes if check else ():
            click.echo(f"  {change.message.in_(locale)}")


def _others(count: int, *, check: bool) -> Message:
    """Return that one line does not say all, and where all is said."""
    return _(" (and %(count)s more)", count=count) if check else _(" (and %(count)s more: see --check)", count=count)


@template.command("export")
@click.argument("key")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; standard output unless given."
)
def export(key: str, out: Path | None) -> None:
    """Export a template's published version as a pack."""
    with opened() as house, house.transactions.reading(SYSTEM) as work:
        text = exchange.export_pack(work, key)
    if out:
        written(out, text.encode())
    else:
        click.echo(text, nl=False)
