"""`gongdan init`, `config` and `doctor`."""

import os
import sys
from dataclasses import fields

import click

from app.cli import main
from app.cli.houses import opened
from app.config import PREFIX, Settings, mistyped
from app.install import install
from app.installed import ADMINISTRATOR, demand_complete, look
from app.instance_keys import KeysError


@main.command()
@click.option("--demo", is_flag=True, help="Also load the demo company, into an empty installation.")
def init(*, demo: bool) -> None:
    """Create or upgrade the database: schema, roles, menu, shipped templates, the first administrator."""
    with opened(unready=True, make_keys=True) as house:
        install(house, demo=demo, announce=_announce, retract=_retract)
        url = house.engine.url.render_as_string(hide_password=True)
    click.echo(f"database ready: {url}")


def _announce(password: str) -> None:
    click.echo(f"sign in as: {ADMINISTRATOR}")
    shown = password or f"the one in {PREFIX}ADMIN_PASSWORD"
    click.echo(f"password{', shown once, to be changed at the first sign-in' if password else ''}: {shown}")


def _retract() -> None:
    click.echo(f"{ADMINISTRATOR} was not stored: what is said above of the password is void", err=True)


@main.command("config")
def config() -> None:
    """List every setting: its variable, value, where that comes from, and what it means."""
    for variable, value, source, meaning in listed(Settings.from_environment()):
        click.echo(f"{variable:26} {value:28} {source:12} {meaning}")
    for name, meant in mistyped(os.environ):
        click.echo(f"gongdan: {name} is no setting and changes nothing; {meant} is one", err=True)


def listed(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Return (variable, value, source, meaning) of each setting; secrets read ``(set)``."""
    rows = []
    for one in fields(settings):
        variable = PREFIX + one.name.upper()
        value = getattr(settings, one.name)
        shown = ("(set)" if value else "") if one.metadata["secret"] else str(value)
        source = "environment" if variable in os.environ else "default"
        rows.append((variable, shown, source, str(one.metadata["meaning"])))
    return rows


@main.command()
def doctor() -> None:
    """Check the installation; exit 1 with what to do when something is wrong."""
    # Opens files and fonts, which other commands need not wait for.
    from app.doctor import Finding, examine  # noqa: PLC0415

    try:
        if (now := look(Settings.from_environment())).absent:
            demand_complete(now)
        with opened(unready=True) as house:
            findings = examine(house)
    except KeysError as error:
        detail, _colon, remedy = str(error).partition(": ")
        findings = [Finding("keys", False, detail, remedy)]
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.detail}")
        if not finding.ok:
            click.echo(f"     → {finding.remedy}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)
