"""Everything registered keeps its registry's promises (architecture: extension points)."""

import inspect
from pathlib import Path

import pytest

from app.extensions import REGISTRIES, scan_all

scan_all()
ENTRIES = [(registry, cls) for registry, _folders in REGISTRIES for cls in registry]
IDS = [f"{registry.package}:{cls.name}" for registry, cls in ENTRIES]


@pytest.mark.parametrize(("registry", "cls"), ENTRIES, ids=IDS)
def test_an_entry_is_one_class_in_a_file_of_its_name(registry, cls):
    assert issubclass(cls, registry.base)
    assert Path(inspect.getfile(cls)).stem == cls.name
    assert cls.__doc__


@pytest.mark.parametrize("registry", [registry for registry, _folders in REGISTRIES], ids=lambda one: one.package)
def test_a_second_class_of_a_name_stops_the_start(registry):
    first = next(iter(registry), None)
    if first is None:
        pytest.fail(f"{registry.package} is empty")
    twin = type("Twin", (registry.base,), {"name": first.name, "__module__": f"elsewhere.{first.name}"})
    with pytest.raises(RuntimeError, match="registered twice"):
        registry.register(twin)
