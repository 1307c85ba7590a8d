"""What will become of one order: the refusals, or the columns to write and the journal's words for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from app.core.errors import Refusal
from app.core.i18n import Message, _
from app.tickets.orders import ChangeTicket, OpenTicket, Outcome
from ticket_templates.spec import State, Transition
from ticket_templates.versions import CompiledVersion

O = TypeVar("O", OpenTicket, ChangeTicket)  # noqa: E741 - the order's type

#: Columns of the ticket a person may name in an order.
ASKABLE = (
    "subject", "priority", "customer_id", "contact_id", "site_id", "installed_product_id",
    "assignee_id", "team_id", "outlet_id", "tags",
)  # fmt: skip
#: Those that say whose ticket it is; changing them later is a transfer.
HOLDERS = ("assignee_id", "team_id", "outlet_id")
#: Categories in which the work itself is done.
DONE = ("resolved", "closed")


@dataclass(slots=True)
class Note:
    """A note about to be written; its id and mentions are found out on the way."""

    body: str
    public: bool
    files: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    id: int = 0


@dataclass(slots=True)
class Plan(Generic[O]):
    """One order on its way; a plan with refusals is never written."""

    order: O
    version: CompiledVersion
    #: The ticket's columns before; at opening what every new ticket has.
    row: Mapping[str, Any]
    #: Whether it is the actor's to change; what is only watched may be noted on.
    yours: bool = True
    #: Columns that get another value.
    new: dict[str, Any] = field(default_factory=dict)
    #: ``{field: [old, new]}``, JSON as the journal holds it.
    changes: dict[str, list[Any]] = field(default_factory=dict)
    kind: str = "changed"
    refusals: Sequence[Refusal] = ()
    #: What the template doubts of the answers.
    doubts: Sequence[Refusal] = ()
    conflict: bool = False
    #: Its outlet goes along with its customer: nobody hands it over.
    outlet_follows: bool = False
    notes: Sequence["Note"] = ()
    #: The step taken.
    transition: str | None = None
    #: Uploads this ticket takes: file id → the field that holds it (None: the note).
    files: dict[int, str | None] = field(default_factory=dict)
    #: The answers as they will be, personal ones readable; of refused ones as far as they were understood. None: no
    #: answer was changed.
    unsealed: Mapping[str, Any] | None = None
    #: Scopes of the numbers its fields ask for, and what fills them in once they are taken.
    scopes: Sequence[str] = ()
    fill_in: Callable[[], None] | None = None
    #: What becomes of a new ticket at once: the step that gives it to its assignee.
    then: "Plan[ChangeTicket] | None" = None

    def refuse(self, message: Message, where: str = "", code: str = "invalid") -> None:
        """Add a reason why the order cannot be carried out."""
        self.refusals = (*self.refusals, Refusal(message, where, code))

    def ask(self) -> None:
        """Refuse what is doubted, if nothing else is wrong and nobody said yet that it is right."""
        if not self.refusals and not self.order.confirmed:
            self.refusals = self.doubts

    def columns(self) -> dict[str, Any]:
        """Return the ticket's columns as they will be."""
        return {**self.row, **self.new}

    def column(self, name: str) -> Any:
        """Return the value the column will have."""
        return self.new[name] if name in self.new else self.row.get(name)

    def set(self, name: str, value: Any) -> None:
        """Change a column and say so in the journal."""
        old = self.row.get(name)
        if old != value:
            self.new[name] = value
            self.changes[name] = [old, value]

    @property
    def ticket_id(self) -> int:
        """Return the id of the ticket, known once it is written."""
        return int(self.column("id"))

    @property
    def event_kind(self) -> str:
        """Return the journal's kind; a plan that only adds a note or files is called by that."""
        if self.kind != "changed" or self.changes:
            return self.kind
        return "noted" if self.notes else "attached"

    def outcome(self) -> Outcome:
        """Return what is told to whoever gave the order."""
        number = str(self.column("number") or "")
        ticket_id = self.column("id")
        if self.refusals:
            return Outcome("refused", ticket_id, number, tuple(self.refusals), self.conflict)
        return Outcome("changed" if self.writes else "unchanged", ticket_id, number, doubts=tuple(self.doubts))

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.new or self.notes or self.files)


def enter(state: State, moment: datetime, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from entering ``state``: a pure function, so a replay derives the same."""
    return {
        "category": state.category,
        "state_since": moment,
        "due_at": moment + timedelta(minutes=state.limit_minutes) if state.limit_minutes else None,
        "resolved_at": (row.get("resolved_at") or moment) if state.category in DONE else None,
        "closed_at": (row.get("closed_at") or moment) if state.category == "closed" else None,
        "reopened_at": moment if row.get("category") in DONE and state.category not in DONE else row.get("reopened_at"),
    }


def come_in(state: State, moment: datetime, arrived: datetime) -> dict[str, Any]:
    """Return the columns of another system's record that stands in ``state`` since ``moment`` and ``arrived`` later.

    A limit that was over before it arrived could be kept by nobody here, so none runs until the next step:
    years of imported history are not overdue. Pure, as `enter` is.
    """
    columns = enter(state, moment, {})
    due = columns["due_at"]
    return columns | {"due_at": due if due is None or due > arrived else None}


def ordered_step(plan: Plan[ChangeTicket]) -> Transition | None:
    """Return the step that is ordered, if there is one of that name."""
    return plan.version.transitions.get(plan.order.transition) if plan.order.transition else None


NOT_FOUND = _("There is no such ticket.")
NOT_YOURS = _("This ticket is not yours: you may read it and write notes.")
CONFLICT = _("Somebody else changed this ticket meanwhile.")
