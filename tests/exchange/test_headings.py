"""What our files call their columns, an import takes for just that; what it leaves aside, it says."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from app.core.i18n import LOCALES
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange.first_mapping import first_mapping
from app.exchange.import_template import write_template
from app.exchange.left_out import LeftOut, left_out
from app.exchange.mapping import TARGETS, ImportMapping, mapping_from_json
from app.exchange.suggestions import suggested
from app.exchange.ticket_export import export_file, export_of
from app.exchange.ticket_import import import_file
from app.exchange.workbook import unique_labels
from app.tickets import queries
from app.tickets.queries import TicketQuery
from tests.factories import people, tickets
from ticket_templates import queries as templates
from ticket_templates.spec import FieldSpec, FieldUse, TemplateSpec


def with_fields(*fields: FieldSpec) -> TemplateSpec:
    """Return the small repair template with more fields in its first section."""
    spec = tickets.repair_spec()
    first, *others = spec.sections
    first = replace(first, fields=(*first.fields, *(FieldUse(one.key) for one in fields)))
    return replace(spec, fields={**spec.fields, **{one.key: one for one in fields}}, sections=(first, *others))


def called(key: str, type_: str, zh: str, en: str, **more: Any) -> FieldSpec:
    return FieldSpec(key, type_, {"zh_Hans": zh, "zh_Hant": zh, "en": en}, **more)


CREW = called("crew", "team", "班组", "Team")
DEVICE = called("device", "text", "设备", "Device")
BRANCH = called("branch", "text", "网点", "Outlet")
PIPE = called("pipe", "text", "管道", "Pipe")


def targets(headings: Sequence[str], version: Any, **more: Any) -> dict[str, str]:
    return {heading: one.target for heading, one in suggested(headings, version, SYSTEM, **more).items()}


@pytest.fixture
def version(work) -> Any:
    return templates.published_version(work, tickets.template(work, spec=with_fields(CREW, DEVICE, BRANCH, PIPE)))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_column_of_our_file_is_what_it_was_and_nothing_else(work, make_work, version, locale: str):
    reader = make_work(replace(tickets.actor(work), locale=locale))
    columns = export_of(reader, TicketQuery(templates=(version.template_key,)), all_fields=True).columns
    found = targets([one.label_in(locale) for one in columns], version)
    fields = {column.name: found.get(column.label_in(locale)) for column in columns if column.field}
    # What a cell cannot hold is no part of an import.
    assert fields == {name: name.replace("values.", "answers.") for name in fields} | {"values.photos": None}
    own = {column.name: found[column.label_in(locale)] for column in columns if column.label_in(locale) in found}
    assert {name: target for name, target in own.items() if not name.startswith("values.")} == {
        "subject": "subject", "state": "state", "priority": "priority", "customer_code": "customer",
        "phone": "customer_phone", "installed_product_code": "installed_product", "assignee_code": "assignee",
        "team_code": "team", "outlet_code": "outlet", "tags": "tags", "created": "created_at",
        "external_id": "external_id",
    }  # fmt: skip


def test_a_columns_own_name_never_goes_to_a_field_that_is_called_alike(version):
    assert targets(["客户设备"], version) == {"客户设备": "installed_product"}
    assert targets(["班组", "班组 · 维修"], version) == {"班组": "team", "班组 · 维修": "answers.crew"}
    assert targets(["Team", "網點 *"], version) == {"Team": "team"}
    # The texts of such a column say nothing either.
    assert targets(["班组"], version, told={"班组": "answers.fault_code"}) == {"班组": "team"}
    # What an import does not take is skipped in a file of ours, and is what a field is called in another.
    assert targets(["管道", "故障描述"], version) == {"管道": "answers.pipe", "故障描述": "answers.fault"}
    assert targets(["編號", "管道", "狀態"], version) == {"編號": "external_id", "狀態": "state"}
    assert targets(["编号", "管道", "状态", "渠道"], version) == {
        "编号": "external_id", "管道": "answers.pipe", "状态": "state",
    }  # fmt: skip


def test_of_two_columns_for_one_target_the_better_one_is_taken(version):
    both = ["客户", "客户编号", "编号", "外部单号"]
    assert targets(both, version) == {"客户编号": "customer", "外部单号": "external_id"}
    # A column in which nothing stands gives way.
    assert targets(both, version, empty=["客户编号", "外部单号"]) == {"客户": "customer", "编号": "external_id"}
    assert targets(["设备 · 旧名", "设备"], version) == {"设备": "answers.device"}
    assert targets(["设备 · 旧名"], version) == {"设备 · 旧名": "answers.device"}


def test_what_is_left_aside_is_told_with_what_is_taken_instead(version):
    headings = ("客户编号", "客户", "设备", "空", "乱七八糟")
    mapping = mapping_from_json({"columns": {"customer": "客户编号", "answers.fault": "设备"}})
    assert left_out(mapping, headings, [5, 4, 5, 0, 1], version, SYSTEM) == [
        LeftOut("客户", 4, "customer", "客户编号", TARGETS["customer"]), LeftOut("乱七八糟", 1),
    ]  # fmt: skip
    assert left_out(mapping, headings[:1], [5], version, SYSTEM) == []


def test_a_short_name_is_no_part_of_another_word(version):
    """“id” stands in “provider”, and means nothing there."""
    for one, target in (("data_provider", None), ("country", None), ("record id", "external_id")):
        assert targets([one], version) == ({one: target} if target else {})
    mapping = mapping_from_json({"columns": {"external_id": "id"}})
    assert left_out(mapping, ("id", "data_provider"), [2, 2], version, SYSTEM) == [LeftOut("data_provider", 2)]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_filled_workbook_says_which_field_is_meant(work, make_work, version, locale: str, tmp_path):
    reader = make_work(replace(tickets.actor(work), locale=locale))
    write_template(reader, version, tmp_path / "x.xlsx")
    headings = [str(cell.value) for cell in openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0][1]]
    found = targets(headings, version)
    assert {"outlet", "answers.crew", "answers.branch", "answers.device", "answers.pipe"} <= set(found.values())
    assert set(headings) == set(found)


def test_our_file_comes_back_with_every_value(fresh_transactions, tmp_path):
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        key = tickets.template(work, spec=with_fields(CREW, DEVICE))
        crew, other = people.team(work, name="一组"), people.team(work, name="二组")
        version = templates.published_version(work, key)
        answers = {"fault": "漏水", "crew": crew.id, "device": "冰箱"}
        tickets.ticket(work, key, answers, team_id=other.id)
        export_file(work, tmp_path / "x.csv", templates=[key])
    headings = next(csv.reader((tmp_path / "x.csv").read_text("utf-8-sig").splitlines()))
    maps = suggested(headings, version, SYSTEM, None, ["外部单号"])
    mapping = ImportMapping("again", tuple(maps.values()))
    report = import_file(fresh_transactions, SYSTEM, tmp_path / "x.csv", key, mapping)
    assert (report.imported, [one.reason for one in report.refusals]) == (1, [])
    with fresh_transactions.reading(SYSTEM) as work:
        row = queries.ticket(work, report.results[0].ticket)
        assert {name: row.values[name] for name in answers} == answers
        assert row.columns["team_id"] == other.id
    told = {one.heading: (one.target, one.fed_by) for one in report.left_out}
    assert told["班组"] == ("team", "班组编号")
    assert not {"班组 · 维修", "设备", "客户设备"} & told.keys()
    assert told.keys() >= {"模板", "进度"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_amount_says_its_currency_and_a_time_is_written_as_it_is_shown(fresh_transactions, tmp_path, kind: str):
    price = called("price", "money", "报价", "Price", settings={"currency": "USD"})
    yen, own = replace(price, key="yen", settings={"currency": "JPY"}), called("own", "money", "工时费", "Labour")
    spec = with_fields(price, yen, own, called("call_at", "time", "几点", "Call at"))
    answers = {"fault": "漏水", "price": 123450, "yen": 1500, "own": 8850, "call_at": "08:05"}
    path = tmp_path / f"x.{kind}"
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        key = tickets.template(work, spec=spec)
        tickets.ticket(work, key, answers)
        export_file(work, path, templates=[key])
    with fresh_transactions.reading(SYSTEM) as work:
        mapping, _aside = first_mapping(work, path, key)
    assert [one.column for target in answers if (one := mapping.get(f"answers.{target}"))] == [
        "故障描述", "报价 (USD)", "报价 (JPY)", "工时费", "几点",
    ]  # fmt: skip
    report = import_file(fresh_transactions, SYSTEM, path, key, mapping)
    assert (report.imported, [one.reason for one in report.refusals]) == (1, [])
    with fresh_transactions.reading(SYSTEM) as work:
        row = queries.ticket(work, report.results[0].ticket)
        assert {name: row.values[name] for name in answers} == answers
    if kind == "csv":
        assert {"1234.50", "1500", "88.50", "08:05"} <= set(path.read_text("utf-8-sig").splitlines()[1].split(","))
        return
    rows = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    cells = {head.value: cell for head, cell in zip(*rows, strict=True)}
    assert [(cells[name].value, cells[name].number_format) for name in ("报价 (USD)", "报价 (JPY)", "工时费")] == [
        (1234.5, "[$USD] #,##0.00"), (1500, "[$JPY] #,##0"), (88.5, "#,##0.00"),
    ]  # fmt: skip


def test_headings_of_a_file_differ(work, version):
    columns = export_of(work, TicketQuery(templates=(version.template_key,)), all_fields=True).columns
    labels = [one.label_in("zh_Hans") for one in columns]
    assert unique_labels(labels) == labels
