"""Writes of the kernel: templates and their versions, the library of field definitions, the shipped packs."""

from ticket_templates.service.fields import IndexingChanged, change_field, create_field, mark_indexed, used_in
from ticket_templates.service.packs import install_packs
from ticket_templates.service.templates import (
    Identity,
    change_template,
    create_draft,
    create_template,
    discard_draft,
    known_roles,
    publish,
    reinstate,
    restore,
    save_draft,
    withdraw,
)

__all__ = [
    "Identity",
    "IndexingChanged",
    "change_field",
    "change_template",
    "create_draft",
    "create_field",
    "create_template",
    "discard_draft",
    "install_packs",
    "known_roles",
    "mark_indexed",
    "publish",
    "reinstate",
    "restore",
    "save_draft",
    "used_in",
    "withdraw",
]
