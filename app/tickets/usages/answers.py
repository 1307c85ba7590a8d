"""Answers that name a record: fields of customers, products, units, teams, regions, and tables with such columns."""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select, type_coerce

from app.core.i18n import _
from app.core.records.usages import USAGES
from app.core.records.usages.base import Usage
from app.core.sql import holds
from app.core.work import Work
from app.tickets.models import Ticket
from ticket_templates import queries as templates
from ticket_templates.usages import NAMED
from ticket_templates.versions import CompiledVersion


@USAGES.register
class Answers(Usage):
    """A ticket names the record as an answer, of whatever version it is."""

    name = "answers"
    label = _("Answers of tickets")
    kinds = NAMED

    def count(self, work: Work, kind: str, key: int | str, most: int) -> int:
        query = naming(work, kind, key)
        if query is None:
            return 0
        return int(work.session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0)


def naming(work: Work, kind: str, key: int | str) -> Select[Any] | None:
    """Select the ids of the tickets that name a record as an answer; None: no field could."""
    parts: dict[bytes, list[CompiledVersion]] = {}
    for version in templates.every_version(work):
        for part in _parts(version, kind, key):
            parts.setdefault(part, []).append(version)
    if not parts:
        return None
    # By the index those of other templates are passed over; then the cheap questions come first.
    of_these = {version.template_id for versions in parts.values() for version in versions}
    query = select(Ticket.id).where(Ticket.template_id.in_(sorted(of_these)))
    if work.dialect == "sqlite":
        query = query.where(_mentioned(key))
    return query.where(
        or_(
            *(
                and_(
                    Ticket.version_id.in_([version.id for version in versions]),
                    holds(work.dialect, Ticket.values, orjson.loads(part)),
                )
                for part, versions in parts.items()
            )
        )
    )


def _parts(version: CompiledVersion, kind: str, key: int | str) -> Iterator[bytes]:
    """Yield what the answers of a ticket hold if one of them names the record."""
    for field, ftype in version.types.items():
        for part in ftype.naming(kind, key):
            yield orjson.dumps({field: part})


def _mentioned(key: int | str) -> ColumnElement[bool]:
    """Whether the key stands anywhere in the answers, as text: most tickets are done with before their JSON is read."""
    place: ColumnElement[int] = func.instr(type_coerce(Ticket.values, String), str(key))
    return place > 0
