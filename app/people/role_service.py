"""Roles as an administrator sees and changes them: what each may do, and how far it reaches."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select

from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import Label, _
from app.core.permissions import Scope
from app.core.records.service import conceding
from app.core.work import Work
from app.people.access_sync import ADMINISTRATOR
from app.people.access_tables import ACCOUNT_ROLE, PAIR, PERMISSION, ROLE, ROLE_PAIR, THING
from app.people.identity import PREFIX
from app.people.models import RoleScope
from app.people.roles import PERMISSIONS, ROLE_BY_NAME, carried

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,62}")


@dataclass(frozen=True, slots=True)
class RoleCard:
    """A role with what it may do."""

    name: str
    labels: Label
    scope: Scope
    permissions: frozenset[str]
    accounts: int
    #: The administrator's role stays as it is, so that nobody locks the last door.
    fixed: bool

    @property
    def stamp(self) -> str:
        """What tells this state of the role from others."""
        said = " ".join([self.scope.name, *sorted(self.permissions)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def label_of(name: str) -> Label:
    """Return what people call a role; one made here is called by its name."""
    seed = ROLE_BY_NAME.get(name)
    return seed.labels if seed else {"en": name}


def names(work: Work) -> set[str]:
    """Return the stored names of all roles."""
    return set(work.session.scalars(select(ROLE.c.name)))


def keyed(work: Work) -> list[tuple[int, Label]]:
    """Return the keys of all roles with what they are called, the seeded ones first in their order."""
    found: dict[str, int] = {row.name: row.id for row in work.session.execute(select(ROLE.c.id, ROLE.c.name))}
    order = [name for name in ROLE_BY_NAME if name in found] + sorted(found.keys() - ROLE_BY_NAME.keys())
    return [(found[name], label_of(name)) for name in order]


def roles(work: Work) -> list[RoleCard]:
    """Return all roles, the seeded ones first in their order."""
    _require(work, "role.read")
    known = names(work)
    order = [name for name in ROLE_BY_NAME if name in known] + sorted(known - ROLE_BY_NAME.keys())
    permissions, scopes, counts = _permissions(work), _scopes(work), _counts(work)
    return [
        RoleCard(
            name,
            label_of(name),
            scopes.get(name, Scope.OWN),
            carried(permissions.get(name, ())),
            counts.get(name, 0),
            name == ADMINISTRATOR,
        )
        for name in order
    ]


def role(work: Work, name: str) -> RoleCard:
    """Return one role."""
    for card in roles(work):
        if card.name == name:
            return card
    raise NotFoundError(_("There is no such role."))


def create_role(work: Work, name: str, permissions: Iterable[str], scope: str) -> None:
    """Make a role of one's own; its name is stored and never changed."""
    _require(work, "role.change")
    if not _KEY.fullmatch(name) or name == "new":
        raise DomainError(
            _("A role's name is 2 to 63 small letters, digits or _, beginning with a letter."), field="name"
        )
    if work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == name)) is not None:
        raise DomainError(_("There is a role with this name."), field="name", code="taken")
    with conceding(work):
        work.session.execute(insert(ROLE).values(name=name))
    change_role(work, name, permissions, scope)


def change_role(work: Work, name: str, permissions: Iterable[str], scope: str, *, seen: str = "") -> None:
    """Give a role ``permissions``, with those they carry, and ``scope``.

    Nobody grants what he may not do or reach himself.
    ``seen`` is the stamp of the role that was changed: when it has another one by now, ConflictError.
    """
    _require(work, "role.change")
    work.session.execute(select(ROLE.c.id).where(ROLE.c.name == name).with_for_update())
    card = role(work, name)
    if seen and seen != card.stamp:
        raise ConflictError(
            _("Somebody else changed this role while you did; its history says what. Save again to write yours."),
            code="conflict",
        )
    if card.fixed:
        raise DomainError(_("The administrator's role always has all rights."), code="fixed_role")
    wanted = carried(permissions)
    if unknown := sorted(wanted - PERMISSIONS.keys()):
        raise DomainError(_("There is no permission “%(name)s”.", name=unknown[0][:80]), field="permissions")
    if scope.upper() not in Scope.__members__:
        raise DomainError(_("Choose how far the role reaches."), field="scope")
    if not work.actor.is_system and not (wanted ^ card.permissions) <= work.actor.permissions:
        raise NotAllowedError(_("You can only give and take rights you have yourself."), code="stronger_role")
    if not work.actor.is_system and max(Scope[scope.upper()], card.scope) > work.actor.scope:
        raise NotAllowedError(
            _("The role would reach further than you do, or does so already."), field="scope", code="wider_scope"
        )
    _write(work, name, wanted)
    _record(work, name, card, wanted, scope.lower())
    kept = work.session.scalars(select(RoleScope).where(RoleScope.role_name == name)).one_or_none()
    if kept is None:
        work.session.add(RoleScope(role_name=name, scope=scope.lower()))
    else:
        kept.scope = scope.lower()


