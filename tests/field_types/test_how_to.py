"""The class of the how-to, done as the how-to says: it stands the proofs of every registered type."""

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import strategies as st

import ticket_templates.field_types as library
from app.core.work import Work
from tests.field_types import values
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.reference import page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def blocks() -> list[str]:
    text = (ROOT / "docs/how-to/add-a-field-type.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def colour(blocks: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """The class, registered from a file of its own; gone again afterwards."""
    (tmp_path / "colour.py").write_text(blocks[0], "utf-8")
    monkeypatch.setattr(library, "__path__", [*library.__path__, str(tmp_path)])
    monkeypatch.setattr(FIELD_TYPES, "_classes", dict(FIELD_TYPES._classes))
    monkeypatch.setattr(values, "STRATEGIES", values.STRATEGIES | eval(f"{{{blocks[1]}}}", {"st": st}))  # noqa: S307 - our own page
    FIELD_TYPES.scan()
    yield FIELD_TYPES["colour"]
    del sys.modules["ticket_templates.field_types.colour"], library.colour  # type: ignore[attr-defined]


def asked(proofs: ModuleType) -> Iterator[tuple[Callable[..., None], dict[str, Any]]]:
    """Every test of a module with every set of its parameters."""
    for name, test in vars(proofs).items():
        if name.startswith("test_") and name != "test_the_reference_is_what_the_registry_says":
            sets = []
            for mark in getattr(test, "pytestmark", ()):
                names = mark.args[0] if isinstance(mark.args[0], tuple) else (mark.args[0],)
                rows = [getattr(one, "values", (one,)) for one in mark.args[1]]
                sets.append([dict(zip(names, row, strict=True)) for row in rows])
            for chosen in product(*sets):
                yield test, {key: value for one in chosen for key, value in one.items()}


# What it stores is JSON like any other's: one database will do.
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_it_stands_every_proof(colour: type, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    # The house's proofs, collected anew where there is no other type.
    monkeypatch.setattr(FIELD_TYPES, "_classes", {"colour": colour})
    spec = importlib.util.spec_from_file_location("proofs_of_one", ROOT / "tests/house/test_field_types.py")
    assert spec
    assert spec.loader
    proofs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(proofs)
    done = set()
    for test, given in asked(proofs):
        if "work" in inspect.signature(test).parameters:
            given["work"] = work
        test(**given)
        done.add(test.__name__)
    assert len(done) >= 12
    assert "\n## colour\n" in page()
    assert f'id="{colour.icon}"' in (ROOT / "app/static/vendor/icons.svg").read_text("utf-8")  # type: ignore[attr-defined]
