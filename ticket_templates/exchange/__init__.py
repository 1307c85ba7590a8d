"""Packs: a template with its field definitions as one readable YAML file, in and out."""

from ticket_templates.exchange.packs import (
    PackProblem,
    PackResult,
    check_pack,
    export_pack,
    import_pack,
    is_installed,
    shipped_packs,
)

__all__ = [
    "PackProblem",
    "PackResult",
    "check_pack",
    "export_pack",
    "import_pack",
    "is_installed",
    "shipped_packs",
]
