"""What people do with a ticket of a pack, and what they are told."""

from typing import Any

from app.core.errors import DomainError, Refusal
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from ticket_templates.workflow import Step

WHY = NoteOrder("客户说还有一处没修好")


def ordered(work: Work, order: ChangeTicket) -> tuple[Refusal, ...]:
    """Give an order; what it is refused with."""
    try:
        service.change_ticket(work, order)
    except DomainError as error:
        return tuple(error.refusals)
    return ()


def take(
    work: Work, ticket_id: int, step: str, *, ticks: tuple[str, ...] = (), note: NoteOrder | None = None, **answers: Any
) -> dict[str, str]:
    """Take a step; the words it is refused with, by field."""
    order = ChangeTicket(ticket_id, answers=answers, transition=step, note=note, checklist=dict.fromkeys(ticks, True))
    return {one.field: str(one.message) for one in ordered(work, order)}


def change(work: Work, ticket_id: int, **answers: Any) -> dict[str, str]:
    """Change answers; the code each is refused with, by field."""
    return {one.field: one.code for one in ordered(work, ChangeTicket(ticket_id, answers=answers))}


def amounts(work: Work, ticket_id: int, *keys: str) -> tuple[Any, ...]:
    values = queries.ticket(work, ticket_id).values
    return tuple(values.get(key) for key in keys)


def state_of(work: Work, ticket_id: int) -> str:
    return str(queries.ticket(work, ticket_id).state)


def step_of(work: Work, ticket_id: int, key: str) -> Step:
    return next(one for one in queries.steps(work, queries.ticket(work, ticket_id)) if one.transition.key == key)
