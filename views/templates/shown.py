"""A template as people read it: rows for the page and the picture of the workflow."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.errors import DomainError
from app.core.i18n import Label, Message, _, label_in, listing
from ticket_templates.facts import CATEGORY_LABELS, REQUIRABLE, Said, Sentence, condition_fields, filled, read_condition
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.origins import ORIGINS
from ticket_templates.roles import role_names
from ticket_templates.spec import CHECKLIST, FieldUse, TemplateSpec, Transition
from ticket_templates.versions.standing import standing
from ticket_templates.versions.unknown_type import bound
from views.templates.asked import ColumnRow, Fact, OptionRow, columns, facts, options

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a section; the sentences are empty where nothing is said."""

    key: str
    label: Label
    type: Message
    icon: str
    derived: bool
    required: bool
    required_when: Message | None
    visible_when: Message | None
    readers: Message | None
    writers: Message | None
    #: The states in which its answer may change, where not in all.
    changing_in: Message | None
    #: The states in which it may become less, where it only grows in the others.
    lowered_in: Message | None
    help: Label
    read_only: bool
    #: What the field's answer is taken from when nobody gave one.
    origin: Message | None
    facts: tuple[Fact, ...]
    options: tuple[OptionRow, ...]
    columns: tuple[ColumnRow, ...]


@dataclass(frozen=True, slots=True)
class SectionRows:
    """A section with its fields."""

    label: Label
    on_create: bool
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """A transition: where from, where to, and what it asks."""

    label: Label
    sources: Message
    #: None: a ticket stays where it is.
    target: Label | None
    roles: Message
    needs: tuple[Message, ...]
    #: What it empties.
    clears: Message | None
    #: What it answers by itself.
    sets: tuple[Message, ...]


