"""The customer beside a form or ticket: found in one box, shown with all that is known, made in two inputs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from flask import Response, jsonify, request, url_for

from app.core.db import folded
from app.core.errors import DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import Message, _
from app.core.records.doubts import DoubtedError
from app.core.records.lookups import LOOKUPS
from app.core.records.submissions import AlreadyMadeError, create_once
from app.core.work import Work
from app.people.queries import find_customers
from app.people.records import CUSTOMER
from app.tickets.queries import Apart, Customer360, TicketDetail, TicketRow, customer_360, told_apart
from views import record_doubts
from views.base import current_actor, current_locale, expose, permission
from views.submissions import new_submission
from views.tickets.desk import DeskView, argument_id, ticket_url
from views.tickets.new_site import NO_REGION

#: Columns of the ticket that belong to a customer.
PICKS: Final = ("customer_id", "contact_id", "site_id", "installed_product_id")
_EARLIER: Final = 6
#: What the small form of a new customer asks.
_ASKED: Final = ("name", "phone", "region", "address")
EMPTY: Final[Mapping[str, Any]] = {
    **dict.fromkeys((*_ASKED, "region_name"), ""), "faults": {}, "known": (),
}  # fmt: skip
#: How the write door calls what the small form asks.
_INPUTS: Final[Mapping[str, str]] = {
    "name": "name", "phones-0-raw": "phone", "sites-0-region_code": "region", "sites-0-address_line": "address",
}  # fmt: skip


class TicketCustomerView(DeskView):
    """Customers, as far as the desk needs them."""

    @expose("/customers")
    @permission("customer.read")
    def find(self) -> Response:
        """Return who may be meant by a phone, name or serial number."""
        with self.reading() as work:
            hits = find_customers(work, request.args.get("q", ""), limit=12)
            known = told_apart(work, [hit.id for hit in hits])
            zone = work.company.zone
        return jsonify(
            results=[
                {
                    "id": hit.id,
                    "text": hit.name,
                    "hint": " · ".join(one for one in (*hit.phones[:1], hit.place) if one) or hit.code,
                    "about": " · ".join([hit.code, *_apart(known[hit.id], zone)]),
                    "matched": hit.matched,
                }
                for hit in hits
            ]
        )

    @expose("/customer-panel")
    @permission("ticket.read")
    def panel(self) -> Response:
        """Return the panel beside the form of a new ticket, or in a dialog over the one that is named ``besides``."""
        with self.reading() as work:
            facts = panel_facts(
                work,
                argument_id("customer_id"),
                {name: argument_id(name) for name in PICKS},
                serial=request.args.get("serial", "")[:80],
                but=argument_id("besides"),
            )
            choose_the_only(facts)
        return self.page("tickets/_customer_panel.html", picks=True, **facts)

    @expose("/new-customer", methods=["POST"])
    @permission("customer.create")
    def create(self) -> Response:
        """Make a customer of a name, a phone and an address, and choose it; one form makes one."""
        typed = {name: request.form.get(name, "") for name in _ASKED}
        submission = request.form.get("submission", "")[:80]
        try:
            customer_id = self._made(typed, submission)
        except NotAllowedError:
            raise
        except DoubtedError as doubted:
            return self._asked_again(typed, submission, _lacking(typed), known=record_doubts.shown(doubted.doubts))
        except AlreadyMadeError as made:
            if not made.same:
                return self._asked_again(typed, new_submission(), made.refusals)
            customer_id = int(made.key)
        except DomainError as error:
            return self._asked_again(typed, submission, (*error.refusals, *_lacking(typed)))
        with self.reading() as work:
            facts = panel_facts(work, customer_id, {"customer_id": customer_id})
        response = self.page("tickets/_customer_panel.html", picks=True, **facts)
        response.headers["HX-Trigger-After-Swap"] = "customer-created"
        return response

    def _made(self, typed: Mapping[str, str], submission: str) -> int:
        values: dict[str, Any] = {"kind": "person", "name": typed["name"], "active": True}
        if typed["phone"].strip():
            values["phones"] = [{"raw": typed["phone"]}]
        if typed["region"] or typed["address"].strip():
            values["sites"] = [{"region_code": typed["region"], "address_line": typed["address"]}]
        with self.unit_of_work() as work:
            made = int(create_once(work, CUSTOMER, values, submission, sure=record_doubts.sure()).id)
            if lacking := _lacking(typed):
                raise DomainError.of(lacking)
            return made

    def _asked_again(
        self, typed: Mapping[str, Any], submission: str, refusals: Iterable[Refusal], known: Sequence[Any] = ()
    ) -> Response:
        """Return the small form as it was typed, with what is wrong at its input, or what must be asked."""
        faults: dict[str, Message] = {}
        for one in refusals:
            faults.setdefault(_INPUTS.get(one.field, ""), one.message)
        with self.reading() as work:
            lookup = LOOKUPS["region"]
            region = lookup.named(work, [typed["region"][:12]]) if typed["region"] else {}
        named = next(iter(region.values()), "")
        asked = {**EMPTY, **typed, "submission": submission, "region_name": named, "faults": faults, "known": known}
        return self.page("tickets/_customer_panel.html", 422, picks=True, **empty_panel(asked))


def _apart(known: Apart, zone: tzinfo) -> Iterator[str]:
    """Yield what tells a customer from others of the same phone or name, as far as the reader may know it."""
    locale = current_locale()
    if known.tickets is not None:
        said = _("No tickets yet")
        if known.last_at is not None:
            last = known.last_at.astimezone(zone).date().isoformat()
            said = _("Tickets: %(count)s, the last of %(date)s", count=known.tickets, date=last)
        yield said.in_(locale)
    if known.units:
        yield _("Installed products: %(count)s", count=known.units).in_(locale)


def _lacking(typed: Mapping[str, str]) -> list[Refusal]:
    """Return that a region is missing where only the street is named."""
    if typed["region"] or not typed["address"].strip():
        return []
    return [Refusal(NO_REGION, "sites-0-region_code", "required")]


def choose_the_only(facts: dict[str, Any]) -> None:
    """Choose a contact or site where there is but one: nobody means another."""
    for name, several in (("contact_id", "contacts"), ("site_id", "sites")):
        known: list[dict[str, Any]] = facts["customer"][several] if facts["customer"] else []
        if len(known) == 1 and facts["chosen"][name] is None:
            facts["chosen"][name] = known[0]["id"]


def empty_panel(typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the facts of the panel when nobody is chosen."""
    return {
        "customer": None,
        "chosen": dict.fromkeys(PICKS),
        "may_create_customer": current_actor().may("customer.create"),
        "new_customer": typed or {**EMPTY, "submission": new_submission()},
        "new_customer_url": url_for("TicketCustomerView.create"),
    }


