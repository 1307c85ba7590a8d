"""The reference of condition operators, written from the registry: ``python -m app.conditions.reference``.

A test fails when `docs/reference/condition-operators.md` is not what this writes.
"""

import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import CASES_AT, Case, Operator
from app.conditions.standpoint import PERIODS, STARTS, UNITS, View
from app.conditions.values import NOTHING, Shape

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "condition-operators.md"
_HEAD: Final = """# Condition operators

Written by `python -m app.conditions.reference` from the classes in `app/conditions/operators/`; do not edit.
A leaf of a condition is `{{"field": …, "op": …, "value": …}}`; `all`, `any` and `none` hold leaves and each other.
Over a field that is not answered a leaf is false, unless its operator says otherwise. Examples are asked
{asked}.

"""
_ASKED: Final = f"at {CASES_AT.now:%Y-%m-%dT%H:%M:%SZ} in {CASES_AT.zone.key} by account {CASES_AT.user_id}"
_RELATIVE: Final = """## Relative times

Where a date or a date and time is compared, `{"now": "-3d"}` and `{"start_of": "month"}` stand for a day or an instant.
They are worked out once an evaluation, on the calendar of the company's time zone.

"""
_NEEDS: Final = {
    View.STANDPOINT: "somebody who asks, at some time",
    View.CHANGE: "a change: what the field was, and what it is then",
}
#: How long a text of an example may be to be read at a glance.
_LONGEST: Final = 60


def page() -> str:
    """Return the page."""
    OPERATORS.scan()
    heads = ("name", "label", "what stands beside it")
    rows = ((f"[{cls.name}](#{cls.name})", cls.label, _beside(cls.takes)) for cls in OPERATORS)
    parts = [
        _HEAD.format(asked=_ASKED) + _table(heads, rows),
        "## Kinds\n\n" + _table(("kind", "label", "a value", "operators"), _kind_rows()),
        _RELATIVE + _table(("unit", "at most"), ((f"`{name}`", str(unit.most)) for name, unit in UNITS.items())),
        _table(("start of", "meaning"), ((f"`{name}`", label) for name, label in STARTS.items())),
        _table(("period", "meaning"), ((f"`{name}`", label) for name, (label, *_rest) in PERIODS.items())),
    ]
    return "\n".join([*parts, *map(_section, OPERATORS)])


def _section(cls: type[Operator]) -> str:
    value = "" if cls.takes is NOTHING else "value"
    lines = [f"## {cls.name}", "", f"**{cls.sentence.with_(field='field', value=value)}.** {inspect.getdoc(cls)}", ""]
    lines += ["Over a field that is not answered it is true.", ""] if cls.on_empty else []
    lines += [f"Kinds: {', '.join(name for name in KINDS if name in cls.kinds)}.", ""]
    lines += [f"Needs {needed}.", ""] if (needed := _NEEDS.get(cls.needs)) else []
    changes = View.CHANGE in cls.needs
    heads = ("kind", *(("before",) if changes else ()), "fact", "value", "holds")
    return "\n".join(lines) + "\n" + _table(heads, (_case(one, changes=changes) for one in cls.cases if _is_short(one)))


def _case(case: Case, *, changes: bool) -> tuple[str, ...]:
    kind = f"{case.kind} to {case.refers_to}" if case.refers_to else case.kind
    before = (_code(case.before),) if changes else ()
    return (kind, *before, _code(case.fact), _code(case.value), "yes" if case.holds else "no")


def _is_short(case: Case) -> bool:
    return all(len(_code(one)) <= _LONGEST for one in (case.fact, case.value, case.before))


def _kind_rows() -> Iterator[tuple[Any, ...]]:
    for kind in KINDS.values():
        operators = ", ".join(f"`{cls.name}`" for cls in OPERATORS if kind.name in cls.kinds)
        yield kind.name, kind.label, f"`{kind.example}`" if kind.example else "", operators


def _beside(shape: Shape) -> str:
    first = (inspect.getdoc(shape) or "").splitlines()[0].partition(". ")[0].partition("; ")[0]
    return first.removesuffix(".").replace("``", "`")


def _code(value: Any) -> str:
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> str:
    lines = [[*heads], ["---"] * len(heads), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
