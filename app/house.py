"""One process's house: settings, database, transactions. The factory, the CLI and the worker open it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from app.config import PREFIX, ConfigError, Settings
from app.core import audit
from app.core.company import Company
from app.core.db import open_engine, session_factory
from app.core.keyring import KEYRING
from app.core.unit_of_work import Transactions
from app.extensions import scan_all
from app.instance_keys import data_secrets
from app.switchboard import HANDLERS


@dataclass(frozen=True, slots=True)
class House:
    """What the edges share; made once a process."""

    settings: Settings
    engine: Engine
    company: Company
    transactions: Transactions


def company_of(settings: Settings) -> Company:
    """Return the company as the settings describe it."""
    return Company(
        name=settings.company_name or "Gongdan",
        zone=ZoneInfo(settings.time_zone),
        currency=settings.currency,
        locale=settings.locale,
        storage=settings.storage,
        upload_max_bytes=settings.upload_max_mb * 1024 * 1024,
    )


def open_house(settings: Settings, *, make_keys: bool = True) -> House:
    """Load keys and extensions and connect; nothing is read from or written to the database yet."""
    KEYRING.load(data_secrets(settings, make=make_keys))
    scan_all()
    audit.listen()
    company = company_of(settings)
    try:
        engine = open_engine(settings.url)
    except ValueError:
        # What it was is not said: it may hold a password.
        message = f"{PREFIX}DATABASE_URL cannot be read; it looks like postgresql+psycopg://user@host:5432/name"
        raise ConfigError(message) from None
    return House(settings, engine, company, Transactions(session_factory(engine), HANDLERS, company))
