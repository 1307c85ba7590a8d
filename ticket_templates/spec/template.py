"""All of a template version, and its way from and to JSON."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ticket_templates.codec import Keyed, ListOf, Problem, ProblemsError, Shape, Text
from ticket_templates.spec.parts import Check, ChecklistItem, FieldSpec, Numbering, PrintLayout, Section
from ticket_templates.spec.shapes import CHECK, FIELD, ITEM, KEY, MOST_FIELDS, NUMBERING, PRINT, SECTION, WORKFLOW
from ticket_templates.spec.workflow import Workflow


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """All a ticket needs to know of its template. ``subject`` is a pattern of field keys: ``{product} {fault}``."""

    fields: Mapping[str, FieldSpec]
    sections: tuple[Section, ...]
    workflow: Workflow
    numbering: Numbering
    print: PrintLayout
    checklist: tuple[ChecklistItem, ...] = ()
    checks: tuple[Check, ...] = ()
    #: What a new ticket must name besides its fields: customer, contact, site, installed_product.
    required: tuple[str, ...] = ()
    subject: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the plain data `from_json` reads back as this; defaults are left out, sets are sorted."""
        return TEMPLATE.write(self)

    def checksum(self) -> str:
        """Return the SHA-256 of the canonical JSON: equal exactly when two specs say the same."""
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def from_json(data: Any) -> TemplateSpec:
    """Return the spec ``data`` describes; ProblemsError, with the path of each problem, when it describes none.

    Only the form is checked here; whether the parts fit together is `validation`'s question.
    """
    problems: list[Problem] = []
    spec: TemplateSpec = TEMPLATE.read(data, (), problems)
    if problems:
        raise ProblemsError(problems)
    return spec


TEMPLATE: Final = Shape(
    TemplateSpec,
    fields=Keyed(FIELD, MOST_FIELDS),
    sections=ListOf(SECTION, 50),
    workflow=WORKFLOW,
    checklist=ListOf(ITEM, 100),
    checks=ListOf(CHECK, 50),
    numbering=NUMBERING,
    required=ListOf(KEY, 10),
    subject=Text(200),
    print=PRINT,
)
