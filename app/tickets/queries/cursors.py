"""Where a page of tickets begins: the last row's sort keys, carried in the page's address."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, SmallInteger, and_, or_, select, tuple_

from app.core.columns import UtcDateTime
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.models import Ticket
from app.tickets.sorting import Reckoned

#: Columns to order by, each with whether the largest comes first.
Sort = tuple[tuple[Any, bool], ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """After which row a page begins; ``back``: it is the page before that row."""

    values: tuple[Any, ...]
    back: bool


def after(keys: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that holds for what comes after ``values`` in the order of ``keys``."""
    if len({down for _key, down in keys}) == 1:
        left, right = tuple_(*(key for key, _down in keys)), tuple_(*values, types=[key.type for key, _down in keys])
        return left < right if keys[0][1] else left > right
    steps = []
    for place, (key, down) in enumerate(keys):
        same = [keys[i][0] == values[i] for i in range(place)]
        steps.append(and_(*same, key < values[place] if down else key > values[place]))
    # Said once more for the first key alone, so that an index can begin there.
    bound = keys[0][0] <= values[0] if keys[0][1] else keys[0][0] >= values[0]
    return and_(bound, or_(*steps))


def position(columns: Mapping[str, Any], sort: Sort, *, filled: bool | None = None) -> tuple[Any, ...]:
    """Return the sort keys of the ticket with these columns; of one no column holds, whether it is ``filled``."""
    return tuple(filled if isinstance(key, Reckoned) else columns[key.key] for key, _down in sort)


def resumed(work: Work, cursor: Cursor | None, sort: Sort) -> Cursor | None:
    """Return the cursor with the key that is worked out, as its ticket has it now: an address tells no names.

    Whether there is any, the cursor may say itself; then the key is worked out with the page.
    """
    key, _down = sort[0]
    if cursor is None or not cursor.values or not isinstance(key, Reckoned):
        return cursor
    filled, *others = cursor.values
    now = select(key).where(Ticket.id == cursor.values[-1])
    if filled is None:
        found = work.session.execute(now).first()
        if found is None:
            raise _broken()
        return Cursor((found[0], *others), cursor.back)
    return Cursor((now.correlate(None).scalar_subquery() if filled else None, *others), cursor.back)


def unknowing(cursor: Cursor | None, sort: Sort) -> Cursor | None:
    """Return the cursor without what it says of a key that is worked out: it may be another by now."""
    if cursor is None or not cursor.values or not isinstance(sort[0][0], Reckoned) or cursor.values[0] is None:
        return None
    return Cursor((None, *cursor.values[1:]), cursor.back)


def write_cursor(columns: Mapping[str, Any], sort: Sort, *, back: bool, filled: bool | None = None) -> str:
    """Return the cursor of the page after (``back``: before) the ticket with these columns."""
    keys = position(columns, sort, filled=filled)
    values = [one.isoformat() if isinstance(one, datetime) else one for one in keys]
    names = [key.key for key, _down in sort]
    return base64.urlsafe_b64encode(orjson.dumps([back, names, values])).decode().rstrip("=")


def begun_in(raw: str | None, orders: Sequence[Sort]) -> Sort | None:
    """Return which of ``orders`` the cursor of a page's address goes on in; None: none of them."""
    if not raw:
        return None
    try:
        names = orjson.loads(_decoded(raw))[1]
    except (ValueError, TypeError, LookupError, binascii.Error):
        return None
    return next((one for one in orders if names == [key.key for key, _down in one]), None)


def read_cursor(raw: str | None, sort: Sort) -> Cursor | None:
    """Return the cursor of a page's address; DomainError when it is damaged or of another order."""
    if not raw:
        return None
    broken = _broken()
    try:
        back, names, values = orjson.loads(_decoded(raw))
        if not isinstance(back, bool) or names != [key.key for key, _down in sort] or len(values) != len(sort):
            raise broken
        return Cursor(tuple(_typed(key, one) for (key, _down), one in zip(sort, values, strict=True)), back)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise broken from None


def _decoded(raw: str) -> bytes:
    return base64.urlsafe_b64decode(raw[:1000] + "=" * (-len(raw) % 4))


def _broken() -> DomainError:
    message = _("This page address is damaged. Start again at the first page.")
    return DomainError(message, field="cursor", code="bad_cursor")


def _typed(key: Any, value: Any) -> Any:
    """Return a cursor's value as the column's type; ValueError when it is none."""
    if isinstance(key, Reckoned) and isinstance(value, bool):
        return value
    if value is None or isinstance(key, Reckoned):
        if value is not None or not key.nullable:
            raise ValueError
        return None
    if isinstance(key.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    if isinstance(value, str):
        fits = value.isprintable()
    else:
        largest = 2**15 if isinstance(key.type, SmallInteger) else 2**31 if key.name != "id" else 2**63
        fits = 0 <= value < largest
    if type(value) is not key.type.python_type or not fits:
        raise ValueError
    return value
