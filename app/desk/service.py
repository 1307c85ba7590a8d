"""All writes to saved views. Whoever reads tickets keeps views of his own; who shares what is said in `reach`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import func, select

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import _
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.desk import reach
from app.desk.models import SavedView
from app.people import phones
from app.people.models import Team
from app.people.role_service import names
from app.tickets import conditions

LONGEST_NAME: Final = 60
#: Characters of an address that browsers and servers still carry.
LONGEST_QUERY: Final = 12_000
#: Views of one person.
MOST: Final = 60
_SMALL: Final = 2**31
GONE: Final = _("There is no such view: it was deleted, or is not shared with you any more.")
NOT_YOURS: Final = _("This view is another person’s. Save one of your own instead.")


@dataclass(frozen=True, slots=True)
class Title:
    """What a view is called and whom it is for: mine, team (with its id), all."""

    name: str
    audience: str = "mine"
    team_id: int | None = None


def keep_new(work: Work, title: Title, query: Mapping[str, str]) -> int:
    """Keep a list under a new name and return the view's id."""
    _permit(work)
    title = _checked(work, title)
    _check_query(work, query)
    owned = SavedView.owner_id == work.actor.user_id
    if (work.session.scalar(select(func.count()).where(owned)) or 0) >= MOST:
        raise DomainError(_("You keep %(limit)s views. Delete one first.", limit=MOST), code="too_many")
    last = work.session.scalar(select(func.max(SavedView.position)).where(SavedView.audience == title.audience))
    row = SavedView(
        name=title.name, owner_id=work.actor.user_id, audience=title.audience, team_id=title.team_id,
        query=dict(query), position=(last or 0) + 1, default_roles=[], version=1,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    return row.id


def keep(work: Work, view_id: int, query: Mapping[str, str], *, seen: int) -> None:
    """Let a view be the list that ``query`` is from now on."""
    row = _to_change(work, view_id, seen)
    _check_query(work, query)
    row.query, row.version = dict(query), row.version + 1


def rename(work: Work, view_id: int, title: Title, *, seen: int) -> None:
    """Call a view otherwise, or show it to others; no role begins with a view that is not for all."""
    row = _to_change(work, view_id, seen)
    title = _checked(work, title)
    if title.audience == "mine" and row.owner_id != work.actor.user_id:
        raise NotAllowedError(NOT_YOURS, code="not_allowed")
    row.name, row.audience, row.team_id = title.name, title.audience, title.team_id
    if title.audience != "all":
        row.default_roles = []
    row.version += 1


def delete(work: Work, view_id: int, *, seen: int) -> None:
    """Take a view away; the tickets stay as they are."""
    work.session.delete(_to_change(work, view_id, seen))


def arrange(work: Work, view_ids: Sequence[int]) -> None:
    """Bring views into this order, each among those for the same people; those one may not change stay put."""
    _permit(work)
    wanted = [one for one in dict.fromkeys(view_ids) if 0 < one < _SMALL]
    rows = {row.id: row for row in _locked(work, wanted)}
    mine = [rows[one] for one in wanted if one in rows and _is_yours(work, rows[one])]
    for audience in reach.AUDIENCES:
        some = [row for row in mine if row.audience == audience]
        for row, place in zip(some, sorted(row.position for row in some), strict=True):
            row.position = place
        _part(some)


def set_default(work: Work, view_id: int, roles: Sequence[str], *, seen: int) -> None:
    """Let the list of these roles, and of no others, begin as a view; each role begins with one."""
    if not work.actor.may("settings.change"):
        raise NotAllowedError(_("You may not set with which view a role begins."), code="not_allowed")
    # Two views made the first of one role at once would both be it.
    one_at_a_time(work, "views roles begin with")
    row = _to_change(work, view_id, seen)
    if roles and row.audience != "all":
        raise DomainError(_("A role begins only with a view that everybody sees."), field="roles", code="not_for_all")
    if not set(roles) <= set(names(work)):
        raise DomainError(_("There is no such role."), field="roles", code="unknown_role")
    for other in work.session.scalars(select(SavedView).where(SavedView.audience == "all", SavedView.id != row.id)):
        left = [one for one in other.default_roles if one not in roles]
        if left != other.default_roles:
            other.default_roles = left
    row.default_roles, row.version = list(dict.fromkeys(roles)), row.version + 1


def _part(rows: Sequence[SavedView]) -> None:
    """Give views that stand at one place different ones."""
    for before, row in pairwise(rows):
        row.position = max(row.position, before.position + 1)


def _permit(work: Work) -> None:
    if work.actor.is_system or not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")


def _is_yours(work: Work, row: SavedView) -> bool:
    return reach.is_yours(work.actor, row.owner_id, row.audience, row.team_id)


def _locked(work: Work, view_ids: Sequence[int]) -> Sequence[SavedView]:
    query = select(SavedView).where(SavedView.id.in_(view_ids), reach.SEEN).order_by(SavedView.id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(query, reach.whose(work.actor)).all()


def _to_change(work: Work, view_id: int, seen: int) -> SavedView:
    _permit(work)
    found = _locked(work, [view_id]) if 0 < view_id < _SMALL else ()
    if not found:
        raise NotFoundError(GONE, code="no_view")
    if not _is_yours(work, found[0]):
        raise NotAllowedError(NOT_YOURS, code="not_allowed")
    if found[0].version != seen:
        raise ConflictError(
            _("Somebody else changed this view meanwhile. Open it again, then make your change."), code="conflict"
        )
    return found[0]


def _checked(work: Work, title: Title) -> Title:
    """Return the title as it is stored."""
    name = " ".join(title.name.split())
    refusals = []
    if not name:
        refusals.append(Refusal(_("Please fill this in."), "name", "required"))
    elif len(name) > LONGEST_NAME or not name.isprintable():
        text = _("A view’s name is one line of at most %(limit)s characters.", limit=LONGEST_NAME)
        refusals.append(Refusal(text, "name"))
    team_id = title.team_id if title.audience == "team" else None
    if problem := _problem(work, title.audience, team_id):
        refusals.append(problem)
    if refusals:
        raise DomainError.of(refusals)
    return Title(name, title.audience, team_id)


def _problem(work: Work, audience: str, team_id: int | None) -> Refusal | None:
    if audience not in reach.AUDIENCES:
        return Refusal(_("Choose who sees the view."), "audience")
    if audience == "team" and (team_id is None or not 0 < team_id < _SMALL or work.session.get(Team, team_id) is None):
        return Refusal(_("Choose the team."), "team_id", "required")
    if reach.may_keep(work.actor, audience, team_id):
        return None
    if audience == "team":
        return Refusal(_("You may share views only with your own teams."), "team_id", "not_allowed")
    return Refusal(_("You may not share views with everybody."), "audience", "not_allowed")


def _check_query(work: Work, query: Mapping[str, str]) -> None:
    """Refuse what could not be opened again, and what would keep a person's number for everybody who sees the view."""
    if sum(len(name) + len(text) for name, text in query.items()) > LONGEST_QUERY:
        raise DomainError(_("This list has too many conditions to be kept."), code="too_long")
    if phones.is_told_in(query.get("q", "")):
        message = _("A view keeps nothing personal, and what it searches for may be a telephone number.")
        raise DomainError(message, field="q", code="personal")
    if tree := query.get("where"):
        for leaf in conditions.read(work, conditions.from_text(tree)).leaves:
            if leaf.kind.name == "sealed" and leaf.value is not None:
                message = _(
                    "A view keeps nothing personal: it can ask whether “%(field)s” is answered, not what it is."
                )
                raise DomainError(message.with_(field=leaf.field.label), field="where", code="personal")
