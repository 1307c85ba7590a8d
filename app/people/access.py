"""Accounts and what they may do: the one place that writes Flask-AppBuilder's account tables."""

import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from werkzeug.security import generate_password_hash

from app.core.audit import AuditEvent
from app.core.db import folded
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import LOCALES, _
from app.core.permissions import Scope
from app.core.records.service import conceding
from app.core.work import Work
from app.people.access_sync import ADMINISTRATOR, sync_access
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, PAIR, PERMISSION, ROLE, ROLE_PAIR, THING
from app.people.identity import PREFIX, actor_of
from app.people.models import RoleScope
from app.people.names import full_name
from app.people.passwords import check_password
from app.people.security_models import AccountSecurity, AccountSession
from app.people.sign_in import forget_attempts

THEMES: Final = ("light", "dark", "auto")
#: Stored where a person has no address, since Flask-AppBuilder's column demands a unique one (RFC 2606).
NO_EMAIL: Final = "@no-address.invalid"
_USERNAME: Final = re.compile(r"[\w.@+-]{2,64}")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")

__all__ = [
    "ADMINISTRATOR",
    "account_id",
    "actor_of",
    "change_account",
    "choose",
    "create_account",
    "end_sessions",
    "faults",
    "hold_account",
    "prefer",
    "role_names",
    "roles_of",
    "set_active",
    "set_password",
    "set_roles",
    "shown_email",
    "sync_access",
]


def create_account(
    work: Work, username: str, password: str, *, name: str = "", email: str = "", roles: Iterable[str] = (),
    must_change_password: bool = True,
) -> int:  # fmt: skip
    """Create an account and return its id. Its password must be changed at first sign-in, unless told."""
    _require(work, "account.create")
    username = folded(username)
    if refusals := faults(work, username, password, name=name or username, email=email):
        raise DomainError.of(refusals)
    values = {
        **_named(work, username, name or username, email),
        "username": username,
        "password": generate_password_hash(password),
        "active": True,
        "login_count": 0,
        "fail_login_count": 0,
        "created_on": work.now.replace(tzinfo=None),
        "created_by_fk": work.actor.user_id,
    }
    with conceding(work):
        user_id = int(work.session.execute(insert(ACCOUNT).values(values).returning(ACCOUNT.c.id)).scalar_one())
    work.session.add(AccountSecurity(user_id=user_id, must_change_password=must_change_password))
    _record(work, "created", user_id, {"username": [None, username], "name": [None, values["first_name"]]})
    _give_roles(work, user_id, roles)
    return user_id


def faults(work: Work, username: str, password: str, *, name: str, email: str) -> list[Refusal]:
    """Return all that is wrong with a new account, the user name's faults first."""
    _require(work, "account.create")
    username = folded(username)
    found: list[Refusal] = []
    for check in (
        lambda: _check_username(work, username),
        lambda: _named(work, username, name, ""),
        lambda: _refuse_taken(work, None, email=_named(work, username, "-", email)["email"]),
        lambda: check_password(password, username),
    ):
        try:
            check()
        except DomainError as error:
            found += error.refusals
    return found


def _check_username(work: Work, username: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise DomainError(_("A user name is 2 to 64 letters, digits or . @ + - _ without spaces."), field="username")
    _refuse_taken(work, None, username=username)


def account_id(work: Work, username: str) -> int:
    """Return the id of the account of that user name; NotFoundError when there is none."""
    user_id = work.session.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.username == folded(username)))
    if user_id is None:
        raise NotFoundError(_("There is no account called “%(name)s”.", name=username[:64]))
    return int(user_id)


def change_account(work: Work, user_id: int, *, name: str, email: str) -> None:
    """Change what an account is called; a person may do that for himself."""
    if user_id != work.actor.user_id:
        _require(work, "account.change")
        _refuse_stronger(work, user_id)
    row = _row(work, user_id)
    values = _named(work, row.username, name, email)
    _refuse_taken(work, user_id, email=values["email"])
    with conceding(work):
        work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == user_id).values(values))
    _record(work, "changed", user_id, {"name": [called(row), values["first_name"]],
                                       "email": [row.email, values["email"]]})  # fmt: skip


def set_password(work: Work, user_id: int, password: str, *, must_change_password: bool | None = None) -> None:
    """Set a password and end every session of the account. Another's password must be changed at the next sign-in."""
    own = user_id == work.actor.user_id
    if not own:
        _require(work, "account.change")
        _refuse_stronger(work, user_id)
    row = _row(work, user_id)
    check_password(password, row.username)
    work.session.execute(
        update(ACCOUNT).where(ACCOUNT.c.id == user_id).values(password=generate_password_hash(password))
    )
    kept = _security(work, user_id)
    kept.must_change_password = (not own) if must_change_password is None else must_change_password
    kept.password_changed_at = work.now
    end_sessions(work, user_id)
    # Who has just been given a new password does not wait because he tried the lost one too often.
    forget_attempts(work, row.username)
    _record(work, "changed", user_id, {"password": ["•••", "•••"]})


