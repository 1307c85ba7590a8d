"""Specs as JSON: exact inverses, one checksum, precise problems."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ticket_templates import specs
from ticket_templates import exchange
from ticket_templates.codec import ProblemsError, path_of, path_text
from ticket_templates.exchange.packs import pack_text
from ticket_templates.exchange.reading import read_document
from ticket_templates.service import Identity
from ticket_templates.spec import (
    CATEGORIES,
    ChecklistItem,
    FieldSpec,
    FieldUse,
    Numbering,
    Option,
    PrintLayout,
    Section,
    SetField,
    State,
    TemplateSpec,
    Transition,
    Workflow,
    from_json,
)

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(lambda one: one.strip())
LABELS = st.dictionaries(st.sampled_from(["zh_Hans", "zh_Hant", "en"]), TEXTS, min_size=1)
ROLES = st.frozensets(st.sampled_from(["qa", "clerk", "technician"]))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
TREES = st.none() | st.dictionaries(KEYS, PLAIN, max_size=2)
OPTIONS = st.recursive(
    st.builds(Option, key=KEYS, labels=LABELS, color=st.sampled_from(["", "red"]), retired=st.booleans()),
    lambda inner: st.builds(Option, key=KEYS, labels=LABELS, children=st.lists(inner, max_size=2).map(tuple)),
    max_leaves=4,
)
FIELDS = st.builds(
    FieldSpec, key=KEYS, type=KEYS, labels=LABELS, help=LABELS | st.just({}),
    options=st.lists(OPTIONS, max_size=3).map(tuple), settings=st.dictionaries(KEYS, PLAIN, max_size=3),
)  # fmt: skip
USES = st.builds(
    FieldUse, field=KEYS, required=st.booleans(), required_when=TREES, visible_when=TREES, read_only=st.booleans(),
    default=PLAIN, width=st.integers(1, 12), read_roles=ROLES, write_roles=ROLES,
    lowered_in=st.lists(KEYS, max_size=2).map(tuple),
)  # fmt: skip
SPECS = st.builds(
    TemplateSpec,
    fields=st.lists(FIELDS, max_size=3, unique_by=lambda one: one.key).map(lambda all_: {one.key: one for one in all_}),
    sections=st.lists(
        st.builds(Section, key=KEYS, labels=LABELS, fields=st.lists(USES, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
    workflow=st.builds(
        Workflow,
        initial=KEYS,
        states=st.lists(
            st.builds(State, key=KEYS, labels=LABELS, category=st.sampled_from(CATEGORIES),
                      limit_minutes=st.none() | st.integers(1, 10_000), editable_by=ROLES,
                      awaits=ROLES, awaits_when=TREES, awaits_always=ROLES),
            max_size=3,
        ).map(tuple),
        transitions=st.lists(
            st.builds(Transition, key=KEYS, labels=LABELS, sources=st.lists(KEYS, max_size=2).map(tuple),
                      target=st.just("") | KEYS, guard_first=st.booleans(),
                      roles=ROLES, required=st.lists(KEYS, max_size=2).map(tuple), guard=TREES,
                      note_required=st.booleans(), checklist=st.booleans(),
                      clears=st.lists(KEYS, max_size=2).map(tuple), note_labels=LABELS,
                      shows=st.lists(KEYS, max_size=2).map(tuple), other_than=st.lists(KEYS, max_size=2).map(tuple),
                      after=st.lists(KEYS, max_size=2).map(tuple), adds=st.lists(KEYS, max_size=2).map(tuple),
                      takes_off=st.lists(KEYS, max_size=2).map(tuple), amount_labels=LABELS,
                      sets=st.lists(st.builds(SetField, field=KEYS, formula=TEXTS), max_size=2).map(tuple)),
            max_size=3,
        ).map(tuple),
    ),
    numbering=st.builds(Numbering, TEXTS),
    print=st.builds(PrintLayout, title=LABELS, sections=st.lists(KEYS, max_size=2).map(tuple), footer=LABELS),
    checklist=st.lists(st.builds(ChecklistItem, key=KEYS, labels=LABELS), max_size=2).map(tuple),
    subject=TEXTS,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(SPECS)
def test_json_round_trip(spec: TemplateSpec) -> None:
    stored = orjson.loads(orjson.dumps(spec.as_json()))
    assert from_json(stored) == spec
    assert from_json(stored).checksum() == spec.checksum()


@settings(max_examples=40, deadline=None)
@given(SPECS)
def test_yaml_round_trip(spec: TemplateSpec) -> None:
    text = pack_text(Identity("some_key", {"en": "Some"}), spec)
    document = read_document(text)
    assert [problem.code for problem, _place in document.problems] == []
    rest = {name: part for name, part in document.data.items() if name not in {"gongdan_pack", "template"}}
    assert from_json(rest) == spec
    assert pack_text(Identity("some_key", {"en": "Some"}), from_json(rest)) == text


@given(st.lists(KEYS | st.integers(0, 99), min_size=1).filter(lambda path: isinstance(path[0], str)))
def test_paths_read_back(path: list[Any]) -> None:
    assert path_of(path_text(tuple(path))) == tuple(path)


def test_the_checksum_tells_contents_apart_and_not_their_order() -> None:
    other = specs.data()
    other["workflow"] = dict(reversed(other["workflow"].items()))
    assert from_json(other).checksum() == specs.spec().checksum()
    other["subject"] = "{problem}"
    assert from_json(other).checksum() != specs.spec().checksum()


def broken(path: str, value: Any) -> dict[str, Any]:
    data = specs.data()
    *parents, last = path_of(path)
    part: Any = data
    for step in parents:
        part = part[step]
    part[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        ("sections", "none", "sections", "wrong_type"),
        ("sections[0].fields[0].width", 13, "sections[0].fields[0].width", "wrong_type"),
        ("sections[0].fields[0].width", True, "sections[0].fields[0].width", "wrong_type"),
        ("sections[0].fields[0].requird", True, "sections[0].fields[0].requird", "unknown_key"),
        ("fields[1].options[0].labels", {}, "fields[1].options[0].labels", "empty"),
        ("fields[1].options[0].labels.fr", "x", "fields[1].options[0].labels.fr", "unknown_key"),
        ("fields[0].key", "Problem", "fields[0].key", "wrong_form"),
        ("fields[0].key", "p" * 61, "fields[0].key", "too_long"),
        ("fields[0].labels.en", "a\x00b", "fields[0].labels.en", "control_character"),
        ("fields[1].key", "problem", "fields[1].key", "repeated"),
        ("fields[0].settings", {"max": 0.5}, "fields[0].settings.max", "float"),
        ("fields[0].settings", {"max": 10**30}, "fields[0].settings.max", "out_of_range"),
        ("fields[0].labels.en", "x" * 121, "fields[0].labels.en", "too_long"),
        ("workflow.states[0].category", "odd", "workflow.states[0].category", "wrong_type"),
        ("workflow.states[0].limit_minutes", 0, "workflow.states[0].limit_minutes", "wrong_type"),
        ("workflow.transitions[0].guard", "x", "workflow.transitions[0].guard", "wrong_type"),
        ("numbering", None, "numbering", "wrong_type"),
        ("fields", [{"key": f"f{i}"} for i in range(301)], "fields", "too_many"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(path: str, value: Any, where: str, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        from_json(broken(path, value))
    assert (where, code) in [(one.where, one.code) for one in caught.value.problems]


@pytest.mark.parametrize("data", [None, [], "x", 7, {}, {"fields": {}}])
def test_what_is_no_spec_is_refused(data: Any) -> None:
    with pytest.raises(ProblemsError):
        from_json(data)


def test_packs_ship() -> None:
    assert len(exchange.shipped_packs()) == 8
