"""The page of one ticket, and its parts as htmx asks for them again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, request, url_for

from app.core.i18n import Message, _, label_in
from app.core.work import Work
from app.tickets import queries
from app.tickets.columns import CHANNELS
from app.tickets.queries import TicketDetail, TimelineEntry
from app.tickets.queries.visits import appointment
from forms.ticket_answers import files_input
from ticket_templates.facts import mentioned_values
from ticket_templates.spec import ChecklistItem
from views.base import current_actor, current_locale, expose, permission
from views.tickets.create import draft_name
from views.tickets.customers import PICKS, panel_facts
from views.tickets.desk import DeskView, content_lock_of, lock_of, section_draft, short, ticket_url
from views.tickets.link_panel import linked_facts, merged_facts, related_facts
from views.tickets.shown import entry_shown, section_items
from views.tickets.step_buttons import step_buttons

_PAGE: Final = 20
#: What may still be done on a closed ticket.
_ON_CLOSED: Final = frozenset({"transition", "note"})
#: What the timeline can be narrowed to; the key stands in the address.
_FILTERS: Final[tuple[tuple[str, Message], ...]] = (
    ("", _("All")),
    ("note", _("Notes")),
    ("change", _("Changes")),
    ("file", _("Files")),
)


class TicketPageView(DeskView):
    """Reading one ticket."""

    @expose("/<number>")
    @permission("ticket.read")
    def show(self, number: str) -> Response:
        """Show the ticket."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            return self.page("tickets/page.html", **page_facts(work, detail))

    @expose("/<number>/timeline")
    @permission("ticket.read")
    def timeline(self, number: str) -> Response:
        """Return the timeline, narrowed, or the entries before one."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            facts, _entries = timeline_facts(work, detail)
            part = "tickets/_timeline_entries.html" if request.args.get("before") else "tickets/_timeline.html"
            return self.page(part, timeline=facts)

    @expose("/<number>/sections/<key>")
    @permission("ticket.read")
    def section(self, number: str, key: str) -> Response:
        """Return one section to read."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            return self.page("tickets/_section.html", section=section_facts(detail, key), urls=urls_of(detail))


def page_facts(work: Work, detail: TicketDetail) -> dict[str, Any]:
    """Return everything the page shows."""
    timeline, entries = timeline_facts(work, detail)
    columns = detail.columns
    panel = panel_facts(work, columns["customer_id"], {name: columns[name] for name in PICKS}, besides=detail)
    sections = [one for spec in detail.version.spec.sections if (one := section_facts(detail, spec.key))]
    watchers = queries.watchers(work, detail.id, detail=detail)
    actor = current_actor()
    own_draft = draft_name(actor.user_id, detail.version.template_key) if request.args.get("made") else ""
    return {
        **header_facts(work, detail),
        **panel,
        "sections": [one for one in sections if one["answers"] or one["edit_url"]],
        "timeline": timeline,
        "attachments": _gallery(sections, entries),
        "checklist": checklist_facts(detail),
        "appointment": appointment(columns["values"], detail.version.readable(actor)),
        "watchers": watchers,
        "watching": any(one.user_id == actor.user_id for one in watchers),
        **linked_facts(work, detail),
        "related": related_facts(work, detail, listed=bool(panel["customer"])),
        "note": note_facts(work, detail),
        "draft_done": own_draft,
    }


def header_facts(work: Work, detail: TicketDetail) -> dict[str, Any]:
    """Return what stands at the head of the page and changes with every step."""
    actor = current_actor()
    locked, reserved = lock_of(detail), content_lock_of(detail)
    rights = {verb: actor.may(f"ticket.{verb}") for verb in ("change", "transition", "transfer", "note")}
    urls = urls_of(detail)
    on_closed = () if detail.is_merged else _ON_CLOSED
    may = {verb: right and (locked is None or verb in on_closed) for verb, right in rights.items()}
    content = may["change"] and reserved is None
    return {
        "ticket": ticket_facts(detail) | {"locked": reserved if may["change"] else locked},
        "steps": step_buttons(work, detail),
        "may": may | {"change": content, "check": content, "invite": may["change"]},
        "urls": urls,
        "merged": merged_facts(work, detail),
        "list_url": url_for("TicketView.index"),
        "report_url": f"{urls['page']}/report.pdf",
    }


def _may_edit(detail: TicketDetail) -> bool:
    return current_actor().may("ticket.change") and content_lock_of(detail) is None


