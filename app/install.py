"""Making an installation ready: schema, roles, packs, the first administrator, the demo company. Repeatable."""

import logging
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from app import migrate
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.demo import load_demo
from app.house import House
from app.people import access, regions
from app.people.access_sync import sync_roles
from app.people.models import Account, Region
from app.seeding import seed_tickets
from app.tickets.models import Ticket
from ticket_templates import service as templates

log = logging.getLogger(__name__)

CAUSE = Cause("system", "init")
ADMINISTRATOR = "admin"
DEMO_TICKETS = 240
DEMO_DAYS = 45


@dataclass(frozen=True, slots=True)
class Installed:
    """What a run of `install` did. ``password`` is set when it made the administrator's."""

    created: bool
    password: str = ""


def is_installed(engine: Engine) -> bool:
    """Whether the schema is the newest and there is somebody who can sign in."""
    with engine.connect() as connection:
        if migrate.current(connection) != migrate.head():
            return False
        return bool(connection.scalar(select(func.count()).select_from(Account)))


def install(house: House, *, demo: bool = False) -> Installed:
    """Bring the installation up to date; what is there stays. Safe to run again, and after a crash half-way."""
    migrate.upgrade(house.engine)
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        sync_roles(work)
        if not work.session.scalar(select(func.count()).select_from(Region)):
            regions.load(work)
        templates.install_packs(work)
        first = not work.session.scalar(select(func.count()).select_from(Account))
        password = _first_administrator(house, work) if first else ""
    if demo:
        _load_demo(house)
    return Installed(first, password)


def _load_demo(house: House) -> None:
    """Load the demo company into an installation that has no tickets yet."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        empty = work.session.scalar(select(Ticket.id).limit(1)) is None
        if empty:
            load_demo(work)
    if empty:
        seed_tickets(house.transactions, DEMO_TICKETS, cause=CAUSE, days=DEMO_DAYS)


def _first_administrator(house: House, work: Work) -> str:
    """Create the administrator; return the password if it was made here and so must be shown and changed."""
    given = house.settings.admin_password
    password = given or secrets.token_urlsafe(12)
    access.create_account(
        work, ADMINISTRATOR, password, name="管理员", roles=("administrator",), must_change_password=not given
    )
    return "" if given else password
