"""Who a signed-in browser is, with all rights held now: one statement a request."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, and_, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.core.i18n import LOCALES
from app.core.permissions import Actor, Scope
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, PAIR, PERMISSION, ROLE, ROLE_PAIR, THING
from app.people.models import RoleScope, StaffProfile, staff_team
from app.people.security_models import AccountSecurity, AccountSession

#: Flask-AppBuilder writes permissions as ``can_change`` on ``ticket``.
PREFIX: Final = "can_"
_WIDTH: Final = 8


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


def actor_of(session: Session, user_id: int) -> Actor | None:
    """Return the account as an actor with the rights it has now; None when disabled or gone."""
    person = _read(session, user_id)
    return person.actor if person else None


def person_of(session: Session, user_id: int, session_key: str, now: datetime) -> Person | None:
    """Return who the session ``session_key`` belongs to; None when it has ended or the account is disabled."""
    return _read(session, user_id, session_key=session_key, now=now)


def _read(session: Session, user_id: int, **signed_in: Any) -> Person | None:
    facts: dict[str, list[Any]] = {"person": [], "role": [], "may": [], "team": [], "outlet": []}
    for kind, *values in session.execute(_statement(bool(signed_in)), {"user_id": user_id, **signed_in}):
        facts[kind].append(values)
    if not facts["person"]:
        return None
    username, first_name, last_name, email, locale, theme, must_change, keys = facts["person"][0]
    name = " ".join(filter(None, (first_name, last_name))) or username
    locale = locale if locale in LOCALES else None
    actor = Actor(
        user_id=user_id,
        name=name,
        roles=frozenset(role for role, *_ in facts["role"]),
        permissions=frozenset(f"{thing}.{verb.removeprefix(PREFIX)}" for thing, verb, *_ in facts["may"]),
        scope=max((Scope[scope.upper()] for _, scope, *_ in facts["role"] if scope), default=Scope.OWN),
        team_ids=frozenset(int(team) for team, *_ in facts["team"]),
        outlet_ids=frozenset(int(outlet) for outlet, *_ in facts["outlet"]),
    )
    return Person(user_id, username, name, email, locale, theme or "auto", must_change == "yes", actor, keys != "off")


@cache
def _statement(signed_in: bool) -> Any:
    """Everything about one account as rows of texts, the first one saying what the row is.

    Every request asks this; putting the statement together takes longer than the database takes to answer it, so it
    is done once a process. With ``signed_in`` the account must have the session ``session_key``, not ended ``now``.
    """
    user_id = bindparam("user_id", type_=BigInteger)
    condition: ColumnElement[bool] = ACCOUNT.c.active.is_(True)
    if signed_in:
        alive = select(AccountSession.key).where(
            AccountSession.key == bindparam("session_key"),
            AccountSession.user_id == user_id,
            AccountSession.expires_at > bindparam("now"),
        )
        condition = and_(condition, alive.exists())
    staff = select(StaffProfile.id).where(StaffProfile.user_id == user_id).scalar_subquery()
    mine = ACCOUNT_ROLE.c.user_id == user_id
    return union_all(
        _person(user_id, condition),
        _rows("role", ROLE.c.name, RoleScope.scope)
        .select_from(ACCOUNT_ROLE)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .outerjoin(RoleScope, RoleScope.role_name == ROLE.c.name)
        .where(mine),
        _rows("may", THING.c.name, PERMISSION.c.name)
        .select_from(ACCOUNT_ROLE)
        .join(ROLE_PAIR, ROLE_PAIR.c.role_id == ACCOUNT_ROLE.c.role_id)
        .join(PAIR, PAIR.c.id == ROLE_PAIR.c.permission_view_id)
        .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
        .join(THING, THING.c.id == PAIR.c.view_menu_id)
        .where(mine)
        .distinct(),
        _rows("team", staff_team.c.team_id).where(staff_team.c.staff_id == staff),
        _rows("outlet", StaffProfile.outlet_id).where(
            StaffProfile.user_id == user_id, StaffProfile.outlet_id.is_not(None)
        ),
    )


def _person(user_id: Any, condition: ColumnElement[bool]) -> Any:
    must_change = select(literal("yes")).where(
        AccountSecurity.user_id == user_id, AccountSecurity.must_change_password.is_(True)
    )
    keys_off = select(literal("off")).where(AccountSecurity.user_id == user_id, AccountSecurity.shortcuts.is_(False))
    return (
        _rows(
            "person",
            ACCOUNT.c.username,
            ACCOUNT.c.first_name,
            ACCOUNT.c.last_name,
            ACCOUNT.c.email,
            func.coalesce(AccountSecurity.locale, StaffProfile.locale),
            AccountSecurity.theme,
            must_change.scalar_subquery(),
            keys_off.scalar_subquery(),
        )
        .select_from(ACCOUNT)
        .outerjoin(AccountSecurity, AccountSecurity.user_id == ACCOUNT.c.id)
        .outerjoin(StaffProfile, StaffProfile.user_id == ACCOUNT.c.id)
        .where(ACCOUNT.c.id == user_id, condition)
    )


def _rows(kind: str, *columns: Any) -> Any:
    texts = [cast(column, String) for column in columns]
    return select(literal(kind), *texts, *(cast(null(), String) for _ in range(_WIDTH - len(texts))))
