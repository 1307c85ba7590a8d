"""What changed between two versions of a template, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from app.core.i18n import Label, Message, _, listing
from ticket_templates.spec import FieldSpec, FieldUse, Option, TemplateSpec

_AREAS: Final[Mapping[str, Message]] = {
    "section": _("Section"),
    "field": _("Field"),
    "option": _("Option"),
    "state": _("State"),
    "transition": _("Transition"),
    "checklist": _("Checklist"),
    "layout": _("Template"),
}
_PARTS: Final[Mapping[str, Message]] = {
    "labels": _("label"),
    "type": _("type"),
    "help": _("help"),
    "settings": _("settings"),
    "indexed": _("indexed"),
    "color": _("colour"),
    "retired": _("retired"),
    "required": _("required answers"),
    "required_when": _("required when"),
    "visible_when": _("visible when"),
    "when": _("condition"),
    "read_only": _("read-only"),
    "default": _("default value"),
    "default_from": _("where the default comes from"),
    "width": _("width"),
    "read_roles": _("who may read"),
    "write_roles": _("who may change"),
    "editable_in": _("states in which it may change"),
    "lowered_in": _("states in which it may become less"),
    "on_create": _("asked at creation"),
    "category": _("category"),
    "limit_minutes": _("time limit"),
    "editable_by": _("who may change the ticket"),
    "awaits": _("whom it waits for"),
    "awaits_when": _("when it waits for them"),
    "awaits_always": _("whom it waits for always"),
    "sources": _("from states"),
    "target": _("to state"),
    "roles": _("roles"),
    "guard": _("condition"),
    "guard_first": _("when its condition is asked"),
    "message": _("what is said while it is closed"),
    "note_required": _("note required"),
    "note_labels": _("what the note is called"),
    "checklist": _("checklist"),
    "clears": _("what it empties"),
    "sets": _("what it answers by itself"),
    "shows": _("what its dialog shows"),
    "other_than": _("whose step it may not be"),
    "after": _("steps it waits for"),
    "adds": _("what it adds to"),
    "takes_off": _("what it takes off from"),
    "amount_labels": _("what the amount is called"),
    "order": _("order"),
    "section": _("section"),
    "initial": _("first state"),
    "subject": _("subject"),
    "numbering": _("numbering"),
    "print": _("print layout"),
    "checks": _("checks between answers"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``kind`` is added, removed or changed; ``parts`` names what changed of it."""

    kind: str
    area: str
    key: str
    label: Label | Message
    parts: tuple[str, ...] = ()

    @property
    def area_label(self) -> Message:
        """What sort of thing it is."""
        return _AREAS[self.area]

    @property
    def message(self) -> Message:
        """Return the difference as one sentence."""
        area = self.area_label
        if self.kind == "added":
            return _("%(area)s “%(name)s” added", area=area, name=self.label)
        if self.kind == "removed":
            return _("%(area)s “%(name)s” removed", area=area, name=self.label)
        parts = listing(_PARTS[part] for part in self.parts)
        return _("%(area)s “%(name)s” changed: %(parts)s", area=area, name=self.label, parts=parts)


def diff(old: TemplateSpec, new: TemplateSpec) -> list[Change]:
    """Return what differs in ``new``, in reading order: sections, fields, options, workflow, the rest."""
    return [
        *_compared("section", _sections(old), _sections(new)),
        *_compared("field", _fields(old), _fields(new)),
        *(change for key in new.fields if key in old.fields for change in _options(old.fields[key], new.fields[key])),
        *_compared("state", _records(old.workflow.states), _records(new.workflow.states)),
        *_compared("transition", _records(old.workflow.transitions), _records(new.workflow.transitions)),
        *_compared("checklist", _records(old.checklist), _records(new.checklist)),
        *_layout(old, new),
    ]


def _compared(area: str, old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]]) -> Iterator[Change]:
    """Yield differences of records by key; a moved one (against those both have) counts as changed order."""
    for key, record in old.items():
        if key not in new:
            yield Change("removed", area, key, record["labels"])
    kept_old = [key for key in old if key in new]
    kept_new = [key for key in new if key in old]
    for key, record in new.items():
        if key not in old:
            yield Change("added", area, key, record["labels"])
            continue
        parts = [part for part in record if record[part] != old[key][part]]
        if kept_old.index(key) != kept_new.index(key) and len(kept_new) > 1:
            parts.append("order")
        if parts:
            yield Change("changed", area, key, record["labels"], tuple(parts))


def _sections(spec: TemplateSpec) -> dict[str, dict[str, Any]]:
    return {one.key: {"labels": one.labels, "on_create": one.on_create} for one in spec.sections}


def _fields(spec: TemplateSpec) -> dict[str, dict[str, Any]]:
    found = {}
    for section in spec.sections:
        for use in section.fields:
            definition = spec.fields[use.field]
            found[use.field] = {
                "labels": definition.labels,
                "type": definition.type,
                "help": definition.help,
                "settings": definition.settings,
                "section": section.key,
                **{name: getattr(use, name) for name in _USE_PARTS},
            }
    return found


_USE_PARTS: Final = tuple(one.name for one in fields(FieldUse) if one.name != "field")


def _options(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    before, after = dict(_flat(old.options, old.labels)), dict(_flat(new.options, new.labels))
    return _compared("option", before, after)


def _flat(options: tuple[Option, ...], field: Label) -> Iterator[tuple[str, dict[str, Any]]]:
    for option in options:
        label = _("%(field)s: %(option)s", field=field, option=option.labels)
        yield option.key, {"labels": label, "color": option.color, "retired": option.retired}
        yield from _flat(option.children, field)


def _records(records: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    return {
        one.key: {name: getattr(one, name) for name in type(one).__dataclass_fields__ if name != "key"}
        for one in records
    }


def _layout(old: TemplateSpec, new: TemplateSpec) -> Iterator[Change]:
    parts = tuple(
        name
        for name in ("subject", "numbering", "required", "checks", "print")
        if getattr(old, name) != getattr(new, name)
    )
    if old.workflow.initial != new.workflow.initial:
        parts = (*parts, "initial")
    if parts:
        yield Change("changed", "layout", "", _("Settings of the template"), parts)
