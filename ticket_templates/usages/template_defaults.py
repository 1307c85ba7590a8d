"""Defaults that name a record: what new tickets would be made with, as templates and their drafts have it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.i18n import _
from app.core.records.usages import USAGES
from app.core.records.usages.base import Usage
from app.core.work import Work
from ticket_templates.field_types.base import FieldError, FieldType
from ticket_templates.queries.cards import current_specs
from ticket_templates.spec import from_json
from ticket_templates.usages import NAMED
from ticket_templates.validation.fields import TRIAL
from ticket_templates.versions.unknown_type import bound


@USAGES.register
class TemplateDefaults(Usage):
    """A template answers a field with the record where nobody did; without it, it would be left unanswered."""

    name = "template_defaults"
    label = _("Defaults of templates")
    kinds = NAMED

    def count(self, work: Work, kind: str, key: int | str, most: int) -> int:
        found = {template for template, spec in work.session.execute(current_specs()) if _names(spec, kind, key)}
        return min(len(found), most)


def _names(spec: Mapping[str, Any], kind: str, key: int | str) -> bool:
    """Whether a default says the record; most say none, and are done with before they are understood."""
    return str(key) in str(spec) and any(
        (kind, key) in _references(ftype, default) for ftype, default in _defaults(spec)
    )


def _defaults(data: Mapping[str, Any]) -> Iterator[tuple[FieldType, Any]]:
    spec = from_json(data)
    for section in spec.sections:
        for use in section.fields:
            if use.field in spec.fields:
                ftype = bound(spec.fields[use.field])
                if (default := ftype.default(use.default)) is not None:
                    yield ftype, default


def _references(ftype: FieldType, default: Any) -> list[tuple[str, int | str]]:
    try:
        value = ftype.clean(default, TRIAL)
    except FieldError:  # a draft may say anything
        return []
    return list(ftype.references(value))
