"""Values, people and journal entries as the ticket page draws them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flask import url_for
from markupsafe import Markup

from app.core.i18n import Message, _, label_in
from app.tickets.queries import TicketDetail, TimelineEntry
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.field_types.columns import Column
from ticket_templates.markdown import rendered
from ticket_templates.spec import Section
from views.base import current_locale
from views.tickets.desk import short


class _Entry(NamedTuple):
    """How a kind of the journal is drawn: its icon and what the person did."""

    icon: str
    sentence: Message


_ENTRIES: Final[Mapping[str, _Entry]] = {
    "note": _Entry(icon="message", sentence=_("wrote a note")),
    "opened": _Entry(icon="ticket", sentence=_("made the ticket")),
    "changed": _Entry(icon="pencil", sentence=_("changed the ticket")),
    "transitioned": _Entry(icon="arrow-right", sentence=_("moved the ticket on")),
    "transferred": _Entry(icon="arrows-exchange", sentence=_("handed the ticket over")),
    "attached": _Entry(icon="paperclip", sentence=_("added files")),
    "watched": _Entry(icon="eye", sentence=_("changed the watchers")),
    "linked": _Entry(icon="link", sentence=_("linked a ticket")),
    "unlinked": _Entry(icon="link", sentence=_("took a link away")),
    "merged": _Entry(icon="arrows-exchange", sentence=_("merged the ticket into another one")),
    "unmerged": _Entry(icon="arrows-exchange", sentence=_("undid the merge")),
    "split": _Entry(icon="arrows-exchange", sentence=_("split a ticket")),
    "absorbed": _Entry(icon="arrows-exchange", sentence=_("merged another ticket into this one")),
    "released": _Entry(icon="arrows-exchange", sentence=_("undid the merge of another ticket")),
}
_OTHER: Final = _Entry(icon="circle", sentence=_("did something"))
_WIDE_INPUTS: Final = frozenset({"textarea", "markdown", "files", "table", "address", "signature"})
_LINKS: Final = {"phone": "tel:", "email": "mailto:"}


def _html(markdown: str) -> Markup:
    return Markup(rendered(markdown))  # noqa: S704 - the field type sanitises it


def section_items(detail: TicketDetail, section: Section, visible: set[str]) -> dict[str, Any]:
    """Return the answers of a section this person may see, and the labels of what is not answered yet."""
    items, blank = [], []
    for use in section.fields:
        key = use.field
        if key not in detail.readable or key not in visible:
            continue
        ftype = detail.version.types[key]
        if detail.values.get(key) is not None:
            width = 12 if ftype.input in _WIDE_INPUTS else max(4, min(use.width or ftype.width, 12))
            items.append(_item(detail, key) | {"width": width})
        elif not ftype.derived:
            blank.append(ftype.label_in(current_locale()))
    return {"answers": items, "blank": blank}


def told(detail: TicketDetail, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return those of these answers that the ticket has and this person may see, to read beside a form."""
    visible = detail.visible
    return [
        _item(detail, key)
        for key in keys
        if key in detail.readable and key in visible and detail.values.get(key) is not None
    ]


def _item(detail: TicketDetail, key: str) -> dict[str, Any]:
    locale, ftype = current_locale(), detail.version.types[key]
    drawn = value_shown(ftype, detail.values[key], detail.reader.context(locale))
    return {"key": key, "label": ftype.label_in(locale), **drawn}


def value_shown(ftype: FieldType, value: Any, context: Context) -> dict[str, Any]:
    """Return how one value is drawn: as text at least."""
    text = ftype.in_full(value, context)
    if ftype.files(value):
        return {"text": text, "files": file_cards(ftype.files(value), context)}
    if ftype.input == "markdown" and isinstance(value, str):
        return {"text": text, "html": _html(value)}
    if ftype.input == "table" and isinstance(value, list):
        return {"text": text, "table": _table(ftype, value, context)}
    return {"text": text, "link": _link(ftype, value, text), "badges": _badges(ftype, value, context)}


def _link(ftype: FieldType, value: Any, text: str) -> str:
    """Return where a value leads; a masked phone leads nowhere."""
    if ftype.input == "url":
        return value if str(value).startswith(("http://", "https://")) else ""
    return f"{_LINKS[ftype.input]}{value}" if ftype.input in _LINKS and "•" not in text else ""


def _badges(ftype: FieldType, value: Any, context: Context) -> list[tuple[str, str]]:
    """Return the chosen options with their colours, where all have one."""
    options = {option.key: option for option in ftype.spec.options if option.color}
    chosen = value if isinstance(value, list) else [value]
    if options and all(isinstance(one, str) and one in options for one in chosen):
        return [(label_in(options[one].labels, context.locale), options[one].color) for one in chosen]
    return []


def _table(ftype: FieldType, rows: Sequence[Mapping[str, Any]], context: Context) -> dict[str, Any]:
    columns: Sequence[Column] = getattr(ftype, "columns", ())
    return {
        "head": [label_in(one.labels, context.locale) for one in columns],
        "rows": [[one.ftype.in_full(row.get(one.key), context) for one in columns] for row in rows],
    }


def file_cards(ids: Iterable[int], context: Context) -> list[dict[str, Any]]:
    """Return files as tiles; one that is out of reach is left out."""
    references = context.references
    known = ((key, references.file(key)) for key in ids) if references else ()
    return [file_card(key, facts.filename, facts.media_type) for key, facts in known if facts]


def file_card(key: int, filename: str, media_type: str) -> dict[str, Any]:
    """Return one file as a tile."""
    url = url_for("FileView.download", file_id=key)
    is_image = media_type.startswith("image/")
    return {"id": key, "filename": filename, "url": url, "thumbnail": f"{url}?thumbnail=1" if is_image else ""}


def entry_shown(entry: TimelineEntry) -> dict[str, Any]:
    """Return one entry of the timeline."""
    icon, sentence = _ENTRIES.get(entry.kind, _OTHER)
    if entry.kind == "transitioned" and entry.transition:
        sentence = _("took the step “%(step)s”", step=entry.transition)
    return {
        "kind": entry.kind,
        "icon": icon,
        "actor": short(entry.actor),
        "sentence": sentence,
        "at": entry.at,
        "origin": entry.origin,
        "public": entry.public,
        "html": _html(entry.body) if entry.body else "",
        "moved": entry.moved,
        "changes": [] if entry.kind == "opened" else [one for one in entry.changes if not one.again],
        "files": [file_card(one.id, one.filename, one.media_type) for one in entry.files],
    }
