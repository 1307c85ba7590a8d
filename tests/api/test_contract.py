"""What the document says is what happens: schemathesis asks every route of the desk's API, rightly and wrongly."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from app.core.permissions import SYSTEM
from app.people import access, tokens
from tests.clients import CAUSE, make_account, make_app
from tests.factories.tickets import template, ticket

#: Beside the desk stand the reference tables; their own tests ask them (tests/people/test_record_api.py).
DESK = r"^/(tickets|templates|conditions|attachments|views)"
#: Few in the suite, whose time is short; `GONGDAN_TEST_EXAMPLES=100` looks longer.
EXAMPLES = int(os.environ.get("GONGDAN_TEST_EXAMPLES", "4"))
CHECKS = [
    schemathesis.checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance, checks.negative_data_rejection,
]  # fmt: skip
SETTINGS = settings(
    max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def program(servers, tmp_path):
    """An application of its own in which there is something to find, and the headers of a program that may do all."""
    with servers("sqlite").copy() as url:
        app = make_app(url, tmp_path)
        make_account(app, "the.administrator", "administrator")
        with app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            ticket(work, template(work))
            boss = access.account_id(work, "the.administrator")
            token = tokens.make(work, "contract", [*tokens.NAMED_SCOPES], days=1, user_id=boss)
        yield app, {"Authorization": f"Bearer {token}"}
        app.extensions["gongdan"].engine.dispose()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_document_is_kept(program, mode):
    app, headers = program
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=headers).include(path_regex=DESK)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        strategy = operation.as_strategy(generation_mode=mode)

        @SETTINGS
        @given(case=strategy)
        def ask(case):
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()
        asked += 1
    assert asked >= 15
