"""A template and three tickets in the shared application: one of the technician's, two of nobody's."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.core.permissions import SYSTEM
from app.people.access import account_id
from app.tickets import queries
from tests.clients import CAUSE, Browser
from tests.factories.tickets import template, ticket


@dataclass
class Shelf:
    """What is there to ask for; every test has its own."""

    app: Flask
    template: str
    #: Numbers, the oldest first; the first one is the technician's.
    numbers: list[str]
    technician: int

    def get(self, client: Browser, path: str, **query: Any) -> Any:
        return client.get(f"/api/v1{path}", query_string=query)

    def listed(self, client: Browser, **query: Any) -> list[str]:
        answer = self.get(client, "/tickets", template=self.template, **query)
        assert answer.status_code == 200, answer.text
        return [one["number"] for one in answer.json["items"]]


@pytest.fixture
def shelf(web: Flask) -> Shelf:
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        technician = account_id(work, "the.technician")
        key = template(work)
        made = [
            ticket(work, key, {"phone": "13800138000", "fault_code": "E1"}, assignee_id=technician),
            ticket(work, key, {"fault": "压缩机异响", "quantity": 3}, priority=1),
            ticket(work, key, {"fault_code": "E2", "detail": "很吵"}),
        ]
        numbers = [queries.ticket(work, one).number for one in made]
    return Shelf(web, key, numbers, technician)


@pytest.fixture
def clerk(client_as: Any) -> Browser:
    client: Browser = client_as("clerk")
    client.get("/lang/en")
    return client


@pytest.fixture
def technician(client_as: Any) -> Browser:
    client: Browser = client_as("technician")
    return client
