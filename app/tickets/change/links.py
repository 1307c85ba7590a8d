"""Do the things a ticket names exist, and do they belong together? Asked once a batch, never once a ticket."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.assets.models import InstalledProduct
from app.core.i18n import Message, _
from app.core.permissions import Actor
from app.core.work import Work
from app.people import scope
from app.people.models import Account, Contact, Customer, Outlet, Site, StaffProfile, Team, staff_team
from app.tickets.change.plan import Plan

_MISSING: Mapping[str, Message] = {
    "customer_id": _("There is no such customer."),
    "contact_id": _("There is no such contact."),
    "site_id": _("There is no such site."),
    "installed_product_id": _("There is no such installed product."),
    "assignee_id": _("There is no such person."),
    "team_id": _("There is no such team."),
    "outlet_id": _("There is no such outlet."),
}
_OTHERS: Mapping[str, Message] = {
    "contact_id": _("This contact belongs to another customer."),
    "site_id": _("This site belongs to another customer."),
    "installed_product_id": _("This installed product belongs to another customer."),
}
_INACTIVE: Mapping[str, Message] = {
    "customer_id": _("This customer is no longer active."),
    "assignee_id": _("This person's account is no longer active."),
    "team_id": _("This team is no longer active."),
    "outlet_id": _("This outlet is no longer active."),
}
#: Column of the ticket → (id, customer it belongs to or None, active) of the thing.
_READS: Mapping[str, Callable[[], Any]] = {
    "customer_id": lambda: select(Customer.id, Customer.id, Customer.active),
    "contact_id": lambda: select(Contact.id, Contact.customer_id, Contact.id),
    "site_id": lambda: select(Site.id, Site.customer_id, Site.id),
    "installed_product_id": lambda: select(InstalledProduct.id, InstalledProduct.customer_id, InstalledProduct.id),
    "assignee_id": lambda: select(Account.id, Account.id, Account.active),
    "team_id": lambda: select(Team.id, Team.id, Team.active),
    "outlet_id": lambda: select(Outlet.id, Outlet.id, Outlet.active),
}
#: What a ticket's customer is named by.
_NAMING = ("customer_id", "installed_product_id")
#: Whose things these are decides who may name them; people, teams and outlets may be named by everybody.
_REACH: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {
    "customer_id": scope.customers,
    "contact_id": scope.contacts,
    "site_id": scope.sites,
    "installed_product_id": lambda actor: or_(
        InstalledProduct.customer_id.is_(None), scope.of_customer(InstalledProduct.customer_id, actor)
    ),
}


@dataclass(slots=True)
class Links:
    """The things named in a batch: column → id → (customer it belongs to, active)."""

    known: dict[str, dict[int, tuple[int | None, bool]]] = field(default_factory=dict)
    #: Account → the team and the outlet its holder works for.
    desks: dict[int, dict[str, int]] = field(default_factory=dict)
    #: Customer → the outlet that looks after it.
    homes: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Work, wishes: Iterable[Mapping[str, Any]]) -> "Links":
        """Read what ``wishes`` (columns by name) point at, one statement a kind."""
        named: dict[str, set[int]] = {}
        for wish in wishes:
            for name, value in wish.items():
                if value is not None and name in _READS:
                    named.setdefault(name, set()).add(value)
        links = cls()
        for name, ids in named.items():
            query = _READS[name]()
            if name in _REACH:
                query = query.where(_REACH[name](work.actor))
            found = work.session.execute(query.where(query.selected_columns[0].in_(sorted(ids))))
            links.known[name] = {one: (customer, bool(active)) for one, customer, active in found}
        if people := links.known.get("assignee_id"):
            links.desks = _desks(work, people)
        if customers := {one for name in _NAMING for one, _active in links.known.get(name, {}).values() if one}:
            links.homes = _homes(work, customers)
        return links

    def apply(self, plan: Plan[Any], wished: Mapping[str, Any]) -> None:
        """Set the wished columns of one ticket, or refuse those that point at nothing, or at another customer's."""
        for name, value in wished.items():
            if value is None or name not in _READS or value == plan.row.get(name):
                plan.set(name, value)
                continue
            customer, active = self.known[name].get(value, (None, None))
            if active is None:
                plan.refuse(_MISSING[name], name, "not_found")
            elif not active:
                plan.refuse(_INACTIVE[name], name, "inactive")
            else:
                if name == "installed_product_id" and "customer_id" not in wished and not plan.row.get("customer_id"):
                    plan.set("customer_id", customer)
                plan.set(name, value)
        if "assignee_id" in plan.new:
            self._seat(plan)
        if plan.new.get("customer_id") and plan.column("outlet_id") is None:
            # Before anybody has it, the outlet that looks after the customer is to see it.
            plan.set("outlet_id", self.homes.get(plan.new["customer_id"]))
        if "customer_id" in plan.new or not _OTHERS.keys().isdisjoint(plan.new):
            self._belong_together(plan)

    def _seat(self, plan: Plan[Any]) -> None:
        """Give a ticket that has none the team and the outlet of its assignee, whose colleagues then reach it."""
        for name, value in self.desks.get(plan.new["assignee_id"], {}).items():
            if plan.column(name) is None:
                plan.set(name, value)

    def _belong_together(self, plan: Plan[Any]) -> None:
        customer = plan.column("customer_id")
        for name, message in _OTHERS.items():
            value = plan.column(name)
            if value is None:
                continue
            owner = self.known.get(name, {}).get(value, (plan.row.get("customer_id"), True))[0]
            if owner != customer and not (name == "installed_product_id" and owner is None):
                plan.refuse(message, name, "inconsistent")


def _homes(work: Work, customers: Iterable[int]) -> dict[int, int]:
    """Return the active outlet that looks after each customer that has one."""
    query = select(Customer.id, Outlet.id).join(Outlet, Outlet.id == Customer.outlet_id)
    found = work.session.execute(query.where(Customer.id.in_(sorted(customers)), Outlet.active.is_(True)))
    return {row[0]: row[1] for row in found}


def _desks(work: Work, user_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return the active team (the first of several) and the active outlet people work for, by account."""
    mine = StaffProfile.user_id.in_(sorted(user_ids))
    teams = (
        select(StaffProfile.user_id, func.min(Team.id))
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .join(Team, Team.id == staff_team.c.team_id)
        .where(mine, Team.active.is_(True))
        .group_by(StaffProfile.user_id)
    )
    outlets = (
        select(StaffProfile.user_id, Outlet.id)
        .join(Outlet, Outlet.id == StaffProfile.outlet_id)
        .where(mine, Outlet.active.is_(True))
    )
    found: dict[int, dict[str, int]] = {}
    for name, query in (("team_id", teams), ("outlet_id", outlets)):
        for user_id, one in work.session.execute(query):
            found.setdefault(user_id, {})[name] = one
    return found
