"""How the workers of `make test` share the tests (tests/sharing.py)."""

from types import SimpleNamespace

import pytest

from tests.sharing import pytest_collection_modifyitems, unit_of


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/core/test_jobs.py::test_a[sqlite]", "tests/core/test_jobs.py::test_b[postgresql]", True),
        ("tests/core/test_jobs.py::test_a[sqlite]", "tests/core/test_text.py::test_a[sqlite]", False),
        ("tests/demo/test_demo.py::test_a[sqlite]", "tests/demo/test_truth.py::test_b[sqlite-x]", True),
        ("tests/demo/test_demo.py::test_a[sqlite]", "tests/demo/test_rules.py::test_b", True),
        ("tests/demo/test_demo.py::test_a[sqlite]", "tests/demo/test_demo.py::test_a[postgresql]", False),
        ("tests/face/test_looks.py::test_a[chromium-zh_Hans]", "tests/face/test_templates.py::test_b", True),
    ],
)
def test_one_worker_gets_what_shares_what_it_sets_up(one, other, together):
    assert (unit_of(one) == unit_of(other)) is together


def test_what_is_long_comes_first_and_small_files_last():
    def item(nodeid, *, browser=False):
        return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda _name: browser or None)

    small, one, slow, two = item("a.py::x"), item("b.py::x"), item("c.py::x", browser=True), item("b.py::y")
    items = [small, one, slow, two]
    pytest_collection_modifyitems(SimpleNamespace(), items)
    assert items == [small, one, slow, two]
    pytest_collection_modifyitems(SimpleNamespace(workerinput={}), items)
    assert items == [slow, one, two, small]
