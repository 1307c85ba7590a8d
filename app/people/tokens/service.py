"""Making, revoking and using tokens."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import func, insert, or_, select, update

from app.core.errors import DomainError, NotFoundError, TooOftenError
from app.core.i18n import _
from app.core.text import clean_text
from app.core.work import Work
from app.people import access, attempts
from app.people.tokens.models import ApiToken
from app.people.tokens.queries import key_of
from app.people.tokens.scopes import checked

#: How a token begins, so that people and scanners know one where it should not be.
PREFIX: Final = "gdt_"
LONGEST_DAYS: Final = 366
LONGEST_NAME: Final = 80
#: Living ones of one account.
MOST: Final = 50
#: Requests of one token: ten a second, for hours.
A_MINUTE: Final = 600
_WINDOW: Final = timedelta(minutes=1)
_HINT: Final = 4


def make(work: Work, name: str, scopes: Collection[str], *, days: int, user_id: int | None = None) -> str:
    """Make a token and return it: it is stored nowhere, so this is the only time anybody sees it.

    ``user_id`` is the account it acts as, the actor's own unless told; another's takes whoever may change that account.
    """
    owner = work.actor.user_id if user_id is None else user_id
    if owner is None:
        raise NotFoundError(_("There is no such account."))
    service = owner != work.actor.user_id
    if service:
        access.demand_mastery(work, owner)
    name = clean_text(name, limit=LONGEST_NAME)
    if not name:
        raise DomainError(_("This is required."), field="name", code="required")
    if not 1 <= days <= LONGEST_DAYS:
        message = _("A token lasts 1 to %(limit)s days.", limit=LONGEST_DAYS)
        raise DomainError(message, field="days", code="out_of_range")
    wanted = checked(scopes)
    living = select(func.count()).where(
        ApiToken.user_id == owner, ApiToken.revoked_at.is_(None), ApiToken.expires_at > work.now
    )
    if work.session.execute(living).scalar_one() >= MOST:
        raise DomainError(_("There are too many tokens. Revoke those that are not used."), code="too_many")
    token = PREFIX + secrets.token_urlsafe(32)
    work.session.execute(
        insert(ApiToken).values(
            key=key_of(token), hint=token[-_HINT:], name=name, user_id=owner, service=service, scopes=wanted,
            created_at=work.now, created_by_id=work.actor.user_id, expires_at=work.now + timedelta(days=days),
        )
    )  # fmt: skip
    access.record_token(work, owner, None, f"{name} ({', '.join(wanted)})")
    return token


def revoke(work: Work, token_id: int) -> None:
    """End a token; one's own, or of an account the actor may change."""
    found = work.session.execute(
        select(ApiToken.user_id, ApiToken.name, ApiToken.revoked_at).where(ApiToken.id == token_id).with_for_update()
    ).one_or_none() if 0 < token_id < 2**31 else None  # fmt: skip
    if found is None or (found.user_id != work.actor.user_id and not work.actor.may("account.change")):
        raise NotFoundError(_("There is no such token."), code="not_found")
    if found.user_id != work.actor.user_id:
        access.demand_mastery(work, found.user_id)
    if found.revoked_at is None:
        work.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(revoked_at=work.now))
        access.record_token(work, found.user_id, found.name, None)


def note_use(work: Work, token_id: int) -> None:
    """Count one more request of a token; TooOftenError when there are too many in a minute."""
    if attempts.count(work, attempts.key_of("token", str(token_id)), _WINDOW) > A_MINUTE:
        message = _("This token is used too often: at most %(limit)s requests a minute.", limit=A_MINUTE)
        raise TooOftenError(message, wait=_WINDOW)
    seen = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < work.now - _WINDOW)
    # To the minute is enough to see whether anybody still uses it.
    work.session.execute(update(ApiToken).where(ApiToken.id == token_id, seen).values(last_used_at=work.now))
