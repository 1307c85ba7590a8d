"""Packs: what is wrong is told with file, line, column and path; an import is all or nothing."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import Message
from app.core.work import Work
from tests.ticket_templates.specs import data, person
from ticket_templates import exchange, queries, service
from ticket_templates.exchange import yaml_words
from ticket_templates.exchange.reading import read_document
from ticket_templates.models import FieldDefinition, TicketTemplate
from ticket_templates.spec import from_json

PACK = next(path for path in exchange.shipped_packs() if path.stem == "appliance_repair").read_text("utf-8")
LINES = PACK.splitlines()


def line_of(start: str) -> int:
    """Return the number of the one line that reads so, or begins so."""
    exact = [index for index, line in enumerate(LINES, 1) if line.strip() == start]
    (number,) = exact or [index for index, line in enumerate(LINES, 1) if line.strip().startswith(start)]
    return number


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("a: 1\nb: [1, 2\n", 3, 1, "syntax"),
        ("a: 1\n\tb: 2\n", 2, 1, "syntax"),
        ("a: 1\nb: &x 2\n", 2, 4, "alias"),
        ("a: 1\nb: *x\n", 2, 4, "alias"),
        ("a: !!python/object/apply:os.system [x]\n", 1, 4, "tag"),
        ("a: !!str 1\n", 1, 4, "tag"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "repeated"),
        ("? [a]\n: 1\n", 1, 3, "bad_key"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second"),
        ("x: " + "[" * 30 + "]" * 30, 1, 24, "too_deep"),
        (b"\xff\xfea: 1", 1, 1, "not_utf8"),
        ("ok: 1\nzh: 工单".encode("gb18030"), 2, 5, "not_utf8"),
        ("a: " + "x" * 1024 * 1024, 1, 1, "too_large"),
        ("a: \x07", 1, 1, "syntax"),
    ],
)
def test_what_is_no_safe_yaml(text: str | bytes, line: int, column: int, code: str) -> None:
    (problem, place), *_more = read_document(text).problems
    assert (problem.code, *place) == (code, line, column)


def test_plain_data_only() -> None:
    text = "a: yes\nb: 2026-11-21\nc: 1.50\nd: 007\ne: ~\nf: 12\ng: true\nh: '12'\ni: 0x1F\nj: 1_000\n"
    assert read_document("\ufeff" + text).data == {
        "a": "yes", "b": "2026-11-21", "c": "1.50", "d": "007", "e": None, "f": 12, "g": True, "h": "12",
        "i": "0x1F", "j": "1_000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "at", "code", "path"),
    [
        ("gongdan_pack: 1", "gongdan_pack: 2", "gongdan_pack", "newer_format", "gongdan_pack"),
        ("gongdan_pack: 1", "pack: 1", "gongdan_pack", "no_format", "gongdan_pack"),
        ("  icon: tool", "  icon: wrench", "icon: tool", "wrong_type", "template.icon"),
        ("    type: barcode", "    type: bar_code", "type: barcode", "unknown_type", "fields[3].type"),
        ("    type: barcode", "    typ: barcode", "type: barcode", "unknown_key", "fields[3].typ"),
        ("  - key: work\n    labels", "  - key: Work\n    labels", "- key: work", "wrong_form", "sections[2].key"),
        ("- {field: brand, default_from", "- {field: brend, default_from", "- {field: brand, default_from",
         "unknown_field", "sections[0].fields[1].field"),
        ("op: is, value: end_of_life}", "op: is, value: dead}",
         "visible_when: {field: values.repair_outcome", "unknown_option", "sections[2].fields[4].visible_when.value"),
        ("op: is, value: end_of_life}", "op: matches, value: '['}",
         "visible_when: {field: values.repair_outcome", "wrong_operator", "sections[2].fields[4].visible_when.op"),
        *(("default_from: installed_product.brand}",
           f"visible_when: {{field: values.model_no, op: matches, value: '{one}'}}}}",
           "- {field: brand, default_from", "bad_pattern", "sections[0].fields[1].visible_when.value")
          for one in (r"[^\d\D]", r"K[^\w\W]", "(a")),
        ("numbering: {pattern: 'WX-{yyyy}{mm}{dd}-{seq:4}'}", "numbering: {pattern: WX}", "numbering", "no_sequence",
         "numbering.pattern"),
        ("default_from: installed_product.brand", "editable_in: [gone]", "- {field: brand, default_from",
         "unknown_state", "sections[0].fields[1].editable_in[0]"),
        ("default_from: installed_product.brand", "default_from: product.brand", "- {field: brand, default_from",
         "unknown_origin", "sections[0].fields[1].default_from"),
        ("default_from: installed_product.sold_on", "default_from: installed_product.product",
         "- {field: purchase_on, default_from", "wrong_type", "sections[0].fields[6].default_from"),
        ("refuse_when: discount > sum(labour_fee, travel_fee, sum(parts_used, 'amount'))", "refuse_when: rebate > 0",
         "refuse_when: discount", "unknown_field", "checks[3].refuse_when"),
        ("guard: {field: values.balance_due, op: is_less_than, value: 0}",
         "guard: {field: values.balance_due, op: is_less_than, value: 'much'}",
         "guard: {field: values.balance_due, op: is_less_than, value: 0}",
         "wrong_value", "workflow.transitions[24].guard.value"),
        ("settings: {max: today}", "settings: {max: 2026-02-30}", "settings: {max: today}", "bad_setting",
         "fields[6].settings.max"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(  # noqa: PLR0917 - a table of cases
    work: Work, old: str, new: str, at: str, code: str, path: str
) -> None:
    assert PACK.count(old) == 1
    result = exchange.import_pack(work, PACK.replace(old, new), "repair.yaml")
    assert result.status == "refused"
    found = {(one.line, one.path) for one in result.problems}
    assert (line_of(at), path) in found, [str(one) for one in result.problems]
    if code != "bad_setting":
        assert code in {one.code for one in result.problems}
    assert str(result.problems[0]).startswith("repair.yaml:")
    assert work.session.scalar(select(func.count()).select_from(TicketTemplate)) == 0
    assert work.session.scalar(select(func.count()).select_from(FieldDefinition)) == 0


def test_a_type_in_use_is_told_with_its_line(work: Work) -> None:
    exchange.import_pack(work, PACK, "repair.yaml")
    other = PACK.replace("key: appliance_repair\n", "key: other_repair\n").replace("type: barcode", "type: text")
    result = exchange.import_pack(work, other, "other.yaml")
    assert [(one.path, one.line, one.code) for one in result.problems] == [
        ("fields[3].type", line_of("type: barcode"), "type_in_use")
    ]


def test_changed_content_is_a_new_version(work: Work) -> None:
    exchange.import_pack(work, PACK, "repair.yaml")
    changed = PACK.replace("en: Brand}", "en: Make}")
    result = exchange.import_pack(work, changed, "repair.yaml")
    assert (result.status, result.number, result.fields_changed) == ("updated", 2, ("brand",))
    assert exchange.import_pack(work, changed, "repair.yaml").status == "unchanged"
    assert exchange.export_pack(work, "appliance_repair") == changed
    renamed = changed.replace("en: Appliance repair}", "en: Repairs}")
    assert exchange.import_pack(work, renamed, "repair.yaml").number == 2
    assert queries.card(work, "appliance_repair").labels["en"] == "Repairs"


def test_an_option_left_out_is_retired_and_the_import_comes_to_rest(work: Work) -> None:
    exchange.import_pack(work, PACK, "repair.yaml")
    gone = "".join(f"{line}\n" for line in LINES if "{key: extended," not in line)
    assert exchange.import_pack(work, gone, "repair.yaml").number == 2
    options = queries.published_version(work, "appliance_repair").spec.fields["warranty_status"].options
    assert [(one.key, one.retired) for one in options][-1] == ("extended", True)
    assert exchange.import_pack(work, gone, "repair.yaml").status == "unchanged"


def test_who_may(make_work) -> None:
    with pytest.raises(NotAllowedError):
        exchange.import_pack(make_work(person("clerk")), PACK, "repair.yaml")
    with pytest.raises(NotAllowedError):
        exchange.export_pack(make_work(person("clerk")), "appliance_repair")


def test_what_cannot_be_exported(work: Work) -> None:
    with pytest.raises(NotFoundError):
        exchange.export_pack(work, "nothing")
    exchange.import_pack(work, PACK, "repair.yaml")
    spec = queries.published_version(work, "appliance_repair").spec
    service.create_template(work, service.Identity("fresh", {"en": "Fresh"}), spec)
    with pytest.raises(DomainError):
        exchange.export_pack(work, "fresh")


def test_the_example_of_the_how_to_is_true(work: Work) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "write-a-pack.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    result = exchange.import_pack(work, example, "my_repair.yaml")
    assert [str(one) for one in result.problems] == []
    assert result.status == "created"


@pytest.mark.parametrize(
    "text",
    ["a: 1\nb: [1, 2\n", "a: 1\n\tb: 2\n", "a: \x07", "a: 'x\n", "a: b: c\n", "- a\nb: 1\n", "a: %x\n", 'a: "\\q"\n',
     "{a: 1", "a: |x\n", "key: [a, b]]\n", " a: 1\nb: 2\n", "a: *\n", "%YAML 3.0\n---\na: 1", "a: !<x\n"],
)  # fmt: skip
def test_what_is_no_yaml_is_said_in_our_words(text: str) -> None:
    ((problem, _place),) = read_document(text).problems
    assert problem.code == "syntax"
    assert isinstance(problem.message.params["reason"], Message)
    assert problem.message.params["reason"] is not yaml_words.ANYTHING


@pytest.mark.parametrize("key", ["import", "new", "export", "compare"])
def test_a_word_of_our_addresses_is_no_key_of_a_template(work: Work, key: str) -> None:
    result = exchange.import_pack(work, PACK.replace("key: appliance_repair\n", f"key: {key}\n", 1), "x.yaml")
    assert [(one.path, one.code) for one in result.problems] == [("template.key", "reserved_key")]
    spec = from_json(data())
    with pytest.raises(DomainError):
        service.create_template(work, service.Identity(key, {"en": "x"}), spec)


def test_an_import_says_what_it_changes(work: Work) -> None:
    assert exchange.import_pack(work, PACK, "repair.yaml").changes == ()
    changed = PACK.replace("en: Brand}", "en: Make}")
    changed = changed.replace("- {field: serial_no, ", "- {field: serial_no, required: true, ")
    said = [str(one.message) for one in exchange.import_pack(work, changed, "repair.yaml").changes]
    assert said == [
        "Field “Make” changed: label",
        "Field “Serial number” changed: required answers",
    ]


def test_what_is_indexed_is_the_librarys_and_makes_no_version(work):
    said = PACK
    exchange.import_pack(work, said, "a.yaml")
    marked = said.replace("    type: barcode\n", "    type: barcode\n    indexed: true\n", 1)
    result = exchange.import_pack(work, marked, "a.yaml")
    (key,) = result.fields_changed
    assert (result.status, result.number) == ("updated", 1)
    assert [(one.key, one.parts) for one in result.changes] == [(key, ("indexed",))]
    assert "indexed: true" in exchange.export_pack(work, "appliance_repair")
    assert exchange.import_pack(work, exchange.export_pack(work, "appliance_repair"), "b.yaml").status == "unchanged"
    service.mark_indexed(work, key, indexed=False)
    assert exchange.export_pack(work, "appliance_repair") == said
    refused = exchange.import_pack(
        work, said.replace("    type: long_text\n", "    type: long_text\n    indexed: true\n", 1), "a.yaml"
    )
    assert [one.code for one in refused.problems] == ["not_indexable"]
    assert "short answer" in refused.problems[0].in_("en")
