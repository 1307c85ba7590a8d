"""Tickets, what happened on them, and templates as the API writes them: keys and canonical values, words beside."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.core.i18n import label_in, spoken
from app.desk.queries import ViewCard
from app.tickets.change.plan import ASKABLE
from app.tickets.columns import CATEGORIES
from app.tickets.priorities import PRIORITIES
from app.tickets.queries import TimelineEntry
from app.tickets.rows import POINTERS, TAGS, TicketRow
from ticket_templates import asking
from ticket_templates.facts import REQUIRABLE, condition_fields
from ticket_templates.field_types.base import Context, FieldError
from ticket_templates.queries import TemplateCard
from ticket_templates.versions import CompiledVersion
from ticket_templates.workflow import Step
from views.api.v1 import exact

ANSWER: Final = "answers."
FIELD: Final = "fields."
#: When something happened to a ticket.
INSTANTS: Final = ("created_at", "changed_at", "state_since", "due_at", "resolved_at", "closed_at")
#: Columns as they are.
PLAIN: Final = ("number", "version", "state", "category", "channel", "external_source", "external_id")
#: All parts of a ticket a list can be narrowed to; single ones are ``fields.NAME`` and ``answers.KEY``.
PARTS: Final = (
    "number", "version", "template", "template_version", "state", "category", "channel", "fields", "answers", "masked",
    "checklist", "created_by_id", *INSTANTS, "external_source", "external_id", "labels",
)  # fmt: skip


def instant(moment: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ticket(
    row: TicketRow, only: Collection[str] = (), *, pointers: Collection[str] = tuple(POINTERS)
) -> dict[str, Any]:
    """Return a ticket, or ``only`` some parts of it; ``pointers`` are the columns whose names are known."""
    wanted = set(only) or set(PARTS)
    columns = row.columns
    found: dict[str, Any] = {name: columns[name] for name in PLAIN}
    found["template"], found["template_version"] = row.version.template_key, row.version.number
    named = {one.removeprefix(FIELD) for one in wanted if one.startswith(FIELD)}
    asked = [name for name in ASKABLE if not named or name in named or "fields" in wanted]
    found["fields"] = {name: row.tags if name == TAGS else columns[name] for name in asked}
    wanted |= {"fields"} if named else set()
    found["created_by_id"] = columns["created_by_id"]
    found["checklist"] = sorted(columns["checklist"])
    found |= {name: instant(columns[name]) for name in INSTANTS}
    keys = {one.removeprefix(ANSWER) for one in wanted if one.startswith(ANSWER)}
    if keys or wanted & {"answers", "masked"}:
        found["answers"], found["masked"] = _answers(row, None if "answers" in wanted or not keys else keys)
    if "labels" in wanted:
        found["labels"] = _labels(row, pointers)
    if keys:
        wanted |= {"answers", "masked"}
    return {name: found[name] for name in PARTS if name in wanted}


def _answers(row: TicketRow, keys: Collection[str] | None) -> tuple[dict[str, Any], list[str]]:
    """Return the answers this reader may see, and which of them are hidden behind a mask."""
    answers, masked = {}, []
    context = row.reader.context(row.reader.actor.locale)
    for key, kind in row.version.types.items():
        if (keys is None or key in keys) and (value := row.value(key)) is not None:
            if kind.personal and not context.personal:
                masked.append(key)
            answers[key] = kind.to_json(value, context)
    return answers, masked


def _labels(row: TicketRow, pointers: Collection[str]) -> dict[str, str]:
    locale = row.reader.actor.locale
    words = {
        "template": row.version.label(locale),
        "state": row.state_label(locale),
        "category": CATEGORIES[row.category].in_(locale),
        "priority": PRIORITIES[row.priority].in_(locale),
    }
    return words | {name: row.named(name) for name in pointers if row.columns[name] is not None}


def view(card: ViewCard) -> dict[str, Any]:
    """Return a saved view."""
    return {
        "id": card.id,
        "name": card.name,
        "audience": card.audience,
        "team": card.team_id,
        "query": dict(card.query),
        "default_roles": list(card.default_roles),
        "version": card.version,
        "yours": card.yours,
    }


def step(one: Step, detail: TicketRow, locale: str) -> dict[str, Any]:
    """Return a way out of the ticket's state, what it asks for, and what it waits for."""
    transition = one.transition
    return {
        "key": transition.key,
        "label": label_in(transition.labels, locale),
        "target": transition.target or None,
        "open": one.open,
        "reasons": [reason.in_(locale) for reason in one.reasons],
        "missing": list(one.missing),
        "unticked": list(one.unticked),
        "asks": _asks(one, detail),
        "note_required": transition.note_required,
        "clears": list(one.clears),
        "sets": [each.field for each in transition.sets],
        "adds": list(transition.adds),
        "takes_off": list(transition.takes_off),
    }


