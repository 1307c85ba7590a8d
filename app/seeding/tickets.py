"""Tickets with a past, in any number: a few ten thousand told one by one, and the rest after their pattern."""

import random
from bisect import bisect
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate, islice
from typing import Final, TypeVar

from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.seeding.patterns import LATELY, Patterns
from app.seeding.telling import Teller
from app.seeding.world import world_of
from app.tickets.backfill.histories import load
from app.tickets.backfill.patterns import retell
from ticket_templates.field_types.base import Context

T = TypeVar("T")

CHUNK: Final = 5_000
#: So many of those that are long over are told one by one; of more, so many are the patterns of all others.
TOLD: Final = 7_000
DAYS: Final = 3 * 365
#: Chance that work of a month comes in, January first: air conditioners in summer, heating and holidays in winter.
SEASONS: Final = (1.2, 0.7, 0.9, 0.9, 1.2, 1.9, 2.4, 2.2, 1.3, 0.9, 1.0, 1.3)
HOURS: Final = (8, 9, 9, 9, 10, 10, 10, 11, 11, 13, 14, 14, 15, 15, 16, 16, 17, 18, 19, 20)


def seed_tickets(
    transactions: Transactions, number: int, *, cause: Cause | None = None, seed: int = 20, days: int = DAYS
) -> int:
    """Write ``number`` tickets of the published templates over the last ``days``, oldest first; return how many.

    The same number at the same hour gives the same tickets.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    cause = cause or Cause("system", "seed")
    with transactions.unit_of_work(SYSTEM, cause) as work:
        company = work.company
        context = Context(now=work.now, zone=company.zone, locale=company.locale, currency=company.currency)
        world = world_of(work, dice, context)
        offset = work.now.astimezone(company.zone).utcoffset() or timedelta()
        moments = _moments(work.now, number, dice, offset, days)
    over = bisect(moments, context.now - LATELY)
    if over > TOLD:
        step = over / TOLD
        some = [moments[int(place * step)] for place in range(TOLD)]
        patterns = Patterns(partial(Teller, world, dice, context, offset), some, cause)
        for agains in _chunks(patterns.tickets(moments[:over])):
            with transactions.unit_of_work(SYSTEM, cause) as work:
                retell(work, agains)
        moments = moments[over:]
    for chunk in _chunks(moments):
        teller = Teller(world, dice, context, offset)
        with transactions.unit_of_work(SYSTEM, cause) as work:
            load(work, [teller.past(moment) for moment in chunk])
    return number


def _chunks(every: Iterable[T]) -> Iterator[list[T]]:
    left = iter(every)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _moments(now: datetime, number: int, dice: random.Random, offset: timedelta, back: int) -> list[datetime]:
    """Return when the tickets were made: more in season, in working hours, none in the future; in order."""
    days = [now - timedelta(days=ago) for ago in range(back, -1, -1)]
    weights = list(accumulate(SEASONS[day.month - 1] * (0.6 if day.weekday() > 4 else 1) for day in days))  # noqa: PLR2004 - Saturday
    found = []
    for _one in range(number):
        day = days[bisect(weights, dice.random() * weights[-1])]
        midnight = (day + offset).replace(hour=0, minute=0, second=0, microsecond=0) - offset
        moment = midnight + timedelta(hours=dice.choice(HOURS), seconds=dice.randrange(3600))
        while moment >= now:
            moment -= timedelta(days=1)
        found.append(moment)
    return sorted(found)
