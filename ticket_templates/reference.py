"""The reference of field types, written from the registry: ``python -m ticket_templates.reference``.

A test fails when `docs/reference/field-types.md` is not what this writes.
"""

import json
from pathlib import Path
from typing import Any, Final

from app.conditions.operators import OPERATORS
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import FieldType
from ticket_templates.spec import FieldSpec

PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "field-types.md"
_HEAD: Final = """# Field types

Written by `python -m ticket_templates.reference` from the classes in `ticket_templates/field_types/`; do not edit.
Examples show what somebody types, what is stored, and how an English reader without `personal_data.read` sees it.

An index keeps lists quick that are filtered by a field (`indexed` in a pack). Texts can have one where they have at
most 200 characters; what is encrypted has none.

| name | label | conditions | stored encrypted | index |
|---|---|---|---|---|
"""
_IN_LISTS: Final = (
    "So much a template's own conditions may ask. Lists, which ask of what is stored encrypted, know it as kind"
    " `sealed`, whole or not at all: {sealed}. Who may not read personal data asks only {masked}."
)
_LONGEST: Final = 60
_MOST_EXAMPLES: Final = 6


def page() -> str:
    """Return the page."""
    FIELD_TYPES.scan()
    OPERATORS.scan()
    types = list(FIELD_TYPES)
    rows = [
        f"| [{cls.name}](#{cls.name}) | {cls.label} | {cls.kind} | {_sealed(cls)} | {_indexable(cls)} |"
        for cls in types
    ]
    return _HEAD + "\n".join(rows) + "\n\n" + "\n".join(_section(cls) for cls in types)


def _section(cls: type[FieldType]) -> str:
    parts = [f"## {cls.name}", "", f"**{cls.label}.** {cls.purpose}", "", _paragraphs(cls), ""]
    parts += [f"Conditions: kind `{cls.kind}`: {_operators(cls.kind)}.", ""]
    if _sealed(cls) and not cls.fact_path and cls.kind == "text":
        parts += [_IN_LISTS.format(sealed=_operators("sealed"), masked=_operators("masked")), ""]
    if cls.has_options:
        parts += ["Options: needed.", ""]
    if cls.settings:
        parts += ["| setting | meaning | kind | default |", "|---|---|---|---|"]
        parts += [f"| `{one.name}` | {one.label} | {_kind(one)} | {_code(one.default)} |" for one in cls.settings]
        parts.append("")
    parts += ["| input | stored | shown |", "|---|---|---|"]
    examples = [case for case in cls.cases if case.value is not None and len(repr(case.raw)) <= _LONGEST]
    parts += [
        f"| {_code(case.raw)} | {_code(case.value)} | {_cell(case.shown)} |" for case in examples[:_MOST_EXAMPLES]
    ]
    codes = sorted({proof.code for proof in cls.refused})
    if codes:
        parts += ["", "Refused with: " + ", ".join(f"`{code}`" for code in codes) + "."]
    return "\n".join(parts) + "\n"


def _operators(kind: str) -> str:
    return ", ".join(f"`{one.name}`" for one in OPERATORS if kind in one.kinds)


def _paragraphs(cls: type[FieldType]) -> str:
    lines = (cls.__doc__ or "").splitlines()
    return "\n".join(line.strip() for line in lines).strip()


def _sealed(cls: type[FieldType]) -> str:
    if any(one.name == "personal" for one in cls.settings):
        return "by setting"
    return "where a column is" if cls.name == "table" else "yes" if cls.personal else ""


def _indexable(cls: type[FieldType]) -> str:
    return "yes" if cls(FieldSpec("field", cls.name, {})).indexable else ""


def _kind(one: Any) -> str:
    return f"{one.kind}: {', '.join(one.choices)}" if one.choices else str(one.kind)


def _code(value: Any) -> str:
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    printed = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return printed.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
