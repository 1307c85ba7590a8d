"""Reads: published versions, compiled; templates, their versions and the field library as lists show them."""

from ticket_templates.queries.cards import (
    FieldCard,
    TemplateCard,
    VersionCard,
    card,
    definition,
    fields,
    no_template,
    spec_of,
    template_versions,
    templates,
)
from ticket_templates.queries.compiled import (
    Catalogue,
    beside,
    catalogue,
    every_version,
    published_version,
    split,
    version,
    versions,
    versions_of,
)

__all__ = [
    "Catalogue",
    "FieldCard",
    "TemplateCard",
    "VersionCard",
    "beside",
    "card",
    "catalogue",
    "definition",
    "every_version",
    "fields",
    "no_template",
    "published_version",
    "spec_of",
    "split",
    "template_versions",
    "templates",
    "version",
    "versions",
    "versions_of",
]
