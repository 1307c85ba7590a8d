"""`gongdan init`: the permissions there are and the seeded roles, written into Flask-AppBuilder's tables once."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Table, insert, select

from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.people.access_tables import PAIR, PERMISSION, ROLE, ROLE_PAIR, THING
from app.people.identity import PREFIX
from app.people.models import RoleScope
from app.people.roles import PERMISSIONS, ROLES

ADMINISTRATOR: Final = "administrator"


def sync_access(app: Any) -> None:
    """Do it for a web application (or anything else whose ``extensions`` hold the house), in one transaction."""
    with app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system", "init")) as work:
        sync_roles(work)


def sync_roles(work: Work) -> None:
    """Add the permissions and roles that are missing; take nothing away that an administrator decided.

    A seeded role gets its permissions when it is made, and later those permissions that did not exist before.
    The administrator always has all.
    """
    pairs, added = _sync_permissions(work, PERMISSIONS)
    known = _by_name(work, ROLE)
    missing = [seed for seed in ROLES if seed.name not in known]
    known |= _inserted(work, ROLE, [{"name": seed.name} for seed in missing])
    grants = []
    for seed in ROLES:
        wanted = seed.permissions if seed in missing else seed.permissions & added
        grants += [(pairs[name], known[seed.name]) for name in (PERMISSIONS if seed.name == ADMINISTRATOR else wanted)]
    held = set(work.session.execute(select(ROLE_PAIR.c.permission_view_id, ROLE_PAIR.c.role_id)))
    if new := sorted(set(grants) - held):
        work.session.execute(insert(ROLE_PAIR), [{"permission_view_id": pair, "role_id": role} for pair, role in new])
    scoped = set(work.session.scalars(select(RoleScope.role_name)))
    work.session.add_all(
        RoleScope(role_name=seed.name, scope=seed.scope.name.lower()) for seed in ROLES if seed.name not in scoped
    )
    work.session.flush()
    verify(work)


def verify(work: Work) -> None:
    """Check that every seeded role is there, since Flask-AppBuilder's own command says so even when they are not."""
    if missing := sorted({seed.name for seed in ROLES} - _by_name(work, ROLE).keys()):
        raise RuntimeError(f"roles were not created: {', '.join(missing)}")


def _sync_permissions(work: Work, names: Iterable[str]) -> tuple[dict[str, int], set[str]]:
    """Return the id of every permission's pair by name, and the names that are new."""
    split = {name: name.split(".") for name in names}
    things, verbs = _by_name(work, THING), _by_name(work, PERMISSION)
    new_things = {thing for thing, _ in split.values()} - things.keys()
    new_verbs = {PREFIX + verb for _, verb in split.values()} - verbs.keys()
    things |= _inserted(work, THING, [{"name": name} for name in sorted(new_things)])
    verbs |= _inserted(work, PERMISSION, [{"name": name} for name in sorted(new_verbs)])
    ids = {name: (verbs[PREFIX + verb], things[thing]) for name, (thing, verb) in split.items()}
    query = select(PAIR.c.permission_id, PAIR.c.view_menu_id, PAIR.c.id)
    pairs = {(verb, thing): pair for verb, thing, pair in work.session.execute(query)}
    added = {name for name, both in ids.items() if both not in pairs}
    if added:
        rows = [{"permission_id": ids[name][0], "view_menu_id": ids[name][1]} for name in sorted(added)]
        work.session.execute(insert(PAIR), rows)
        pairs = {(verb, thing): pair for verb, thing, pair in work.session.execute(query)}
    return {name: pairs[both] for name, both in ids.items()}, added


def _by_name(work: Work, table: Table) -> dict[str, int]:
    return {name: row_id for row_id, name in work.session.execute(select(table.c.id, table.c.name))}


def _inserted(work: Work, table: Table, rows: list[dict[str, Any]]) -> dict[str, int]:
    if not rows:
        return {}
    work.session.execute(insert(table), rows)
    names = [row["name"] for row in rows]
    return {name: row_id for name, row_id in _by_name(work, table).items() if name in names}