def set_active(work: Work, user_id: int, *, active: bool) -> None:
    """Let an account in, or keep it out from this instant on."""
    _require(work, "account.change")
    _refuse_stronger(work, user_id)
    row = _row(work, user_id)
    if bool(row.active) == active:
        return
    work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == user_id).values(active=active))
    if not active:
        _keep_an_administrator(work)
        end_sessions(work, user_id)
    _record(work, "changed", user_id, {"active": [row.active, active]})


def called(row: Any) -> str:
    """Return what an account is called, for its form and its history."""
    return full_name(row.first_name, row.last_name, row.username)


def hold_account(work: Work, user_id: int, **seen: Any) -> None:
    """Keep an account to this transaction; ConflictError when what was ``seen`` of it is another by now.

    ``seen``: any of ``name``, ``email`` (empty: none), ``active`` and ``roles``.
    """
    row = work.session.execute(select(ACCOUNT).where(ACCOUNT.c.id == user_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(_("There is no such account."))
    now = {
        "name": called(row), "email": shown_email(row.email), "active": bool(row.active),
        "roles": roles_of(work, user_id),
    }  # fmt: skip
    if any(now[fact] != (frozenset(value) if fact == "roles" else value) for fact, value in seen.items()):
        raise ConflictError(
            _("Somebody else changed this account at the same moment. Look at it and save again."), code="conflict"
        )


def shown_email(stored: str) -> str:
    """Return an address as people know it: empty where there is none."""
    return "" if stored.endswith(NO_EMAIL) else stored


def set_roles(work: Work, user_id: int, roles: Iterable[str]) -> None:
    """Give an account exactly ``roles``. Nobody gives or takes a role that may more than he may."""
    _require(work, "account.change")
    work.session.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.id == user_id).with_for_update())
    _give_roles(work, user_id, roles)


def _give_roles(work: Work, user_id: int, roles: Iterable[str]) -> None:
    wanted = frozenset(roles)
    _row(work, user_id)
    known = {name: role_id for role_id, name in work.session.execute(select(ROLE.c.id, ROLE.c.name))}
    if unknown := sorted(wanted - known.keys()):
        raise DomainError(_("There is no role “%(role)s”.", role=unknown[0]), field="roles", code="unknown_role")
    held = roles_of(work, user_id)
    for role in held ^ wanted:
        _refuse_stronger_role(work, known[role], role)
    if held == wanted:
        return
    if held - wanted:
        gone = [known[role] for role in held - wanted]
        work.session.execute(
            delete(ACCOUNT_ROLE).where(ACCOUNT_ROLE.c.user_id == user_id, ACCOUNT_ROLE.c.role_id.in_(gone))
        )
        _keep_an_administrator(work)
    if wanted - held:
        work.session.execute(
            insert(ACCOUNT_ROLE), [{"user_id": user_id, "role_id": known[role]} for role in sorted(wanted - held)]
        )
    _record(work, "changed", user_id, {"roles": [sorted(held), sorted(wanted)]})


def choose(work: Work, *, locale: str | None = None, theme: str | None = None) -> None:
    """Keep the actor's choice of language or of light and dark."""
    if locale is not None and locale not in LOCALES:
        raise DomainError(_("This language is not available."), field="locale")
    if theme is not None and theme not in THEMES:
        raise DomainError(_("Choose light, dark or automatic."), field="theme")
    if work.actor.user_id is not None:
        kept = _security(work, work.actor.user_id)
        kept.locale, kept.theme = locale or kept.locale, theme or kept.theme


def prefer(work: Work, *, locale: str, theme: str, shortcuts: bool) -> None:
    """Keep all the actor's choices at once; an empty ``locale``: as the browser asks."""
    choose(work, locale=locale or None, theme=theme)
    if work.actor.user_id is not None:
        kept = _security(work, work.actor.user_id)
        kept.locale, kept.shortcuts = locale or None, shortcuts


def roles_of(work: Work, user_id: int) -> frozenset[str]:
    """Return the names of the roles an account holds."""
    query = select(ROLE.c.name).join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.role_id == ROLE.c.id)
    return frozenset(work.session.scalars(query.where(ACCOUNT_ROLE.c.user_id == user_id)))


def role_names(work: Work) -> set[str]:
    """Return the names of all roles."""
    return set(work.session.scalars(select(ROLE.c.name)))


def end_sessions(work: Work, user_id: int) -> None:
    """Sign the account out everywhere."""
    work.session.execute(delete(AccountSession).where(AccountSession.user_id == user_id))


