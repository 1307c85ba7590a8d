"""Table: registry → the folders that fill it. Scanned once a process, by `open_house`."""

from typing import Any, Final

from app.conditions.operators import OPERATORS
from app.core.jobs.kinds import JOB_KINDS
from app.core.outbox.deliveries import DELIVERIES
from app.core.records.usages import USAGES
from app.core.registry import Registry
from ticket_templates.field_types import FIELD_TYPES

REGISTRIES: Final[tuple[tuple[Registry[Any], tuple[str, ...]], ...]] = (
    (OPERATORS, ("app.conditions.operators",)),
    (FIELD_TYPES, ("ticket_templates.field_types",)),
    (JOB_KINDS, ("app.core.jobs.kinds", "app.tickets.jobs", "app.exchange.jobs")),
    (DELIVERIES, ("app.core.outbox.deliveries",)),
    (USAGES, ("ticket_templates.usages", "app.tickets.usages")),
)


def scan_all() -> None:
    """Import every extension, so that each is known by its stored name."""
    for registry, folders in REGISTRIES:
        for folder in folders:
            registry.scan(folder)
