"""Every page: accessible, within the screen and quiet at the desk and on a phone, light and dark; in its language."""

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.i18n import LOCALES
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.demo import company, load_demo
from app.people import regions
from app.seeding import seed_tickets
from app.tickets.models import Ticket
from tests.browser import DESK, LOOKS_DECIDE, PHONE, RULES, WEAR, axe, fits
from ticket_templates.service.packs import install_packs

pytestmark = pytest.mark.browser

#: What is no word of the interface: scripts and their data, tags, names of accounts and keys.
NOT_WORDS = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<[^>]+>|[\w-]+(?:[._@-][\w-]+)+", re.DOTALL)
RAW = re.compile(r"(?<![\w“])(?:True|False|None|\[\]|\{\}|undefined|NaN)(?![\w”])")
#: Words of the interface that betray an untranslated page.
ENGLISH = re.compile(r"\b(?:the|and|of|Tickets?|Save|Edit|Delete|Search|Customers?|State|New|Add|List|contact|phone)\b")


@pytest.fixture(scope="module")
def paths(live):
    """The demo company with tickets in every state; returns the paths of all kinds of pages."""
    transactions = live.app.extensions["gongdan"].transactions
    with pytest.MonkeyPatch.context() as patch, transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
        # Enough for a second page of each list; all three hundred take seconds.
        patch.setattr(company, "CUSTOMERS", 60)
        regions.load(work)
        install_packs(work)
        load_demo(work)
    seed_tickets(transactions, 60)
    with transactions.reading(SYSTEM) as work:
        repairs = select(Ticket.number, Ticket.customer_id).where(Ticket.number.like("WX%"))
        repairs = repairs.where(Ticket.customer_id.is_not(None)).order_by(Ticket.id.desc())
        number, customer = work.session.execute(repairs).first()
    return list(dict.fromkeys([
        "/", "/tickets/", "/tickets/?q=空调", "/tickets/?q=没有这样的工单",
        "/tickets/new", "/tickets/new/appliance_repair", f"/tickets/{number}",
        "/templates/", "/templates/appliance_repair", "/fields/", f"/customers/show/{customer}",
        *menu_paths(live),
    ]))  # fmt: skip


def menu_paths(live):
    """Return what the sidebar offers an administrator, and each list's form for a new row."""
    client = live.app.test_client()
    client.sign_in("the.administrator")
    home = client.get("/", follow_redirects=True).get_data(as_text=True)
    sidebar = home[home.index("<aside") : home.index("</aside")]
    found = [path for path in re.findall(r'href="(/[^"]*)"', sidebar) if not path.startswith("/static/")]
    adds = [path.replace("/list/", "/add") for path in found if path.endswith("/list/")]
    return [path for path in dict.fromkeys(found + adds) if client.get(path).status_code == 200]


def test_a_page_is_accessible_and_fits(enter, live, paths):
    """Each page is loaded once and seen twice, in turns: narrowed to a phone, or widened from one."""
    page = enter("administrator")
    touch = page.context.new_cdp_session(page)

    def wear(look):
        page.set_viewport_size({"width": look.width, "height": look.height})
        touch.send("Emulation.setTouchEmulationEnabled", {"enabled": look.is_phone})
        page.context.add_cookies([{"name": "theme", "value": look.theme, "url": live.url}])
        page.evaluate(WEAR, look.theme)

    wrong = []
    assert len(paths) > 35
    # The markup is the same on a phone; what is new there is what it looks like.
    looks = [(DESK, RULES), (replace(PHONE, theme="dark"), LOOKS_DECIDE)]
    for path in paths:
        page.goto(path)
        for look, rules in looks:
            wear(look)
            try:
                axe(page, rules)
                fits(page)
            except AssertionError as found:
                wrong.append(f"{path} at {look}: {found}")
        looks.reverse()
    assert not wrong, "\n".join(wrong)[:6000]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_speaks_its_language(live, paths, locale):
    client = live.app.test_client()
    client.sign_in("the.administrator")
    client.get(f"/lang/{locale}")
    wrong = []
    for path in paths:
        page = client.get(path).get_data(as_text=True)
        assert f'lang="{locale.replace("_", "-")}"' in page
        text = " ".join(html.unescape(NOT_WORDS.sub(" ", page[page.index("<body") :])).split())
        words = (RAW.search(text), ENGLISH.search(text) if locale != "en" else None)
        wrong += [
            f"{path}: {word[0]!r} in {text[max(0, word.start() - 60) : word.end() + 40]!r}" for word in words if word
        ]
    assert not wrong, "\n".join(wrong)[:6000]
