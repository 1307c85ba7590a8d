"""Deleting records: never what is in use, and who is refused is told by what, how many, and where they are listed."""

import re

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.uses import InUseError
from app.people.models import StaffProfile, Tag, Team
from app.people.records import CONTACT, CUSTOMER, CUSTOMER_LEVEL, REGION, STAFF, TAG, TEAM
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets


@pytest.fixture
def transactions(web):
    return web.extensions["gongdan"].transactions


def refused(work, record, key):
    with pytest.raises(InUseError) as told:
        service.delete(work, record, key)
    return {one.by: one.count for one in told.value.uses}, str(told.value)


class TestAtTheDoor:
    """Through the one write door, on both databases."""

    def test_a_tag_customers_wear_is_kept_with_them(self, work):
        tag, free = make.tag(work, "老客户"), make.tag(work)
        for _ in range(3):
            make.customer(work, tags=[tag.id])
        tickets.ticket(work, tickets.template(work), tags=["老客户"])
        uses, said = refused(work, TAG, tag.id)
        assert uses == {"customer_tag.tag_id": 3, "ticket_tag.tag_id": 1}
        assert "Customers (3), Tickets (1)" in said
        assert "its page does so for all of them." in said
        service.delete(work, TAG, free.id)
        assert work.session.get(Tag, free.id) is None

    def test_the_profile_of_whoever_has_tickets_stays(self, work):
        team = make.team(work)
        actor = make.account(work, roles=("technician",), teams=[team])
        profile = make.profile_of(work, actor)
        tickets.ticket(work, tickets.template(work), assignee_id=actor.user_id)
        uses, said = refused(work, STAFF, profile.id)
        assert uses == {"ticket.assignee_id": 1}
        assert "switch off the user" in said
        free = make.profile_of(work, make.account(work, teams=[team]))
        service.delete(work, STAFF, free.id)
        assert work.session.get(StaffProfile, free.id) is None

    def test_people_of_a_team_do_not_lose_it_unasked(self, work):
        team = make.team(work)
        make.account(work, teams=[team])
        uses, said = refused(work, TEAM, team.id)
        assert uses == {"staff_team.team_id": 1}
        assert "“Active” in its form" in said
        assert work.session.get(Team, team.id) is team

    def test_only_what_there_is_is_advised(self, work):
        level = service.create(
            work, CUSTOMER_LEVEL, {"key": "l1", "labels": {"en": "Gold"}, "rank": 1, "color": "yellow"}
        )
        make.customer(work, level_id=level.id)
        _uses, said = refused(work, CUSTOMER_LEVEL, level.id)
        assert said == "“Gold” is in use, so it cannot be deleted: Customers (1). Change those first."
        whole = service.create(work, REGION, {"code": "97", "name": "某省"})
        service.create(work, REGION, {"code": "9701", "name": "某市", "parent_code": "97"})
        uses, _said = refused(work, REGION, whole.code)
        assert uses == {"region.parent_code": 1}

    def test_what_belongs_to_a_record_goes_with_it(self, work):
        row = make.customer(work, phone="13800138000", contacts=[{"name": "甲"}], tags=[make.tag(work).id])
        service.delete(work, CUSTOMER, row.id)

    def test_a_line_in_use_is_not_taken_out_of_its_form(self, work):
        row = make.customer(work, sites=[{"name": "家"}, {"name": "店"}])
        used, free = row.sites
        make.installed_product(work, row, site_id=used.id)
        with pytest.raises(DomainError) as told:
            service.change(work, CUSTOMER, row.id, {"sites": [{"id": str(free.id)}]})
        (refusal,) = told.value.refusals
        assert (refusal.field, refusal.code) == ("sites", "in_use")
        assert "Installed products (1)" in str(refusal.message)

    def test_a_contact_goes_with_its_phone_in_one_form(self, work):
        row = make.customer(
            work, contacts=[{"name": "甲"}], phones=[{"raw": "13800138000", "contact_id": "contacts-0"}]
        )
        service.change(work, CUSTOMER, row.id, {"contacts": [], "phones": []})
        assert (row.contacts, row.phones) == ([], [])

    def test_a_contact_taken_out_of_the_form_takes_its_numbers_along_unless_one_is_kept(self, work):
        row = make.customer(
            work, contacts=[{"name": "甲"}, {"name": "乙"}],
            phones=[{"raw": "13800138000", "contact_id": "contacts-0"}, {"raw": "13800138001"},
                    {"raw": "13800138002", "contact_id": "contacts-1"}],
        )  # fmt: skip
        first, second = (str(one.id) for one in row.contacts)
        work.session.expire_all()
        service.change(work, CUSTOMER, row.id, {"contacts": [{"id": second}]})
        work.session.expire_all()
        assert [one.tail for one in row.phones] == ["8001", "8002"]
        kept = [{"id": str(one.id), "contact_id": None} for one in row.phones]
        service.change(work, CUSTOMER, row.id, {"contacts": [], "phones": kept})
        work.session.expire_all()
        assert [(one.tail, one.contact_id) for one in row.phones] == [("8001", None), ("8002", None)]
        assert first != second

    def test_the_numbers_of_a_contact_go_with_it_and_the_customers_stay(self, work):
        row = make.customer(
            work, contacts=[{"name": "甲"}],
            phones=[{"raw": "13800138000", "contact_id": "contacts-0"}, {"raw": "13800138001"}],
        )  # fmt: skip
        work.session.expire_all()
        service.delete(work, CONTACT, row.contacts[0].id)
        work.session.expire_all()
        assert [one.tail for one in service.get(work, CUSTOMER, row.id).phones] == ["8001"]
        gone = (
            select(AuditEvent.table_name).where(AuditEvent.action == "deleted").order_by(AuditEvent.id.desc()).limit(2)
        )
        assert set(work.session.scalars(gone)) == {"contact", "phone"}


