"""What people type is only ever text: of tickets, customers, colleagues, tags and views, wherever it stands."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.desk.models import SavedView
from app.people.models import Tag
from app.tickets import queries
from tests.clients import Browser
from tests.desk.conftest import english
from tests.desk.test_hostile_labels import Reader
from tests.factories import people, tickets

ALL = "subject customer hand tag view"
#: Who looks where, and whose words stand there.
PAGES = (
    ("hand", "/", "subject hand"),
    ("boss", "/", "subject"),
    ("hand", "/tickets/?cols=number,subject,customer,assignee,tags", ALL),
    ("hand", "/tickets/?group=assignee&assignee={hand}&q={mark}", "subject hand"),
    ("hand", "/tickets/?layout=board", ALL),
    ("hand", "/tickets/?tag={tag}&customer={customer}", "subject customer tag"),
    ("hand", "/tickets/?view={view}", "subject view"),
    ("hand", "/tickets/views/", "view"),
    ("hand", "/tickets/notices", "subject note"),
    ("hand", "/search/suggest?q={mark}", "subject customer"),
    ("boss", "/search/suggest?q={mark}", "subject customer"),
    ("boss", "/tickets/?layout=board&q={mark}", "subject customer hand tag"),
    ("boss", "/tickets/{number}", "subject customer hand tag note"),
    ("hand", "/tickets/{number}", "subject customer hand tag note"),
    ("boss", "/tickets/{number}/preview", "subject customer hand tag note"),
    ("boss", "/tickets/{number}/merge?other_id={other}", "subject"),
    ("boss", "/tickets/{number}/timeline", "note"),
    ("boss", "/customers/show/{customer}", "subject customer"),
    ("boss", "/installed-products/show/{unit}", "subject customer"),
)


def word(kind):
    return f"\"'><img src=x onerror={kind}>"


@dataclass
class Told:
    """Where hostile words stand, and who looks at them."""

    known: dict[str, object]
    browsers: dict[str, Browser]


@pytest.fixture
def told(desk, boss):
    """Two tickets of one customer and unit, linked with each other, and the technician who has them."""
    mark = f"H{uuid4().hex[:8]}"
    with desk.work() as work:
        hand = people.account(work, mark.lower(), ["technician"], name=word("hand"))
        customer = people.customer(work, f"{mark} {word('customer')}", sites=[{"name": "家"}])
        unit = people.installed_product(work, customer)
        held = {"customer_id": customer.id, "installed_product_id": unit.id, "site_id": customer.sites[0].id}
        made = [
            tickets.ticket(work, desk.small, {"fault": f"{mark} {word('subject')}"}, assignee_id=hand.user_id, **held)
            for _one in range(2)
        ]
        numbers = [queries.ticket(work, one).number for one in made]
        view = SavedView(
            name=word("view"), owner_id=hand.user_id, audience="mine", query={"q": mark}, position=1, default_roles=[],
            version=1,
        )  # fmt: skip
        work.session.add(view)
        work.session.flush()
        known = {"mark": mark, "hand": hand.user_id, "customer": customer.id, "unit": unit.id, "number": numbers[0],
                 "other": made[1], "view": view.id}  # fmt: skip
    for number in numbers:
        answer = boss.post(f"/tickets/{number}/tags", data={"tags": [word("tag")]}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
    boss.post(f"/tickets/{numbers[0]}/links", data={"kind": "relates", "other_id": str(made[1]), "on": "1"})
    boss.post(f"/tickets/{numbers[0]}/notes", data={"body": f"@{mark.lower()} {word('note')}", "files": ""})
    with desk.work() as work:
        known["tag"] = work.session.scalars(select(Tag.id).where(Tag.name == word("tag"))).one()
    client = desk.app.test_client()
    client.enter(mark.lower())
    return Told(known, {"boss": boss, "hand": english(client)})


def test_no_word_is_markup_wherever_it_stands(told):
    for who, address, kinds in PAGES:
        page = told.browsers[who].get(address.format(**told.known))
        assert page.status_code == 200, address
        reader = Reader()
        reader.feed(page.text)
        assert not reader.wrong, (who, address)
        missing = [kind for kind in kinds.split() if f"&lt;img src=x onerror={kind}&gt;" not in page.text]
        assert not missing, (who, address)
