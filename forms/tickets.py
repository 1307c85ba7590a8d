"""The form of a template version: inputs from its field types, orders out of what was typed."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import Label, Message, label_in, spoken
from app.core.numbers import whole_in
from app.core.permissions import Actor
from app.tickets.orders import NoteOrder
from forms.conditions import SIMPLE, scripts
from forms.moved import called, hint, unmoved
from forms.ticket_answers import Answer, AnswersForm, input_id
from forms.ticket_columns import COLUMN_LABELS, TARGETS, ColumnsForm
from ticket_templates import emptying, standing
from ticket_templates.facts import mentioned, numbered
from ticket_templates.field_types.base import Context, FieldError, is_empty
from ticket_templates.field_types.inputs import RowsInput
from ticket_templates.versions import CompiledVersion
from ticket_templates.versions.checking import DOUBTED

#: How a refusal names the cell of a table.
_CELL: Final = re.compile(r"\w+\[(\d+)\]\.(\w+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as the summary shows it: what the field is called and where its input stands."""

    message: Message
    label: Label | Message | str = ""
    target: str = ""
    #: What the refused column is called in the form; a field of the template is found by its target.
    name: str = ""


@dataclass
class VersionForm:
    """Some fields of a version for one person: what is asked, what was typed, what was refused."""

    version: CompiledVersion
    actor: Actor
    context: Context
    #: The ticket's columns, for conditions.
    columns: Mapping[str, Any]
    #: The unsealed values of the ticket; at creation the defaults.
    values: Mapping[str, Any]
    keys: Sequence[str]
    formdata: Any = None
    refusals: list[Problem] = field(default_factory=list)
    #: Fields whose answer is what comes in (1) or goes out (-1) with the step this form takes.
    moves: Mapping[str, int] = field(default_factory=dict)
    #: Its key; empty: it takes none.
    step: str = ""
    #: Fields it had inputs for when it was opened: what was typed there is refused where it is too late, never lost.
    sent: Collection[str] = ()
    #: What the template doubts of what was typed: asked once, and taken when it is sent again as it is.
    doubts: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        readable = self.version.readable(self.actor)
        state = self.columns.get("state")
        writable = self.version.writable(self.actor, state) | self.version.movable(self.actor, self.moves, state)
        writable -= standing.booked(self.version, self.values, self.moves)
        writable |= self.version.writable(self.actor).intersection(self.sent)
        #: Fields whose typed answer counts, and computed ones that are shown beside them.
        self.asked = [key for key in self.keys if key in writable]
        self.shown = [key for key in self.keys if key in writable or (key in readable and self._derived(key))]
        #: What the ticket has and nobody empties where it is.
        self.kept = {
            key
            for key in self.version.rules.standing(state).kept
            if self.values.get(key) is not None and key not in self.moves
        }
        values = unmoved(self.values, self.moves)
        self.inputs = AnswersForm(self.version, self.shown, self.context, values, self.formdata)
        for key in self.moves.keys() & set(self.asked):
            said = hint(self.version.types[key], self.values.get(key), self.moves[key], self.context)
            self.inputs[key].description = said.in_(self.context.locale)
            self.inputs[key].own_label = called(self.version.types[key], self.moves[key], self.context.locale)

    def call_amounts(self, labels: Label) -> None:
        """Call the input of what a step moves as the step calls it, with the numbers of the ticket as it is."""
        for key, text in self.amounts_called(labels, self.values).items():
            self.inputs[key].own_label = text

    def amounts_called(self, labels: Label, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what a step calls the inputs of what it moves, by field, with the numbers of ``values``."""
        words = numbered(labels, self.version.types, values, self.context) if labels else {}
        counted = (key for key in self.asked if labels and key in self.moves and self.version.rules.counts(key))
        return dict.fromkeys(counted, label_in(words, self.context.locale))

    def _derived(self, key: str) -> bool:
        return self.version.types[key].derived

    def raw(self) -> dict[str, Any]:
        """Return the answers as typed, by field key."""
        return self.inputs.answers(self.asked)

    @cached_property
    def typed(self) -> dict[str, Any]:
        """The values the ticket would have with what is typed so far."""
        values = dict(self.values)
        for key, raw in self.raw().items():
            ftype, sign = self.version.types[key], self.moves.get(key)
            try:
                values[key] = (
                    ftype.moved(raw, values.get(key), sign, self.context) if sign else ftype.clean(raw, self.context)
                )
            except FieldError:
                values[key] = values.get(key) if sign else None
        return values

    @cached_property
    def visible(self) -> set[str]:
        """The fields that show, given what is typed so far."""
        return self.version.visible(self.typed, self.columns)

    def answer(self, key: str) -> Answer:
        """Return one field as the page draws it."""
        value = self.values.get(key)
        fact = self.version.types[key].fact(value) if value is not None and self._derived(key) else None
        use = self.version.uses[key]
        if key in self.kept:
            use = replace(use, required=True)
        elif key in self.moves:
            # What is there stays without an amount of today.
            use = replace(use, required=False, read_only=False)
        return Answer(key, self.inputs[key], self.version.types[key], use, key in self.visible, fact)

    @property
    def answers(self) -> list[Answer]:
        """The fields in the order of the form."""
        return [self.answer(key) for key in self.shown]

    @property
    def sections(self) -> Iterator[dict[str, Any]]:
        """The sections that have a field here, as the page draws them."""
        for section in self.version.spec.sections:
            keys = [use.field for use in section.fields if use.field in self.shown]
            if keys:
                label = spoken(section.labels, self.context.locale)
                answers = [self.answer(key) for key in keys]
                visible = any(one.visible for one in answers)
                yield {"key": section.key, "label": label, "answers": answers, "visible": visible}

    @property
    def rules(self) -> dict[str, Any]:
        """What the browser needs to show, require and compute; conditions over what it may not know are left out."""
        given = self._given_facts()
        known = self._known(given)
        # Answers that may empty others: what they would is said while one types.
        sight = self.version.rules.sight_of
        hiding = {one for key, seen in sight.items() if self.values.get(key) is not None for one in seen}
        fields = {}
        for key in self.shown:
            use, ftype = self.version.uses[key], self.version.types[key]
            scale = getattr(ftype, "scale_in", None)
            visible, required = scripts(self.version.rules)[key]
            visible = visible if set(mentioned(use.visible_when)) <= known else None
            required = required if set(mentioned(use.required_when)) <= known and key not in self.moves else None
            fields[key] = {
                "kind": ftype.kind,
                "derived": ftype.derived,
                "visible": visible,
                "required": required,
                "scale": scale(self.context) if scale else None,
                # Conditions only the server can judge: the browser asks it while one types.
                "asks": bool(use.visible_when and not visible),
                "demands": bool(use.required_when and not required and key not in self.moves),
                "always": key in self.kept,
                "doubted": key in self.version.rules.doubted or key in hiding,
            }
            if key in self.moves and self.version.rules.counts(key):
                fields[key] |= {"moves": self.moves[key], "held": self.values.get(key)}
        return {"fields": fields, "facts": given}

    def conditions(self) -> Iterator[Mapping[str, Any] | None]:
        """Yield the conditions the browser is to judge while one types."""
        for key in self.shown:
            use = self.version.uses[key]
            yield from (use.visible_when, use.required_when)

    def _known(self, given: Mapping[str, Any]) -> set[str]:
        """Return the facts the browser knows: those of the inputs, and those it is told."""
        return given.keys() | {f"values.{key}" for key in self.shown}

    def _given_facts(self) -> dict[str, Any]:
        """Return the facts this form does not ask for itself and this person may know."""
        names = {name for tree in self.conditions() for name in mentioned(tree)}
        facts = self.version.rules.facts(self.columns, self.values)
        readable = self.version.readable(self.actor) - self.version.personal
        allowed = {f"values.{key}" for key in readable if key not in self.shown} | self.columns.keys()
        return {name: facts.get(name) for name in names & allowed if isinstance(facts.get(name), SIMPLE)}

    @property
    def seal(self) -> str:
        """Names what is typed, and what it is typed over: a doubt is asked about anew when either is another."""
        typed = repr((self.columns.get("version"), sorted(self.sealed().items(), key=itemgetter(0))))
        return sha256(typed.encode()).hexdigest()[:32]

    def sealed(self) -> dict[str, Any]:
        """Return what is typed, by the name of its input."""
        return self.raw()

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody was asked about what is doubtful here, and sent it again."""
        return self.formdata is not None and self.formdata.get("confirmed") == self.seal

    def doubt(self) -> None:
        """Put at its input what the template doubts of what is typed."""
        cleaned = self.version.clean(
            self.raw(), self.values, actor=self.actor, context=replace(self.context, draft=True), facts=self.columns,
            moves=self.moves, step=self.step,
        )  # fmt: skip
        gone = emptying.emptied(
            self.version, self.values, cleaned, readable=self.version.readable(self.actor), context=self.context
        )
        self._ask([*cleaned.doubts, *(gone if emptying.is_booked(self.version, self.values) else ())])

    def _ask(self, doubts: Iterable[Refusal]) -> None:
        for one in doubts:
            if one.root not in self.version.uses:
                self.doubts.append(self._elsewhere(one))
                continue
            label = self.version.spec.fields[one.root].labels
            shown = one.root in self.shown
            self.doubts.append(Problem(one.message, label, input_id(one.root) if shown else ""))
            if shown:
                said = one.message.in_(self.context.locale)
                self.inputs[one.root].doubt = f"{self.inputs[one.root].doubt} {said}".lstrip()

    def mark(self, refusals: Iterable[Refusal], columns: ColumnsForm | None = None) -> None:
        """Put each refusal at its input, and all of them into the summary; of what is doubted alone it is asked."""
        locale = self.context.locale
        several = tuple(refusals)
        if all(one.code == DOUBTED for one in several):
            self._ask(several)
            return
        # What was typed is not missing, only not saved yet because of something else.
        true = [one for one in several if one.code != "required" or not self._is_typed(one.field)]
        for one in sorted(true or several, key=self._place):
            if one.root in self.shown:
                label = self.inputs[one.root].own_label or self.version.spec.fields[one.root].labels
                self.refusals.append(Problem(one.message, label, self._marked(one)))
                continue
            if columns is not None and one.field in columns:
                columns[one.field].errors = [*columns[one.field].errors, one.message.in_(locale)]
            self.refusals.append(self._elsewhere(one))

    def _marked(self, refusal: Refusal) -> str:
        """Put a refusal at the input, or the cell of a table, it is about; return the id of that."""
        shown, locale = self.inputs[refusal.root], self.context.locale
        cell = _CELL.fullmatch(refusal.field)
        if cell and isinstance(shown, RowsInput) and cell[2] in shown.columns:
            place = f"{cell[1]}-{cell[2]}"
            shown.faults.setdefault(place, []).append((refusal.here or refusal.message).in_(locale))
            return f"{input_id(refusal.root)}-{place}"
        shown.errors = [*shown.errors, refusal.message.in_(locale)]
        return input_id(refusal.root)

    def _place(self, refusal: Refusal) -> int:
        """Where the input stands on the form: the customer first, then the answers, then how it is handled."""
        if refusal.root in self.shown:
            return self.shown.index(refusal.root)
        return -1 if TARGETS.get(refusal.field) == "customer-search" else len(self.shown)

    def _is_typed(self, key: str) -> bool:
        return key in self.asked and not is_empty(self.inputs[key].data)

    def _elsewhere(self, refusal: Refusal) -> Problem:
        if refusal.field in COLUMN_LABELS:
            target = TARGETS.get(refusal.field, refusal.field)
            return Problem(refusal.message, COLUMN_LABELS[refusal.field], target, refusal.field)
        spec = self.version.spec.fields.get(refusal.root)
        if spec and refusal.root in self.version.readable(self.actor):
            return Problem(refusal.message, spec.labels)
        return Problem(refusal.message)


def note_of(formdata: Any, name: str = "note") -> NoteOrder | None:
    """Return the note typed beside an order, or None."""
    body = formdata.get(name, "")
    files = tuple(number for one in formdata.getlist("files") if (number := whole_in(one)) is not None)
    if not body.strip() and not files:
        return None
    return NoteOrder(body, public=formdata.get("public") == "1", files=files)