class TestOnScreen:
    """In the lists and on the pages."""

    def test_who_is_refused_is_led_to_what_uses_it_and_back_to_the_same_list(self, transactions, client_as, scene):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            tag = make.tag(work, f"老客户{scene.mark}")
            worn = make.customer(work, f"戴标签{scene.mark}", tags=[tag.id])
            make.customer(work, f"不戴{scene.mark}")
            key = tickets.template(work)
            tickets.ticket(work, key, tags=[tag.name])
        admin = client_as("administrator")
        here = f"/tags/list/?q={scene.mark}&page_TagView=0"
        answer = admin.post(f"/tags/delete/{tag.id}", headers={"Referer": f"http://localhost{here}"})
        assert answer.headers["Location"] == here
        page = admin.get(here).text
        alert = re.search(r'<div class="alert alert-danger.*?</button>', page, re.DOTALL)[0]
        urls = [one.replace("&amp;", "&") for one in re.findall(r'alert-link" href="([^"]+)"', alert)]
        assert urls == [f"/customers/list/?_flt_0_tags={tag.id}", f"/tickets/?view=all&tag={tag.id}"]
        listed = admin.get(urls[0]).text
        assert f"/customers/show/{worn.id}" in listed
        assert f"不戴{scene.mark}" not in listed

    def test_the_question_names_the_record_and_the_way_back_keeps_the_search(self, client_as, scene):
        page = client_as("administrator").get(f"/customers/list/?q={scene.mine_name}").text
        assert re.search(rf'data-confirm="[^"]*{scene.mine_name}[^"]*" data-danger', page)
        assert re.search(rf"/customers/delete/{scene.mine}\?next=/customers/list/%3Fq%3D", page)
        shown = client_as("administrator").get(f"/customers/show/{scene.mine}").text
        assert len(re.findall(rf"“{scene.mine_name}”", shown)) == 1

    def test_deleting_a_contact_leads_back_to_where_one_was(self, transactions, client_as, scene):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            row = make.customer(work, contacts=[{"name": f"丙{scene.mark}"}])
            key = row.contacts[0].id
        answer = client_as("administrator").post(f"/contacts/delete/{key}?next=/contacts/list/?q={scene.mark}")
        assert answer.headers["Location"] == f"/contacts/list/?q={scene.mark}"

    def test_it_is_asked_for_what_goes_too(self, transactions, client_as, scene):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            phones = [{"raw": "13700990001", "contact_id": "contacts-0"}]
            row = make.customer(work, contacts=[{"name": f"丁{scene.mark}"}], phones=phones)
            key = row.contacts[0].id
        admin = client_as("administrator")
        admin.get("/lang/en")
        assert "With it goes what belongs to it: phone, contact." in admin.get(f"/customers/show/{row.id}").text
        assert "With it goes what belongs to it: phone." in admin.get(f"/contacts/show/{key}").text
        assert "With it goes what belongs to it: phone." in admin.get(f"/contacts/list/?q=丁{scene.mark}").text
        admin.post(f"/contacts/delete/{key}")
        assert admin.get(f"/contacts/show/{key}").status_code == 404

    def test_of_many_it_is_said_why_some_stay(self, client_as, scene):
        admin = client_as("administrator")
        admin.post("/outlets/action_post", data={"action": "delete_many", "rowid": [scene.here]})
        page = admin.get("/outlets/list/").text
        assert f'/customers/list/?_flt_0_outlet={scene.here}"' in page
