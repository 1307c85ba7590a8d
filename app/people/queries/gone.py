"""How records that are gone were called last: the audit record of their end says it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, or_, select

from app.core.audit import AuditEvent
from app.core.i18n import label_in
from app.core.work import Work


class Last(NamedTuple):
    """What a record was called, and its code; either may be empty."""

    name: str
    code: str = ""


#: Table → the columns its records are called by: the name, and the code where it has one.
_CALLED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "contact": ("name",),
    "customer": ("name", "code"),
    "customer_level": ("labels",),
    "installed_product": ("serial",),
    "outlet": ("name", "code"),
    "product": ("name", "code"),
    "product_category": ("name",),
    "region": ("full_name",),
    "site": ("name",),
    "skill": ("labels",),
    "tag": ("name",),
    "team": ("name", "code"),
}


def last_called(work: Work, keys: Mapping[str, Iterable[int | str]]) -> dict[tuple[str, str], Last]:
    """Return how those of the records (keys by table) that are gone were called, by table and key, in one statement.

    Whether the actor may be told is the caller's to know: what is gone is within nobody's reach.
    """
    asked = [
        and_(AuditEvent.table_name == table, AuditEvent.row_id.in_(sorted({str(one) for one in some})))
        for table, some in keys.items()
        if table in _CALLED_BY
    ]
    if not asked:
        return {}
    query = select(AuditEvent.table_name, AuditEvent.row_id, AuditEvent.changes)
    ends = query.where(or_(*asked), AuditEvent.action == "deleted").order_by(AuditEvent.id)
    return {
        (table, key): Last(*(_said(work, changes.get(name)) for name in _CALLED_BY[table]))
        for table, key, changes in work.session.execute(ends)
    }


def _said(work: Work, change: Any) -> str:
    value = change[0] if change else None
    return label_in(value, work.actor.locale) if isinstance(value, dict) else str(value or "")
