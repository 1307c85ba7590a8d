"""Sorts of appliances and their faults, read from `appliances.yaml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml

#: Name, number and price in yuan of a spare part.
Part = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from the call to the repair. ``cause`` is the path of the options of the template."""

    said: str
    #: Lists that are one object for all tickets, so that they are cleaned once.
    symptoms: list[str]
    cause: str
    measures: list[str]
    done: str
    labour: int
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Appliance:
    """A sort of appliance. ``codes`` are those of the product categories it is found by."""

    name: str
    share: int
    skill: str
    #: Months the maker covers it, where no product says it.
    warranty: int
    codes: tuple[str, ...]
    #: (brand, model), where no installed product says it.
    models: tuple[tuple[str, str], ...]
    #: Fee of an installation, and the materials it takes: (name, quantity, price).
    installation: int
    #: What it costs new, and what is missing in the box at times: (name, price).
    prices: tuple[str, ...]
    part_left_out: tuple[str, str]
    materials: tuple[tuple[str, ...], ...]
    #: (item, before, after) of what a maintenance measures.
    readings: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """Return an appliance as the file tells it."""
        faults = tuple(Fault(**one | {"parts": _rows(one.get("parts", ()))}) for one in told["faults"])
        rows = {name: _rows(told[name]) for name in ("models", "materials", "readings")}
        return cls(**told | rows | _tuples(told) | {"faults": faults})


def _tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(told[name]) for name in ("codes", "prices", "part_left_out")}


def _rows(rows: Any) -> tuple[Any, ...]:
    return tuple(map(tuple, rows))


_TOLD: Final = yaml.safe_load((Path(__file__).parent / "appliances.yaml").read_text("utf-8"))
APPLIANCES: Final[tuple[Appliance, ...]] = tuple(map(Appliance.of, _TOLD["appliances"]))
#: How often each is what a call is about.
SHARES: Final = [one.share for one in APPLIANCES]
BY_CODE: Final = {code: one for one in APPLIANCES for code in one.codes}
#: How a customer goes on after the fault is said.
SINCE: Final[list[str]] = _TOLD["since"]
