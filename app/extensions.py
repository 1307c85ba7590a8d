"""Table: registry → the folder that fills it. Scanned once a process, by `open_house`."""

from typing import Any, Final

from app.core.registry import Registry
from ticket_templates.field_types import FIELD_TYPES

REGISTRIES: Final[tuple[Registry[Any], ...]] = (FIELD_TYPES,)


def scan_all() -> None:
    """Import every extension, so that each is known by its stored name."""
    for registry in REGISTRIES:
        registry.scan()
