"""Making an installation ready: schema, roles, packs, the first administrator, the demo company. Repeatable."""

import logging
import secrets
from collections.abc import Callable

from sqlalchemy import func, select

from app import installed, migrate
from app.core import installation
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.demo import load_demo
from app.house import House
from app.people import access, regions
from app.people.access_sync import sync_roles
from app.people.models import Account, Region
from app.seeding import seed_tickets, seed_today
from app.tickets.models import Ticket
from ticket_templates import service as templates

log = logging.getLogger(__name__)

CAUSE = Cause("system", "init")
DEMO_TICKETS = 240
DEMO_DAYS = 45


def _tell_nobody(_password: str) -> None:
    """Keep the first administrator's password to oneself: for tests and benches."""


def install(house: House, *, demo: bool = False, announce: Callable[[str], None] = _tell_nobody) -> None:
    """Bring the installation up to date; what is there stays. Safe to run again, and after a kill at any point.

    ``announce`` is given the first administrator's password if one was made (empty: it is the one of the settings),
    before it is stored: a process that is killed in between has told a password of nobody, and the next run makes
    another; the other way round nobody would ever know it.
    """
    migrate.upgrade(house.engine)
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        sync_roles(work)
        if not work.session.scalar(select(func.count()).select_from(Region)):
            regions.load(work)
        templates.install_packs(work)
        if not work.session.scalar(select(func.count()).select_from(Account)):
            announce(_first_administrator(house, work))
    if demo:
        _load_demo(house)
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        installation.mark_complete(work, installed.fingerprint())


def _load_demo(house: House) -> None:
    """Load the demo company into an installation that has no tickets yet."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        empty = work.session.scalar(select(Ticket.id).limit(1)) is None
        if empty:
            load_demo(work)
    if empty:
        seed_tickets(house.transactions, DEMO_TICKETS, cause=CAUSE, days=DEMO_DAYS)
        seed_today(house.transactions, cause=CAUSE)


def _first_administrator(house: House, work: Work) -> str:
    """Create the administrator; return the password if it was made here and so must be shown and changed."""
    given = house.settings.admin_password
    password = given or secrets.token_urlsafe(12)
    access.create_account(
        work, installed.ADMINISTRATOR, password, name="管理员", roles=("administrator",), must_change_password=not given
    )
    return "" if given else password
