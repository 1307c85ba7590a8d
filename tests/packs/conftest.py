"""A ticket of a shipped pack, in whatever state a story begins."""

from collections.abc import Callable

import pytest

from app.core.permissions import Scope
from app.core.work import Work
from app.tickets import service
from app.tickets.orders import OpenTicket
from tests.factories import people, tickets
from ticket_templates import exchange

PACKS = [path.stem for path in exchange.shipped_packs()]


@pytest.fixture
def opened(work: Work) -> Callable[..., int]:
    """Open a ticket of a shipped pack in one of its states, as an import does; its customer is somebody.

    The company has somebody more: who works alone takes every step. For tests marked ``packs``.
    """
    tickets.assignee(work, role="administrator")

    def made(pack: str, state: str, answers: dict[str, object], **fields: object) -> int:
        columns = {"customer_id": people.customer(work).id} | fields
        (outcome,) = service.open_tickets(work, [OpenTicket(pack, columns, answers, state=state)]).outcomes
        assert not outcome.refusals, [str(one.message) for one in outcome.refusals]
        return outcome.ticket_id

    return made


@pytest.fixture
def hired(work: Work, make_work: Callable[..., Work]) -> Callable[..., Work]:
    """The work of somebody of that role who sees every ticket; another person each time."""

    def one(role: str) -> Work:
        actor = tickets.actor(work, role, scope=Scope.ALL)
        tickets.assignee(work, actor.user_id or 0, role)
        return make_work(actor)

    return one
