"""What names one form, however often it is sent."""

import secrets


def new_submission() -> str:
    """Return the name of one form, by which it makes one record."""
    return secrets.token_urlsafe(18)
