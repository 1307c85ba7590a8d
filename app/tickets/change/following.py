"""A ticket that gets another customer, contact, site or product: its answers that came from the former one go along.

What they were is read once a batch; what goes along, and what is said of it, `ticket_templates.following` knows.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from app.core.i18n import Message, _
from app.tickets.change.batch import Batch
from app.tickets.change.named_things import NamedThings
from app.tickets.change.plan import Plan, ordered_step
from app.tickets.orders import ChangeTicket
from app.tickets.origins import RECORDS
from ticket_templates import following
from ticket_templates.following import Follower, Known, Telling
from ticket_templates.versions import Cleaned

_COLUMNS: Final = frozenset(f"{record}_id" for record in RECORDS)
_OUTLET: Final = "outlet_id"
_OUTLET_LABEL: Final = _("Outlet")


def preload(batch: Batch, things: NamedThings, wishes: Iterable[tuple[Plan[ChangeTicket], Mapping[str, Any]]]) -> None:
    """Read what the former and the wished records of these plans are known by, and how it is called."""
    tickets = []
    outlets: set[int] = set()
    for plan, wished in wishes:
        named = {name: value for name, value in wished.items() if name in _COLUMNS and value != plan.row[name]}
        if not named:
            continue
        unit = things.known.get("installed_product_id", {}).get(named.get("installed_product_id") or 0)
        brought = {"customer_id": unit[0]} if unit and not plan.row["customer_id"] else {}
        after = {**plan.row, **brought, **named}
        tickets += [(plan.version, plan.row), (plan.version, after)]
        if "customer_id" in named:
            homes = (things.homes.get(one["customer_id"] or 0) for one in (plan.row, after))
            outlets.update(one for one in homes if one is not None)
    if not tickets:
        return
    batch.origins.preload(tickets)
    batch.preload_known(tickets, batch.origins)
    batch.references.preload("outlet", outlets)


def follow(batch: Batch, plan: Plan[ChangeTicket], before: Mapping[str, Any]) -> dict[str, Follower]:
    """Return the answers that go along with what the plan names anew, by field."""
    columns, version = _COLUMNS & plan.changes.keys(), plan.version
    if not columns or not version.rules.origins:
        return {}
    after = plan.columns()
    known = Known(batch.origins.of(version, plan.row), batch.origins.of(version, after), after)
    found = following.followers(batch.cleaner(version), before, columns, known, _said(batch, plan, before))
    stands = following.settled(version, plan.row["state"], before, _moves(plan))
    # What nobody knew better stays as it is where it is settled: it says nothing wrong.
    return {key: one for key, one in found.items() if not (one.is_first and key in stands)}


def tell(
    batch: Batch, plan: Plan[ChangeTicket], before: Mapping[str, Any], cleaned: Cleaned, found: Mapping[str, Follower]
) -> None:
    """Refuse what cannot go along, and have somebody asked about what does."""
    outlet = _outlet(batch, plan)
    if not found and not outlet:
        return
    telling = Telling(plan.version, before, cleaned, found, plan.version.readable(batch.actor), batch.contexts)
    barred = telling.barred(plan.row["state"], _moves(plan)) if found else []
    plan.refusals = (*plan.refusals, *(one for one in barred if one not in plan.refusals))
    plan.doubts = (*plan.doubts, *telling.asked(outlet))


def _said(batch: Batch, plan: Plan[ChangeTicket], before: Mapping[str, Any]) -> Collection[str]:
    """Return the fields the order answers: a form sends what it shows as well, and that says nothing."""
    answers = plan.order.answers
    if not plan.order.careful:
        return answers.keys()
    cleaner = batch.cleaner(plan.version)
    return {
        key for key, raw in answers.items() if key in cleaner.rules.begun and not cleaner.restates(key, raw, before)
    }


def _moves(plan: Plan[ChangeTicket]) -> Collection[str]:
    step = ordered_step(plan)
    return step.moves if step else ()


def _outlet(batch: Batch, plan: Plan[ChangeTicket]) -> dict[str, Message]:
    """Return, at the customer, in words, that another outlet looks after it."""
    if not plan.outlet_follows or plan.row[_OUTLET] is None:
        return {}
    old, new = (batch.references.label("outlet", one) or "–" for one in plan.changes[_OUTLET])
    return {"customer_id": following.changed(_OUTLET_LABEL, old, new)}