def ticket_facts(detail: TicketDetail) -> dict[str, Any]:
    """Return the ticket's own columns in words."""
    columns, locale = detail.columns, current_locale()
    spec = detail.state_spec
    return {
        "id": detail.id,
        "number": detail.number,
        "subject": detail.subject,
        "template": detail.version.label(locale),
        "template_version": detail.version.number,
        "state_label": detail.state_label(locale),
        "state_color": spec.color if spec else "gray",
        "priority": detail.priority,
        "overdue": detail.is_overdue,
        "version": detail.lock_version,
        "assignee": short(detail.named("assignee_id")),
        "team": short(detail.named("team_id")),
        "outlet": short(detail.named("outlet_id")),
        "tags": detail.tags,
        "created_by": short(detail.named("created_by_id")),
        "channel": CHANNELS.get(columns["channel"], columns["channel"]),
        "absolute_url": url_for("TicketPageView.show", number=detail.number, _external=True),
        **{
            name: columns[name]
            for name in ("created_at", "changed_at", "state_since", "due_at", "resolved_at", "closed_at")
        },
    }


def urls_of(detail: TicketDetail) -> dict[str, str]:
    """Return the addresses of what can be done with the ticket."""
    page = ticket_url(detail.number)
    parts = ("notes", "transfer", "about", "checklist", "watch", "compute", "tags")
    return {"page": page, "find_tags": url_for("TicketTagView.find")} | {name: f"{page}/{name}" for name in parts}


def section_facts(detail: TicketDetail, key: str) -> dict[str, Any]:
    """Return one section to read; nothing when the version has none of that key that shows."""
    spec = next((one for one in detail.version.spec.sections if one.key == key), None)
    if spec is None:
        return {}
    visible = detail.visible
    shown = section_items(detail, spec, visible)
    # What is hidden is not asked for: a section of nothing else has no form.
    writable = {use.field for use in spec.fields} & visible & detail.version.writable(current_actor(), detail.state)
    page = ticket_url(detail.number)
    return {
        "key": key,
        "label": label_in(spec.labels, current_locale()),
        "edit_url": f"{page}/sections/{key}/edit" if writable and _may_edit(detail) else "",
        "draft": section_draft(current_actor().user_id, detail.number, key),
        "view_url": f"{page}/sections/{key}",
        "compute_url": f"{page}/compute",
        **shown,
    }


def checklist_facts(detail: TicketDetail) -> list[dict[str, Any]]:
    """Return the items of the closing checklist."""
    ticked = detail.columns["checklist"]
    values = detail.every_value
    due = detail.version.items(values, detail.columns)
    return [
        {
            "key": one.key,
            "label": label_in(one.labels, current_locale()),
            "required": one.required,
            "done": one.key in ticked,
        }
        for one in detail.version.spec.checklist
        if one.key in ticked or (one in due and _is_decided(one, values))
    ]


def _is_decided(item: ChecklistItem, values: Mapping[str, Any]) -> bool:
    """Whether what an item hangs on is answered: before, it may just as well not apply in the end."""
    return all(values.get(key) is not None for key in mentioned_values(item.when))


def timeline_facts(work: Work, detail: TicketDetail) -> tuple[dict[str, Any], Sequence[TimelineEntry]]:
    """Return a page of the timeline as the address narrows it."""
    kind = request.args.get("kind", "")
    kind = kind if kind in {name for name, _label in _FILTERS} else ""
    before = request.args.get("before") or None
    entries = queries.timeline(
        work, detail.id, kinds=[kind] if kind else None, before=before, size=_PAGE + 1, detail=detail
    )
    more = entries[_PAGE - 1].cursor if len(entries) > _PAGE else ""
    entries = entries[:_PAGE]
    page, part = ticket_url(detail.number), url_for("TicketPageView.timeline", number=detail.number)

    def narrowed(base: str, wanted: str, cursor: str = "") -> str:
        query = {name: value for name, value in (("kind", wanted), ("before", cursor)) if value}
        return f"{base}?{urlencode(query)}" if query else base

    facts = {
        "entries": [entry_shown(one) for one in entries],
        "url": narrowed(part, kind),
        "filters": [
            {"label": label, "url": narrowed(part, name), "page_url": narrowed(page, name), "active": name == kind}
            for name, label in _FILTERS
        ],
        "more_url": narrowed(part, kind, more) if more else "",
        "more_page_url": narrowed(page, kind, more) if more else "",
    }
    return facts, entries


def note_facts(work: Work, detail: TicketDetail, typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the box for a note, empty or as it was typed."""
    field, ftype = files_input((typed or {}).get("files", []), detail.reader.context(current_locale()))
    return {
        "body": "",
        "public": False,
        "refusals": (),
        "draft": f"{work.actor.user_id}:note:{detail.number}",
        **(typed or {}),
        "files": field if current_actor().may("attachment.create") else None,
        "files_type": ftype,
    }


def _gallery(sections: Sequence[Mapping[str, Any]], entries: Sequence[TimelineEntry]) -> list[dict[str, Any]]:
    """Return the files that came with notes; what answers a field is shown where it is asked for."""
    shown = {file["id"] for section in sections for item in section["answers"] for file in item.get("files", ())}
    noted = [entry for entry in entries if entry.kind == "note"]
    several = [file for entry in noted for file in entry_shown(entry)["files"] if file["id"] not in shown]
    return list({one["id"]: one for one in several}.values())
