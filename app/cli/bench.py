"""`gongdan bench`."""

import json

import click

from app.bench import BENCHES
from app.bench.scratch import scratch_house
from app.cli import main
from app.config import Settings


@main.command()
@click.argument("name", required=False)
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", help="Where to measure.")
@click.option("--rows", type=click.IntRange(1, 10_000_000), help="How many rows; the bench's own number unless given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def bench(name: str | None, database: str, rows: int | None, *, as_json: bool) -> None:
    """Measure NAME in a scratch database: ours against a bare limit in the same run. Without NAME: list them."""
    BENCHES.scan()
    if name is None:
        for known in BENCHES:
            click.echo(f"{known.name}\t{known.about}")
        return
    if name not in BENCHES:
        raise click.BadParameter(f"there is no bench {name!r}; one of {', '.join(BENCHES.names())}")
    one = BENCHES[name]()
    with scratch_house(database, Settings.from_environment()) as house:
        for measured in one.run(house, rows or one.rows):
            row = measured.as_json(database)
            if as_json:
                click.echo(json.dumps(row))
            else:
                click.echo(
                    "{metric:22} {database:10} {rows:>9} {ours:>12.4g} {limit:>12.4g} {ratio:>8.3f} {unit}".format(
                        **row
                    )
                )