def _asks(one: Step, detail: TicketRow) -> dict[str, Any]:
    """Return what is told with a step, in the parts of the wish that takes it; what nobody here may read is not."""
    asks = asking.of_step(detail.version, one.transition, missing=one.missing)
    known = {*detail.readable, *REQUIRABLE}
    return {
        "fields": list(asks.columns),
        "answers": [key for key in asks.fields if key in known],
        "checklist": one.transition.checklist,
        "when": {key: tree for key, tree in asks.conditional.items() if key in known},
    }


def entry(one: TimelineEntry, locale: str) -> dict[str, Any]:
    """Return one thing that happened on a ticket."""
    return {
        **note(one),
        "kind": one.kind,
        "cause": one.cause,
        "transition": one.transition,
        "changes": [
            {"field": change.field, "label": spoken(change.label, locale), "old": change.old, "new": change.new,
             "moved": change.moved or None}
            for change in one.changes
        ],
    }  # fmt: skip


def note(one: TimelineEntry) -> dict[str, Any]:
    """Return a note with its files."""
    return {
        "id": one.id,
        "at": instant(one.at),
        "by": None if one.actor_id is None else {"id": one.actor_id, "name": one.actor},
        "body": one.body,
        "public": one.public,
        "files": [file(each) for each in one.files],
    }


def file(one: Any) -> dict[str, Any]:
    """Return a file; it is fetched at ``/api/v1/attachments/ID``."""
    return {"id": one.id, "filename": one.filename, "media_type": one.media_type, "size_bytes": one.size_bytes}


def card(one: TemplateCard, locale: str) -> dict[str, Any]:
    """Return a template in a list."""
    return {
        "key": one.key,
        "label": label_in(one.labels, locale),
        "description": label_in(one.description, locale),
        "version": one.number,
        "withdrawn": one.withdrawn,
    }


def version(found: CompiledVersion, readable: Collection[str], writable: Collection[str], context: Context) -> Any:
    """Return what a version of a template asks for, as far as its reader may see it."""
    spec, locale = found.spec, context.locale
    known = condition_fields(spec, found.types, context.currency)
    return {
        "key": found.template_key,
        "label": found.label(locale),
        "version": found.number,
        "withdrawn": found.withdrawn,
        "required_fields": list(spec.required),
        "sections": [
            {
                "key": one.key,
                "label": label_in(one.labels, locale),
                "on_create": one.on_create,
                "fields": [use.field for use in one.fields if use.field in readable],
            }
            for one in spec.sections
        ],
        "fields": [
            _field(found, key, context, known) | {"writable": key in writable}
            for key in found.types
            if key in readable
        ],
        "initial": found.initial,
        "states": [
            {"key": one.key, "label": label_in(one.labels, locale), "category": one.category,
             "kept": sorted(found.rules.standing(one.key).kept & set(readable))}
            for one in spec.workflow.states
        ],
        "transitions": [
            {"key": one.key, "label": label_in(one.labels, locale), "sources": list(one.sources),
             "target": one.target or None, "required": list(one.required), "note_required": one.note_required,
             "after": list(one.after), "other_than": list(one.other_than),
             "adds": list(one.adds), "takes_off": list(one.takes_off), "sets": [each.field for each in one.sets]}
            for one in spec.workflow.transitions
        ],
        "checklist": [
            {"key": one.key, "label": label_in(one.labels, locale), "required": one.required} for one in spec.checklist
        ],
    }  # fmt: skip


def _field(found: CompiledVersion, key: str, context: Context, known: Mapping[str, ConditionField]) -> dict[str, Any]:
    use, kind, locale = found.uses[key], found.types[key], context.locale
    schema = kind.answer_schema(context)
    with suppress(FieldError):
        if (default := kind.clean(kind.default(use.default), context)) is not None:
            # Said by the template, of nobody.
            schema["default"] = kind.to_json(default, replace(context, personal=True))
    return {
        "key": key,
        "label": kind.label_in(locale),
        "help": label_in(kind.spec.help, locale),
        "type": kind.spec.type,
        "required": use.required,
        "personal": kind.personal,
        "visible_when": exact.condition_told(use.visible_when, known),
        "required_when": exact.condition_told(use.required_when, known),
        "editable_in": list(use.editable_in),
        "lowered_in": list(use.lowered_in),
        "options": _options(kind.spec.options, locale),
        "schema": schema,
    }


def _options(options: Any, locale: str) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "label": label_in(one.labels, locale), "retired": one.retired,
         "children": _options(one.children, locale)}
        for one in options
    ]  # fmt: skip
