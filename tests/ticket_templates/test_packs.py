"""The shipped packs: valid, complete, and each workflow can be walked to its end."""

import pytest

from app.core.permissions import SYSTEM
from app.core.work import Work
from ticket_templates import exchange, queries, service
from ticket_templates.field_types.base import Context

PACKS = exchange.shipped_packs()


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
