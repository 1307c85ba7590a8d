import pytest

from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.exchange.mapping import check_mapping, mapping_from_json, mapping_from_yaml
from app.exchange.suggestions import by_values, suggested
from app.exchange.tally import Tally
from tests.factories import people, tickets
from ticket_templates import queries as templates

YAML = """
source: legacy
columns:
  external_id: no
  created_at: {column: when, time: "09:30"}
  state: {column: status, values: {Fixed: closed, Unknown: null}, default: waiting}
  outlet: {column: site, create: true}
  answers.fault: {column: problem, default: "-"}
  answers.quantity: {default: 1}
"""
HEADINGS = ("no", "when", "status", "site", "problem")


def test_yaml_becomes_a_mapping_and_back():
    mapping = mapping_from_yaml(YAML)
    assert mapping.source == "legacy"
    state = mapping.get("state")
    assert state is not None
    assert [state.replaced(text) for text in ("Fixed", "ＦＩＸＥＤ", "Unknown", None, "waiting")] == [
        "closed", "closed", "waiting", "waiting", "waiting",
    ]  # fmt: skip
    assert mapping.get("created_at").time == "09:30"  # type: ignore[union-attr]
    assert mapping_from_json(mapping.as_json()) == mapping


def test_words_are_words_in_a_mapping_file():
    mapping = mapping_from_yaml("columns: {subject: 'no', note: 2025-01-01, created_at: {column: on, time: 12:00}}")
    assert [one.column for one in mapping.columns] == ["no", "2025-01-01", "on"]
    outlet = mapping_from_yaml("columns: {outlet: {column: a, create: true, default: null}}").columns[0]
    assert (outlet.create, outlet.default) == (True, None)


@pytest.mark.parametrize(("text", "path"), [
    ("", "columns"), ("- a", "columns"), ("columns: {}", "columns"), ("columns: {x: a}", "columns.x"),
    ("columns: {answers.: a}", "columns.answers."), ("columns: {state: [a]}", "columns.state"),
    ("columns: {state: {colum: a}}", "columns.state.colum"),
    ("columns: {state: {values: [a]}}", "columns.state.values"),
    ("columns: {state: {default: {a: 1}}}", "columns.state"),
    ("columns: {created_at: {column: a, time: noon}}", "columns.created_at.time"),
    ("source: [1]\ncolumns: {state: a}", "source"), ("more: 1\ncolumns: {state: a}", "more"),
    ("columns: {state: a", ""), ("a: &x 1\nb: *x", ""),
    ("x: !!python/object:os.system {}", ""), ("[" * 5000, ""), ("x" * 300_000, ""),
])  # fmt: skip
def test_a_wrong_mapping_names_the_place(text: str, path: str):
    with pytest.raises(DomainError) as caught:
        mapping_from_yaml(text)
    assert caught.value.refusals[0].field == path


def test_a_mapping_is_checked_against_table_and_template(work, make_work):
    version = templates.published_version(work, tickets.template(work))
    check_mapping(mapping_from_yaml(YAML), HEADINGS, version, SYSTEM)
    wrong = mapping_from_json(
        {"columns": {"answers.nothing": "no", "answers.fault": "gone", "subject": {}, "answers.secret": "no"}}
    )
    with pytest.raises(DomainError) as caught:
        check_mapping(wrong, HEADINGS, version, people.role_actor("clerk"))
    assert [(one.field, one.code) for one in caught.value.refusals] == [
        ("answers.nothing", "unknown_field"), ("answers.fault", "no_column"), ("subject", "no_column"),
        ("answers.secret", "read_only"),
    ]  # fmt: skip


def test_columns_are_suggested_by_their_names(work):
    version = templates.published_version(work, tickets.template(work))
    found = suggested(
        ["工单编号", "故障描述", "Fault code", "状态 *", "zzz", "网点", "创建时间", "数量(个)"], version, SYSTEM
    )
    assert {heading: one.target for heading, one in found.items()} == {
        "工单编号": "external_id", "故障描述": "answers.fault", "Fault code": "answers.fault_code", "状态 *": "state",
        "网点": "outlet", "创建时间": "created_at", "数量(个)": "answers.quantity",
    }  # fmt: skip


def test_what_stands_in_a_column_tells_more_than_its_heading(work):
    version = templates.published_version(work, tickets.template(work))
    code = next(iter(version.types["fault_code"].spec.options)).labels["en"]
    headings = ["status", "priority", "code a", "code b"]
    fits, numbers, half = Tally(10, ((code, 9), ("?", 1))), Tally(9, (("1", 5), ("2", 4))), Tally(9, ((code, 4),))
    told = by_values(work, version, headings, [fits, numbers, half, Tally(0, None)])
    assert told == {"status": "answers.fault_code"}
    found = suggested(headings, version, SYSTEM, told)
    assert {heading: one.target for heading, one in found.items()} == told | {"priority": "priority"}
    # Of two columns with the same choices the headings decide.
    assert by_values(work, version, headings, [fits, fits, half, half]) == {}
