"""How commands open the house and say who acts."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy import select

from app import installed
from app.config import Settings
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.permissions import SYSTEM, Actor
from app.house import House, open_house
from app.people.identity import actor_of
from app.people.models import Account


@contextmanager
def opened(*, unready: bool = False, make_keys: bool = False) -> Iterator[House]:
    """Yield the house of the environment's settings; its connections are closed at the end.

    UnreadyError where the database is not this program's to work on; ``unready``: the caller sees to that itself.
    ``make_keys``: where there are none. Who only looks makes nothing in a folder that was mistyped.
    """
    settings = Settings.from_environment()
    # Where a database has no tables, what is tried says so.
    if not unready and ((now := installed.look(settings)).revision or now.absent):
        installed.demand_complete(now)
    house = open_house(settings, make_keys=make_keys)
    try:
        yield house
    finally:
        house.engine.dispose()


def actor_named(house: House, username: str | None) -> Actor:
    """Return the account of that name with its rights, or the system where none is named."""
    if username is None:
        return SYSTEM
    with house.transactions.reading(SYSTEM) as work:
        user_id = work.session.scalar(select(Account.id).where(Account.username == username))
        actor = actor_of(work.session, user_id) if user_id is not None else None
    if actor is None:
        raise DomainError(_("There is no account %(name)s that may sign in.", name=username), field="--as")
    return actor


@contextmanager
def own_words() -> Iterator[None]:
    """Keep off the terminal what a library of machine code writes to it past Python; its error is raised as well."""
    if sys.stderr is None:
        # Closed by who started the command.
        yield
        return
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    sys.stderr.flush()
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def written(path: Path, content: bytes) -> None:
    """Write a file the person named, whole or not at all, and say so; a path that cannot be written is bad input."""
    # What is no file, as /dev/stdout, is written as it stands.
    part = path.with_name(f".{path.name}.part") if path.is_file() or not path.exists() else path
    try:
        part.write_bytes(content)
        if part != path:
            part.replace(path)
    except OSError as error:
        if part != path:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise click.BadParameter(f"cannot write {path}: {error.strerror}") from None
    click.echo(str(path))
