"""Who made, published, withdrew a template, and when, as its page tells it."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.i18n import Message, _
from app.core.work import Work
from app.people import history, queries
from app.people.history import Event
from app.people.queries import Change
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.queries import TemplateCard, VersionCard

_TURNS = {True: _("withdrew this template"), False: _("made tickets of it possible again")}


def template_events(work: Work, card: TemplateCard, versions: Sequence[VersionCard]) -> list[Event] | None:
    """Return what was done to a template and its versions, newest first; None for those who need not know."""
    if not (work.actor.may("audit.read") or work.actor.may("template.design")):
        return None
    rows = [(TicketTemplate.__tablename__, card.id), *((TemplateVersion.__tablename__, one.id) for one in versions)]
    changes = queries.history(work, rows)
    by_id = {str(one.id): one for one in versions}
    events = history.worded(work, changes, {})
    return [_told(change, event, by_id) for change, event in zip(changes, events, strict=True)]


def _told(change: Change, event: Event, versions: dict[str, VersionCard]) -> Event:
    if change.table_name == TemplateVersion.__tablename__:
        version = versions[change.row_id]
        note: tuple[tuple[Message | str, None, str], ...] = ((_("Note"), None, version.note),) if version.note else ()
        return replace(event, action=_("published version %(number)s", number=version.number), changes=note)
    if change.action == "created":
        # All it was made of stands on the page.
        return replace(event, changes=())
    if turn := change.changes.get("withdrawn"):
        wording = zip(change.changes, event.changes, strict=True)
        return replace(
            event, action=_TURNS[turn[1]], changes=tuple(one for name, one in wording if name != "withdrawn")
        )
    return event
