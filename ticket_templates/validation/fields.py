"""Definitions of fields and their uses in sections."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.core.i18n import _
from ticket_templates.codec import Path, Problem, path_of, repeated
from ticket_templates.facts import COLUMNS, REQUIRABLE
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Context, FieldError, FieldType
from ticket_templates.origins import ORIGINS
from ticket_templates.spec import FieldSpec, FieldUse, Option, TemplateSpec
from ticket_templates.validation.lowering import lowered_problems

#: Names a ticket has already, in forms, exports and conditions.
RESERVED: Final = frozenset({
    *COLUMNS, *REQUIRABLE, "id", "number", "template", "template_id", "version", "version_id", "values", "checklist",
    "created_at",
    "note", "notes", "transition", "reason", "files", "created_by_id", "changed_at", "state_since", "due_at",
    "resolved_at", "closed_at", "external_id", "external_source", "submission_key", "csrf_token",
})  # fmt: skip
#: Levels of a cascade, and options of one field.
DEEPEST_CASCADE: Final = 8
MOST_OPTIONS: Final = 2000

#: Why a field of that type, or with these settings, has no index.
NOT_INDEXABLE: Final = _("Only fields with one short answer that is not encrypted can be indexed.")

#: Defaults are tried with it; whatever the day and the site, they must be answers.
TRIAL: Final = Context(now=datetime(2026, 1, 1, tzinfo=UTC), zone=ZoneInfo("UTC"))


def field_problems(spec: TemplateSpec, roles: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the definitions and the uses."""
    used = {use.field for section in spec.sections for use in section.fields}
    for index, definition in enumerate(spec.fields.values()):
        yield from definition_problems(definition, ("fields", index))
        if definition.key not in used:
            message = _("No section uses the field “%(key)s”.", key=definition.key)
            yield Problem(("fields", index, "key"), message, "unused_field")
    seen: set[str] = set()
    for number, section in enumerate(spec.sections):
        for index, use in enumerate(section.fields):
            path: Path = ("sections", number, "fields", index)
            if use.field in seen:
                yield repeated(use.field, (*path, "field"))
            seen.add(use.field)
            yield from _use_problems(use, spec, roles, path)


