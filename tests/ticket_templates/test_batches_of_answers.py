"""What a batch works out once is what would be worked out for each ticket by itself."""

import random

import pytest

from app.core.permissions import SYSTEM
from app.seeding.guesses import guessed, pools
from tests.conftest import NOW
from ticket_templates import queries
from ticket_templates.field_types.base import Context

NUMBER = 60


@pytest.mark.packs
def test_tickets_that_are_alike_settle_alike(work):
    dice = random.Random(7)
    company = work.company
    context = Context(now=NOW, zone=company.zone, locale=company.locale, currency=company.currency)
    shown = 0
    for card in queries.templates(work):
        version = queries.published_version(work, card.key)
        known = pools(version, context, dice) | {
            # Few values, so that many tickets have the same; and all that is shown at times only.
            key: [option.key for option in one.spec.options[:3]]
            for key, one in version.types.items()
            if one.kind == "choice" and one.spec.options
        }
        shared = version.cleaner(SYSTEM, context)
        for _one in range(NUMBER):
            answers = guessed(dice, known, frozenset())
            facts = {"created_at": NOW, "priority": dice.choice((1, 3)), "customer_id": dice.choice((None, 1))}
            told, alone = (
                one.clean(answers, {}, facts, creating=True) for one in (shared, version.cleaner(SYSTEM, context))
            )
            assert told.values == alone.values
            assert [one.field for one in told.refusals] == [one.field for one in alone.refusals]
            shown += bool(told.values.keys() & version.rules.visible_when.keys())
    assert shown > NUMBER / 2