def _write(work: Work, name: str, wanted: frozenset[str]) -> None:
    # As it is stored: what a right carries need not be.
    held = _permissions(work).get(name, set())
    role_id = work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == name))
    pairs = {
        f"{thing}.{verb.removeprefix(PREFIX)}": pair
        for pair, thing, verb in work.session.execute(
            select(PAIR.c.id, THING.c.name, PERMISSION.c.name)
            .join(THING, THING.c.id == PAIR.c.view_menu_id)
            .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
        )
    }
    if gone := [pairs[one] for one in held - wanted if one in pairs]:
        work.session.execute(
            delete(ROLE_PAIR).where(ROLE_PAIR.c.role_id == role_id, ROLE_PAIR.c.permission_view_id.in_(gone))
        )
    if new := sorted(wanted - held):
        work.session.execute(insert(ROLE_PAIR), [{"role_id": role_id, "permission_view_id": pairs[one]} for one in new])


def _record(work: Work, name: str, before: RoleCard, wanted: frozenset[str], scope: str) -> None:
    """Write down what changed; a role without a scope was new a moment ago."""
    new = not work.session.scalar(select(RoleScope.id).where(RoleScope.role_name == name))
    changes: dict[str, list[Any]] = {"name": [None, name]} if new else {}
    if new or before.scope is not Scope[scope.upper()]:
        changes["scope"] = [None if new else before.scope.name.lower(), scope]
    if taken := sorted(before.permissions - wanted):
        changes["taken"] = [None, taken]
    if given := sorted(wanted - before.permissions):
        changes["given"] = [None, given]
    if changes:
        role_id = work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == name))
        work.session.execute(
            insert(AuditEvent).values(
                at=work.now, actor_id=work.actor.user_id, cause=work.cause.as_json(),
                action="created" if new else "changed", table_name=ROLE.name, row_id=str(role_id), changes=changes,
            )
        )  # fmt: skip


def role_key(work: Work, name: str) -> int:
    """Return the key under which the role's changes are recorded."""
    return int(work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == name)) or 0)


def _permissions(work: Work) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = (
        select(ROLE.c.name, THING.c.name, PERMISSION.c.name)
        .select_from(ROLE_PAIR)
        .join(ROLE, ROLE.c.id == ROLE_PAIR.c.role_id)
        .join(PAIR, PAIR.c.id == ROLE_PAIR.c.permission_view_id)
        .join(THING, THING.c.id == PAIR.c.view_menu_id)
        .join(PERMISSION, PERMISSION.c.id == PAIR.c.permission_id)
    )
    for name, thing, verb in work.session.execute(query):
        found.setdefault(name, set()).add(f"{thing}.{verb.removeprefix(PREFIX)}")
    return found


def _scopes(work: Work) -> dict[str, Scope]:
    rows = work.session.execute(select(RoleScope.role_name, RoleScope.scope))
    return {name: Scope[scope.upper()] for name, scope in rows}


def _counts(work: Work) -> dict[str, int]:
    query = select(ROLE.c.name, func.count()).join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.role_id == ROLE.c.id)
    return {name: count for name, count in work.session.execute(query.group_by(ROLE.c.name))}  # noqa: C416 - rows


def _require(work: Work, permission: str) -> None:
    if not work.actor.may(permission):
        raise NotAllowedError(_("You may not do this."), code="not_allowed")
