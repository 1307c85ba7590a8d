"""The installation's secrets: from the settings, or made once and kept in the instance folder (mode 600)."""

import os
import secrets
from pathlib import Path

from app.config import Settings


def session_secret(settings: Settings) -> str:
    """Return the secret that signs sessions."""
    return settings.secret_key or _kept(settings.instance / "secret.key")


def data_secrets(settings: Settings) -> list[str]:
    """Return the secrets that encrypt personal data, newest first."""
    given = [one.strip() for one in settings.data_keys.split(",") if one.strip()]
    return given or [line for line in _kept(settings.instance / "data.key").splitlines() if line]


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Made exclusively, so that two processes starting at once agree on the first one's secret.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()
