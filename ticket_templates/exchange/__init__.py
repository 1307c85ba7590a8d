"""Packs: a template with its field definitions as one readable YAML file, in and out."""

from ticket_templates.exchange.packs import (
    PackProblem,
    PackResult,
    export_pack,
    import_pack,
    is_installed,
    shipped_packs,
)
from ticket_templates.exchange.shipped import NewerPack, newer_pack, newer_packs

__all__ = [
    "NewerPack",
    "PackProblem",
    "PackResult",
    "export_pack",
    "import_pack",
    "is_installed",
    "newer_pack",
    "newer_packs",
    "shipped_packs",
]
