"""`gongdan doctor`: what could be wrong with an installation, and what to do about it."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import installed, migrate, schema
from app.config import mistyped
from app.core.db import is_damaged, missing_database
from app.core.disk import has_no_room
from app.core.jobs.leases import database_time, seconds_since_heartbeat
from app.core.permissions import SYSTEM
from app.house import House
from app.reports.pdf import fonts
from app.tickets import attachments, indexes, renewal
from ticket_templates.exchange import newer_packs

LEAST_FREE_BYTES: Final = 512 * 1024 * 1024
MOST_CLOCK_SECONDS: Final = 5.0
LATEST_HEARTBEAT_SECONDS: Final = 30.0
#: So many lost tables name what happened.
_NAMED_TABLES: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(house: House) -> list[Finding]:
    """Look at everything; without a database the checks that need one are left out."""
    database = _database(house)
    later: list[Callable[[House], Finding]] = (
        [_migrations, _installation, _tables, _clock, _worker, _indexes, _search, _templates] if database.ok else []
    )
    return [database, *(check(house) for check in later), _storage(house), _disk(house), _fonts(), _settings()]


def _database(house: House) -> Finding:
    try:
        with house.engine.connect() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return Finding("database", False, reason, f"{_opening(house, error)}, or correct GONGDAN_DATABASE_URL")
    return Finding("database", True, house.engine.url.render_as_string(hide_password=True))


def _opening(house: House, error: SQLAlchemyError) -> str:
    """Say what would open the database; SQLite's is a file, so there is nothing to start."""
    if is_damaged(error):
        return f"the file is damaged: restore {house.engine.url.database} from a backup"
    if house.engine.dialect.name == "sqlite":
        return f"let the user that runs Gongdan write to {house.engine.url.database} and its folder"
    name = missing_database(error)
    return f"make it, e.g. createdb {name}, then: gongdan init" if name else "start the database"


def _migrations(house: House) -> Finding:
    with house.engine.connect() as connection:
        current = migrate.current(connection)
    remedy = "run: gongdan init" if migrate.is_known(current) else migrate.NewerDatabaseError.remedy
    return Finding("migrations", current == migrate.head(), current or "none", remedy)


def _installation(house: House) -> Finding:
    """Say whether it was ever completed: one that stopped half way has tables, and no roles or templates in them."""
    complete = bool(installed.look(house.settings).program)
    return Finding("installation", complete, "complete" if complete else "not completed", "run: gongdan init")


def _tables(house: House) -> Finding:
    """Say what was taken out of the database beside the migrations, which do not bring it back."""
    try:
        with house.engine.connect() as connection:
            lost = schema.lacking(connection)
            whole = migrate.current(connection) == migrate.head()
    except SQLAlchemyError as error:
        return _unread(house, "tables", error)
    named = ", ".join(lost[:_NAMED_TABLES]) + (" …" if len(lost) > _NAMED_TABLES else "")
    remedy = "restore the database from a backup" if whole else "run: gongdan init"
    return Finding("tables", not lost, f"missing: {named}" if lost else "all there", remedy)


def _clock(house: House) -> Finding:
    with house.transactions.reading(SYSTEM) as work:
        theirs: datetime = work.session.scalars(select(database_time(work))).one()
    off = abs((datetime.now(UTC) - theirs).total_seconds())
    remedy = "set the clocks of this machine and of the database by NTP"
    return Finding("clock", off < MOST_CLOCK_SECONDS, f"{off:.1f} s from the database's", remedy)


def _worker(house: House) -> Finding:
    try:
        with house.transactions.reading(SYSTEM) as work:
            age = seconds_since_heartbeat(work)
    except SQLAlchemyError:
        age = None
    detail = "never seen" if age is None else f"seen {age:.0f} s ago"
    ok = age is not None and age < LATEST_HEARTBEAT_SECONDS
    # A worker that cannot write cannot say that it is there either.
    full = has_no_room(house.company.storage)
    remedy = "free some space first: a full disk silences it" if full else "start one: gongdan serve, or gongdan worker"
    return Finding("worker", ok, detail, remedy)


def _indexes(house: House) -> Finding:
    try:
        with house.transactions.reading(SYSTEM) as work:
            missing = indexes.missing(work)
    except SQLAlchemyError as error:
        return _unread(house, "indexes", error)
    detail = f"missing or broken: {', '.join(missing)}" if missing else "all there"
    return Finding(
        "indexes", not missing, detail, "a worker makes them within the hour; its log tells why it could not"
    )


def _search(house: House) -> Finding:
    """Say whether tickets from before the last way to find them are found by it."""
    try:
        with house.transactions.reading(SYSTEM) as work:
            states = renewal.states(work)
    except SQLAlchemyError as error:
        return _unread(house, "search", error)
    if "done" in states:
        return Finding("search", True, "finds all tickets")
    detail = "some tickets from before the last upgrade are not found by all there is in them yet"
    if states & {"waiting", "running"}:
        return Finding("search", False, detail, "a worker is to renew them: let it run, and look again")
    return Finding("search", False, detail, "run: gongdan ticket reindex" if states else "run: gongdan init")


def _templates(house: House) -> Finding:
    """Say which shipped templates are newer than those here; they are imported when somebody wants them."""
    try:
        with house.transactions.reading(SYSTEM) as work:
            newer = [one.key for one in newer_packs(work)]
    except SQLAlchemyError as error:
        return _unread(house, "templates", error)
    detail = (
        f"newer ones are shipped, to be looked at under Templates: {', '.join(newer)}"
        if newer
        else "as shipped, or newer"
    )
    return Finding("templates", True, detail)


def _unread(house: House, what: str, error: SQLAlchemyError) -> Finding:
    """Return why something could not be read: it is not there before the migrations are, or the file is damaged."""
    remedy = _opening(house, error) if is_damaged(error) else "run: gongdan init"
    return Finding(what, False, "unknown", remedy)


def _disk(house: House) -> Finding:
    folder = house.settings.instance.absolute()
    remedy = f"free some space on the disk of {folder}"
    try:
        free = shutil.disk_usage(_there(folder)).free
    except OSError as error:
        return Finding("disk", False, error.strerror or str(error), f"choose another folder than {folder}")
    return Finding("disk", free > LEAST_FREE_BYTES, f"{free // 1024**2} MiB free", remedy)


def _storage(house: House) -> Finding:
    folder = house.company.storage
    remedy = f"let the user that runs Gongdan write to {folder}"
    try:
        # Tried, not asked for: root may write everywhere, but not on a disk that has turned read-only.
        tempfile.TemporaryFile(dir=_there(folder.absolute())).close()
    except OSError as error:
        return Finding("files", False, f"{folder}: {error.strerror}", remedy)
    if attachments.open_to_others(folder):
        remedy = f"run as the account they belong to: gongdan init, or chmod -R go= {folder}"
        return Finding("files", False, f"{folder}: other accounts of this machine may read uploads", remedy)
    return Finding("files", True, str(folder))


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest one above it in which it could be made: looking makes none."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there if there.is_dir() else folder


def _fonts() -> Finding:
    missing = fonts.missing()
    detail = f"missing: {', '.join(missing)}" if missing else "all there"
    return Finding("fonts", not missing, detail, "install Gongdan again: its fonts are part of it")


def _settings() -> Finding:
    wrong = mistyped(os.environ)
    told = ", ".join(f"{name} is no setting, {meant} is" for name, meant in wrong)
    return Finding("settings", not wrong, told or "all known", "correct the name; gongdan config lists all")
