"""Hand messages to another program through a folder."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from app.core.company import Company
from app.core.outbox.deliveries import DELIVERIES
from app.core.outbox.deliveries.base import Delivery


@DELIVERIES.register
class Spool(Delivery):
    """One JSON file a message in ``spool/<target>/`` of the data folder, complete or absent, named by its key."""

    name = "spool"

    def deliver(self, company: Company, target: str, payload: dict[str, Any], idempotency_key: str) -> None:
        folder = company.storage.parent / "spool" / _safe(target)
        folder.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed, so that a reader sees all of it and a repetition replaces it by itself.
        path = folder / f"{_safe(idempotency_key)}.json"
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_bytes(orjson.dumps({"key": idempotency_key, "payload": payload}))
        aside.replace(path)


def _safe(name: str) -> str:
    """Return ``name`` where it is a plain file name, else a digest of it."""
    plain = Path(name).name == name and name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain and len(name) <= 100 else sha256(name.encode()).hexdigest()  # noqa: PLR2004 - of 255 bytes
