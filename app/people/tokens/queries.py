"""Reading tokens: who acts with one, and the lists of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.people.identity import Person, account
from app.people.models import Account
from app.people.tokens.models import ApiToken
from app.people.tokens.scopes import granted


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token in a list. ``state``: active, expired or revoked."""

    id: int
    name: str
    hint: str
    owner: str
    service: bool
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


def key_of(token: str) -> str:
    """Return what is stored of a token; it is found by this, so nothing is compared that could tell by its time."""
    return hashlib.sha256(token.encode()).hexdigest()


def holder(session: Session, token: str, now: datetime) -> Person | None:
    """Return whom a token acts as, with no more rights than its scopes; None when it opens nothing any more."""
    found = session.execute(
        select(ApiToken.id, ApiToken.user_id, ApiToken.scopes).where(
            ApiToken.key == key_of(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
        )
    ).one_or_none()
    person = account(session, found.user_id) if found else None
    if found is None or person is None:
        return None
    actor = replace(person.actor, permissions=granted(found.scopes, person.actor.permissions))
    # Whether a password must be changed is a question to people.
    return replace(person, actor=actor, token_id=found.id, must_change_password=False)


def own_tokens(work: Work) -> list[TokenCard]:
    """Return the actor's tokens, the newest first."""
    return _cards(work, ApiToken.user_id == work.actor.user_id)


def all_tokens(work: Work) -> list[TokenCard]:
    """Return everybody's tokens, the newest first."""
    if not work.actor.may("account.read"):
        raise NotAllowedError(_("You may not do this."), code="not_allowed")
    return _cards(work)


def _cards(work: Work, *conditions: Any) -> list[TokenCard]:
    query = (
        select(ApiToken, Account.username)
        .join(Account, Account.id == ApiToken.user_id)
        .where(*conditions)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
        .limit(1_000)
    )
    rows: Sequence[Any] = work.session.execute(query).all()
    return [
        TokenCard(
            one.id, one.name, one.hint, username, one.service, tuple(one.scopes), one.created_at, one.expires_at,
            one.last_used_at, _state(one, work.now),
        )
        for one, username in rows
    ]  # fmt: skip


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "active" if token.expires_at > now else "expired"
