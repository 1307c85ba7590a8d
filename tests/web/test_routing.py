"""Addresses are written by builders made at their first use; they are the same, whoever asks first and how."""

import pytest
from werkzeug.routing import BuildError, Map, Rule

from app.routing import LateRule

ROUTES = [("/", "home"), ("/tickets/<number>", "page"), ("/files/<int:key>/<path:name>", "file"), ("/x", "home.x")]
ASKED = [
    ("home", {}), ("home", {"q": "空调", "size": 25}), ("page", {"number": "WX-1/ü"}),
    ("page", {"number": "1", "a": "b c"}), ("file", {"key": 7, "name": "a/b.png"}),
]  # fmt: skip


def addresses(kind):
    return Map([kind(path, endpoint=name) for path, name in ROUTES]).bind("localhost")


@pytest.mark.parametrize(("endpoint", "values"), ASKED)
@pytest.mark.parametrize("append", [True, False])
def test_an_address_is_what_werkzeug_writes(endpoint, values, append):
    late = addresses(LateRule)
    wanted = addresses(Rule).build(endpoint, values, append_unknown=append)
    assert [late.build(endpoint, values, append_unknown=append) for _again in range(2)] == [wanted, wanted]


def test_what_cannot_be_written_is_still_refused():
    with pytest.raises(BuildError):
        addresses(LateRule).build("page", {})


def test_builders_are_not_made_before_they_are_needed(webs):
    app = webs("sqlite")
    assert all(isinstance(rule, LateRule) for rule in app.url_map.iter_rules())


def test_a_builder_is_made_once():
    [rule] = rules = [LateRule("/tickets/<number>", endpoint="page")]
    late = Map(rules).bind("localhost")
    late.build("page", {"number": "1"})
    made = rule._build_unknown
    late.build("page", {"number": "2"})
    assert rule._build_unknown is made
