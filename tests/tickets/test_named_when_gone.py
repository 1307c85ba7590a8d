"""What is gone is called in histories as it was called last, and nothing else ever is."""

import pytest

from app.assets.models import InstalledProduct
from app.assets.records import INSTALLED_PRODUCT
from app.core.permissions import Scope
from app.core.records import service
from app.people import history
from app.people.records import CUSTOMER, CUSTOMER_LEVEL
from app.tickets import queries
from app.tickets.orders import ChangeTicket
from app.tickets.references import DatabaseReferences
from app.tickets.service import change_ticket
from tests.factories import people as make
from tests.factories import tickets


def told(work, ticket):
    """Return what the timeline says of the customer and the unit, the newest first."""
    return [
        (one.field, one.old, one.new)
        for entry in queries.timeline(work, ticket)
        for one in entry.changes
        if one.field in ("customer_id", "installed_product_id")
    ]


@pytest.fixture
def moved(work):
    """A ticket that was of another customer, who is gone."""
    former, now = make.customer(work, "原主人"), make.customer(work, "买家")
    unit = make.installed_product(work, former)
    ticket = tickets.ticket(work, tickets.template(work), customer_id=former.id, installed_product_id=unit.id)
    change_ticket(work, ChangeTicket(ticket, fields={"customer_id": now.id, "installed_product_id": None}))
    service.change(work, INSTALLED_PRODUCT, unit.id, {"customer_id": now.id})
    code = former.code
    service.delete(work, CUSTOMER, former.id)
    return ticket, unit, code, now


def test_the_timeline_names_a_customer_and_a_unit_that_are_gone(work, moved):
    ticket, unit, code, now = moved
    serial = unit.serial
    service.delete(work, INSTALLED_PRODUCT, unit.id)
    work.session.flush()
    assert told(work, ticket) == [
        ("customer_id", f"原主人 ({code})", f"买家 ({now.code})"),
        ("installed_product_id", serial, ""),
        ("customer_id", "", f"原主人 ({code})"),
        ("installed_product_id", "", serial),
    ]


def test_a_records_history_names_what_is_gone_to_who_reaches_all(work, make_work, moved):
    _ticket, unit, _code, now = moved
    work.session.flush()

    def customers(actor_work):
        events = history.events(actor_work, INSTALLED_PRODUCT, actor_work.session.get(InstalledProduct, unit.id))
        return [both for one in events for label, *both in one.changes if str(label) == "Customer"]

    assert customers(work) == [["原主人", "买家"], [None, "原主人"]]
    far = make_work(make.role_actor("outlet_manager", outlets=[make.outlet(work).id], scope=Scope.OUTLET))
    assert "原主人" not in str(customers(far))
    assert now.name == "买家"


def test_a_level_that_is_gone_is_called_in_the_readers_language(work):
    level = service.create(
        work, CUSTOMER_LEVEL, {"key": "old", "labels": {"en": "Old", "zh_Hans": "旧等级"}, "rank": 1, "color": "blue"}
    )
    row = make.customer(work, level_id=level.id)
    service.change(work, CUSTOMER, row.id, {"level_id": None})
    work.session.expire_all()
    service.delete(work, CUSTOMER_LEVEL, level.id)
    work.session.expire_all()
    events = history.events(work, CUSTOMER, service.get(work, CUSTOMER, row.id))
    levels = [both for one in events for label, *both in one.changes if str(label) == "Customer level"]
    spoken = "旧等级" if work.actor.locale == "zh_Hans" else "Old"
    assert levels == [[spoken, None], [None, spoken]]


def test_who_writes_names_nothing_that_is_gone(work):
    key = make.customer(work, "走了").id
    service.delete(work, CUSTOMER, key)
    work.session.flush()
    assert DatabaseReferences(work).named("customer", key).name == "走了"
    assert DatabaseReferences(work, within_reach=True).named("customer", key) is None
    assert DatabaseReferences(work).named("customer", key + 1) is None
