"""How the workers of `make test` share the tests: whole files, so that what a file sets up is set up once.

A test at a time would be evener, but each worker would then make every application, company and world for itself, and
wait for the next small test. Browsers and what is marked ``long`` come first and the many small ones last, so that
both workers end together.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Rooms whose files share what takes seconds to make: a room and a database at a time.
WHOLE_ROOMS = ("tests/demo/", "tests/face/")
DIALECTS = ("sqlite", "postgresql")


def unit_of(nodeid: str) -> str:
    """Return what is given to one worker together with this test."""
    path, _, name = nodeid.partition("::")
    room = next((room for room in WHOLE_ROOMS if path.startswith(room)), "")
    if not room:
        return path
    words = name.partition("[")[2].rstrip("]").split("-")
    # What names no database takes SQLite's.
    return room + next((word for word in words if word in DIALECTS), DIALECTS[0])


class Units(LoadScopeScheduling):
    """xdist's distribution of scopes, in the order of the collection, with `unit_of` as the scope."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Units:
    """Answer xdist, which asks the controller."""
    # xdist would give out the units with the fewest tests last: the browsers', which take longest.
    config.option.loadscopereorder = False
    return Units(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order a worker's units, long ones first, then by their size; one process alone keeps its order."""
    if not hasattr(config, "workerinput"):
        return
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit_of(item.nodeid), []).append(item)

    def rank(unit: list[pytest.Item]) -> tuple[bool, int]:
        return all(item.get_closest_marker(one) is None for item in unit for one in ("browser", "long")), -len(unit)

    items[:] = [item for unit in sorted(units.values(), key=rank) for item in unit]
