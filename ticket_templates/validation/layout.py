"""Sections, checklist, numbering, subject and print."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from app.core.errors import DomainError
from app.core.i18n import _
from ticket_templates import numbering
from ticket_templates.codec import Path, Problem, repeated
from ticket_templates.facts import ABOUT
from ticket_templates.spec import TemplateSpec
from ticket_templates.versions.access import readers
from ticket_templates.versions.unknown_type import bound

_BRACED: Final = re.compile(r"\{([^{}]*)\}")


def layout_problems(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield what is wrong with all that is neither field nor workflow."""
    yield from _repeated_keys([section.key for section in spec.sections], ("sections",))
    yield from _repeated_keys([item.key for item in spec.checklist], ("checklist",))
    try:
        numbering.parse(spec.numbering.pattern)
    except DomainError as error:
        yield Problem(("numbering", "pattern"), error.refusals[0].message, error.refusals[0].code)
    yield from _subject_problems(spec)
    yield from _about_problems(spec)
    known = {section.key for section in spec.sections}
    for index, key in enumerate(spec.print.sections):
        if key not in known:
            message = _("There is no section “%(key)s”; there are %(sections)s.", key=key, sections=", ".join(known))
            yield Problem(("print", "sections", index), message, "unknown_section")


def _about_problems(spec: TemplateSpec) -> Iterator[Problem]:
    for index, name in enumerate(spec.required):
        if name not in ABOUT:
            message = _(
                "A new ticket names %(names)s; “%(name)s” is none of them. Fields are required in their section.",
                name=name[:60], names=", ".join(ABOUT),
            )  # fmt: skip
            yield Problem(("required", index), message, "unknown_name")


def _subject_problems(spec: TemplateSpec) -> Iterator[Problem]:
    used = {use.field: use for section in spec.sections for use in section.fields if use.field in spec.fields}
    restricted = readers(used, {key: bound(spec.fields[key]) for key in used})
    for match in _BRACED.finditer(spec.subject):
        key = match[1]
        if key not in used:
            yield Problem(("subject",), _("There is no field “%(key)s”.", key=key[:60]), "unknown_field")
        elif bound(spec.fields[key]).personal:
            message = _("“%(key)s” is personal data, which does not belong into subjects.", key=key)
            yield Problem(("subject",), message, "personal")
        elif key in restricted:
            message = _("“%(key)s” is not for everybody's eyes, and everybody reads the subject.", key=key)
            yield Problem(("subject",), message, "restricted")
    if "{" in (rest := _BRACED.sub("", spec.subject)) or "}" in rest:
        message = _("Write fields of the subject as {key}; braces have no other use in it.")
        yield Problem(("subject",), message, "stray_brace")


def _repeated_keys(keys: Iterable[str], path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield repeated(key, (*path, index, "key"))
        seen.add(key)
