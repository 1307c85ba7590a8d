"""Signing in: attempts are counted by account and by address, and too many of either are refused."""

import hashlib
import ipaddress
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.core.db import folded
from app.core.work import Work
from app.people import attempts
from app.people.access_tables import ACCOUNT
from app.people.security_models import AccountSession, AttemptCount

WINDOW: Final = timedelta(minutes=15)
ACCOUNT_LIMIT: Final = 10
#: A shop has one address for all its people, so this is wider.
ADDRESS_LIMIT: Final = 60
SESSION_LASTS: Final = timedelta(days=7)
#: scrypt with werkzeug's parameters over a password nobody knows: what an unknown name is checked against.
_NOBODY: Final = (
    "scrypt:32768:8:1$wiDa0ruWlIPhp9LM$6e409d093e62ad54df2af895d0e125b05ff6cf64148350189ffc4bcc71286edf1b8ad94a442c00f8"
    "90224bf2b32153d0750c89ee9401e62f9dcee5399065e4e5"
)


def count_attempt(work: Work, username: str, address: str) -> bool:
    """Count an attempt before it is checked; False when there have been too many for the account or the address.

    Counted first, attempts made at once cannot slip through together. An unknown name is counted like a known
    one, so a refusal tells nothing.
    """
    counts = {limit: attempts.count(work, key, WINDOW) for key, limit in _keys(username, address)}
    return all(count <= limit for limit, count in counts.items())


def stored_password(session: Session, username: str) -> tuple[int, str] | None:
    """Return the id and password hash of the active account of that name."""
    row = session.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.password).where(
            ACCOUNT.c.username == folded(username)[:128], ACCOUNT.c.active.is_(True), ACCOUNT.c.password.is_not(None)
        )
    ).one_or_none()
    return (row.id, row.password) if row else None


def verified(stored: tuple[int, str] | None, password: str) -> int | None:
    """Return the id of the account when the password is right; it takes as long when there is no account."""
    user_id, hashed = stored or (None, _NOBODY)
    return user_id if check_password_hash(hashed, password) else None


def open_session(work: Work, user_id: int, username: str, address: str) -> str:
    """Start a session and return its secret, which only the cookie keeps; forget the failed attempts."""
    secret = secrets.token_urlsafe(32)
    work.session.execute(delete(AccountSession).where(AccountSession.expires_at <= work.now))
    work.session.add(
        AccountSession(
            key=session_key(secret), user_id=user_id, created_at=work.now, expires_at=work.now + SESSION_LASTS
        )
    )
    (account, _limit), (place, _limit) = _keys(username, address)
    work.session.execute(delete(AttemptCount).where((AttemptCount.key == account) | (AttemptCount.until <= work.now)))
    work.session.execute(update(AttemptCount).where(AttemptCount.key == place).values(count=AttemptCount.count - 1))
    work.session.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.id == user_id)
        .values(last_login=work.now.replace(tzinfo=None), login_count=func.coalesce(ACCOUNT.c.login_count, 0) + 1)
    )
    return secret


def forget_attempts(work: Work, username: str) -> None:
    """Let an account be tried again at once; the count of the address stays."""
    (account, _limit), _place = _keys(username, "")
    work.session.execute(delete(AttemptCount).where(AttemptCount.key == account))


def close_session(work: Work, secret: str) -> None:
    """End the session of this secret; a copy of its cookie is worth nothing from now on."""
    work.session.execute(delete(AccountSession).where(AccountSession.key == session_key(secret)))


def session_key(secret: str) -> str:
    """Return what is stored of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _keys(username: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    named = {"account": folded(username)[:200], "address": _network(address)}
    account, place = (attempts.key_of(kind, name) for kind, name in named.items())
    return (account, ACCOUNT_LIMIT), (place, ADDRESS_LIMIT)


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 of addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else str(ip)  # noqa: PLR2004 - IPv6
