"""Who a signed-in browser is, with all rights held now: one statement a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, and_, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.core.i18n import LOCALES
from app.core.permissions import Actor, Scope
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, PAIR, PERMISSION, ROLE, ROLE_PAIR, THING
from app.people.models import RoleScope, StaffProfile, staff_team
from app.people.names import full_name
from app.people.roles import carried
from app.people.security_models import AccountSecurity, AccountSession

#: Flask-AppBuilder writes permissions as ``can_change`` on ``ticket``.
PREFIX: Final = "can_"
_WIDTH: Final = 8
#: What parts permissions from each other, and a permission's thing from what may be done to it.
_LINE, _TAB = "\n", "\t"
_NOTHING: Final[Mapping[str, list[Sequence[Any]]]] = {"person": [], "role": [], "may": [], "team": [], "outlet": []}


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the web needs it: who it is, what it likes, and the `Actor` it acts as."""

    user_id: int
    username: str
    name: str
    email: str
    #: Chosen by the person; None where nothing was chosen.
    locale: str | None
    theme: str
    must_change_password: bool
    actor: Actor
    #: Whether single keys act on pages.
    shortcuts: bool = True
    #: The token that acts as this person; None: the person signed in.
    token_id: int | None = None


def actor_of(session: Session, user_id: int) -> Actor | None:
    """Return the account as an actor with the rights it has now; None when disabled or gone."""
    person = _read(session, user_id)
    return person.actor if person else None


def account(session: Session, user_id: int) -> Person | None:
    """Return an account with the rights it has now; None when disabled or gone."""
    return _read(session, user_id)


