"""The audit record: who changed what in the whole installation, newest first."""

from typing import Any, Final

from flask import request, url_for

from app.assets import records as assets
from app.company.profile import COMPANY
from app.core.i18n import Message, _
from app.core.records.service import RecordType
from app.people import history, queries
from app.people import records as people
from views.base import HouseView, expose, permission

_DIGITS: Final = 15
_RECORDS: Final = {
    one.model.__tablename__: one
    for room in (people, assets)
    for one in vars(room).values()
    if isinstance(one, RecordType)
} | {COMPANY.model.__tablename__: COMPANY}
#: Tables that are audited and are no reference records.
_OTHERS: Final = {
    "ab_user": _("User"),
    "role_scope": _("Role"),
    "field_definition": _("Field definition"),
    "ticket_template": _("Template"),
    "template_version": _("Version"),
    "staff_skill": _("Skill"),
}


class AuditView(HouseView):
    """One list, filtered by table and person, paged by the last entry seen."""

    route_base = "/audit"
    class_permission_name = "audit"

    @expose("/")
    @permission("audit.read")
    def index(self) -> Any:
        """Show a page of the record."""
        table, person, before = request.args.get("table", "")[:60], _number("person"), _number("before")
        with self.reading() as work:
            page = queries.audit_page(work, table_name=table, actor_id=person, before=before)
            events = history.worded(work, page.changes, _RECORDS)
            names = queries.account_names(work, [person] if person else [])
        older = url_for("AuditView.index", table=table or None, person=person, before=page.next_before)
        return self.render_template(
            "records/audit.html", rows=list(zip(page.changes, events, strict=True)), tables=_tables(),
            table=table, person=person,
            person_name=names.get(person or 0, ""), older=older if page.next_before else "",
        )  # fmt: skip


def _tables() -> dict[str, Message]:
    """Return how the audited tables are called, by name."""
    return {name: record.label for name, record in _RECORDS.items()} | _OTHERS


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
