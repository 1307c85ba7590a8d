"""An address typed beside a step that needs one: it becomes a site of the customer with the step, or not at all."""

from flask import request

from app.core.errors import DomainError, NotAllowedError, Refusal
from app.core.i18n import _
from app.core.numbers import whole_in
from app.core.records import service as records
from app.core.records.lookups import LOOKUPS
from app.core.work import Work
from app.people.records import SITE

REGION, ADDRESS = "new_site.region", "new_site.address"
#: Who is sent to a street is found by its region.
NO_REGION = _("Choose the region this address is in.")


def may_be_made(work: Work) -> bool:
    """Whether the person may give a customer a site."""
    return work.actor.may(f"{SITE.thing}.create")


def is_typed() -> bool:
    """Whether any of an address was typed."""
    return any(request.form.get(name, "").strip() for name in (REGION, ADDRESS))


def new_site_facts(work: Work) -> dict[str, str]:
    """Return the inputs of the address as they were typed."""
    region = request.form.get(REGION, "")[:12]
    named = LOOKUPS["region"].named(work, [region]) if region else {}
    return {"region": region, "region_name": next(iter(named.values()), ""), "address": request.form.get(ADDRESS, "")}


def made_site(work: Work, customer: object) -> int | None:
    """Make the address that was typed a site of ``customer``; None: none was typed, or it is nobody's."""
    region, address = request.form.get(REGION, ""), request.form.get(ADDRESS, "").strip()
    customer_id = whole_in(str(customer or ""))
    if customer_id is None or not (region or address):
        return None
    if not region:
        raise DomainError(NO_REGION, field="site_id", code="required")
    values = {"customer_id": customer_id, "region_code": region, "address_line": address}
    try:
        return int(records.create(work, SITE, values).id)
    except NotAllowedError:
        raise
    except DomainError as error:
        # The ticket knows all of it as its site.
        raise DomainError.of([Refusal(one.message, "site_id", one.code) for one in error.refusals]) from error
