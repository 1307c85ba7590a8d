"""The audit record: who changed what in the whole installation, newest first."""

from typing import Any, Final

from flask import request, url_for

from app.people import queries
from views.base import HouseView, expose, permission

_DIGITS: Final = 15


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
            tables = queries.audited_tables()
            names = queries.account_names(work, [person] if person else [])
        older = url_for("AuditView.index", table=table or None, person=person, before=page.next_before)
        return self.render_template(
            "records/audit.html", page=page, tables=tables, table=table, person=person,
            person_name=names.get(person or 0, ""), older=older if page.next_before else "",
        )  # fmt: skip


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
