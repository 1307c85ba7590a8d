"""The library of field definitions: a key is for ever, a type stays once used, used options are retired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import select

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from ticket_templates.codec import Problem, ProblemsError
from ticket_templates.models import FieldDefinition, TemplateVersion, TicketTemplate
from ticket_templates.spec import FieldSpec, Option, TemplateSpec
from ticket_templates.spec.shapes import FIELD, OPTIONS
from ticket_templates.validation.fields import definition_problems
from ticket_templates.versions.unknown_type import bound


@dataclass(slots=True)
class Usage:
    """How published versions use a field: under which type, and with which options."""

    types: set[str] = field(default_factory=set)
    options: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    definitions: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def sealed(self) -> bool:
        """Whether some version keeps its answers encrypted."""
        types = [bound(FIELD.read(one, (), [])) for one in self.definitions]
        return any(one.personal and not one.fact_path for one in types)


@dataclass(frozen=True, slots=True)
class IndexingChanged:
    """Another set of fields shall be indexed, or one of them in another way."""


def create_field(work: Work, definition: FieldSpec) -> None:
    """Add ``definition`` to the library; its key is taken for ever."""
    _allow(work)
    _check(definition)
    if _row(work, definition.key) is not None:
        message = _("There is a field “%(key)s” already.", key=definition.key)
        raise DomainError(message, field="key", code="taken")
    _add(work, definition)


def change_field(work: Work, definition: FieldSpec) -> FieldSpec:
    """Make the library's definition of that key read as ``definition``; return how it reads now.

    Options that published versions use are kept at the end, retired, when ``definition`` leaves them out.
    """
    _allow(work)
    _check(definition)
    row = _row(work, definition.key)
    if row is None:
        raise NotFoundError(_("There is no field “%(key)s”.", key=definition.key), field="key", code="unknown_field")
    usage = usages(work).get(definition.key, Usage())
    if (problem := type_problem(definition, usage) or sealed_problem(definition, usage)) is not None:
        raise problem
    return _change(work, row, definition, usage)


def mark_indexed(work: Work, field_key: str, *, indexed: bool) -> FieldSpec:
    """Say whether the field's answers shall have an index; return its definition. It is made in the background."""
    _allow(work)
    row = _row(work, field_key)
    if row is None:
        raise NotFoundError(_("There is no field “%(key)s”.", key=field_key), field="key", code="unknown_field")
    return change_field(work, replace(spec_of(row), indexed=indexed))


def used_in(work: Work, field_key: str) -> tuple[str, ...]:
    """Return the keys of the templates of which a version, published or draft, uses the field."""
    found = {
        template_key
        for template_key, _published, spec in _specs(work)
        if any(one["key"] == field_key for one in spec["fields"])
    }
    return tuple(sorted(found))


def usages(work: Work) -> dict[str, Usage]:
    """Return how published versions use each field, by key."""
    found: dict[str, Usage] = {}
    for template_key, published, spec in _specs(work):
        if published is None:
            continue
        for one in spec["fields"]:
            usage = found.setdefault(one["key"], Usage())
            usage.types.add(one["type"])
            usage.options.update(_option_keys(one.get("options", ())))
            usage.templates.add(template_key)
            usage.definitions.append(one)
    return found


def type_problem(definition: FieldSpec, usage: Usage) -> DomainError | None:
    """Return the error when ``definition`` has another type than the versions that use the field."""
    if usage.types <= {definition.type}:
        return None
    message = _(
        "“%(key)s” is used as %(type)s by %(templates)s; its type can no longer change.",
        key=definition.key, type=", ".join(sorted(usage.types)), templates=", ".join(sorted(usage.templates)),
    )  # fmt: skip
    return DomainError(message, field="type", code="type_in_use")


def sealed_problem(definition: FieldSpec, usage: Usage) -> DomainError | None:
    """Return the error when ``definition`` is to be indexed, and some version's tickets hold its answers encrypted."""
    if not (definition.indexed and usage.sealed):
        return None
    message = _(
        "“%(key)s” is encrypted in tickets of earlier versions, so it cannot be indexed.", key=definition.key
    )  # fmt: skip
    return DomainError(message, field="indexed", code="sealed")


def indexed(work: Work) -> frozenset[str]:
    """Return the keys of the fields whose answers shall have an index."""
    return frozenset(work.session.scalars(select(FieldDefinition.key).where(FieldDefinition.indexed)))


