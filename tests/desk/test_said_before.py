"""What is said before one chooses: who of several is meant by a phone, how many files fit and how large."""

from uuid import uuid4

from tests.factories import people


def test_customers_of_one_phone_are_told_apart(desk, clerk):
    mark = uuid4().hex[:8]
    phone = "139" + str(int(mark, 16)).zfill(10)[-8:]
    with desk.work() as work:
        busy = people.customer(work, f"同号{mark}", code=f"A-{mark}", phone=phone)
        people.customer(work, f"同号{mark}", code=f"B-{mark}", phone=phone)
        people.installed_product(work, busy)
        busy_id = busy.id
    number = desk.opened(clerk, customer_id=str(busy_id))
    opened_on = desk.ticket(number)["created_at"].astimezone(desk.app.extensions["gongdan"].company.zone).date()
    said = {hit["id"]: hit["about"] for hit in clerk.get(f"/tickets/customers?q={phone}").json["results"]}
    assert said[busy_id] == f"A-{mark} · Tickets: 1, the last of {opened_on} · Installed products: 1"
    assert [one for key, one in said.items() if key != busy_id] == [f"B-{mark} · No tickets yet"]


def test_an_input_of_files_says_what_fits(desk, clerk):
    largest = desk.app.extensions["gongdan"].settings.upload_max_mb
    assert f"Up to 9 files, each of {largest} MB at most" in clerk.get("/tickets/new/appliance_repair").text
