"""Money that waits to be paid: a new installation has some for finance to see to, whatever the dice say of the rest."""

import random
from datetime import datetime, time, timedelta
from typing import Final

from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.seeding.telling import Teller
from app.seeding.world import Kind, world_of
from app.tickets.backfill.histories import Past, load
from ticket_templates.field_types.base import Context

#: Template, state in which it waits, the amount that is due then, and how many days ago it came in.
WAITING: Final = (
    ("return_exchange", "refunding", "refund_balance", range(3, 9)),
    ("return_exchange", "refunding", "refund_balance", range(3, 9)),
    ("complaint", "completed", "compensation_due", range(1, 5)),
    ("complaint", "completed", "compensation_due", range(1, 5)),
)
_OPENED: Final = time(9, 40)
#: How often a story is told anew that came to another end: something is exchanged, say, or nothing promised.
_DRAWS: Final = 200


def seed_waiting(transactions: Transactions, *, cause: Cause | None = None, seed: int = 22) -> int:
    """Write tickets on which an amount is due to a customer, approved and not yet paid; return how many."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with transactions.unit_of_work(SYSTEM, cause or Cause("system", "seed")) as work:
        company = work.company
        context = Context(now=work.now, zone=company.zone, locale=company.locale, currency=company.currency)
        world = world_of(work, dice, context)
        teller = Teller(world, dice, context, work.now.astimezone(company.zone).utcoffset() or timedelta())
        kinds = {kind.version.template_key: kind for kind in world.kinds}
        today = work.now.astimezone(company.zone).date()
        pasts = []
        for key, state, due, ago in WAITING:
            mornings = [datetime.combine(today - timedelta(days=days), _OPENED, company.zone) for days in ago]
            if key in kinds and (past := _waiting(teller, kinds[key], mornings, state, due)):
                pasts.append(past)
        load(work, sorted(pasts, key=lambda one: one.plan.new["created_at"]))
    return len(pasts)


def _waiting(teller: Teller, kind: Kind, mornings: list[datetime], state: str, due: str) -> Past | None:
    for _draw in range(_DRAWS):
        moment = teller.dice.choice(mornings) + timedelta(minutes=teller.dice.randrange(300))
        past, life = teller.told(moment, kind=kind, end=state)
        reached = len(past.steps) == len(life.path) and bool(life.path)
        if reached and life.path[-1].target == state and ((past.plan.unsealed or {}).get(due) or 0) > 0:
            return past
    return None
