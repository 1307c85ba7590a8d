"""Where somebody's tickets take him: when, to whom, to which door, and whom to call before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.core.work import Work
from app.people.queries import doors
from app.tickets.rows import TicketRow

#: The field of an agreed time, as the templates we ship name it.
APPOINTMENT: Final = "appointment_at"


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket as a journey; personal data masked for who may not see it."""

    row: TicketRow
    at: datetime | None
    is_today: bool
    #: The agreed day has passed, and the ticket still waits for him.
    is_missed: bool
    customer: str
    address: str
    phone: str


def in_his_hands(work: Work, rows: Sequence[TicketRow]) -> list[TicketRow]:
    """Return the tickets the actor takes some step of next; the others wait for somebody else, as for a review."""
    return [
        row
        for row in rows
        if any(work.actor.plays(step.roles) for step in row.version.rules.leading_from(row.columns["state"]))
    ]


def visits(work: Work, rows: Sequence[TicketRow]) -> list[Visit]:
    """Return the visits of tickets in reach in one statement: today's, then by appointment, then as they came."""
    customers, sites = ({row.columns[name] for row in rows} - {None} for name in ("customer_id", "site_id"))
    known = doors(work, customers, sites)
    today = work.now.astimezone(work.company.zone).date()
    found = []
    for row in rows:
        customer, at = row.columns["customer_id"], appointment(row.columns["values"], row.readable)
        day = at.astimezone(work.company.zone).date() if at else None
        found.append(
            Visit(
                row=row, at=at, is_today=day == today, is_missed=day is not None and day < today,
                customer=known.names.get(customer, ""), address=known.addresses.get(row.columns["site_id"], ""),
                phone=known.phones.get((customer, row.columns["contact_id"]))
                or known.phones.get((customer, None), ""),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (not one.is_today, one.at is None, one.at.timestamp() if one.at else 0))


def appointment(values: Mapping[str, Any], readable: Collection[str]) -> datetime | None:
    """Return the agreed time among a ticket's values, if its reader may know it."""
    value = values.get(APPOINTMENT) if APPOINTMENT in readable else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else None
