"""Every shipped pack as it stands: fit for use, each step can be taken, and what comes back is confirmed anew."""

from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import FACTS, SYSTEM, person
from ticket_templates import exchange, workflow
from ticket_templates.exchange.reading import read_document
from ticket_templates.spec import TEMPLATE, TemplateSpec
from ticket_templates.versions import CompiledVersion


def spec_of(path) -> TemplateSpec:
    data = read_document(path.read_bytes()).data
    return TEMPLATE.read({key: part for key, part in data.items() if key not in {"gongdan_pack", "template"}}, (), [])


TOTALS = ("total_fee", "install_total", "inspection_total", "vehicle_total")
BALANCES = (
    "compensation_due",
    "balance_due",
    "install_balance",
    "inspection_balance",
    "vehicle_balance",
    "refund_balance",
)
#: What may be answered so that every guard of the packs opens at one time or another.
SITUATIONS: list[dict[str, Any]] = [
    {"delivered": True, "return_type": kind, "impact": impact, "quote_accepted": True, "severity": "minor",
     "compensation_amount": 5000, "compensation_paid": 100, "waived_amount": 10000,
     "warranty_status": "in_warranty", "service_mode": "on_site", "customer_signature": signed,
     **dict.fromkeys(("amount_received", "refunded_amount"), None if owed > 0 else 10000),
     **dict.fromkeys(TOTALS, 10000), **dict.fromkeys(BALANCES, owed)}
    for kind in ("return", "exchange", "refund_only")
    for impact in ("one_person", "company")
    for signed in (12, None)
    for owed in (0, 10000, -10000)
]  # fmt: skip
SITUATIONS += [
    SITUATIONS[0] | {"quoted_amount": None, "new_tracking_no": None},
    SITUATIONS[0] | {"amount_received": 0} | dict.fromkeys(TOTALS, 0),
    SITUATIONS[0] | {"warranty_status": "out_of_warranty"},
    SITUATIONS[0] | dict.fromkeys(BALANCES, 10000),
]


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_every_transition_of_a_pack_can_be_taken(path) -> None:
    version: CompiledVersion = specs.version(spec_of(path))
    everything = dict.fromkeys(version.uses, "x")
    ticked = [item.key for item in version.spec.checklist]
    named = {**FACTS, "assignee_id": 1, "customer_id": 1, "site_id": 1}
    taken: set[str] = set()
    reached, waiting = {version.initial}, [version.initial]
    while waiting:
        state = waiting.pop()
        for values in ({**everything, **situation} for situation in SITUATIONS):
            for transition in version.rules.steps_from(state):
                roles = sorted(transition.roles) or ["clerk"]
                refused = [
                    workflow.check(
                        workflow.Situation(version, state, actor=person(role), facts=columns, values=values,
                                           checklist=ticked, takers=dict.fromkeys(version.transitions)),
                        transition.key, note="because", given=everything,
                    )
                    for role in roles
                    for columns in ({**named, "state": state}, {**named, "state": state, "customer_id": None})
                ]  # fmt: skip
                if any(not refusals for refusals in refused):
                    taken.add(transition.key)
                    if (target := transition.ways[state]) not in reached:
                        reached.add(target)
                        waiting.append(target)
    assert taken == set(version.transitions)
    assert reached == set(version.states)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_was_closed_comes_back_with_a_reason_and_is_confirmed_anew(path) -> None:
    flow, fields = spec_of(path).workflow, spec_of(path).fields
    states = {one.key: one for one in flow.states}
    done = {key for key, one in states.items() if one.category in {"resolved", "closed"} and key != "cancelled"}
    leading = [one for one in flow.transitions if one.target]
    back = [one for one in leading if states[one.target].category not in {"resolved", "closed"}]
    ways = [one for one in back if not done.isdisjoint(one.sources)]
    assert done <= {source for one in ways for source in one.sources}
    for one in ways:
        assert one.note_required
        assert one.roles
        assert "checklist" in one.clears
        confirmed = {"satisfaction", "customer_signature"} & fields.keys()
        assert done.intersection(one.sources) == {"rejected"} or confirmed <= set(one.clears)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_goes_back_to_be_given_out_is_in_nobodys_hands(path) -> None:
    flow = spec_of(path).workflow
    given_out = {state for one in flow.transitions if "assignee" in one.required for state in one.sources}
    waiting = {one.key for one in flow.states if one.category == "new"} & given_out
    back = [one for one in flow.transitions if one.target in waiting]
    assert all("assignee" in one.clears and one.note_required for one in back)
    wanted = {"decline"} if any(one.key == "accept" for one in flow.transitions) else set()
    assert {one.key for one in back} == (wanted | {"resume"} if given_out & waiting else wanted)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_was_cancelled_by_mistake_goes_on(path) -> None:
    ways = [one for one in spec_of(path).workflow.transitions if one.target and "cancelled" in one.sources]
    assert ways
    assert all(one.note_required and "clerk" in one.roles for one in ways)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_work_done_again_is_signed_again_and_only_what_is_unsigned_goes_on_without(path) -> None:
    spec = spec_of(path)
    steps = {one.key: one for one in spec.workflow.transitions}
    signing = [key for key, one in steps.items() if "customer_signature" in one.askable]
    if signing == ["submit"]:
        assert {"customer_signature", "checklist"} <= set(steps["rework"].clears)
    version: CompiledVersion = specs.version(spec)
    for key in signing:
        unsigned = steps[f"{key}_unsigned"]
        assert unsigned.note_required
        for signature, refused in ((None, False), (12, True)):
            values = dict.fromkeys(version.uses, "x") | SITUATIONS[0] | {"customer_signature": signature}
            situation = workflow.Situation(
                version, unsigned.sources[0], actor=SYSTEM, facts={**FACTS, "assignee_id": 1}, values=values,
                checklist=[item.key for item in spec.checklist],
            )  # fmt: skip
            told = workflow.check(situation, unsigned.key, note="because", given=values)
            assert ("guard" in {one.code for one in told}) == refused


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_money_goes_back_by_two_people_and_only_where_it_is_asked_for(path) -> None:
    spec = spec_of(path)
    states, steps = {one.key: one for one in spec.workflow.states}, spec.workflow.transitions
    counted = [use for section in spec.sections for use in section.fields if use.lowered_in]
    assert {use.field for use in counted} == {"amount_received", "refunded_amount"} & spec.fields.keys()
    for use in counted:
        for state in use.lowered_in:
            # Nothing but the step that says it lowers the amount there.
            assert states[state].editable_by == {"administrator"}
            (said,) = [one for one in steps if use.field in one.takes_off and state in one.sources and one.target]
            asked = {one.key for one in steps if one.target == state and state not in one.sources}
            assert (set(said.after), set(said.other_than)) == (asked, asked)
    # A slip of the pen is put right by one, with a reason; what goes out at once, by another than who recorded it.
    for one in steps:
        if one.takes_off:
            assert one.note_required
            assert one.roles <= {"administrator", "finance", "outlet_manager"}
        if one.key.startswith("correct"):
            assert not one.target
            assert one.guard_first
        if one.key == "give_back_excess":
            assert set(one.other_than) == {
                other.key for other in steps if other.adds and "completed" not in other.sources
            } | {"collect"}


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_a_step_asks_for_the_amount_of_this_time_and_no_sum(path) -> None:
    spec = spec_of(path)
    counted = {"amount_received", "refunded_amount", "compensation_paid"}
    for step in spec.workflow.transitions:
        assert counted.intersection((*step.askable, *step.shows)) == step.moves.keys() - {"refund_reference"}, step.key
    # Nobody types a sum over it, and it is recorded and put right by steps of its own.
    uses = {use.field: use for section in spec.sections for use in section.fields}
    for key in counted & uses.keys():
        assert uses[key].read_only
        staying = [one for one in spec.workflow.transitions if not one.target]
        assert any(key in one.adds for one in staying)
        assert any(key in one.takes_off for one in spec.workflow.transitions)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_a_payment_is_recorded_wherever_a_ticket_is_but_where_money_goes_back(path) -> None:
    flow = spec_of(path).workflow
    collecting = [one for one in flow.transitions if one.key == "collect"]
    assert bool(collecting) == (path.stem in {"appliance_repair", "installation", "inspection", "vehicle_service"})
    for one in collecting:
        assert set(one.sources) == {state.key for state in flow.states} - {"refund_due", "cancelled"}
        assert {"clerk", "finance", "technician"} <= one.roles


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_who_is_reviewed_does_not_change_what_is_reviewed(path) -> None:
    flow = spec_of(path).workflow
    (review,) = [one for one in flow.states if one.key == "in_review"]
    assert "qa" in review.editable_by
    assert "technician" not in review.editable_by


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_a_pack_is_fit_for_use(path) -> None:
    spec = spec_of(path)
    # What is computed, or only answered by steps, is no line anybody fills in.
    stepwise = {each.field for one in spec.workflow.transitions for each in one.sets}
    filled_in = [key for key, one in spec.fields.items() if one.type != "computed" and key not in stepwise]
    assert 12 <= len(filled_in) <= 30
    assert 3 <= len(spec.sections) <= 5
    assert spec.checklist
    assert any(state.limit_minutes for state in spec.workflow.states)
    flow = spec.workflow
    groups = (spec.sections, spec.fields.values(), flow.states, flow.transitions, spec.checklist)
    labels = [one.labels for group in groups for one in group]
    assert all(set(one) == {"zh_Hans", "zh_Hant", "en"} for one in labels)


def test_packs_share_definitions() -> None:
    seen: dict[str, Any] = {}
    for path in exchange.shipped_packs():
        for key, definition in spec_of(path).fields.items():
            assert seen.setdefault(key, definition) == definition, key
