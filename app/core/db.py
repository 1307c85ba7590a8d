"""The database: one declarative base, one way to open an engine on SQLite or PostgreSQL."""

import os
import re
import sqlite3
import unicodedata
from contextlib import suppress
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, Engine, Integer, MetaData, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from app.core.linear import regexp
from app.core.pinyin import sound_key

#: Primary keys: BIGINT where it matters, INTEGER on SQLite, whose row id it then is.
BigKey = BigInteger().with_variant(Integer(), "sqlite")

#: Arguments of a table whose rows go away and are named by their keys where no foreign key says so, in histories,
#: answers, open forms: SQLite would give the key of the last row to the next one.
KEYS_ONCE: Final = {"sqlite_autoincrement": True}

#: An execution option: this transaction will write, so SQLite takes its write lock at once instead of failing later.
WRITES = {"gongdan_writes": True}
#: The part of SQLite's codes that says what kind of error it is.
_PRIMARY: Final = 0xFF
_NO_DATABASE: Final = re.compile('database "(?P<name>[^"]+)" does not exist')


class Base(DeclarativeBase):
    """Base of Gongdan's tables. Flask-AppBuilder's `ab_*` tables have a metadata of their own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def open_engine(url: str, **options: Any) -> Engine:
    """Open the database of ``url`` (``sqlite:///path`` or ``postgresql+psycopg://…``)."""
    # What fails is logged with its statement; what stood in it are names and phones.
    options = {"hide_parameters": True} | options
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, **options)
        event.listen(engine, "do_connect", _keep_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **{"pool_size": 5, "max_overflow": 5} | options,
    )


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions for units of work."""
    return sessionmaker(engine, expire_on_commit=False, autoflush=True)


def is_damaged(error: BaseException) -> bool:
    """Whether SQLite's file is none, or no longer whole: what is left of it is a backup."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & _PRIMARY in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def missing_database(error: BaseException) -> str:
    """Return the name of the PostgreSQL database that ``error`` says is not there; empty: it says something else."""
    said = _NO_DATABASE.search(str(error))
    return said["name"] if said else ""


def folded(text: str) -> str:
    """Return the form in which texts are compared and searched: NFKC, casefold, single spaces, trimmed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _keep_private(_dialect: Any, _record: Any, words: Any, _named: Any) -> None:
    # SQLite would make it readable for every account of the machine; its WAL gets the rights of the file.
    path = str(words[0]) if words else ":memory:"
    if path != ":memory:" and not path.startswith("file:"):
        # What cannot be made is told by SQLite itself.
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun by `_begin_sqlite`; the driver's own implicit ones would come too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function("folded", 1, lambda text: None if text is None else folded(text), deterministic=True)
    connection.create_function("sound_key", 1, sound_key, deterministic=True)
    # In the place of SQLAlchemy's own, which backtracks: `(a+)+$` would hold a worker for years.
    connection.create_function("regexp", 2, regexp, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gongdan_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
