"""Answers for templates nobody told a story of: what each field's own type makes of plausible input."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from app.core.errors import DomainError
from app.seeding.appliances import APPLIANCES, SINCE
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.spec import Option
from ticket_templates.versions import CompiledVersion

#: Share of the optional fields that are answered.
ANSWERED: Final = 0.55
_REMARKS: Final = ("客户下午在家", "需要带梯子", "已拍照留存", "老人独居，请提前电话", "楼上没有电梯", "客户要求开发票")
_NOT_TYPED: Final = frozenset({"attachments", "reference"})


def pools(version: CompiledVersion, context: Context, dice: random.Random) -> Mapping[str, Sequence[Any]]:
    """Return the raw answers each field may get; fields shown only at times are left alone."""
    return {
        key: pool
        for key, one in version.types.items()
        if not one.derived and one.kind not in _NOT_TYPED and key not in version.rules.visible_when
        if (pool := _pool(one, context, dice))
    }


def guessed(dice: random.Random, known: Mapping[str, Sequence[Any]], required: frozenset[str]) -> dict[str, Any]:
    """Return the answers of one ticket: all that is required, and some of the rest."""
    return {key: dice.choice(pool) for key, pool in known.items() if key in required or dice.random() < ANSWERED}


def _pool(kind: FieldType, context: Context, dice: random.Random) -> list[Any]:
    return _sound(kind, _plausible(kind, context, dice), context) or _sound(
        kind, (case.raw for case in kind.cases if not case.options), context
    )


def _sound(kind: FieldType, raws: Iterable[Any], context: Context) -> list[Any]:
    found: list[Any] = []
    for raw in raws:
        try:
            kind.clean(raw, context)
        except DomainError:
            continue
        if raw not in found:
            found.append(raw)
    return found


def _plausible(kind: FieldType, context: Context, dice: random.Random) -> Iterator[Any]:
    """Yield raw input a person might give; what the field refuses is left out by the caller."""
    if kind.spec.options:
        yield from _chosen(kind.spec.options)
    elif kind.name == "phone":
        yield from (f"138{dice.randrange(10**8):08d}" for _one in range(60))
    elif kind.kind == "text":
        yield from (_said(kind.spec.key, dice) for _one in range(80))
    elif kind.kind in ("date", "datetime"):
        clock = " 14:30" if kind.kind == "datetime" else ""
        today = context.now.date()
        yield from (f"{today - timedelta(days=dice.randrange(90))}{clock}" for _one in range(30))
    elif kind.kind in ("number", "money"):
        yield from (str(dice.randrange(1, top)) for top in (6, 10, 100, 200) for _one in range(10))


def _chosen(options: Sequence[Option]) -> Iterator[Any]:
    """Yield each option as one choice, as a list of one, and as the way to it in a tree."""
    for option in options:
        path = [option.key]
        while option.children:
            option = option.children[0]  # noqa: PLW2901 - down one branch
            path.append(option.key)
        yield from (path[0], [path[0]], "/".join(path))


def _said(key: str, dice: random.Random) -> str:
    """Return what a person writes into a field of that name."""
    sort = dice.choice(APPLIANCES)
    brand, model = dice.choice(sort.models)
    kinds = (
        (("brand",), brand),
        (("model", "serial", "order", "_no", "code"), model),
        (("fault", "problem", "symptom", "description", "content"), dice.choice(sort.faults).said + dice.choice(SINCE)),
        (("product", "category", "item"), sort.name),
    )
    return next((text for words, text in kinds if any(word in key for word in words)), dice.choice(_REMARKS))
