"""The typed content of a template version: fields, sections, workflow, checklist, numbering, print.

Everything is frozen and self-contained: a version carries the field definitions as they were when it was
published. `as_json` / `from_json` are exact inverses; the JSON is what `template_version.spec` holds.
Conditions are trees of `app.conditions` over the fields of the ticket.
"""

from ticket_templates.spec.parts import (
    Check,
    ChecklistItem,
    FieldSpec,
    FieldUse,
    Numbering,
    Option,
    PrintLayout,
    Section,
)
from ticket_templates.spec.template import TEMPLATE, TemplateSpec, from_json
from ticket_templates.spec.workflow import CATEGORIES, CHECKLIST, Need, SetField, State, Transition, Workflow

__all__ = [
    "CATEGORIES", "CHECKLIST", "TEMPLATE", "Check", "ChecklistItem", "FieldSpec", "FieldUse", "Need", "Numbering",
    "Option", "PrintLayout", "Section",
    "SetField", "State", "TemplateSpec", "Transition", "Workflow", "from_json",
]  # fmt: skip
