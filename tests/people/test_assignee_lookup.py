"""Who is offered when a ticket is handed to somebody: people who may take it further, and nobody else."""

from uuid import uuid4

import pytest

from tests.clients import make_account


@pytest.mark.parametrize(
    ("role", "offered"),
    [("technician", True), ("clerk", True), ("dispatcher", True), ("auditor", False), ("template_designer", False)],
)
def test_who_may_take_no_step_is_not_offered(web, client_as, role, offered):
    name = f"who.{uuid4().hex[:10]}"
    user_id = make_account(web, name, role)
    found = client_as("dispatcher").get(f"/lookup/assignee?q={name}").json["results"]
    assert [one["id"] for one in found] == ([user_id] if offered else [])
    everybody = client_as("dispatcher").get(f"/lookup/user?q={name}").json["results"]
    assert [one["id"] for one in everybody] == [user_id]
