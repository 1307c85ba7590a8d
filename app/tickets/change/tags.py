"""Tags of tickets: what is wished for them, and the tags those words name; missing ones are made by who may."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import Message, _
from app.core.records import service as records
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.people import tags as names
from app.people.models import Tag
from app.people.records import TAG
from app.tickets.change import bulk
from app.tickets.change.plan import Plan
from app.tickets.models import TicketTag

TICKET_TAG: Table = TicketTag.__table__  # type: ignore[assignment]
COLUMN: Final = "tags"
#: More on one ticket tell nobody anything.
MOST: Final = 30
#: What an order says about tags one by one; a list stands for all of them.
_STEPS: Final = frozenset({"add", "remove"})
_LARGEST_ID: Final = 2**31 - 1
_UNREADABLE: Final = _("These are no tags: name them one by one.")
#: The lock of who makes tags: two transactions may think of the same word at once.
_MAKING: Final = "new tags"

#: A tag: its id, or what it is called.
Named = int | str


@dataclass(frozen=True, slots=True)
class TagWish:
    """The tags a ticket shall have, besides those it has: ``replaces``: in the place of those."""

    add: tuple[Named, ...] = ()
    remove: tuple[Named, ...] = ()
    replaces: bool = False


def wished(raw: Any) -> tuple[TagWish | None, Message | None]:
    """Return what a raw wish says, or why it says nothing.

    ``["vip", 7]`` are all a ticket shall have, by name or id; ``{"add": [...], "remove": [...]}`` are steps; None and
    an empty list: it shall have none.
    """
    try:
        if isinstance(raw, Mapping):
            if not raw.keys() <= _STEPS:
                return None, _UNREADABLE
            return TagWish(_listed(raw.get("add")), _listed(raw.get("remove"))), None
        return TagWish(_listed(raw), replaces=True), None
    except DomainError as error:
        return None, error.refusals[0].message


def _listed(raw: Any) -> tuple[Named, ...]:
    if raw is None or raw == "":
        return ()
    if not isinstance(raw, list | tuple):
        raise DomainError(_UNREADABLE)
    if len(raw) > 10 * MOST:
        raise _too_many()
    return tuple(one for one in map(_named, raw) if one != "")


def _named(raw: Any) -> Named:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= _LARGEST_ID:
        return raw
    if isinstance(raw, str):
        return names.named(raw)
    raise DomainError(_UNREADABLE)


def _too_many() -> DomainError:
    return DomainError(_("A ticket has at most %(limit)s tags.", limit=MOST), code="too_many")


def hold(work: Work, orders: Iterable[Any]) -> None:
    """Make tags alone until the end, where any order names some: taken before the counters, as each chunk does."""
    if any(COLUMN in order.fields for order in orders):
        one_at_a_time(work, _MAKING)


class Tags:
    """The tags that the wishes of a batch name."""

    def __init__(self, work: Work, wishes: Iterable[TagWish]) -> None:
        self.work = work
        self._by_name: dict[str, int] = {}
        self._known: set[int] = set()
        named = {one for wish in wishes for one in (*wish.add, *wish.remove)}
        self._read(named)

    @classmethod
    def of(cls, work: Work, columns: Iterable[Mapping[str, Any]]) -> "Tags":
        """Read the tags that wished columns name, in one statement."""
        return cls(work, [one[COLUMN] for one in columns if COLUMN in one])

    def apply(self, plan: Plan[Any], wish: TagWish) -> None:
        """Give the ticket the tags it shall have, or refuse what is no tag and may not become one."""
        before = [int(one) for one in plan.row.get(COLUMN) or ()]
        gone = {self._found(one) for one in wish.remove}
        kept = [one for one in ([] if wish.replaces else before) if one not in gone]
        try:
            after = dict.fromkeys([*kept, *(self._found(one) or self._made(one) for one in wish.add)])
        except DomainError as error:
            for one in error.refusals:
                plan.refuse(one.message, COLUMN, one.code)
            return
        if len(after) > max(MOST, len(before)):
            plan.refuse(_too_many().refusals[0].message, COLUMN, "too_many")
        elif after.keys() != set(before):
            # A list that names what is there in another order changes nothing.
            plan.set(COLUMN, [str(one) for one in after] or None)

    def _found(self, named: Named) -> int | None:
        if isinstance(named, int):
            return named if named in self._known else None
        return self._by_name.get(names.same(named))

    def _made(self, named: Named) -> int:
        if isinstance(named, int):
            raise DomainError(_("There is no such tag."), code="not_found")
        one_at_a_time(self.work, _MAKING)
        # Somebody may have made it while this waited.
        self._read({named})
        if (found := self._found(named)) is not None:
            return found
        try:
            tag = records.create(self.work, TAG, {"name": named})
        except NotAllowedError:
            message = _("There is no tag “%(name)s”, and you may not make new ones.", name=named)
            raise DomainError(message, code="not_found") from None
        self._by_name[tag.name_folded] = tag.id
        return int(tag.id)

    def _read(self, named: Iterable[Named]) -> None:
        ids = sorted({one for one in named if isinstance(one, int)})
        folded = sorted({names.same(one) for one in named if isinstance(one, str)})
        if not ids and not folded:
            return
        query = select(Tag.id, Tag.name_folded).where(Tag.id.in_(ids) | Tag.name_folded.in_(folded))
        for key, name in self.work.session.execute(query):
            self._known.add(key)
            self._by_name[name] = key


def united(row: Mapping[str, Any], other: Mapping[str, Any]) -> list[str] | None:
    """Return the tags of two tickets together, those of ``row`` first."""
    return list(dict.fromkeys([*(row[COLUMN] or ()), *(other[COLUMN] or ())])) or None


def without(row: Mapping[str, Any], brought: Sequence[Any]) -> list[str] | None:
    """Return the tags of a ticket but for those it was ``brought``: a pair of what it had before and after."""
    before, after = ((pair or ()) for pair in brought)
    return [one for one in row[COLUMN] or () if one in before or one not in after] or None


def write(connection: Connection, plans: Sequence[Plan[Any]]) -> None:
    """Write whose tickets' tags changed where tickets are found by their tags."""
    added: list[tuple[int, int]] = []
    removed: list[tuple[int, int]] = []
    for plan in plans:
        if COLUMN in plan.new:
            before, after = set(plan.row.get(COLUMN) or ()), set(plan.new[COLUMN] or ())
            added += [(int(one), plan.ticket_id) for one in sorted(after - before)]
            removed += [(int(one), plan.ticket_id) for one in sorted(before - after)]
    if removed:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        statement = f"DELETE FROM ticket_tag WHERE tag_id = {mark} AND ticket_id = {mark}"  # noqa: S608 - marks alone
        connection.exec_driver_sql(statement, removed)
    bulk.insert_encoded(connection, TICKET_TAG, ("tag_id", "ticket_id"), added)
