"""What is asked for: of a new ticket, and with a step; what of it is missing, and what people call it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _, listing
from ticket_templates.facts import ABOUT, REQUIRABLE
from ticket_templates.spec import CHECKLIST, Transition
from ticket_templates.versions import CompiledVersion
from ticket_templates.versions.standing import DONE


@dataclass(frozen=True, slots=True)
class StepQuestions:
    """What a step asks for: the dialog draws it, programs are told it, and the change path takes it with the step."""

    version: CompiledVersion
    transition: Transition
    #: Fields of the template, in the order of the form.
    fields: tuple[str, ...]
    #: The ticket's own columns: whose it is, where it stands, who has it.
    columns: tuple[str, ...]
    #: Fields and holders (as a template calls them) asked for only while a condition holds, with that condition.
    conditional: Mapping[str, Mapping[str, Any]]
    #: Those of them that an answer given with the step makes necessary, rather than the step itself.
    followers: tuple[str, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """The holders it asks for that are found together with the customer."""
        return tuple(one for one in ABOUT if column(one) in self.columns)

    @property
    def about_when(self) -> Mapping[str, Any] | None:
        """Under which condition it asks for any of them; None: always, or for none."""
        trees = [self.conditional.get(one) for one in self.about]
        return {"any": trees} if trees and all(trees) else None

    def needed(self, seen: Mapping[str, Any]) -> set[str]:
        """Return the fields and holders that must be answered, given what is known of the ticket."""
        rules = self.version.rules
        return {*rules.needed(self.transition, seen), *(key for key in self.followers if rules.is_required(key, seen))}


def of_step(
    version: CompiledVersion,
    transition: Transition,
    *,
    missing: Collection[str] = (),
    refused: Collection[str] = (),
    typed: Collection[str] = (),
) -> StepQuestions:
    """Return what a step asks for; of one ticket also what it lacks (``missing``), as `missing` says it.

    ``refused`` are the fields or columns that were wrong when it was tried: asked for whatever is answered now.
    ``typed`` are the fields that were asked for before: an answer may have made them necessary.
    """
    always = {*transition.required, *refused}
    wanted = {*always, *transition.askable, *transition.shows, *missing, *typed}
    followers = _followers(version, transition, [key for key in version.uses if key in wanted])
    # What the step shows anyway does not come and go with what is typed.
    seen = {*always, *transition.shows}
    conditional = {key: tree for key, tree in _whens(transition).items() if key not in seen}
    due = {*always, *missing, *conditional}
    following = tuple(key for key in followers if key not in seen and key not in conditional)
    return StepQuestions(
        version,
        transition,
        fields=tuple(key for key in version.uses if key in wanted or key in followers),
        columns=tuple(name for key, (name, _label) in REQUIRABLE.items() if key in due or name in due),
        conditional=conditional | {key: when for key in following if (when := version.uses[key].required_when)},
        followers=following,
    )


def asked_with(version: CompiledVersion, transition: Transition) -> set[str]:
    """Return what may be told with a step, as orders call it, by whoever may take it."""
    asks = of_step(version, transition)
    asked = {*asks.fields, *asks.columns}
    if asks.about:
        # Whose it is and where it stands are found together.
        asked |= {column(name) for name in ABOUT}
    if transition.checklist:
        asked.add(CHECKLIST)
    if _ends(version, transition):
        asked |= {key for key, use in version.uses.items() if use.required or use.required_when is not None}
    return asked


def _ends(version: CompiledVersion, transition: Transition) -> bool:
    """Whether a step leads to the end of the work; one that stays where the work is done does not end it again."""
    return bool(transition.target) and version.states[transition.target].category == DONE


def _followers(version: CompiledVersion, transition: Transition, asked: Iterable[str]) -> list[str]:
    """Return the fields that answers to those ``asked`` for can make necessary, and answers to these in turn.

    What the end of the work waits for does so in whichever section it stands.
    """
    rules, waiting, found = version.rules, list(asked), list[str]()
    demanded = rules.requires_on.get if _ends(version, transition) else rules.demanded_by
    while waiting:
        more = [one for one in demanded(waiting.pop()) or () if one not in found]
        found += more
        waiting += more
    return found


def _whens(transition: Transition) -> dict[str, Mapping[str, Any]]:
    """Return under which condition a step asks for each of what it does not always ask for."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for need in transition.required_when:
        for key in need.fields:
            if key not in transition.required:
                found.setdefault(key, []).append(need.when)
    return {key: trees[0] if len(trees) == 1 else {"any": trees} for key, trees in found.items()}


def unnamed(version: CompiledVersion, columns: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Return what a new ticket must name and does not: its customer, say."""
    return tuple(
        Refusal(_("Fill in: %(fields)s.", fields=label(version, name)), column(name), "required")
        for name in version.spec.required
        if unanswered(name, {}, columns)
    )


def missing(
    version: CompiledVersion,
    transition: Transition,
    values: Mapping[str, Any],
    columns: Mapping[str, Any],
    seen: Mapping[str, Any],
    *,
    given: Collection[str] = (),
) -> list[str]:
    """Return the keys that must be answered for this step and are not, in the order of the form.

    Of what the step adds or takes off an amount is ``given`` with it, whatever is there already.
    """
    due = transition.moves.keys() - set(given)
    wanted = [key for key in version.rules.needed(transition, seen) if key in due or unanswered(key, values, columns)]
    if _ends(version, transition):
        wanted += [key for key in version.missing(values, columns) if key not in wanted]
    if not wanted:
        return wanted
    visible = version.visible(values, columns)
    return [key for key in wanted if key in REQUIRABLE or key in visible]


def unanswered(key: str, values: Mapping[str, Any], columns: Mapping[str, Any]) -> bool:
    """Whether a ticket lacks a field, or somebody or something it may have to name."""
    if key in REQUIRABLE:
        return columns.get(REQUIRABLE[key][0]) is None
    return values.get(key) is None


def unticked(
    version: CompiledVersion,
    transition: Transition,
    checklist: Collection[str] | Mapping[str, Any],
    seen: Mapping[str, Any],
) -> Sequence[str]:
    """Return the required items of the checklist that a step asks for and nobody ticked."""
    if not transition.checklist:
        return ()
    ticked = {key for key, tick in checklist.items() if tick} if isinstance(checklist, Mapping) else set(checklist)
    return [item.key for item in version.rules.items(seen) if item.required and item.key not in ticked]


def label(version: CompiledVersion, key: str) -> Message | Label:
    """Return what people call a field, or what a ticket names besides."""
    return REQUIRABLE[key][1] if key in REQUIRABLE else version.spec.fields[key].labels


def column(key: str) -> str:
    """Return under which name a form or API knows what is required."""
    return REQUIRABLE[key][0] if key in REQUIRABLE else key


def to_tick(version: CompiledVersion, keys: Collection[str]) -> Message:
    """Return that these items of the checklist are to be ticked."""
    items = listing(item.labels for item in version.spec.checklist if item.key in keys)
    return _("Tick the checklist: %(items)s.", items=items)
