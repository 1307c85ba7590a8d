"""Flask-AppBuilder's tables of accounts, roles and permissions as the domain reads and writes them.

They are described again here, because the domain may not import Flask; a test compares both descriptions.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Select, Sequence, String, Table, select

_METADATA: Final = MetaData()


def _id(table: str) -> "Column[int]":
    # On PostgreSQL these keys have a sequence and no default, so inserts must name it.
    return Column("id", Integer, Sequence(f"{table}_id_seq"), primary_key=True)


ACCOUNT: Final = Table(
    "ab_user",
    _METADATA,
    _id("ab_user"),
    Column("username", String(128)),
    Column("first_name", String(64)),
    Column("last_name", String(64)),
    Column("email", String(320)),
    Column("password", String(256)),
    Column("active", Boolean),
    Column("last_login", DateTime),
    Column("login_count", Integer),
    Column("fail_login_count", Integer),
    Column("created_on", DateTime),
    Column("changed_on", DateTime),
    Column("created_by_fk", Integer),
    Column("changed_by_fk", Integer),
)
ROLE: Final = Table("ab_role", _METADATA, _id("ab_role"), Column("name", String(64)))
PERMISSION: Final = Table("ab_permission", _METADATA, _id("ab_permission"), Column("name", String(100)))
THING: Final = Table("ab_view_menu", _METADATA, _id("ab_view_menu"), Column("name", String(250)))
PAIR: Final = Table(
    "ab_permission_view",
    _METADATA,
    _id("ab_permission_view"),
    Column("permission_id", Integer),
    Column("view_menu_id", Integer),
)
ROLE_PAIR: Final = Table(
    "ab_permission_view_role",
    _METADATA,
    _id("ab_permission_view_role"),
    Column("permission_view_id", Integer),
    Column("role_id", Integer),
)
ACCOUNT_ROLE: Final = Table(
    "ab_user_role",
    _METADATA,
    _id("ab_user_role"),
    Column("user_id", Integer),
    Column("role_id", Integer),
)
TABLES: Final = tuple(_METADATA.tables.values())


def players_of(roles: Iterable[str]) -> Select[tuple[int]]:
    """Return the query for the ids of the accounts that have one of ``roles``."""
    return (
        select(ACCOUNT_ROLE.c.user_id)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .where(ROLE.c.name.in_(sorted(roles)))
    )


def holders_of(verb: str, thing: str) -> Select[tuple[int]]:
    """Return the query for the ids of the accounts that hold a permission."""
    pair = (
        select(PAIR.c.id)
        .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
        .join(THING, THING.c.id == PAIR.c.view_menu_id)
        .where(PERMISSION.c.name == f"can_{verb}", THING.c.name == thing)
    )
    return (
        select(ACCOUNT_ROLE.c.user_id)
        .join(ROLE_PAIR, ROLE_PAIR.c.role_id == ACCOUNT_ROLE.c.role_id)
        .where(ROLE_PAIR.c.permission_view_id.in_(pair))
    )
