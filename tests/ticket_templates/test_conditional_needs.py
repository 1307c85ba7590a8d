"""What is asked for, or is on the checklist, only under a condition; what a new ticket must name; the moment."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.permissions import SYSTEM
from app.core.work import Work
from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT, FACTS, NOW, label
from ticket_templates import asking, exchange, workflow
from ticket_templates.spec import TEMPLATE, TemplateSpec, from_json
from ticket_templates.validation import problems_of

SCRAPPED = {"field": "values.outcome", "op": "is", "value": "scrap"}
ROLES = {"technician", "qa"}


def spec(**changes: Any) -> TemplateSpec:
    data = specs.data()
    finish = data["workflow"]["transitions"][1]
    finish["required"] = []
    finish["required_when"] = [{"fields": ["secret", "site"], "when": SCRAPPED}]
    data["checklist"][0]["when"] = {"none": [SCRAPPED]}
    return from_json(data | changes)


def refused(values: dict[str, Any], checklist: Any = (), **columns: Any) -> set[tuple[str, str]]:
    """Fields and codes of why the small ticket cannot be finished."""
    facts = FACTS | {"assignee_id": 1, "site_id": None} | columns
    situation = workflow.Situation(
        specs.version(spec()), "doing", actor=SYSTEM, facts=facts, values=values, checklist=checklist
    )
    found = workflow.check(situation, "finish")
    return {(one.field, one.code) for one in found}


def test_a_step_asks_for_what_its_condition_says() -> None:
    done = {"problem": "x", "labour": 1}
    assert refused(done | {"outcome": "fixed"}, ["tested"]) == set()
    scrapped = done | {"outcome": "scrap", "why": "old"}
    assert refused(scrapped) == {("secret", "required"), ("site_id", "required")}
    assert refused(scrapped | {"secret": "s"}, site_id=3) == set()


def test_one_answer_says_what_a_step_asks_for() -> None:
    version = specs.version(spec())
    asks = asking.of_step(version, version.transitions["finish"], missing=["outcome"])
    assert asks.fields == ("outcome", "why", "secret")
    assert asks.columns == ("site_id",)
    assert asks.conditional == {"secret": SCRAPPED, "site": SCRAPPED, "why": SCRAPPED}
    assert (asks.followers, asks.about, asks.about_when) == (("why",), ("site",), {"any": [SCRAPPED]})
    facts = version.rules.facts(FACTS, {"outcome": "scrap"})
    assert asks.needed(facts) == {"secret", "site", "why"}
    assert asks.needed(version.rules.facts(FACTS, {"outcome": "fixed"})) == set()
    # What was refused is asked for whatever is answered now.
    again = asking.of_step(version, version.transitions["finish"], refused=["secret", "site_id"])
    assert (again.fields, set(again.conditional), again.about_when) == (("secret",), {"site"}, {"any": [SCRAPPED]})


def test_an_item_of_the_checklist_is_for_the_tickets_it_fits() -> None:
    assert refused({"problem": "x", "outcome": "fixed"}) == {("checklist", "checklist")}
    version = specs.version(spec())
    assert [one.key for one in version.items({"outcome": "fixed"}, FACTS)] == ["tested", "washed"]
    assert [one.key for one in version.items({"outcome": "scrap"}, FACTS)] == ["washed"]


def test_what_is_written_is_read_again() -> None:
    of = spec(required=["customer"])
    assert from_json(of.as_json()) == of


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"required": ["assignee"]}, "required[0]", "unknown_name"),
        ({"checklist": [{"key": "a", "labels": label("A"), "when": {"field": "values.gone", "op": "is", "value": 1}}]},
         "checklist[0].when.field", "unknown_field"),
    ],
)  # fmt: skip
def test_what_nobody_could_name(changes: Any, path: str, code: str) -> None:
    assert (path, code) in [(one.where, one.code) for one in problems_of(spec(**changes), ROLES)]


def test_what_nobody_could_answer() -> None:
    data = spec().as_json()
    data["workflow"]["transitions"][1]["required_when"] = [
        {"fields": ["gone", "total"], "when": SCRAPPED},
        {"fields": [], "when": {"field": "values.outcome", "op": "is", "value": "burnt"}},
    ]
    found = {(one.where, one.code) for one in problems_of(from_json(data), ROLES)}
    at = "workflow.transitions[1].required_when"
    assert {(f"{at}[0].fields[0]", "unknown_field"), (f"{at}[0].fields[1]", "unanswerable")} <= found
    assert {(f"{at}[1].fields", "empty"), (f"{at}[1].when.value", "unknown_option")} <= found


def test_a_new_ticket_names_what_it_must() -> None:
    version = specs.version(spec(required=["customer"]))
    assert [one.field for one in asking.unnamed(version, {"customer_id": None})] == ["customer_id"]
    assert asking.unnamed(version, {"customer_id": 4}) == ()


def visited(answers: Any, stored: Any = None, *, creating: bool = False, **facts: Any) -> bool:
    """Whether an appointment is refused because it lies in the past."""
    data = specs.data()
    data["fields"].append({"key": "visit", "type": "datetime", "labels": label("Visit")})
    data["sections"][0]["fields"].append({"field": "visit"})
    data["checks"] = [{"field": "visit", "refuse_when": "visit < now", "message": label("Too late.")}]
    cleaned = specs.version(from_json(data)).clean(
        answers, stored or {}, actor=SYSTEM, context=CONTEXT, facts=FACTS | facts, creating=creating
    )
    return [(one.field, one.code) for one in cleaned.refusals] == [("visit", "check")]


def test_a_check_knows_the_moment_of_the_answer() -> None:
    before = {"visit": "2026-11-20T09:00"}
    assert visited({"problem": "x"} | before, creating=True, created_at=NOW)
    assert not visited({"problem": "x"} | before, creating=True, created_at=NOW - timedelta(days=3))
    assert visited(before)
    # What has passed meanwhile is nobody's mistake.
    assert not visited({"problem": "y"}, {"visit": "2026-11-20T01:00:00+00:00"})


def test_all_that_is_wrong_with_a_pack_is_told_at_once(work: Work) -> None:
    path = next(one for one in exchange.shipped_packs() if one.stem == "complaint")
    text = path.read_text("utf-8")
    text = text.replace("  - key: severity\n    type: radio", "  - key: Severity 1\n    type: radio", 1)
    text = text.replace("  - key: satisfaction\n    type: rating", "  - key: satisfaction\n    type: stars", 1)
    text = text.replace("target: followed_up", "target: followd", 1)
    told = exchange.import_pack(work, text, "complaint.yaml").problems
    assert {"wrong_form", "unknown_type", "unknown_state"} <= {one.code for one in told}
    assert [one.line for one in told] == sorted(one.line for one in told)


@pytest.mark.parametrize("part", ["fields", "sections", "workflow", "checklist", "numbering", "print", "checks"])
@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [None], [{}], {"key": []}])
def test_a_part_that_is_nothing_readable_is_a_problem_and_no_more(part: str, junk: Any) -> None:
    problems: list[Any] = []
    data = specs.data() | {part: junk}
    found = TEMPLATE.read(data, (), problems)
    assert list(problems_of(found, ROLES)) or problems or junk in ([], {})


def test_what_an_answer_to_a_step_makes_necessary_is_told_with_it() -> None:
    """The dialog asks for it, so whoever may take the step may answer it, whoever else may change the ticket."""
    data = specs.data()
    data["workflow"]["transitions"][2]["required"] = ["outcome"]
    version = specs.version(from_json(data))
    assert asking.asked_with(version, version.transitions["back"]) == {"outcome", "why"}
    assert asking.asked_with(version, version.transitions["close"]) == set()
