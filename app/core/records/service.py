"""The one write door of reference records: permission, reach, attributes, laws, then the row."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, True_, inspect, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.base import ExecutableOption

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import Label, Message, _
from app.core.permissions import Actor
from app.core.records.attributes import MASK, Attribute, Choice, Flag, Text
from app.core.records.doubts import Doubt, Sure, ask
from app.core.records.references import Many, One, Sibling
from app.core.records.uses import InUseError, Pointer, uses
from app.core.work import Work

#: Gives the condition for the rows an actor reaches.
Reach = Callable[[Actor], ColumnElement[bool]]
#: Lines one record may have of one kind.
MOST_LINES: Final = 100


@dataclass(frozen=True, slots=True)
class RecordType:
    """What may be written to one table, by whom, and what must hold. ``thing`` names its permissions."""

    thing: str
    model: Any
    label: Message
    attributes: tuple[Attribute, ...]
    #: Which rows an actor reaches; out of reach looks like "there is none".
    reach: Reach = lambda _actor: true()
    #: Which of them the actor may change, and so add to others' rows; None: every one within ``reach``.
    yours: Reach | None = None
    #: Called with the filled row before it is written: derives columns, returns what does not hold.
    check: Callable[[Work, Any], Iterable[Refusal]] = lambda _work, _row: ()
    #: Called with the checked row before it is written: asks about what may be a slip, and is no law.
    doubts: Callable[[Work, Any], Iterable[Doubt]] = lambda _work, _row: ()
    #: Called after the row is written, for rows that follow from it.
    follow: Callable[[Work, Any], None] = lambda _work, _row: None
    #: By what else it is in use, besides the foreign keys of the tables.
    pointers: tuple[Pointer, ...] = ()
    #: What to do with one that is in use and can therefore not be deleted; None: as with all others.
    instead: Message | None = None
    #: Records that are written with it, by the name of the relationship: phones of a customer.
    lines: Mapping[str, "RecordType"] = field(default_factory=dict)

    @property
    def key(self) -> InstrumentedAttribute[Any]:
        """Return the primary key's attribute."""
        name = inspect(self.model).primary_key[0].key
        column: InstrumentedAttribute[Any] = getattr(self.model, name)
        return column

    def attribute(self, name: str) -> Attribute:
        """Return the attribute of that name."""
        return next(one for one in self.attributes if one.name == name)


def get(
    work: Work, record: RecordType, key: int | str, *, lock: bool = False, options: Sequence[ExecutableOption] = ()
) -> Any:
    """Return the row, or raise NotFoundError when there is none within the actor's reach.

    ``lock``: nobody else changes it before this transaction ends (SQLite has one writer anyway).
    ``options``: what is read with it, by whoever will show it.
    """
    impossible = not 0 <= key < 2**31 if isinstance(key, int) else "\0" in key  # neither can be asked of PostgreSQL
    if impossible:
        row = None
    else:
        query = select(record.model).where(record.key == key, record.reach(work.actor)).options(*options)
        row = work.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFoundError(_("%(thing)s not found.", thing=record.label), code="not_found")
    return row


def to_write(work: Work, record: RecordType, key: int | str, *, lock: bool = False) -> Any:
    """Return the row as `get` does, to be changed or deleted; NotAllowedError for one that may only be read."""
    row = get(work, record, key, lock=lock)
    demand_yours(work, record, row)
    return row


def demand_yours(work: Work, record: RecordType, row: Any) -> None:
    """Raise NotAllowedError unless the actor may change this very row, as it is stored."""
    if not is_yours(work, record, row):
        raise NotAllowedError(_("This is not yours to change: you may only read it."), code="not_yours")


def is_yours(work: Work, record: RecordType, row: Any) -> bool:
    """Whether a row within the actor's reach is one of those the actor may change, as it is stored."""
    return record.yours is None or _is_among(work, record, row, record.yours)