class Shown:
    """What one spec says."""

    def __init__(self, spec: TemplateSpec, context: Context) -> None:
        self.spec = spec
        self.context = context
        used = [use.field for section in spec.sections for use in section.fields if use.field in spec.fields]
        self.types: dict[str, FieldType] = {key: bound(spec.fields[key]) for key in used}
        self._known = condition_fields(spec, self.types, context.currency)
        self._states = {state.key: state.labels for state in spec.workflow.states}
        self._steps = {one.key: one.labels for one in spec.workflow.transitions}

    @property
    def sections(self) -> list[SectionRows]:
        """The sections in order."""
        return [
            SectionRows(
                section.labels,
                section.on_create,
                tuple(self._field(use) for use in section.fields if use.field in self.types),
            )
            for section in self.spec.sections
        ]

    @property
    def transitions(self) -> list[TransitionRow]:
        """The transitions in order."""
        return [
            TransitionRow(
                one.labels,
                listing(self._states.get(source, source) for source in one.sources),
                self._states.get(one.target, {"en": one.target}) if one.target else None,
                role_names(one.roles) if one.roles else _("everybody"),
                tuple(self._needs(one)),
                _("Empties: %(fields)s.", fields=listing(self._label(key) for key in one.clears))
                if one.clears
                else None,
                tuple(
                    _("Answers “%(field)s” by itself: %(formula)s", field=self._label(each.field), formula=each.formula)
                    for each in one.sets
                ),
            )
            for one in self.spec.workflow.transitions
        ]

    @property
    def states(self) -> list[dict[str, Any]]:
        """The states: label, colour, category, limit, who changes a ticket there, and what every ticket there has."""
        stands = standing(self.spec)
        return [
            {
                "label": state.labels,
                "color": state.color,
                "category": CATEGORY_LABELS[state.category],
                "limit": span(state.limit_minutes),
                "editors": role_names(state.editable_by) if state.editable_by else None,
                "awaits": role_names(state.awaits) if state.awaits else None,
                "awaits_when": self._sentence(state.awaits_when),
                "awaits_always": role_names(state.awaits_always) if state.awaits_always else None,
                "initial": state.key == self.spec.workflow.initial,
                "kept": self._listed(stands[state.key].kept) if state.category != "closed" else None,
            }
            for state in self.spec.workflow.states
        ]

    @property
    def checklist(self) -> list[tuple[Label, bool, Message | None]]:
        """The items of the checklist: label, whether required, and which tickets have it."""
        return [(one.labels, one.required, self._sentence(one.when)) for one in self.spec.checklist]

    @property
    def required(self) -> Message | None:
        """What a new ticket must name besides its fields."""
        return listing(self._label(name) for name in self.spec.required) if self.spec.required else None

    def picture(self, locale: str) -> dict[str, Any]:
        """Return what the script draws: nodes, and one edge for each pair of states; of what stays, one for each."""
        edges: dict[tuple[str, str, str], list[str]] = {}
        for one in self.spec.workflow.transitions:
            for source, target in one.ways.items():
                apart = "" if one.target else one.key
                edges.setdefault((source, target, apart), []).append(label_in(one.labels, locale))
        return {
            "initial": self.spec.workflow.initial,
            "nodes": [
                {
                    "key": state.key,
                    "label": label_in(state.labels, locale),
                    "color": state.color,
                    "category": state.category,
                }
                for state in self.spec.workflow.states
            ],
            "edges": [
                {"source": source, "target": target, "label": " / ".join(labels), "stays": bool(apart)}
                for (source, target, apart), labels in edges.items()
            ],
        }

    def _field(self, use: FieldUse) -> FieldRow:
        definition, field_type = self.spec.fields[use.field], self.types[use.field]
        return FieldRow(
            use.field,
            definition.labels,
            field_type.label,
            field_type.icon,
            field_type.derived,
            use.required,
            self._sentence(use.required_when),
            self._sentence(use.visible_when),
            role_names(use.read_roles) if use.read_roles else None,
            role_names(use.write_roles) if use.write_roles else None,
            _named(use.editable_in, self._states),
            _named(use.lowered_in, self._states),
            definition.help,
            use.read_only,
            _origin(use),
            facts(field_type, self.context, use.default),
            tuple(options(definition.options)),
            columns(field_type, self.context),
        )

    def _needs(self, one: Transition) -> Iterable[Message]:
        if one.required:
            yield _("Fill in: %(fields)s.", fields=listing(self._label(key) for key in one.required))
        for need in one.required_when:
            fields = listing(self._label(key) for key in need.fields)
            yield _("Fill in %(fields)s when %(condition)s.", fields=fields, condition=self._sentence(need.when))
        if one.guard is not None:
            yield Said.of(filled(one.message, _number)) if one.message else self._guard(one.guard)
        for key in one.adds:
            yield _("Adds to %(field)s what is typed.", field=self._label(key))
        for key in one.takes_off:
            yield _("Takes off %(field)s what is typed.", field=self._label(key))
        if one.after:
            yield _("Only after %(steps)s.", steps=_named(one.after, self._steps))
        if one.other_than:
            yield _("Not for whoever took %(steps)s.", steps=_named(one.other_than, self._steps))
        if one.checklist:
            yield _("The checklist must be ticked.")
        if one.note_required:
            yield _("Fill in: %(fields)s.", fields=one.note_labels) if one.note_labels else _("A note is needed.")

    def _listed(self, keys: Collection[str]) -> Message | None:
        """Return fields in the order of the form."""
        return listing(self._label(key) for key in self.types if key in keys) if keys else None

    def _label(self, key: str) -> Label | Message:
        if key in REQUIRABLE:
            return REQUIRABLE[key][1]
        if key == CHECKLIST:
            return _("Checklist")
        return self.spec.fields[key].labels if key in self.spec.fields else {"en": key}

    def _guard(self, tree: Mapping[str, Any]) -> Message:
        return _("Only possible when: %(condition)s.", condition=self._sentence(tree))

    def _sentence(self, tree: Mapping[str, Any] | None) -> Message | None:
        if tree is None:
            return None
        try:
            return Sentence.of(read_condition(tree, self._known))
        except DomainError:
            # Only a draft can hold one; publishing refuses it.
            return _("This condition does not fit the fields.")


def _named(keys: Collection[str], labels: Mapping[str, Label]) -> Message | None:
    """Return states or steps as people call them; what only a draft can name, by its key."""
    return listing(labels.get(key, {"en": key}) for key in keys) if keys else None


def _number(_key: str, *, locale: str) -> str:
    """Return what stands for a number that only a ticket has."""
    del locale
    return "…"


def span(minutes: int | None) -> Message | None:
    """Return a time limit in the largest unit that fits."""
    if minutes is None:
        return None
    if minutes % _DAY == 0:
        return _("%(count)s d", count=minutes // _DAY)
    if minutes % _HOUR == 0:
        return _("%(count)s h", count=minutes // _HOUR)
    return _("%(count)s min", count=minutes)


def _origin(use: FieldUse) -> Message | None:
    known = ORIGINS.get(use.default_from)
    return _("%(thing)s: %(field)s", thing=REQUIRABLE[known.record][1], field=known.label) if known else None
