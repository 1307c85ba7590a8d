"""Reasons as a job's ledger keeps them: sentences with their parameters, for each reader in their own language."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import Listing, Message, label_in, listing


def kept(value: object) -> Any:
    """Return a message, a label or a plain value as JSON."""
    if isinstance(value, Listing):
        return {"list": [kept(one) for one in value.params.values()]}
    if isinstance(value, Message):
        return {"message": value.id, "params": {key: kept(one) for key, one in value.params.items()}}
    if isinstance(value, Mapping):
        return {"label": {str(locale): str(text) for locale, text in value.items()}}
    return str(value)


def told(value: Any, locale: str) -> str:
    """Return what `kept` wrote as text in ``locale``."""
    if isinstance(value, str):
        return value
    if "list" in value:
        return listing(told(one, locale) for one in value["list"]).in_(locale)
    if "label" in value:
        return label_in(value["label"], locale)
    return Message(value["message"], {key: told(one, locale) for key, one in value["params"].items()}).in_(locale)


def told_reasons(reasons: Any, locale: str) -> str:
    """Return the reasons of a row, each at its column, as one line; a ledger of old holds that line itself."""
    if isinstance(reasons, str):
        return reasons
    return " ".join(f"{column}: {told(one, locale)}" if column else told(one, locale) for column, one in reasons)