def panel_facts(
    work: Work,
    customer_id: int | None,
    chosen: Mapping[str, int | None],
    *,
    serial: str = "",
    besides: TicketDetail | None = None,
    but: int | None = None,
) -> dict[str, Any]:
    """Return what the panel shows of a customer; nobody, when there is none the actor may see.

    ``serial``: the unit that was searched for is chosen. ``besides``: the ticket the panel stands beside;
    ``but``: its id, where that is all that is known of it.
    """
    facts = empty_panel()
    if customer_id is None:
        return facts
    try:
        unit = besides.columns["installed_product_id"] if besides else None
        card = customer_360(work, customer_id, reader=besides.reader if besides else None, unit=unit)
    except (NotFoundError, NotAllowedError):
        return facts
    facts["chosen"] = {**facts["chosen"], **chosen}
    replaced = {one.id for one in card.units if one.is_replaced}
    found = {one.id for one in card.units if serial and folded(one.serial) == folded(serial)} - replaced
    if len(found) == 1:
        (facts["chosen"]["installed_product_id"],) = found
    elif besides is None and but is None and facts["chosen"]["installed_product_id"] in replaced:
        # A new ticket is about what stands there now.
        facts["chosen"]["installed_product_id"] = None
    facts["customer"] = _shown(card, besides.id if besides else but)
    return facts


def _shown(card: Customer360, besides: int | None) -> dict[str, Any]:
    own = next((one for one in card.people if one.id is None), None)
    return {
        "id": card.id,
        "code": card.code,
        "name": card.name,
        "url": f"/customers/{card.id}" if current_actor().may("customer.read") else "",
        "level": card.level,
        "level_color": card.level_color,
        "phones": own.phones if own else (),
        "remark": card.remark,
        "counts": (card.open_tickets, card.all_tickets),
        "installed": [
            {
                "id": one.id,
                "text": one.product,
                "hint": " · ".join(filter(None, (one.serial, str(one.installed_on or "")))),
                "warranty": one.warranty,
            }
            for one in card.units
            if not one.is_replaced
        ],
        "contacts": [
            {"id": one.id, "text": one.name, "hint": " · ".join(filter(None, (one.position, *one.phones)))}
            for one in card.people
            if one.id is not None
        ],
        "sites": [{"id": one.id, "text": one.name, "hint": one.address} for one in card.places],
        "tickets": [
            brief(one) | {"unit": one.columns["installed_product_id"]} for one in card.tickets if one.id != besides
        ][:_EARLIER],
    }


def brief(row: TicketRow) -> dict[str, Any]:
    """Return a ticket in one line."""
    spec = row.state_spec
    return {
        "url": ticket_url(row.number),
        "number": row.number,
        "subject": row.subject,
        "state_label": row.state_label(current_locale()),
        "state_color": spec.color if spec else "gray",
        "priority": row.priority,
        "due_at": row.columns["due_at"],
        "created_at": row.columns["created_at"],
        "overdue": row.is_overdue,
    }
