"""Everything about a spec that can be computed once: bound types, compiled conditions, order, roles."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.conditions.python import compile_tree
from app.core.formula import formula
from app.core.i18n import LOCALES, Label
from app.core.money import USUAL_CURRENCY
from app.core.permissions import Actor
from ticket_templates import numbering
from ticket_templates.facts import Sentence, condition_fields, mentioned, mentioned_values, read_condition
from ticket_templates.field_types.base import FieldType
from ticket_templates.field_types.declared import Moving
from ticket_templates.formulas import inputs_of
from ticket_templates.spec import ChecklistItem, FieldUse, Section, State, TemplateSpec, Transition
from ticket_templates.versions.access import Access, Accesses
from ticket_templates.versions.guard_words import GuardWords
from ticket_templates.versions.standing import Standing, standing
from ticket_templates.versions.unknown_type import bound

Facts = Mapping[str, Any]
Condition = Callable[[Facts], bool]

_NO_STANDING: Final = Standing()
_AMOUNTS: Final = frozenset({"number", "money"})
_SUBJECT_KEY: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class CompiledSpec:
    """One spec with all its answers prepared; shared by every version and thread that holds the same spec."""

    def __init__(self, spec: TemplateSpec, currency: str = USUAL_CURRENCY) -> None:
        #: ``currency``: what amounts are in that name no currency of their own, the company's.
        self.spec, self.currency = spec, currency
        self.uses: dict[str, FieldUse] = {use.field: use for section in spec.sections for use in section.fields}
        self.section_of: dict[str, Section] = {use.field: one for one in spec.sections for use in one.fields}
        self.types: dict[str, FieldType] = {key: bound(spec.fields[key]) for key in self.uses}
        self.states: dict[str, State] = {state.key: state for state in spec.workflow.states}
        self.transitions: dict[str, Transition] = {one.key: one for one in spec.workflow.transitions}
        self.numbers = numbering.parse(spec.numbering.pattern)
        self.personal = frozenset(key for key, one in self.types.items() if one.personal)
        self.signatures = frozenset(key for key, one in self.types.items() if one.input == "signature")
        self.fact_names = {key: f"values.{key}" for key in self.types}
        self._compile_conditions()
        self._order_dynamic_fields()
        self._accesses = Accesses(self.uses, self.types, self.derived)
        #: The fields that not everybody may see: kept out of whatever everybody who sees the ticket reads.
        self.readers = self._accesses.readers
        #: The fields whose texts the search may find a ticket by: who finds it by a word knows that it holds the word.
        self.searched = [
            (key, one.search_text)
            for key, one in self.types.items()
            if one.searchable and not one.personal and key not in self.readers
        ]
        #: The personal ones among those: found as a whole.
        self.marked = self.personal - self.readers.keys()
        self._steps = {
            state: tuple(one for one in spec.workflow.transitions if state in one.sources) for state in self.states
        }
        self._standing = standing(spec)
        #: Field → the fields and columns its need, sight or value follows from; worked out when it is first asked.
        self._looks_at: dict[str, frozenset[str]] | None = None
        self._read_defaults()
        #: Fields that may have to be answered when a ticket is made.
        self.asked_on_create = [
            use.field
            for section in spec.sections
            if section.on_create
            for use in section.fields
            if use.required or use.required_when is not None
        ]
        # "text {key} text {key}" becomes text, key, text, key, text.
        self.subject_parts = _SUBJECT_KEY.split(spec.subject)

    def _read_defaults(self) -> None:
        #: Field → what of the ticket's customer, site or product answers it, unless somebody did.
        self.origins = {key: use.default_from for key, use in self.uses.items() if use.default_from}
        told = {key: self.types[key].default(use.default) for key, use in self.uses.items()}
        self.defaults = {key: one for key, one in told.items() if one is not None}
        #: Those of them that are worked out when a ticket is made: its day, its minute.
        self.moving = [key for key, one in self.defaults.items() if isinstance(one, Moving)]

    def _compile_conditions(self) -> None:
        known = condition_fields(self.spec, self.types, self.currency)
        self.visible_when: dict[str, Condition] = {}
        self.required_when: dict[str, Condition] = {}
        for key, use in self.uses.items():
            if (condition := _compiled(use.visible_when, known)) is not None:
                self.visible_when[key] = condition
            if (condition := _compiled(use.required_when, known)) is not None:
                self.required_when[key] = condition
        self._compile_steps(known)
        trees = [tree for use in self.uses.values() for tree in (use.visible_when, use.required_when)]
        #: Visibility looks at columns of the ticket, so it may change without an answer.
        self.watches_columns = any(
            not name.startswith("values.") for use in self.uses.values() for name in mentioned(use.visible_when)
        )
        guards = [tree for one in self.spec.workflow.transitions for tree in (one.guard, *_whens(one))]
        guards += [item.when for item in self.spec.checklist]
        #: The answers any condition looks at, with the name of the fact.
        self.asked = [
            (key, self.fact_names[key])
            for key in sorted(set().union(*(mentioned_values(tree) for tree in [*trees, *guards])) & set(self.uses))
        ]
        self.checks = [(one, formula(one.refuse_when)) for one in self.spec.checks if one.refuse_when]
        #: What is doubted rather than refused.
        doubts = [(one, formula(one.warn_when)) for one in self.spec.checks if one.warn_when]
        self.doubts = [(one, rule) for one, rule in doubts if not one.steps]
        self.doubted = frozenset(one.field for one, _formula in doubts)
        #: What is doubted with one step besides, by its key.
        self.doubts_with = {
            step: [(one, rule) for one, rule in doubts if step in one.steps]
            for step in {step for one, _formula in doubts for step in one.steps}
        }
        #: Fields whose answer may be right when it is typed and wrong later, though nobody changes it.
        self.lapsing = {key for key, one in self.types.items() if one.lapses}
        self.lapsing |= {check.field for check, rule in self.checks if "now" in rule.names}
        self.requires_on: dict[str, tuple[str, ...]] = {}
        for key, use in self.uses.items():
            for asked in mentioned_values(use.required_when):
                self.requires_on[asked] = (*self.requires_on.get(asked, ()), key)

    def _compile_steps(self, known: Mapping[str, ConditionField]) -> None:
        #: What must hold for a transition, and what is said while it does not.
        self.guards: dict[str, Condition] = {
            one.key: condition
            for one in self.spec.workflow.transitions
            if (condition := _compiled(one.guard, known)) is not None
        }
        self.guard_said = GuardWords(self.spec.workflow, self.types, known).said
        #: Transitions whose guard may yet be opened by what is typed with them.
        self.opened_by_answers = {
            one.key
            for one in self.spec.workflow.transitions
            if not one.guard_first
            and any(key in (*one.askable, *one.shows) and self._typed_with(one, key) for key in self._looked_into(one))
        }
        #: Transition → what it asks for besides, and the condition of that.
        self.needs: dict[str, tuple[tuple[Condition, tuple[str, ...]], ...]] = {
            one.key: tuple((compile_tree(read_condition(need.when, known)), need.fields) for need in one.required_when)
            for one in self.spec.workflow.transitions
            if one.required_when
        }
        #: Transitions of which it depends on what the ticket says whether they may be taken, or what they ask for.
        self.conditional = {
            one.key
            for one in self.spec.workflow.transitions
            if one.key in self.guards or one.required_when or one.checklist
        }
        #: The fields steps add to or take off from: amounts, and texts that become longer.
        self.moved = frozenset(key for one in self.spec.workflow.transitions for key in one.moves)
        #: Item of the checklist → which tickets have it; the others every ticket has.
        self.item_when: dict[str, Condition] = {
            item.key: condition
            for item in self.spec.checklist
            if (condition := _compiled(item.when, known)) is not None
        }

    def _typed_with(self, transition: Transition, key: str) -> bool:
        """Whether anybody can answer a field where a transition begins."""
        use = self.uses[key]
        answered = key in transition.moves or not (use.read_only or self.types[key].derived)
        return answered and (not use.editable_in or not set(use.editable_in).isdisjoint(transition.sources))

    def _looked_into(self, transition: Transition) -> set[str]:
        """Return the fields a guard asks about, and all those are computed from."""
        return set(self.computed_from(*mentioned_values(transition.guard)))

    def computed_from(self, *keys: str) -> list[str]:
        """Return ``keys`` and all they are computed from, the nearest first."""
        found: list[str] = []
        waiting = list(keys)
        while waiting:
            if (key := waiting.pop(0)) in self.types and key not in found:
                found.append(key)
                waiting += sorted(inputs_of(self.types[key]))
        return found

    def _order_dynamic_fields(self) -> None:
        """Order the fields whose value follows from others, so that each comes after what it looks at."""
        self.derived = frozenset(key for key, one in self.types.items() if one.derived)
        #: What each derived field is computed from.
        self.inputs = {key: inputs_of(self.types[key]) for key in self.derived}
        graph: dict[str, set[str]] = {}
        for key, use in self.uses.items():
            needs = mentioned_values(use.visible_when) | self.inputs.get(key, frozenset())
            graph[key] = needs & set(self.uses) - {key}
        self.dynamic = tuple(
            key for key in TopologicalSorter(graph).static_order() if key in self.derived or key in self.visible_when
        )
        trees = [use.visible_when for use in self.uses.values()]
        #: The answers, and the columns of the ticket, that all of these follow from.
        self.settled_by = tuple(sorted(set().union(*map(mentioned_values, trees), *self.inputs.values())))
        names = set().union(*map(mentioned, trees))
        self.settled_by_columns = tuple(sorted(name for name in names if not name.startswith("values.")))
        #: A number is drawn anew for each ticket, whatever it says.
        self.draws = not all(self.inputs.values())

    def following(self, names: Collection[str]) -> set[str]:
        """Return the fields whose need, sight or value is not known while ``names`` (fields or columns) are not."""
        if self._looks_at is None:
            self._looks_at = {key: self._looked_at(key) for key in self.uses}
        unknown = set(names)
        found: set[str] = set()
        while more := {
            key for key, seen in self._looks_at.items() if key not in found and not seen.isdisjoint(unknown)
        }:
            found |= more
            unknown |= more
        return found

    def _looked_at(self, key: str) -> frozenset[str]:
        use = self.uses[key]
        asked = {
            name.removeprefix("values.") for tree in (use.visible_when, use.required_when) for name in mentioned(tree)
        }
        if use.default_from:
            asked.add(f"{use.default_from.partition('.')[0]}_id")
        return frozenset(asked | self.inputs.get(key, frozenset()))

    def access(self, actor: Actor) -> Access:
        """Return what ``actor`` may see and type; computed once for each set of roles."""
        return self._accesses.of(actor)

    def steps_from(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that leave ``state``, in the order of the template."""
        return self._steps.get(state, ())

    def leading_from(self, state: str) -> tuple[Transition, ...]:
        """Return those of them that lead on: a payment recorded on the way is not what a ticket waits for."""
        return tuple(one for one in self.steps_from(state) if one.target)

    def standing(self, state: str | None) -> Standing:
        """Return what stands while a ticket is in ``state``; nothing in one that is not of this workflow."""
        return self._standing.get(state or "", _NO_STANDING)

    def facts(self, columns: Facts, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what conditions see: the ticket's columns and the answers any of them asks about."""
        merged = dict(columns)
        for key, name in self.asked:
            value = values.get(key)
            merged[name] = None if value is None else self.types[key].fact(value)
        return merged

    def counts(self, key: str) -> bool:
        """Whether a field counts what changed hands: it only grows, or steps add to it and take off."""
        return (key in self.moved and self.types[key].kind in _AMOUNTS) or bool(self.uses[key].lowered_in)

    def sight_words(self, key: str) -> Label:
        """Return the condition a field shows under, as a sentence in each language."""
        known = condition_fields(self.spec, self.types, self.currency)
        words = Sentence.of(read_condition(self.uses[key].visible_when, known))
        return {locale: words.in_(locale) for locale in LOCALES}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """State → its place among them, from 0."""
        return {state.key: place for place, state in enumerate(self.spec.workflow.states)}

    @cached_property
    def begun(self) -> tuple[str, ...]:
        """The fields a new ticket may answer by itself."""
        return tuple({**self.defaults, **self.origins})

    @cached_property
    def sight_of(self) -> Mapping[str, tuple[str, ...]]:
        """Field somebody answers → the answers on which it depends whether it shows, the nearest first."""
        return {key: self._sight(key) for key in self.visible_when if key not in self.derived}

    @cached_property
    def columns_of_sight(self) -> Mapping[str, frozenset[str]]:
        """Field somebody answers → the ticket's own columns on which it depends besides: its customer, say."""
        return {
            key: frozenset(
                name
                for one in (key, *seen)
                for name in mentioned(self.uses[one].visible_when)
                if not name.startswith("values.")
            )
            for key, seen in self.sight_of.items()
        }

    def _sight(self, key: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = sorted(mentioned_values(self.uses[key].visible_when))
        for one in waiting:
            if one in self.uses and one not in found:
                found[one] = None
                waiting += sorted(mentioned_values(self.uses[one].visible_when) | self.inputs.get(one, frozenset()))
        return tuple(one for one in found if one not in self.derived and one != key)

    @cached_property
    def charged(self) -> frozenset[str]:
        """The answers that say what a ticket charges or pays back, and how: none of it is due on another ticket again.

        They are what stands beside a counted amount in a balance, down to the rows of goods, and what it is told with.
        """
        found = {key for one in self.transitions.values() for key in self.told_with(one)}
        found |= {key for key in self.moved if not self.counts(key)}
        for key in self.derived:
            seen = self.computed_from(key)
            if any(self.counts(one) for one in seen):
                found |= {one for one in seen if one not in self.derived and not self.counts(one)}
        return frozenset(found)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """What a ticket of the past brings along, though only steps change it here: amounts, answers they set."""
        return self.moved.union(each.field for one in self.transitions.values() for each in one.sets)

    def lowering(self, key: str) -> list[Transition]:
        """Return the steps that lead to where an amount becomes less."""
        there = set(self.uses[key].lowered_in)
        return [one for one in self.transitions.values() if one.target in there and not there.issuperset(one.sources)]

    def told_with(self, transition: Transition) -> set[str]:
        """Return what an amount that comes in or goes out with a step is told with: by which way it was paid, say.

        That is what is needed once there is such an amount, and all a step asks for that is about nothing else.
        """
        moved = transition.moves.keys()
        told = {key for one in moved for key in self.requires_on.get(one, ())}
        return (told if moved.isdisjoint(transition.required) else told.union(transition.required)) - moved

    @cached_property
    def told_of(self) -> Mapping[str, frozenset[str]]:
        """Field → the amounts it is told with, by steps that leave the ticket where it is: how it was paid, say."""
        found: dict[str, frozenset[str]] = {}
        for one in self.transitions.values():
            if not one.target:
                counted = frozenset(filter(self.counts, one.moves))
                found |= {key: found.get(key, counted) | counted for key in self.told_with(one)}
        return found

    def needed(self, transition: Transition, facts: Facts) -> list[str]:
        """Return what a step asks for, given what is known of the ticket; each once."""
        wanted = list(transition.required)
        for condition, keys in self.needs.get(transition.key, ()):
            if condition(facts):
                wanted += [key for key in keys if key not in wanted]
        return wanted

    def demanded_by(self, key: str) -> tuple[str, ...]:
        """Return the fields that an answer to ``key`` makes necessary at once: of its section, and of the creation.

        Others wait for the end of the work.
        """
        section = self.section_of.get(key)
        return tuple(
            one
            for one in self.requires_on.get(key, ())
            if self.section_of[one] is section or self.section_of[one].on_create
        )

    def items(self, facts: Facts) -> list[ChecklistItem]:
        """Return the items of the checklist a ticket has, given what is known of it."""
        return [
            item
            for item in self.spec.checklist
            if (condition := self.item_when.get(item.key)) is None or condition(facts)
        ]

    def hidden(self, facts: Facts) -> set[str]:
        """Return the fields whose condition of visibility does not hold."""
        return {key for key, condition in self.visible_when.items() if not condition(facts)}

    def is_required(self, key: str, facts: Facts) -> bool:
        """Whether an answer is needed, given that the field is visible."""
        if self.uses[key].required:
            return True
        condition = self.required_when.get(key)
        return condition is not None and condition(facts)


def _compiled(tree: Mapping[str, Any] | None, known: Mapping[str, ConditionField]) -> Condition | None:
    return None if tree is None else compile_tree(read_condition(tree, known))


def _whens(transition: Transition) -> list[Mapping[str, Any]]:
    return [need.when for need in transition.required_when]
