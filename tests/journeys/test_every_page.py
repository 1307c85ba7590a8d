"""Every page × three languages × light and dark × desk and phone: accessible, within the screen, in its language."""

import re

import pytest
from sqlalchemy import select

from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.demo import load_demo
from app.people import regions
from app.people.models import Customer
from app.seeding import seed_tickets
from app.tickets.models import Ticket
from tests.browser import ALL_LOOKS, axe, fits
from ticket_templates.service.packs import install_packs

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every_page")]

#: Words that are the same in every language: names, keys, what people typed in Latin letters.
PLAIN = re.compile(r"\b(?:[A-Z]{1,4}\d*|[\w.-]+@[\w.-]+|\w+_\w+|\w+-\d[\w-]*)\b")
RAW = re.compile(r"(?<![\w“])(?:True|False|None|\[\]|\{\}|undefined|NaN)(?![\w”])")
#: Words of the interface that betray an untranslated page.
ENGLISH = re.compile(r"\b(?:the|and|of|Ticket|Tickets|Save|Edit|Delete|Search|Customer|State|New|Add|List|Show)\b")


@pytest.fixture(scope="module")
def world(live):
    """The demo company with tickets; returns the paths of all kinds of pages."""
    transactions = live.app.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
        if work.session.scalar(select(Ticket.id).limit(1)) is None:
            regions.load(work)
            install_packs(work)
            load_demo(work)
    if not transactions_have_tickets(transactions):
        seed_tickets(transactions, 60)
    with transactions.reading(SYSTEM) as work:
        number = work.session.scalar(select(Ticket.number).where(Ticket.number.like("WX%")).order_by(Ticket.id.desc()))
        customer = work.session.scalar(select(Customer.id).order_by(Customer.id))
    return [
        "/", "/tickets/", "/tickets/?q=空调", "/tickets/?q=没有这样的工单",
        "/tickets/new", "/tickets/new/appliance_repair",
        f"/tickets/{number}", "/templates/", "/templates/appliance_repair", "/fields/", f"/customers/show/{customer}",
        *menu_paths(live),
    ]  # fmt: skip


def transactions_have_tickets(transactions):
    with transactions.reading(SYSTEM) as work:
        return work.session.scalar(select(Ticket.id).limit(1)) is not None


def menu_paths(live):
    """Return what the sidebar offers an administrator, and each list's form for a new row."""
    client = live.app.test_client()
    client.sign_in("the.administrator")
    home = client.get("/", follow_redirects=True).get_data(as_text=True)
    sidebar = home[home.index("<aside") : home.index("</aside")]
    paths = [path for path in re.findall(r'href="(/[^"]*)"', sidebar) if not path.startswith("/static/")]
    adds = [path.replace("/list/", "/add") for path in paths if path.endswith("/list/")]
    return [path for path in dict.fromkeys(paths + adds) if client.get(path).status_code == 200]


@pytest.mark.parametrize("look", ALL_LOOKS, indirect=True, ids=str)
def test_every_page(enter, world, look):
    page = enter("administrator")
    wrong = []
    assert len(world) > 20
    for path in world:
        page.goto(path)
        try:
            axe(page)
            fits(page)
        except AssertionError as found:
            wrong.append(f"{path}: {found}")
        text = page.locator("body").inner_text()
        if raw := RAW.search(text):
            wrong.append(f"{path}: raw {raw[0]!r}")
        if look.locale != "en" and (word := ENGLISH.search(PLAIN.sub("", text))):
            wrong.append(f"{path}: English {word[0]!r} near {text[max(0, word.start() - 40) : word.end() + 40]!r}")
    assert not wrong, "\n".join(wrong)[:6000]
