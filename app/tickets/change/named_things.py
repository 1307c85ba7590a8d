"""Do the things a ticket names exist, and do they belong together? Asked once a batch, never once a ticket."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.assets.models import InstalledProduct
from app.core.i18n import Message, _
from app.core.permissions import Actor
from app.core.work import Work
from app.people import scope
from app.people.models import Contact, Customer, Outlet, Site, Team
from app.tickets.change.assignees import Assignees
from app.tickets.change.plan import HOLDERS, Plan

_MISSING: Mapping[str, Message] = {
    "customer_id": _("There is no such customer."),
    "contact_id": _("There is no such contact."),
    "site_id": _("There is no such site."),
    "installed_product_id": _("There is no such installed product."),
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
    "team_id": _("This team is no longer active."),
    "outlet_id": _("This outlet is no longer active."),
}
#: Column of the ticket → (id, customer it belongs to or None, active) of the thing.
_READS: Mapping[str, Callable[[], Any]] = {
    "customer_id": lambda: select(Customer.id, Customer.id, Customer.active),
    "contact_id": lambda: select(Contact.id, Contact.customer_id, Contact.id),
    "site_id": lambda: select(Site.id, Site.customer_id, Site.id),
    "installed_product_id": lambda: select(InstalledProduct.id, InstalledProduct.customer_id, InstalledProduct.id),
    "team_id": lambda: select(Team.id, Team.id, Team.active),
    "outlet_id": lambda: select(Outlet.id, Outlet.id, Outlet.active),
}
_ASSIGNEE = "assignee_id"
_POINTERS = frozenset({_ASSIGNEE, *_READS})
#: What a ticket's customer is named by.
_NAMING = ("customer_id", "installed_product_id")
#: Whose things these are decides who may name them, as a ticket that names them brings them onto one's desk: those of
#: customers that are on it already. People, teams and outlets may be named by everybody.
_REACH: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {
    "customer_id": scope.customers_on_desk,
    "contact_id": scope.contacts_on_desk,
    "site_id": scope.sites_on_desk,
    "installed_product_id": lambda actor: or_(
        InstalledProduct.customer_id.is_(None), scope.of_customer_on_desk(InstalledProduct.customer_id, actor)
    ),
}


@dataclass(slots=True)
class NamedThings:
    """The things named in a batch: column → id → (customer it belongs to, active)."""

    assignees: Assignees
    known: dict[str, dict[int, tuple[int | None, bool]]] = field(default_factory=dict)
    #: Customer → the outlet that looks after it.
    homes: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Work, wishes: Iterable[Mapping[str, Any]], former: Iterable[int | None] = ()) -> "NamedThings":
        """Read what ``wishes`` (columns by name) point at, one statement a kind; ``former``: customers so far."""
        named: dict[str, set[int]] = {}
        for wish in wishes:
            for name, value in wish.items():
                if value is not None and name in _POINTERS:
                    named.setdefault(name, set()).add(value)
        things = cls(Assignees(work, named.pop(_ASSIGNEE, ())))
        for name, ids in named.items():
            query = _READS[name]()
            if name in _REACH:
                query = query.where(_REACH[name](work.actor))
            found = work.session.execute(query.where(query.selected_columns[0].in_(sorted(ids))))
            things.known[name] = {one: (customer, bool(active)) for one, customer, active in found}
        if customers := {one for name in _NAMING for one, _active in things.known.get(name, {}).values() if one}:
            things.homes = _homes(work, customers.union(filter(None, former)))
        return things

    def apply(self, plan: Plan[Any], wished: Mapping[str, Any]) -> None:
        """Set the wished columns of one ticket, or refuse those that point at nothing, or at another customer's."""
        for name, value in wished.items():
            # What stands there already may stay, whatever became of it since.
            if value is not None and name in _POINTERS and value != plan.row.get(name):
                if problem := self._problem(name, value):
                    plan.refuse(problem[0], name, problem[1])
                    continue
                if name == "installed_product_id" and "customer_id" not in wished and not plan.row.get("customer_id"):
                    plan.set("customer_id", self.known[name][value][0])
            plan.set(name, value)
        if plan.new.get(_ASSIGNEE) is not None:
            self._seat(plan, {name for name in HOLDERS if wished.get(name) is not None or name in plan.changes})
        if plan.new.get("customer_id"):
            self._look_after(plan, wished)
        if "customer_id" in plan.new or not _OTHERS.keys().isdisjoint(plan.new):
            self._belong_together(plan)

    def _problem(self, name: str, value: int) -> tuple[Message, str] | None:
        """Return why no ticket may be given this thing, and the code of that."""
        if name == _ASSIGNEE:
            return self.assignees.problem(value)
        known = self.known[name].get(value)
        if known is None:
            return _MISSING[name], "not_found"
        return None if known[1] else (_INACTIVE[name], "inactive")

    def _seat(self, plan: Plan[Any], named: Container[str]) -> None:
        """Take a ticket where its new assignee works, whose colleagues then reach it; what the order named stays."""
        desk = self.assignees.desk(plan.new[_ASSIGNEE])
        if "outlet_id" not in named and desk.outlet_id is not None:
            plan.set("outlet_id", desk.outlet_id)
        if "team_id" in named or plan.column("team_id") in desk.team_ids:
            return
        if desk.team_ids:
            plan.set("team_id", desk.team_ids[0])
        elif "outlet_id" in plan.changes:
            # A team of the outlet the ticket left.
            plan.set("team_id", None)

    def _look_after(self, plan: Plan[Any], wished: Container[str]) -> None:
        """Let the outlet that looks after the customer see a ticket nobody has; one that somebody chose stays."""
        home, held = self.homes.get(plan.new["customer_id"]), plan.column("outlet_id")
        if held is None:
            plan.set("outlet_id", home)
            return
        # Where somebody has it, it stands with him. Of a customer nobody looks after, nobody at all would see it.
        waits = all(plan.column(name) is None for name in HOLDERS if name != "outlet_id")
        came = held == self.homes.get(plan.row.get("customer_id") or 0) and "outlet_id" not in wished
        if waits and came and home not in (None, held):
            plan.set("outlet_id", home)
            plan.outlet_follows = True

    def _belong_together(self, plan: Plan[Any]) -> None:
        if any(one.root == "customer_id" for one in plan.refusals):
            # Whose they are to be, nobody knows.
            return
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
