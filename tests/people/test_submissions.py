"""One form of a new record makes one record: a second click, the way back, two clicks at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.permissions import SYSTEM
from app.core.records.submissions import AlreadyMadeError, RecordSubmission, create_once
from app.people.models import Customer, Tag
from app.people.records import TAG
from tests.clients import CAUSE


def submission_of(page):
    return re.search(r'name="submission"[^>]*value="([^"]+)"', page)[1]


def named(web, name):
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        return work.session.scalar(select(func.count()).where(Customer.name == name))


def test_the_way_back_makes_no_second_customer(web, client_as, scene):
    clerk = client_as("administrator")
    form = clerk.get("/customers/add").text
    typed = {"submission": submission_of(form), "name": f"王{scene.mark}", "active": "y"}
    first = clerk.post("/customers/add", data=typed)
    assert first.status_code == 302
    again = clerk.post("/customers/add", data=typed)
    assert again.headers["Location"] == first.headers["Location"]
    assert named(web, f"王{scene.mark}") == 1
    assert submission_of(clerk.get("/customers/add").text) != typed["submission"]


def test_something_else_in_the_same_form_is_asked_about_and_then_made(web, client_as, scene):
    clerk = client_as("administrator")
    typed = {"submission": submission_of(clerk.get("/customers/add").text), "name": f"李{scene.mark}", "active": "y"}
    made = clerk.post("/customers/add", data=typed).headers["Location"]
    typed["name"] = f"赵{scene.mark}"
    asked = clerk.post("/customers/add", data=typed)
    assert asked.status_code == 409
    assert f'href="{made}"' in asked.text
    assert f"赵{scene.mark}" in asked.text
    assert named(web, f"赵{scene.mark}") == 0
    typed["submission"] = submission_of(asked.text)
    assert clerk.post("/customers/add", data=typed).status_code == 302
    assert named(web, f"赵{scene.mark}") == 1


@pytest.mark.parametrize("phone", ["", "139 0000 8765"])
def test_the_box_beside_a_ticket_makes_one_customer_too(web, client_as, scene, phone):
    clerk = client_as("administrator")
    form = clerk.get("/tickets/customer-panel").text
    typed = {"submission": submission_of(form), "name": f"双{scene.mark}{phone}", "phone": phone}
    answers = [clerk.post("/tickets/new-customer", data=typed) for _click in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert all(typed["name"] in one.text for one in answers)
    assert named(web, typed["name"]) == 1
    other = typed | {"name": f"又{scene.mark}{phone}", "phone": ""}
    asked = clerk.post("/tickets/new-customer", data=other)
    assert (asked.status_code, named(web, other["name"])) == (422, 0)
    again = clerk.post("/tickets/new-customer", data=other | {"submission": submission_of(asked.text)})
    assert (again.status_code, named(web, other["name"])) == (200, 1)


def test_a_refused_form_can_be_put_right(client_as, scene):
    clerk = client_as("administrator")
    typed = {"submission": submission_of(clerk.get("/tags/add").text), "name": ""}
    refused = clerk.post("/tags/add", data=typed)
    assert refused.status_code == 422
    assert submission_of(refused.text) == typed["submission"]
    assert clerk.post("/tags/add", data=typed | {"name": f"甲{scene.mark}"}).status_code == 302


def test_the_form_of_another_person_or_a_deleted_record_is_free(work):
    first = create_once(work, TAG, {"name": "甲"}, "one form")
    with pytest.raises(AlreadyMadeError) as refused:
        create_once(work, TAG, {"name": "甲"}, "one form")
    assert refused.value.same
    assert refused.value.key == first.id
    work.session.delete(first)
    work.session.flush()
    assert create_once(work, TAG, {"name": "乙"}, "one form").id
    assert create_once(work, TAG, {"name": "丙"}, "").id


def test_what_was_sent_long_ago_is_forgotten(transactions):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        create_once(work, TAG, {"name": "旧"}, "old form")
        work.session.scalars(select(RecordSubmission)).one().created_at = work.now - timedelta(days=8)
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        create_once(work, TAG, {"name": "新"}, "new form")
        assert len(work.session.scalars(select(RecordSubmission)).all()) == 1
        assert work.session.scalar(select(func.count()).select_from(Tag)) == 2
