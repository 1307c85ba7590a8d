"""Personal data as the actor may see it: whole with ``personal_data.read``, else only enough to recognise it."""

from app.core.permissions import Actor
from app.core.records.attributes import MASK


def may_see(actor: Actor) -> bool:
    """Whether the actor sees personal data unmasked."""
    return actor.may("personal_data.read")


def masked_phone(tail: str) -> str:
    """Return ``•••• 8001``."""
    return f"{MASK} {tail}"


def masked_text(text: str | None) -> str:
    """Return dots for whatever is there, and nothing for nothing."""
    return MASK if text else ""


def masked_id(number: str | None) -> str:
    """Return an ID number's last two characters behind dots."""
    return f"{MASK}{number[-2:]}" if number and len(number) > 8 else masked_text(number)  # noqa: PLR2004


def masked_email(address: str | None) -> str:
    """Return ``l••••@example.com``: the company shows, the person does not."""
    if not address or "@" not in address:
        return masked_text(address)
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}{MASK}@{domain}"