def yours_among(work: Work, record: RecordType, keys: Collection[int | str]) -> set[int | str]:
    """Return those of the keys within the actor's reach whose rows the actor may change, in one statement."""
    return set(keys) if record.yours is None else _among(work, record, keys, record.yours)


def _is_among(work: Work, record: RecordType, row: Any, reach: Reach) -> bool:
    return bool(_among(work, record, [getattr(row, record.key.key)], reach))


def _among(work: Work, record: RecordType, keys: Collection[int | str], reach: Reach) -> set[int | str]:
    condition = reach(work.actor)
    if isinstance(condition, True_) or not keys:
        return set(keys)
    return set(work.session.scalars(select(record.key).where(record.key.in_(keys), condition)))


def create(work: Work, record: RecordType, values: Mapping[str, Any], *, sure: Sure = False) -> Any:
    """Make a row of ``values`` (raw, by attribute) and return it, flushed; DoubtedError unless ``sure`` of it.

    What is not named is empty; a yes or no that is not named is as the table has it: a new customer is active.
    """
    demand(work, record, "create")
    row = record.model()
    empty = {one.name: None for one in record.attributes if not isinstance(one, Flag)}
    fill(work, record, row, empty | dict(values))
    ask(work, record.doubts(work, row), sure)
    work.session.add(row)
    write(work, record, row)
    return row


def change(
    work: Work,
    record: RecordType,
    key: int | str,
    values: Mapping[str, Any],
    *,
    seen: datetime | None = None,
    sure: Sure = False,
) -> Any:
    """Write the named attributes; with ``seen`` (its ``changed_at`` when read) a row changed since is a conflict.

    DoubtedError unless ``sure`` of what may be a slip.
    """
    demand(work, record, "change")
    row = to_write(work, record, key)
    if seen is not None and row.changed_at != seen:
        raise ConflictError(
            _("Somebody else changed this meanwhile. Read it again, then make your change."), code="conflict"
        )
    with work.session.no_autoflush:
        fill(work, record, row, values)
        ask(work, record.doubts(work, row), sure)
    write(work, record, row)
    return row


def delete(work: Work, record: RecordType, key: int | str) -> None:
    """Delete the row; InUseError when others refer to it."""
    demand(work, record, "delete")
    row = to_write(work, record, key)
    let_go(work, record, row)
    with conceding(work):
        work.session.delete(row)


def let_go(work: Work, record: RecordType, row: Any) -> None:
    """Delete what is written with a row that is about to go; InUseError, which says by what, when others name it."""
    written = [line.model.__tablename__ for line in record.lines.values()]
    _hold(work, record, row)
    if found := uses(work, row, record.pointers, besides=written):
        raise InUseError(called(row), found, _instead(record))
    relations = inspect(record.model).relationships
    for name in record.lines:
        for one in getattr(row, name) if not relations[name].cascade.delete else ():
            work.session.delete(one)


def _hold(work: Work, record: RecordType, row: Any) -> None:
    """Let nobody name the row before this transaction ends: who is about to is waited for, and then counted.

    Who names it where no foreign key does holds it as one would (`DatabaseReferences`). SQLite has one writer anyway.
    """
    if work.dialect == "postgresql":
        own = select(record.key).where(record.key == getattr(row, record.key.key))
        with work.session.no_autoflush:
            held = work.session.scalar(own.with_for_update())
        if held is None:
            raise NotFoundError(_("%(thing)s not found.", thing=record.label), code="not_found")


def called(row: Any) -> Label | str:
    """Return how a row is called, in the reader's language where it has labels."""
    labels: Label | None = getattr(row, "labels", None)
    return labels or str(row)


def _instead(record: RecordType) -> Message:
    """Return what to do with a record in use: never what it does not have."""
    switch = next((one for one in record.attributes if one.name == "active"), None)
    if record.instead is not None:
        return record.instead
    if switch is not None:
        return _("Switch it off instead (“%(field)s” in its form), or change those first.", field=switch.label)
    return _("Change those first.")