def definitions(work: Work, keys: Iterable[str]) -> dict[str, FieldSpec]:
    """Return the library's definitions of ``keys``, as far as there are any."""
    query = select(FieldDefinition).where(FieldDefinition.key.in_(sorted(set(keys))))
    return {row.key: spec_of(row) for row in work.session.scalars(query)}


def with_library(work: Work, spec: TemplateSpec) -> TemplateSpec:
    """Return ``spec`` with the definitions its fields have in the library; ProblemsError for one it lacks.

    What is indexed is left out: it may change with no new version, and makes no other one.
    """
    library = definitions(work, spec.fields)
    problems = [
        Problem(("fields", index, "key"), _("The library has no field “%(key)s”.", key=key), "unknown_field")
        for index, key in enumerate(spec.fields)
        if key not in library
    ]
    if problems:
        raise ProblemsError(problems)
    return replace(spec, fields={key: replace(library[key], indexed=False) for key in spec.fields})


def put_fields(work: Work, wanted: Iterable[FieldSpec]) -> tuple[list[str], list[str]]:
    """Make the library read as ``wanted``: a pack's definitions; return the keys created and changed."""
    rows = {row.key: row for row in work.session.scalars(select(FieldDefinition))}
    used = usages(work)
    created, changed = [], []
    for definition in wanted:
        row = rows.get(definition.key)
        if row is None:
            _add(work, definition)
            created.append(definition.key)
        elif spec_of(row) != _change(work, row, definition, used.get(definition.key, Usage()), dry=True):
            _change(work, row, definition, used.get(definition.key, Usage()))
            changed.append(definition.key)
    work.session.flush()
    return created, changed


def spec_of(row: FieldDefinition) -> FieldSpec:
    """Return a row of the library as the spec knows it."""
    options = OPTIONS.read(row.options or [], (), [])
    return FieldSpec(row.key, row.type, row.labels, row.help or {}, options, row.settings or {}, indexed=row.indexed)


def merged_options(old: Sequence[Option], new: Sequence[Option], used: set[str]) -> tuple[Option, ...]:
    """Return ``new`` with the used options of ``old`` it leaves out at the end of their level, retired."""
    left = {option.key: option for option in old}
    merged = []
    for option in new:
        before = left.pop(option.key, None)
        children = merged_options(before.children if before else (), option.children, used)
        merged.append(replace(option, children=children))
    elsewhere = _all_keys(new)
    for option in left.values():
        if option.key in used and option.key not in elsewhere:
            children = merged_options(option.children, (), used - elsewhere)
            merged.append(replace(option, retired=True, children=children))
    return tuple(merged)


def _all_keys(options: Sequence[Option]) -> set[str]:
    return {key for option in options for key in (option.key, *_all_keys(option.children))}


def _option_keys(options: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for option in options:
        yield option["key"]
        yield from _option_keys(option.get("children", ()))


def _change(work: Work, row: FieldDefinition, definition: FieldSpec, usage: Usage, *, dry: bool = False) -> FieldSpec:
    options = merged_options(spec_of(row).options, definition.options, usage.options)
    result = replace(definition, options=options)
    if not dry:
        if row.indexed or result.indexed:
            work.publish(IndexingChanged())
        for name, value in _columns(result).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        work.session.flush()
    return result


def _add(work: Work, definition: FieldSpec) -> None:
    if definition.indexed:
        work.publish(IndexingChanged())
    work.session.add(FieldDefinition(key=definition.key, **_columns(definition)))
    work.session.flush()


def _columns(definition: FieldSpec) -> dict[str, Any]:
    data = FIELD.write(definition)
    return {name: data.get(name, empty) for name, empty in _EMPTY.items()}


_EMPTY: Final[Mapping[str, Any]] = {
    "type": "", "labels": {}, "help": None, "options": None, "settings": {}, "indexed": False,
}  # fmt: skip


def _check(definition: FieldSpec) -> None:
    if problems := list(definition_problems(definition, ())):
        raise ProblemsError(problems)


def _row(work: Work, key: str) -> FieldDefinition | None:
    return work.session.scalar(select(FieldDefinition).where(FieldDefinition.key == key))


def _specs(work: Work) -> Iterable[Any]:
    return work.session.execute(
        select(TicketTemplate.key, TemplateVersion.published_at, TemplateVersion.spec).join(
            TemplateVersion, TemplateVersion.template_id == TicketTemplate.id
        )
    )


def _allow(work: Work) -> None:
    if not work.actor.may("field.design"):
        raise NotAllowedError(_("You may not change field definitions."), code="not_allowed")
