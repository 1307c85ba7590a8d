"""Tokens: how programs sign in. Each acts as one account, within scopes of its own, until it expires or is revoked."""

from app.people.tokens.models import ApiToken
from app.people.tokens.queries import TokenCard, all_tokens, holder, own_tokens
from app.people.tokens.scopes import NAMED_SCOPES, granted
from app.people.tokens.service import A_MINUTE, PREFIX, make, note_use, revoke

__all__ = [
    "A_MINUTE",
    "NAMED_SCOPES",
    "PREFIX",
    "ApiToken",
    "TokenCard",
    "all_tokens",
    "granted",
    "holder",
    "make",
    "note_use",
    "own_tokens",
    "revoke",
]