def demand(work: Work, record: RecordType, verb: str) -> None:
    """Raise NotAllowedError unless the actor may do ``verb`` to this kind of record."""
    if not work.actor.may(f"{record.thing}.{verb}"):
        raise NotAllowedError(
            _("You may not do this: %(permission)s.", permission=f"{record.thing}.{verb}"), code="not_allowed"
        )


def fill(work: Work, record: RecordType, row: Any, values: Mapping[str, Any]) -> None:
    """Put cleaned values into ``row`` and check it, unwritten; raises DomainError with every refusal."""
    with work.session.no_autoflush:
        if refusals := filled(work, record, row, values):
            raise DomainError.of(refusals)


def filled(work: Work, record: RecordType, row: Any, values: Mapping[str, Any]) -> list[Refusal]:
    """Put cleaned values into ``row`` and return what is refused, at ``name`` or ``lines-0-name``."""
    known = {one.name: one for one in record.attributes}
    refusals = []
    sent: dict[str, list[Any]] = {name: [] for name in values if name in record.lines}
    for name, raw in sorted(values.items(), key=lambda item: _names_siblings(record.lines.get(item[0]))):
        if name in record.lines:
            refusals += lines_filled(work, record, row, (name, raw), sent)
        elif name not in known:
            refusals.append(Refusal(_("There is no such field."), name, "unknown_field"))
        elif not (masked := known[name].personal and isinstance(raw, str) and MASK in raw):
            refusals += _put(work, record, row, known[name], raw)
        elif masked and not inspect(row).has_identity:
            refusals.append(Refusal(_("Type the value itself."), name, "masked"))
    return refusals or list(record.check(work, row))


def _put(work: Work, record: RecordType, row: Any, attribute: Attribute, raw: Any) -> list[Refusal]:
    if _stays(row, attribute, raw):
        return []
    try:
        value = attribute.clean(work, raw)
        if not inspect(row).has_identity or not attribute.same(getattr(row, attribute.name), value):
            setattr(row, attribute.name, value)
    except DomainError as error:
        return [Refusal(one.message, attribute.name, one.code) for one in error.refusals]
    return taken(work, record, row, attribute)


def _stays(row: Any, attribute: Attribute, raw: Any) -> bool:
    """Whether a form sends back the other record a row names: it may stay, though the actor could not name it anew."""
    if not isinstance(attribute, One) or not inspect(row).has_identity or isinstance(raw, bool):
        return False
    stored = getattr(row, attribute.name)
    return stored is not None and str(raw) == str(stored)


def _names_siblings(record: RecordType | None) -> bool:
    """Whether lines of this type name other lines of their owner, and so come after them."""
    return record is not None and any(isinstance(one, Sibling) for one in record.attributes)


def lines_filled(
    work: Work, owning: RecordType, owner: Any, lines: tuple[str, Any], sent: dict[str, list[Any]]
) -> list[Refusal]:
    """Make a relationship of ``owner`` hold exactly the given lines; one with an ``id`` is there already.

    ``lines``: its name and what was typed; ``sent``: of all lines that are, the rows of those before by their place;
    its own are added.
    """
    name, raw = lines
    record = owning.lines[name]
    if not isinstance(raw, list) or len(raw) > MOST_LINES or not all(isinstance(line, Mapping) for line in raw):
        return [Refusal(_("Give a list of at most %(limit)s lines.", limit=MOST_LINES), name, "not_lines")]
    present = {str(line.id): line for line in getattr(owner, name)}
    kept, refusals = [], []
    places: list[Any] = [None] * len(raw)
    sent[name] = places
    for index, values in enumerate(raw):
        given = {key: value for key, value in values.items() if key != "id"}
        row = present.pop(str(values["id"]), None) if values.get("id") else record.model()
        if row is None:
            refusals.append(Refusal(_removed(record, index + 1, given), f"{name}-{index}-id", "not_found"))
            continue
        if not inspect(row).has_identity:
            if all(value in (None, "", False) for value in given.values()):
                continue
            given = {one.name: None for one in record.attributes} | given
        wrong = _siblings_put(record, owner, row, given, sent)
        wrong += filled(work, record, row, given)
        places[index] = row
        refusals += [Refusal(one.message, f"{name}-{index}-{one.field}", one.code) for one in wrong]
        kept.append(row)
    for gone, refusal in _gone_in_use(work, owning.lines.values(), name, present.values()):
        kept.append(gone)
        refusals.append(refusal)
    setattr(owner, name, kept)
    return refusals


