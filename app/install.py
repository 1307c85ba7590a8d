"""Making an installation ready: schema, roles, packs, the first administrator, the demo company. Repeatable."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from app import installed, instance_keys, migrate
from app.core import installation
from app.core.jobs.sealing import seal_older
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.demo import load_demo
from app.desk.forgetting import forget_numbers
from app.house import House
from app.people import access, regions
from app.people.access_sync import sync_roles
from app.people.models import Account, Region
from app.seeding import seed_tickets, seed_today, seed_waiting
from app.tickets import renewal
from app.tickets.attachments import close_to_others
from app.tickets.models import Ticket
from ticket_templates import service as templates

log = logging.getLogger(__name__)

CAUSE = Cause("system", "init")
DEMO_TICKETS = 240
DEMO_DAYS = 45


def _tell_nobody(_password: str) -> None:
    """Keep the first administrator's password to oneself: for tests and benches."""


def _stay_silent() -> None:
    """Say nothing of a password that nobody was told."""


def install(
    house: House, *, demo: bool = False, announce: Callable[[str], None] = _tell_nobody,
    retract: Callable[[], None] = _stay_silent,
) -> None:  # fmt: skip
    """Bring the installation up to date; what is there stays. Safe to run again, and after a kill at any point.

    ``announce`` is given the first administrator's password if one was made (empty: it is the one of the settings),
    before it is stored: a process that is killed in between has told a password of nobody, and the next run makes
    another; the other way round nobody would ever know it. ``retract`` is called when it could not be stored.
    """
    house.settings.instance.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(house.engine)
    with _retracting(announce, retract) as tell, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        sync_roles(work)
        if not work.session.scalar(select(func.count()).select_from(Region)):
            regions.load(work)
        templates.install_packs(work)
        if not work.session.scalar(select(func.count()).select_from(Account)):
            tell(_first_administrator(house, work))
        renewal.renew_older(work)
        seal_older(work)
        forget_numbers(work)
    close_to_others(house.company.storage)
    if demo:
        _load_demo(house)
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        keys = instance_keys.fingerprints(instance_keys.data_secrets(house.settings))
        installation.mark_complete(work, installed.fingerprint(), keys)


@contextmanager
def _retracting(announce: Callable[[str], None], retract: Callable[[], None]) -> Iterator[Callable[[str], None]]:
    """Yield ``announce``; what it told before the block fails (a full disk is met at the commit) is taken back."""
    told: list[str] = []

    def tell(password: str) -> None:
        told.append(password)
        announce(password)

    try:
        yield tell
    except BaseException:
        if told:
            retract()
        raise


def _load_demo(house: House) -> None:
    """Load the demo company into an installation that has no tickets yet."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        empty = work.session.scalar(select(Ticket.id).limit(1)) is None
        if empty:
            load_demo(work)
    if empty:
        seed_tickets(house.transactions, DEMO_TICKETS, cause=CAUSE, days=DEMO_DAYS)
        seed_waiting(house.transactions, cause=CAUSE)
        seed_today(house.transactions, cause=CAUSE)


def _first_administrator(house: House, work: Work) -> str:
    """Create the administrator; return the password if it was made here and so must be shown and changed."""
    given = house.settings.admin_password
    password = given or secrets.token_urlsafe(12)
    access.create_account(
        work, installed.ADMINISTRATOR, password, name="管理员", roles=("administrator",), must_change_password=not given
    )
    return "" if given else password
