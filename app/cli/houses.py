"""How commands open the house and say who acts."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy import select

from app.config import Settings
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.permissions import SYSTEM, Actor
from app.house import House, open_house
from app.people.identity import actor_of
from app.people.models import Account


@contextmanager
def opened() -> Iterator[House]:
    """Yield the house of the environment's settings; its connections are closed at the end."""
    house = open_house(Settings.from_environment())
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
