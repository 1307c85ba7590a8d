"""The value step: what a text means already, what is suggested, and what the form makes of it."""

from typing import Any

import pytest

from app.core.errors import DomainError
from app.exchange.mapping import ImportMapping, mapping_from_json, mapping_from_yaml, mapping_to_yaml
from app.exchange.tally import MOST_VALUES, Tallying, tallies
from app.exchange.value_maps import ValueColumn, chosen_values, value_columns
from app.exchange.vocabulary import vocabularies
from tests.factories import people, tickets
from ticket_templates import queries as templates

HEADINGS = ("状态", "优先", "网点")
CELLS = [
    ("已关闭", "紧急", "南山"),
    ("待分派", "急", "南山 "),
    ("WAITING", None, "Nowhere"),
    ("待分派", None, "Nowhere"),
]


def columns_of(work: Any, more: dict[str, Any] | None = None) -> tuple[ImportMapping, list[ValueColumn]]:
    version = templates.published_version(work, tickets.template(work))
    told: dict[str, Any] = {"state": {"column": "状态"}, "priority": {"column": "优先"}, "outlet": {"column": "网点"}}
    mapping = mapping_from_json({"source": "s", "columns": told | (more or {})})
    tallying = Tallying(len(HEADINGS))
    for row in CELLS:
        tallying.add(row)
    counted = tallies(tallying.as_json(), len(HEADINGS))
    return mapping, value_columns(mapping, HEADINGS, counted, vocabularies(work, version, mapping), len(CELLS))


def seen(column: ValueColumn) -> dict[str, tuple[int, str]]:
    return {one.text: (one.count, one.status) for one in column.rows or ()}


def test_each_text_is_understood_suggested_or_unknown(work):
    people.outlet(work, code="NS", name="南山")
    _mapping, (state, priority, outlet) = columns_of(work)
    assert seen(state)["已关闭"] == (1, "understood")
    assert seen(state)["WAITING"] == (1, "understood")
    assert seen(state)["待分派"][0] == 2
    assert priority.empty == 2
    assert seen(outlet)["南山"] == (2, "understood")
    assert seen(outlet)["Nowhere"] == (2, "unknown")
    assert outlet.unknown == 2
    assert outlet.open


def test_the_form_becomes_replacements(work):
    people.outlet(work, code="NS", name="南山")
    mapping, columns = columns_of(work)
    state = next(key for key, _label in columns[0].vocabulary.choices)
    place = [one.text for one in columns[0].rows or ()].index("待分派")
    form = {f"value-state-{place}": state, "default-priority": "2", "create_outlets": "1"}
    made = chosen_values(form, mapping, columns)
    assert {one.target: one for one in made.columns}["state"].values == {"待分派": state}
    assert {one.target: one.default for one in made.columns}["priority"] == "2"
    assert {one.target: one.create for one in made.columns}["outlet"]
    assert mapping_from_yaml(mapping_to_yaml(made)) == made


def test_a_choice_that_is_none_is_refused_at_its_input(work):
    mapping, columns = columns_of(work)
    with pytest.raises(DomainError) as caught:
        chosen_values({"value-state-0": "nonsense"}, mapping, columns)
    assert [one.field for one in caught.value.refusals] == ["value-state-0"]


def test_what_a_mapping_file_says_stands(work):
    more = {"state": {"column": "状态", "values": {"待分派": None}}, "outlet": {"column": "网点", "create": True}}
    mapping, (state, _priority, outlet) = columns_of(work, more)
    assert seen(state)["待分派"] == (2, "empty")
    assert seen(outlet)["Nowhere"] == (2, "new")
    kept = chosen_values({"value-state-0": "-", "create_outlets": "1"}, mapping, [state])
    assert {one.target: one for one in kept.columns}["state"].values == {"待分派": None}


def test_a_column_of_very_many_values_is_not_listed():
    tallying = Tallying(1)
    for number in range(MOST_VALUES + 1):
        tallying.add([number])
    [tally] = tallies(tallying.as_json(), 1)
    assert (tally.filled, tally.values) == (MOST_VALUES + 1, None)


def test_words_that_yaml_takes_for_others_survive_the_round_trip():
    told = {"source": "s", "columns": {"state": {"column": "no", "values": {"yes": "null", "2025-01-01": None}},
                                       "created_at": {"column": "on", "time": "08:30"}}}  # fmt: skip
    mapping = mapping_from_json(told)
    assert mapping_from_yaml(mapping_to_yaml(mapping)) == mapping
