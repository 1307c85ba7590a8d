"""A desk to work at: the shipped templates and a customer, in the application shared by all tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.assets.models import InstalledProduct, Product
from app.core.permissions import SYSTEM
from app.core.records import service as records
from app.core.work import Work
from app.people.models import Site
from app.people.records import CUSTOMER, OUTLET, TEAM
from app.tickets import queries
from tests.clients import CAUSE, Browser, make_account
from tests.desk.filling import Filler, asked, hidden_inputs, problems
from tests.factories.tickets import template
from ticket_templates import queries as templates
from ticket_templates import service


@dataclass
class Desk:
    """One application with things to work on; ``ids`` by kind."""

    app: Flask
    ids: dict[str, int]
    #: Key of a small template (tests/factories/tickets.py).
    small: str

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            yield work

    def ticket(self, number: str) -> Any:
        """The ticket's columns and unsealed values, as the system sees them."""
        with self.work() as work:
            detail = queries.ticket(work, number)
            return {**detail.columns, "values": detail.values}

    def filler(self, client: Browser) -> Filler:
        return Filler(client, self.ids)

    def new_form(self, client: Browser, key: str) -> dict[str, Any]:
        """The hidden inputs of a new ticket's form, and an answer to each field it shows."""
        html = client.get(f"/tickets/new/{key}").text
        return hidden_inputs(html) | self.filler(client).form(self.types(key), asked(html))

    def types(self, key: str) -> Any:
        with self.work() as work:
            return templates.published_version(work, key).types

    def opened(self, client: Browser, key: str = "", **inputs: Any) -> str:
        """Open a ticket through the form and return its number."""
        key = key or self.small
        data = self.new_form(client, key)
        for _attempt in range(3):
            answer = client.post(f"/tickets/new/{key}", data=data | inputs)
            if answer.status_code == 303:
                break
            # An answer made others necessary: the form shows them now.
            data |= self.filler(client).form(self.types(key), asked(answer.text))
        assert answer.status_code == 303, problems(answer.text)
        return answer.headers["Location"].rpartition("/")[2].partition("?")[0]


_DESKS: dict[int, Desk] = {}


@pytest.fixture
def desk(web: Flask) -> Desk:
    """The desk of this dialect's application, furnished once."""
    return furnished(web)


def furnished(app: Flask) -> Desk:
    if id(app) not in _DESKS:
        user = make_account(app, "the.technician", "technician")
        desk = _DESKS[id(app)] = Desk(app, {"user": user}, "")
        with desk.work() as work:
            service.install_packs(work)
            desk.small = template(work, "desk_small")
            mark = uuid4().hex[:8]
            outlet = records.create(work, OUTLET, {"code": f"O{mark}", "name": "南山网点", "active": True})
            team = records.create(work, TEAM, {"code": f"T{mark}", "name": "一组", "active": True})
            customer = records.create(
                work, CUSTOMER,
                {"kind": "person", "name": "王小明", "active": True, "phones": [{"raw": "13800138001"}],
                 "contacts": [{"name": "王太太"}], "sites": [{"name": "家", "address_line": "科技园路 12 号"}]},
            )  # fmt: skip
            product = Product(code=f"P{mark}", name="挂式空调", active=True)
            work.session.add(product)
            work.session.flush()
            unit = InstalledProduct(product_id=product.id, serial=f"SN{mark}", customer_id=customer.id)
            work.session.add(unit)
            work.session.flush()
            site = work.session.scalars(select(Site.id).where(Site.customer_id == customer.id)).one()
            desk.ids |= {"outlet": outlet.id, "team": team.id, "customer": customer.id, "product": product.id,
                         "installed_product": unit.id, "site": site}  # fmt: skip
    return _DESKS[id(app)]


@pytest.fixture
def clerk(client_as: Callable[[str], Browser]) -> Browser:
    return english(client_as("clerk"))


@pytest.fixture
def boss(client_as: Callable[[str], Browser]) -> Browser:
    return english(client_as("administrator"))


def english(client: Browser) -> Browser:
    client.get("/lang/en")
    return client
