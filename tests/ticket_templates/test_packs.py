"""The shipped packs: valid, complete, and each workflow can be walked to its end."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.i18n import LOCALES
from app.core.permissions import SYSTEM
from app.core.work import Work
from app.people.roles import ROLE_BY_NAME
from tests.house.test_languages import fits, is_han, simplified_in
from tests.packs.test_every_pack import spec_of
from ticket_templates import exchange, queries, service
from ticket_templates.exchange.reading import read_document
from ticket_templates.field_types.base import Context

PACKS = exchange.shipped_packs()
NUMBERS = {
    "appliance_repair": "WX", "installation": "AZ", "maintenance": "BY", "return_exchange": "TH", "complaint": "TS",
    "inspection": "JC", "it_fault": "IT", "vehicle_service": "CL",
}  # fmt: skip


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_it_imports_and_exports_as_the_same_text(work: Work, path) -> None:
    text = path.read_text("utf-8")
    result = exchange.import_pack(work, text, path.name)
    assert [str(problem) for problem in result.problems] == []
    assert (result.status, result.number) == ("created", 1)
    assert exchange.export_pack(work, path.stem) == text
    again = exchange.import_pack(work, text, path.name)
    assert (again.status, again.number, again.fields_changed) == ("unchanged", 1, ())
    assert queries.published_version(work, path.stem).spec.as_json()


def test_all_are_installed_once(work: Work) -> None:
    assert {one.status for one in service.install_packs(work)} == {"created"}
    assert service.install_packs(work) == []
    assert [card.key for card in queries.templates(work)] == [
        "appliance_repair", "installation", "maintenance", "return_exchange", "complaint", "inspection", "it_fault",
        "vehicle_service",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pack", "key"),
    [("maintenance", "next_due_on"), ("vehicle_service", "next_service_on"), ("inspection", "rectify_by_on")],
)
def test_what_is_to_come_does_not_lie_in_the_past(work: Work, pack: str, key: str) -> None:
    service.install_packs(work)
    version = queries.published_version(work, pack)
    context = Context(now=work.now, zone=work.company.zone, locale="en", currency="CNY")
    shown = {"conclusion": "conditional"} if pack == "inspection" else {}
    for day, codes in (("2020-01-01", ["check"]), ("2199-01-01", [])):
        found = version.clean(shown | {key: day}, {}, actor=SYSTEM, context=context, facts={}).refusals
        assert [one.code for one in found if one.field == key] == codes


def labels_in(part: Any) -> Iterator[dict[str, str]]:
    """Every text of a pack: labels, options, help, titles, reasons, wherever they stand."""
    if isinstance(part, dict):
        if part.keys() & set(LOCALES):
            yield part
        else:
            for one in part.values():
                yield from labels_in(one)
    elif isinstance(part, list):
        for one in part:
            yield from labels_in(one)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_text_is_in_three_languages_each_in_its_own_writing(path) -> None:
    data = read_document(path.read_bytes()).data
    texts = list(labels_in(data))
    assert len(texts) > 80
    for one in texts:
        assert one.keys() == set(LOCALES), one
        assert all(text.strip() for text in one.values()), one
        assert simplified_in(one["zh_Hant"]) == "", one
        assert all(fits(character, "gb2312") for character in one["zh_Hans"] if is_han(character)), one
        assert not any(map(is_han, one["en"])), one
    # Nothing that is read stands without them.
    spec = spec_of(path)
    options = [option for field in spec.fields.values() for option in field.options]
    flow = spec.workflow
    named = [*spec.fields.values(), *options, *spec.sections, *flow.states, *flow.transitions, *spec.checklist]
    assert all(one.labels.keys() == set(LOCALES) for one in named)
    assert spec.print.title.keys() == set(LOCALES)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_step_says_who_takes_it_and_every_state_how_long_it_may_last(path) -> None:
    spec = spec_of(path)
    roles = [one.roles for one in spec.workflow.transitions]
    assert all(roles)
    assert frozenset().union(*roles) <= ROLE_BY_NAME.keys()
    # Work that is done may lie, and what was asked about it afterwards; nothing else.
    endless = {one.key for one in spec.workflow.states if not one.limit_minutes}
    assert endless == {one.key for one in spec.workflow.states if one.category == "closed" or one.key == "followed_up"}


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_numbers_begin_with_the_kind_of_ticket_and_the_day(path) -> None:
    assert spec_of(path).numbering.pattern == NUMBERS[path.stem] + "-{yyyy}{mm}{dd}-{seq:4}"