def definition_problems(definition: FieldSpec, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with one definition of the library."""
    if definition.key in RESERVED:
        message = _("“%(key)s” is a word of every ticket; choose another key.", key=definition.key)
        yield Problem((*path, "key"), message, "reserved_key")
    yield from _option_problems(definition, path)
    cls = FIELD_TYPES.get(definition.type)
    if cls is None:
        message = _(
            "There is no field type “%(type)s”; there are %(types)s.",
            type=definition.type, types=", ".join(FIELD_TYPES.names()),
        )  # fmt: skip
        yield Problem((*path, "type"), message, "unknown_type")
        return
    field_type = cls(definition)
    try:
        field_type.check_definition()
    except FieldError as error:
        for refusal in error.refusals:
            yield Problem(_setting_path(definition, path, refusal.field), refusal.message, refusal.code)
        return
    if (default := field_type.default()) is not None:
        yield from _default_problems(field_type, default, (*path, "settings", "default"))
    if definition.indexed and not field_type.indexable:
        yield Problem((*path, "indexed"), NOT_INDEXABLE, "not_indexable")


def _setting_path(definition: FieldSpec, path: Path, name: str) -> Path:
    """Return where a refusal of the type is about: its options, a setting, or the settings as a whole."""
    if name == "options" or name.startswith("options["):
        return (*path, "options") if definition.options else path
    steps = path_of(name)
    if steps and steps[0] in definition.settings:
        return (*path, "settings", *steps)
    return (*path, "settings") if definition.settings else path


def _option_problems(definition: FieldSpec, path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    count = 0
    for place, option, depth in _options(definition.options, (*path, "options"), 1):
        count += 1
        if option.key in seen:
            yield repeated(option.key, (*place, "key"))
        seen.add(option.key)
        if depth > DEEPEST_CASCADE:
            yield Problem(place, _("At most %(limit)s levels of options.", limit=DEEPEST_CASCADE), "too_deep")
    if count > MOST_OPTIONS:
        message = _("At most %(limit)s entries, found %(count)s.", limit=MOST_OPTIONS, count=count)
        yield Problem((*path, "options"), message, "too_many")


def _options(options: Iterable[Option], path: Path, depth: int) -> Iterator[tuple[Path, Option, int]]:
    for index, option in enumerate(options):
        yield (*path, index), option, depth
        if depth <= DEEPEST_CASCADE:
            yield from _options(option.children, (*path, index, "children"), depth + 1)


def _use_problems(use: FieldUse, spec: TemplateSpec, roles: Collection[str], path: Path) -> Iterator[Problem]:
    definition = spec.fields.get(use.field)
    if definition is None:
        yield Problem((*path, "field"), _("There is no field “%(key)s”.", key=use.field), "unknown_field")
        return
    for name in ("read_roles", "write_roles"):
        yield from role_problems(getattr(use, name), roles, (*path, name))
    if use.read_roles and use.write_roles and not use.write_roles <= use.read_roles:
        message = _("Who may change a field must be able to see it.")
        yield Problem((*path, "write_roles"), message, "unreadable")
    for name in ("editable_in", "lowered_in"):
        yield from _state_problems(getattr(use, name), spec, (*path, name))
    yield from lowered_problems(use, definition, path)
    cls = FIELD_TYPES.get(definition.type)
    if cls is None:
        return
    required = "required" if use.required else "required_when"
    unanswerable = cls.derived or (use.read_only and cls(definition).default(use.default) is None)
    if (use.required or use.required_when is not None) and unanswerable:
        yield Problem((*path, required), _("Nobody can type this field, so it cannot be required."), "unanswerable")
    if use.default_from:
        yield from _origin_problems(use, definition, path)
    if use.default is not None:
        if cls.derived:
            yield Problem((*path, "default"), _("A computed field has no default."), "derived")
            return
        field_type = cls(definition)
        yield from _default_problems(field_type, field_type.default(use.default), (*path, "default"))


def _state_problems(named: Sequence[str], spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    known = [state.key for state in spec.workflow.states]
    for place, key in enumerate(named):
        if key not in known:
            message = _("There is no state “%(key)s”; there are %(states)s.", key=key, states=", ".join(known))
            yield Problem((*path, place), message, "unknown_state")


def _origin_problems(use: FieldUse, definition: FieldSpec, path: Path) -> Iterator[Problem]:
    origin = ORIGINS.get(use.default_from)
    if origin is None:
        message = _(
            "There is no “%(name)s” to take a default from; there are %(names)s.",
            name=use.default_from, names=", ".join(ORIGINS),
        )  # fmt: skip
        yield Problem((*path, "default_from"), message, "unknown_origin")
    elif definition.type not in origin.types:
        message = _(
            "“%(name)s” answers fields of these types: %(types)s.",
            name=use.default_from, types=", ".join(origin.types),
        )  # fmt: skip
        yield Problem((*path, "default_from"), message, "wrong_type")


def _default_problems(field_type: FieldType, default: Any, path: Path) -> Iterator[Problem]:
    try:
        field_type.clean(default, TRIAL)
    except FieldError as error:
        (refusal, *_others), words = error.refusals, ", ".join(sorted(field_type.words))
        message = _("%(reason)s Or one of these words: %(words)s.", reason=refusal.message, words=words)
        yield Problem(path, message if words else refusal.message, refusal.code)


def role_problems(named: Iterable[str], roles: Collection[str], path: Path) -> Iterator[Problem]:
    """Yield each role that is named and not there."""
    for role in sorted(named):
        if role not in roles:
            message = _("There is no role “%(role)s”; there are %(roles)s.", role=role, roles=", ".join(sorted(roles)))
            yield Problem(path, message, "unknown_role")
