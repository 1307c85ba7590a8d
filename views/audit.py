"""The audit record: who changed what in the whole installation."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any, ClassVar, Final

from flask import Response, request, url_for

from app.assets import records as assets
from app.company.profile import RECORDED
from app.core.i18n import Message, _, spoken
from app.core.numbers import whole_in
from app.core.records.service import RecordType
from app.core.work import Work
from app.people import history, queries
from app.people import records as people
from app.people.called import called
from app.people.history import Event
from app.people.queries import AuditQuery
from app.people.wording import WORDINGS
from views.base import HouseView, actor, current_actor, current_locale, expose, house, permission
from views.base.list_args import LONGEST_VALUE
from views.base.list_export import csv_answer, xlsx_answer

_TYPES: Final = [one for room in (people, assets) for one in vars(room).values() if isinstance(one, RecordType)]
#: By table; what is written as lines of another record alone (skills of staff) under its own name as well.
_RECORDS: Final = {
    one.model.__tablename__: one
    for one in (*(line for kind in _TYPES for line in kind.lines.values()), *_TYPES, RECORDED)
}
ACTIONS: Final[Mapping[str, Message]] = {
    "created": _("created"),
    "changed": _("changed"),
    "deleted": _("deleted"),
    "published": _("published"),
}
_HEADINGS: Final = (_("When"), _("Who"), _("Kind of record"), _("Record"), _("Key"), _("What"), _("Change"))


class AuditView(HouseView):
    """One list: searched, filtered, sorted by time, paged by the last entry seen."""

    route_base = "/audit"
    class_permission_name: ClassVar[str | None] = "audit"

    @expose("/")
    @permission("audit.read")
    def index(self) -> Any:
        """Show a page of the record."""
        asked, after = _query(), _number("after")
        with self.reading() as work:
            page = queries.audit_page(work, asked, after=after)
            events = history.worded(work, page.changes, _RECORDS)
            names_of = called(work, page.changes)
            names = queries.account_names(work, [asked.actor_id] if asked.actor_id else [])
        return self.render_template(
            "records/audit.html", title=_("Audit"), rows=list(zip(page.changes, events, strict=True)),
            called=names_of, tables=_tables(), actions=ACTIONS, asked=asked,
            days={name: _day(name) for name in ("since", "until")},
            person_name=names.get(asked.actor_id or 0, ""), addresses=_addresses(),
            more=url_for("AuditView.index", **_arguments(after=page.next_after)) if page.next_after else "",
            turned=url_for("AuditView.index", **_arguments(oldest="" if asked.oldest_first else "1")),
            export_urls=_export_urls(),
        )  # fmt: skip

    @expose("/export/csv")
    @permission("audit.export")
    def export_csv(self) -> Response:
        """Send what the list is filtered to, all of it, as CSV."""
        return csv_answer("audit", [one.in_(current_locale()) for one in _HEADINGS], self._file())

    @expose("/export/xlsx")
    @permission("audit.export")
    def export_xlsx(self) -> Response:
        """Send the same as a workbook."""
        return xlsx_answer("audit", _("Audit"), [one.in_(current_locale()) for one in _HEADINGS], self._file())

    def _file(self) -> Iterator[list[Any]]:
        asked = _query()
        with house().transactions.reading(actor()) as work:
            yield from chain.from_iterable(_lines(work, changes) for changes in queries.audit_stream(work, asked))


def _lines(work: Work, changes: list[Any]) -> list[list[Any]]:
    zone, locale, tables = work.company.zone, current_locale(), _tables()
    names = called(work, changes)
    return [
        [
            change.at.astimezone(zone).replace(tzinfo=None), change.by or _("System").in_(locale),
            spoken(tables.get(change.table_name, change.table_name), locale),
            names.get((change.table_name, change.row_id), ""), change.row_id,
            spoken(ACTIONS.get(change.action, change.action), locale), _in_a_cell(event, locale),
        ]
        for change, event in zip(changes, history.worded(work, changes, _RECORDS), strict=True)
    ]  # fmt: skip


def _in_a_cell(event: Event, locale: str) -> str:
    """Return the changes as the page says them: of what was made what it has, of what is gone what it had."""
    said = []
    for label, *both in event.changes:
        before, after = ("" if one is None else spoken(one, locale) for one in both)
        if event.action == "delete":
            after = before
        elif before:
            after = f"{before} → {after or '—'}"
        if after or event.action == "update":
            said.append(f"{spoken(label, locale)}: {after or '—'}")
    return "; ".join(said)


def _query() -> AuditQuery:
    zone = house().company.zone
    since, until = _day("since"), _day("until")
    return AuditQuery(
        text=request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_VALUE],
        table_name=request.args.get("table", "").replace("\x00", "")[:60],
        action=request.args.get("action", "") if request.args.get("action") in ACTIONS else "",
        actor_id=_number("person", 2**31 - 1),
        since=datetime.combine(since, time(), zone).astimezone(UTC) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC) if until else None,
        oldest_first=request.args.get("oldest") == "1",
    )


def _arguments(**changed: Any) -> dict[str, Any]:
    """Return this page's arguments with some changed, from its first page on."""
    arguments = {**request.args.to_dict(), "after": None, **changed}
    return {name: value for name, value in arguments.items() if value not in (None, "")}


def _export_urls() -> dict[str, str]:
    if not current_actor().may("audit.export"):
        return {}
    return {kind: url_for(f"AuditView.export_{kind}", **_arguments()) for kind in ("csv", "xlsx")}


def _tables() -> dict[str, Message]:
    """Return how the audited tables are called, by name."""
    others = {name: wording.label for name, wording in WORDINGS.items() if name != "role_scope"}
    return {name: record.label for name, record in _RECORDS.items()} | others


def _addresses() -> dict[str, str]:
    """Return where the pages of a table's records are, for those that have one by key."""
    return {
        "customer": "/customers/show/", "contact": "/contacts/show/", "site": "/sites/show/", "tag": "/tags/show/",
        "customer_level": "/customer-levels/show/", "outlet": "/outlets/show/", "team": "/teams/show/",
        "skill": "/skills/show/", "staff_profile": "/staff/show/", "region": "/regions/show/",
        "product": "/products/show/", "product_category": "/product-categories/show/",
        "installed_product": "/installed-products/show/", "ab_user": "/users/show/", "phone": "/phones/show/",
    }  # fmt: skip


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None  # noqa: PLR2004 - beyond, nothing was recorded


def _number(name: str, largest: int = 2**63 - 1) -> int | None:
    return whole_in(request.args.get(name), largest)