def _removed(record: RecordType, number: int, given: Mapping[str, Any]) -> Message:
    """Return that a line is gone, called by its place and by the first words that were sent for it."""
    plain = [one.name for one in record.attributes if not isinstance(one, One | Many | Choice | Flag)]
    words = next((text for name in plain if isinstance(text := given.get(name), str) and text.strip()), "")
    if words:
        return _("Line %(number)s, “%(text)s”, was removed meanwhile.", number=number, text=words.strip()[:60])
    return _("Line %(number)s was removed meanwhile.", number=number)


def _gone_in_use(
    work: Work, lines: Iterable[RecordType], name: str, gone: Iterable[Any]
) -> Iterator[tuple[Any, Refusal]]:
    """Yield those that are in use elsewhere, and why they stay.

    Other ``lines`` of the owner are no such use: what is sent with them says whose they are, else the owner's check.
    """
    written = [line.model.__tablename__ for line in lines]
    for row in gone:
        if found := uses(work, row, besides=written):
            refusal = InUseError(called(row), found, _("Change those first.")).refusals[0]
            yield row, Refusal(refusal.message, name, refusal.code)


def _siblings_put(
    record: RecordType, owner: Any, row: Any, given: dict[str, Any], sent: Mapping[str, list[Any]]
) -> list[Refusal]:
    """Let ``row`` name other lines of ``owner``; takes what is done out of ``given``."""
    refusals = []
    for one in record.attributes:
        if isinstance(one, Sibling) and one.lines in sent and inspect(row).has_identity:
            # Who keeps a line and says no more of it keeps what it names: that may be what goes.
            given.setdefault(one.name, getattr(row, one.name))
        if isinstance(one, Sibling) and one.name in given:
            among = sent[one.lines] if one.lines in sent else list(getattr(owner, one.lines))
            try:
                setattr(row, one.shown, one.chosen(given.pop(one.name), among))
            except DomainError as error:
                refusals += [Refusal(each.message, one.name, each.code) for each in error.refusals]
    return refusals


def taken(work: Work, record: RecordType, row: Any, attribute: Attribute) -> list[Refusal]:
    """Return the refusal of a value another row has, where the attribute is unique."""
    value = getattr(row, attribute.name)
    if not isinstance(attribute, Text) or not attribute.unique or value is None:
        return []
    own = inspect(row).identity
    others = select(record.key).where(getattr(record.model, attribute.name) == value)
    found = work.session.scalar(others.where(record.key != own[0]) if own else others)
    return [] if found is None else [Refusal(_("“%(value)s” exists already.", value=value), attribute.name, "taken")]


def write(work: Work, record: RecordType, row: Any) -> None:
    """Flush ``row`` with what follows."""
    with conceding(work):
        work.session.flush()
        record.follow(work, row)
    if not work.actor.is_system and not _is_among(work, record, row, record.yours or record.reach):
        raise NotAllowedError(_("After this change the record would be out of your reach."), code="out_of_reach")


@contextmanager
def conceding(work: Work) -> Iterator[None]:
    """Make a race lost to another person, who wrote the same value since it was checked, a conflict and no crash."""
    try:
        with work.session.begin_nested():
            yield
    except IntegrityError:
        raise ConflictError(
            _("Somebody else saved the same at the same moment. Read it again, then make your change."), code="conflict"
        ) from None