def _named(work: Work, username: str, name: str, email: str) -> dict[str, Any]:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 64:  # noqa: PLR2004 - the column
        raise DomainError(_("A name has 1 to 64 characters."), field="name")
    email = email.strip().lower()
    if email and (len(email) > 320 or not _EMAIL.fullmatch(email)):  # noqa: PLR2004 - the column
        raise DomainError(_("“%(value)s” is not an e-mail address.", value=email[:40]), field="email")
    return {
        "first_name": name, "last_name": "", "email": email or f"{username}{NO_EMAIL}",
        "changed_on": work.now.replace(tzinfo=None), "changed_by_fk": work.actor.user_id,
    }  # fmt: skip


def _refuse_taken(work: Work, user_id: int | None, **values: str) -> None:
    for column, value in values.items():
        taken = work.session.scalar(select(ACCOUNT.c.id).where(func.lower(ACCOUNT.c[column]) == value.lower()))
        if taken not in (None, user_id):
            message = _("This user name is taken.") if column == "username" else _("This e-mail address is taken.")
            raise DomainError(message, field=column, code="taken")


def _require(work: Work, permission: str) -> None:
    if not work.actor.may(permission):
        raise NotAllowedError(_("You may not do this."), code="not_allowed")


def demand_mastery(work: Work, user_id: int) -> None:
    """Refuse whoever may not act upon another's account: by right, or because it may more than he may."""
    _require(work, "account.change")
    _row(work, user_id)
    _refuse_stronger(work, user_id)


def record_token(work: Work, user_id: int, old: str | None, new: str | None) -> None:
    """Put into the history of an account that a token of it was made or ended."""
    _record(work, "changed", user_id, {"token": [old, new]})


def _refuse_stronger(work: Work, user_id: int) -> None:
    """Who could change a stronger account's password would soon be that account."""
    if user_id != work.actor.user_id:
        query = select(ROLE.c.id, ROLE.c.name).join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.role_id == ROLE.c.id)
        for role_id, name in work.session.execute(query.where(ACCOUNT_ROLE.c.user_id == user_id)):
            _refuse_stronger_role(work, role_id, name)


def _refuse_stronger_role(work: Work, role_id: int, name: str) -> None:
    if work.actor.is_system:
        return
    pairs = (
        select(THING.c.name, PERMISSION.c.name)
        .select_from(ROLE_PAIR)
        .join(PAIR, PAIR.c.id == ROLE_PAIR.c.permission_view_id)
        .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
        .join(THING, THING.c.id == PAIR.c.view_menu_id)
        .where(ROLE_PAIR.c.role_id == role_id)
    )
    held = {f"{thing}.{verb.removeprefix(PREFIX)}" for thing, verb in work.session.execute(pairs)}
    reach = work.session.scalar(select(RoleScope.scope).where(RoleScope.role_name == name))
    if not held <= work.actor.permissions or (reach and Scope[reach.upper()] > work.actor.scope):
        raise NotAllowedError(
            _("The role “%(role)s” may do more than you may, so only somebody who has it can do this.", role=name),
            field="roles", code="stronger_role",
        )  # fmt: skip


def _keep_an_administrator(work: Work) -> None:
    # The role's row is the lock: two administrators cannot demote each other at once.
    role_id = work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == ADMINISTRATOR).with_for_update())
    left = work.session.scalar(
        select(func.count())
        .select_from(ACCOUNT_ROLE)
        .join(ACCOUNT, ACCOUNT.c.id == ACCOUNT_ROLE.c.user_id)
        .where(ACCOUNT_ROLE.c.role_id == role_id, ACCOUNT.c.active.is_(True))
    )
    if not left:
        raise ConflictError(
            _("This is the last active administrator. Make somebody else an administrator first."),
            field="roles", code="last_administrator",
        )  # fmt: skip


def _row(work: Work, user_id: int) -> Any:
    row = work.session.execute(select(ACCOUNT).where(ACCOUNT.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFoundError(_("There is no such account."))
    return row


def _security(work: Work, user_id: int) -> AccountSecurity:
    kept = work.session.get(AccountSecurity, user_id)
    if kept is None:
        kept = AccountSecurity(user_id=user_id, must_change_password=False)
        work.session.add(kept)
    return kept


def _record(work: Work, action: str, user_id: int, changes: dict[str, list[Any]]) -> None:
    changes = {name: both for name, both in changes.items() if both[0] != both[1] or name == "password"}
    if changes:
        work.session.execute(
            insert(AuditEvent).values(
                at=work.now, actor_id=work.actor.user_id, cause=work.cause.as_json(), action=action,
                table_name=ACCOUNT.name, row_id=str(user_id), changes=changes,
            )
        )  # fmt: skip
