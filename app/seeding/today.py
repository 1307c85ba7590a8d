"""What came in today: tickets nobody has yet, and a few that were just handed out, so that there is work to try."""

import random
from datetime import datetime, time, timedelta
from itertools import accumulate
from typing import Any, Final

from app.core.permissions import SYSTEM, Actor
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work
from app.people.identity import actor_of
from app.seeding.appliances import APPLIANCES
from app.seeding.scenes import Scene, suits
from app.seeding.stories import SORTS, STORIES
from app.seeding.world import Kind, World, playing, world_of
from app.tickets import service
from app.tickets.orders import ChangeTicket, OpenTicket
from ticket_templates.field_types.base import Context

#: What comes in on a morning, and which of it is handed out at once.
CALLS: Final = (
    ("appliance_repair", ""), ("appliance_repair", "technician"), ("installation", ""), ("complaint", "dispatcher"),
    ("appliance_repair", ""), ("it_fault", "administrator"), ("appliance_repair", ""), ("maintenance", ""),
    ("appliance_repair", "technician"), ("complaint", "administrator"), ("appliance_repair", ""), ("inspection", ""),
    ("installation", ""), ("appliance_repair", ""),
)  # fmt: skip
#: Ways a ticket comes in without anybody of the house who writes it.
CHANNELS: Final = ("wechat", "portal", "mail")
#: Minutes between two of them.
_APART: Final = (4, 20)
#: Hours from now at which somebody comes.
_VISITS: Final = range(3, 30)
_FIRST_VISIT, _LAST_VISIT = time(9), time(17)
#: Templates of the house itself: no customer, no machine.
_INTERNAL: Final = frozenset({"it_fault"})
_DRAWS: Final = 50


def seed_today(transactions: Transactions, *, cause: Cause | None = None, seed: int = 21) -> int:
    """Open the tickets of today through the same door as everybody; return how many."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    cause = cause or Cause("system", "seed")
    with transactions.unit_of_work(SYSTEM, cause) as work:
        company = work.company
        context = Context(now=work.now, zone=company.zone, locale=company.locale, currency=company.currency)
        world = world_of(work, dice, context)
        kinds = {kind.version.template_key: kind for kind in world.kinds}
        calls = [(kinds[key], role) for key, role in CALLS if key in kinds]
        moments = _moments(work, dice, len(calls))
        told = [_told(work, world, dice, kind, at) for (kind, _role), at in zip(calls, moments, strict=True)]
        opened = service.open_tickets(work, [order for order, _hands in told]).outcomes
        given = [
            ChangeTicket(outcome.ticket_id, fields={"assignee_id": hands}, transition="assign")
            for outcome, (_order, technician), (_kind, role) in zip(opened, told, calls, strict=True)
            if outcome.ticket_id and role and (hands := technician if role == "technician" else _first(work, role))
        ]
        dispatcher = _dispatcher(work)
    with transactions.unit_of_work(dispatcher, cause) as work:
        service.change_tickets(work, given)
    return sum(outcome.status == "changed" for outcome in opened)


def _dispatcher(work: Work) -> Actor:
    """Return who hands out; of a shop without a dispatcher: nobody, it is so by itself."""
    found = [actor for user in playing(work, "dispatcher") if (actor := actor_of(work.session, user))]
    return found[-1] if found else SYSTEM


def _moments(work: Work, dice: random.Random, number: int) -> list[datetime]:
    """Return when they came in, the last one a moment ago; none before today began."""
    local = work.now.astimezone(work.company.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ago = accumulate(dice.randrange(*_APART) for _one in range(number))
    return sorted(max(local - timedelta(minutes=minutes), midnight) for minutes in ago)


def _told(work: Work, world: World, dice: random.Random, kind: Kind, moment: datetime) -> tuple[OpenTicket, int | None]:
    """Return what somebody asked for at ``moment``, and who would be sent."""
    key = kind.version.template_key
    local = moment.replace(tzinfo=None)
    machines = (dice.choice(world.machines) for _draw in range(_DRAWS))
    sorts = SORTS.get(key, APPLIANCES)
    fitting = (one for one in machines if one.known_on(local.date()) and suits(one, sorts))
    machine = next(fitting, None) or world.machines[0].unknown()
    scene = Scene(dice, machine, local, _visit(work, dice), sorts=sorts)
    answers = {name: one for name, one in STORIES[key][0](scene).items() if name in kind.places.first}
    fields: dict[str, Any] = {"priority": dice.choice((3, 3, 3, 2, 4, 1))}
    if key not in _INTERNAL:
        fields |= {"customer_id": machine.customer_id, "site_id": machine.site_id}
        fields |= {"installed_product_id": None if scene.elsewhere else machine.id}
    order = OpenTicket(key, fields, answers, channel=dice.choice(CHANNELS), created_at=moment)
    hands = world.hands(dice, kind, machine.outlet_id, scene.appliance.skill)
    return order, hands.user_id if hands else None


def _visit(work: Work, dice: random.Random) -> datetime:
    """Return when somebody comes: later today where the day is long enough, or tomorrow."""
    wanted = work.now.astimezone(work.company.zone).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    wanted += timedelta(hours=dice.choice(_VISITS))
    if wanted.time() > _LAST_VISIT:
        wanted = wanted.replace(hour=_FIRST_VISIT.hour) + timedelta(days=1)
    return max(wanted, wanted.replace(hour=_FIRST_VISIT.hour))


def _first(work: Work, role: str) -> int | None:
    return next(iter(playing(work, role)), None)