def actors_of(session: Session, user_ids: Iterable[int]) -> dict[int, Actor]:
    """Return several accounts as actors by their ids, in one statement; those disabled or gone are left out."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    facts: dict[str, dict[str, list[Sequence[Any]]]] = {}
    for kind, whose, *values in session.execute(_statement(False, several=True), {"user_ids": wanted}):
        facts.setdefault(whose, {name: [] for name in _NOTHING})[kind].append(values)
    people = (_person_of(int(whose), known) for whose, known in facts.items())
    return {person.user_id: person.actor for person in people if person}


def person_of(session: Session, user_id: int, session_key: str, now: datetime) -> Person | None:
    """Return who the session ``session_key`` belongs to; None when it has ended or the account is disabled."""
    return _read(session, user_id, session_key=session_key, now=now)


def _read(session: Session, user_id: int, **signed_in: Any) -> Person | None:
    facts: dict[str, list[Sequence[Any]]] = {name: [] for name in _NOTHING}
    # By the connection: a session would prepare each row for the ORM.
    rows = session.connection().execute(_statement(bool(signed_in)), {"user_id": user_id, **signed_in})
    for kind, _whose, *values in rows:
        facts[kind].append(values)
    return _person_of(user_id, facts)


def _person_of(user_id: int, facts: Mapping[str, list[Sequence[Any]]]) -> Person | None:
    if not facts["person"]:
        return None
    username, first_name, last_name, email, locale, theme, must_change, keys = facts["person"][0]
    name = full_name(first_name, last_name, username)
    locale = locale if locale in LOCALES else None
    actor = Actor(
        user_id=user_id,
        name=name,
        roles=frozenset(role for role, *_ in facts["role"]),
        permissions=frozenset[str]().union(*(_permissions(lines) for lines, *_ in facts["may"])),
        scope=max((Scope[scope.upper()] for _, scope, *_ in facts["role"] if scope), default=Scope.OWN),
        team_ids=frozenset(int(team) for team, *_ in facts["team"]),
        outlet_ids=frozenset(int(outlet) for outlet, *_ in facts["outlet"]),
    )
    return Person(user_id, username, name, email, locale, theme or "auto", must_change == "yes", actor, keys != "off")


@lru_cache(256)
def _permissions(lines: str) -> frozenset[str]:
    """Return what is permitted, as `_statement` writes it, with all it carries.

    There are as many texts as ways to hold roles.
    """
    pairs = (line.split(_TAB) for line in lines.split(_LINE))
    return carried(f"{thing}.{verb.removeprefix(PREFIX)}" for thing, verb in pairs)


@cache
def _statement(signed_in: bool, *, several: bool = False) -> Any:
    """Everything about one account, or ``several``, as rows of texts: what the row is, whose, and what it says.

    Every request asks this; putting the statement together takes longer than the database takes to answer it, so it
    is done once a process. With ``signed_in`` the account must have the session ``session_key``, not ended ``now``.
    """
    user_id = bindparam("user_id", type_=BigInteger)

    def theirs(column: Any) -> ColumnElement[bool]:
        chosen: ColumnElement[bool] = (
            column.in_(bindparam("user_ids", expanding=True)) if several else column == user_id
        )
        return chosen

    condition: ColumnElement[bool] = ACCOUNT.c.active.is_(True)
    if signed_in:
        alive = select(AccountSession.key).where(
            AccountSession.key == bindparam("session_key"),
            AccountSession.user_id == user_id,
            AccountSession.expires_at > bindparam("now"),
        )
        condition = and_(condition, alive.exists())
    held, profile = ACCOUNT_ROLE.c.user_id, StaffProfile.user_id
    pairs = _pairs(theirs(held))
    return union_all(
        _person().where(theirs(ACCOUNT.c.id), condition),
        _rows("role", held, ROLE.c.name, RoleScope.scope)
        .select_from(ACCOUNT_ROLE)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .outerjoin(RoleScope, RoleScope.role_name == ROLE.c.name)
        .where(theirs(held)),
        _rows("may", pairs.c.whose, func.aggregate_strings(pairs.c.pair, _LINE)).group_by(pairs.c.whose),
        _rows("team", profile, staff_team.c.team_id)
        .select_from(StaffProfile)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(theirs(profile)),
        _rows("outlet", profile, StaffProfile.outlet_id).where(theirs(profile), StaffProfile.outlet_id.is_not(None)),
    )


def _pairs(condition: ColumnElement[bool]) -> Any:
    """Select what may be done to which thing, and whose right it is.

    An administrator's are more than a hundred: they are put together as one text, for as rows they took longer to
    read than all else.
    """
    return (
        select(ACCOUNT_ROLE.c.user_id.label("whose"), (THING.c.name + _TAB + PERMISSION.c.name).label("pair"))
        .select_from(ACCOUNT_ROLE)
        .join(ROLE_PAIR, ROLE_PAIR.c.role_id == ACCOUNT_ROLE.c.role_id)
        .join(PAIR, PAIR.c.id == ROLE_PAIR.c.permission_view_id)
        .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
        .join(THING, THING.c.id == PAIR.c.view_menu_id)
        .where(condition)
        .distinct()
        .subquery()
    )


def _person() -> Any:
    whose = ACCOUNT.c.id
    must_change = select(literal("yes")).where(
        AccountSecurity.user_id == whose, AccountSecurity.must_change_password.is_(True)
    )
    keys_off = select(literal("off")).where(AccountSecurity.user_id == whose, AccountSecurity.shortcuts.is_(False))
    return (
        _rows(
            "person",
            whose,
            ACCOUNT.c.username,
            ACCOUNT.c.first_name,
            ACCOUNT.c.last_name,
            ACCOUNT.c.email,
            func.coalesce(AccountSecurity.locale, StaffProfile.locale),
            AccountSecurity.theme,
            must_change.correlate(ACCOUNT).scalar_subquery(),
            keys_off.correlate(ACCOUNT).scalar_subquery(),
        )
        .select_from(ACCOUNT)
        .outerjoin(AccountSecurity, AccountSecurity.user_id == ACCOUNT.c.id)
        .outerjoin(StaffProfile, StaffProfile.user_id == ACCOUNT.c.id)
    )


def _rows(kind: str, whose: Any, *columns: Any) -> Any:
    texts = [cast(column, String) for column in (whose, *columns)]
    return select(literal(kind), *texts, *(cast(null(), String) for _ in range(_WIDTH + 1 - len(texts))))
