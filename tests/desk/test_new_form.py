"""The way to a new ticket: find the template, be known as a customer, be told what happened meanwhile."""

import re
from dataclasses import replace
from html import unescape

from sqlalchemy import select

from app.core.db import folded
from app.tickets import queries
from tests.desk.filling import hidden_inputs
from tests.factories import people, tickets
from ticket_templates.models import TemplateVersion, TicketTemplate


def test_templates_are_searched_by_what_they_are_called_in_any_language(desk, clerk):
    del desk
    card = r'data-card data-text="([^"]+)">\s*<a [^>]*data-testid="template-(\w+)"'
    words = {key: unescape(text) for text, key in re.findall(card, clerk.get("/tickets/new").text)}
    for typed in ("appliance_repair", "家电维修", "家電維修", "Appliance repair"):
        found = [key for key, text in words.items() if folded(typed) in text]
        assert found == ["appliance_repair"], typed


def test_a_link_of_the_customer_fills_the_customer_in(desk, clerk):
    with desk.work() as work:
        customer = people.customer(work, "望江宾馆", phone="13566667777")
        unit = people.installed_product(work, customer)
        asked = {"customer_id": customer.id, "installed_product_id": unit.id}
        serial = unit.serial
    address = "&".join(f"{name}={one}" for name, one in asked.items())
    # Through the choice of the template, too.
    choice = clerk.get(f"/tickets/new?{address}").text
    (link,) = re.findall(rf'href="([^"]+)" data-testid="template-{desk.small}"', choice)
    page = clerk.get(unescape(link)).text
    for name, one in asked.items():
        assert re.search(rf'<(?:input|option)[^>]*(?:name="{name}"[^>]*)?value="{one}"', page), name
    assert "望江宾馆" in page
    assert serial in page
    sent = hidden_inputs(page) | {"values.fault": "漏水"} | {name: str(one) for name, one in asked.items()}
    answer = clerk.post(f"/tickets/new/{desk.small}", data=sent)
    made = desk.ticket(answer.headers["Location"].split("/")[2].partition("?")[0])
    assert {name: made[name] for name in asked} == asked


def test_a_form_that_is_sent_again_says_that_the_ticket_was_made(desk, clerk):
    data = desk.new_form(clerk, desk.small)
    said = "This ticket was already made; nothing was done twice."
    for again in (False, True):
        answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
        assert (said in clerk.get(answer.headers["Location"]).text) == again


def test_a_newer_version_of_the_template_is_told_and_the_form_goes_on(desk, clerk):
    with desk.work() as work:
        key = tickets.template(work)
    old = hidden_inputs(clerk.get(f"/tickets/new/{key}").text)
    told = "A newer version of this template was published meanwhile."
    assert told not in clerk.post(f"/tickets/new/{key}", data=old | {"values.fault": ""}).text
    with desk.work() as work:
        row = work.session.scalars(select(TicketTemplate).where(TicketTemplate.key == key)).one()
        spec = replace(tickets.repair_spec(), subject="新 {fault}")
        row.versions.append(
            TemplateVersion(
                number=2, spec=spec.as_json(), checksum=spec.checksum(), published_at=work.now, created_at=work.now
            )
        )
    answer = clerk.post(f"/tickets/new/{key}", data=old | {"values.fault": ""})
    assert answer.status_code == 422
    assert told in answer.text
    assert hidden_inputs(answer.text)["version_id"] == old["version_id"]
    made = clerk.post(f"/tickets/new/{key}", data=hidden_inputs(answer.text) | {"values.fault": "漏水"})
    assert desk.ticket(made.headers["Location"].split("/")[2].partition("?")[0])["subject"] == "漏水"
    assert told not in clerk.post(f"/tickets/new/{key}", data=hidden_inputs(clerk.get(f"/tickets/new/{key}").text)).text


def test_who_is_near_the_ticket_is_offered_first(desk, clerk):
    with desk.work() as work:
        here, there = people.outlet(work, name="近处网点"), people.outlet(work, name="远处网点")
        team = people.team(work, name="近处一班", outlet_id=here.id)
        mate, near, far = (
            people.account(work, roles=["technician"], outlet=outlet, teams=teams, name=f"{name}甲近邻").user_id
            for outlet, teams, name in ((here, [team], "朱"), (here, [], "李"), (there, [], "阿"))
        )
        ticket_id = tickets.ticket(work, desk.small, outlet_id=here.id, team_id=team.id)
        number = queries.ticket(work, ticket_id).number
    found = clerk.get(f"/tickets/assignees?of={number}&q=甲近邻").json["results"]
    assert [one["id"] for one in found] == [mate, near, far]
    assert [one["hint"] for one in found] == ["近处网点 · 近处一班 · 0 open", "近处网点 · 0 open", "远处网点 · 0 open"]
    # A new ticket is near nobody: there the sound of the name decides.
    found = clerk.get(f"/tickets/assignees?template={desk.small}&q=甲近邻").json["results"]
    assert [one["id"] for one in found] == [far, near, mate]
