"""Each shipped template, from its form to its last state, only through the screens."""

import re
from collections import deque

import pytest

from tests.desk.conftest import english
from tests.desk.filling import PICKED, asked, hidden_inputs, problems, ticks
from ticket_templates import queries as templates

PACKS = (
    "appliance_repair", "complaint", "inspection", "installation", "it_fault", "maintenance", "return_exchange",
    "vehicle_service",
)  # fmt: skip
_KINDS = {
    "assignee_id": "user", "team_id": "team", "outlet_id": "outlet", "customer_id": "customer", "site_id": "site",
}  # fmt: skip


#: Steps for tickets that took another way than this one.
_ELSEWHERE = frozenset({"settle", "close_unpaid", "deliver_unpaid", "start_unquoted", "submit_internal"})
#: What a step says of money that is still to change hands.
_OWED = re.compile(r"Still to (?:collect|refund): (-?)CN¥([\d,]+)")
_PAID = ("values.amount_received", "values.refunded_amount")


def way(version, *, guarded: bool = False) -> list[str]:
    """The shortest way from the first state over a resolved one to a closed one, round guards where it can be."""
    goal = ("resolved", "closed")
    waiting = deque([(version.initial, (), 0)])
    seen = set()
    while waiting:
        state, taken, reached = waiting.popleft()
        if version.states[state].category == goal[reached]:
            reached += 1
            if reached == len(goal):
                return list(taken)
        if (state, reached) in seen:
            continue
        seen.add((state, reached))
        for one in version.rules.leading_from(state):
            if (
                one.key not in _ELSEWHERE
                and (version.states[one.target].category != "closed" or reached)
                and (guarded or one.guard is None)
            ):
                waiting.append((one.target, (*taken, one.key), reached))
    assert not guarded, "no way to a closed state"
    return way(version, guarded=True)


@pytest.mark.parametrize("key", PACKS)
def test_from_the_form_to_the_last_state(key, desk, boss, client_as):
    with desk.work() as work:
        version = templates.published_version(work, key)
    steps = way(version)
    guarded = wishes(version, steps)
    number = desk.opened(boss, key, customer_id=desk.ids["customer"], **guarded)
    for place, step in enumerate(steps):
        one = version.transitions[step]
        # What somebody approved somebody else pays out; what was submitted somebody else approves.
        others = "finance" if "finance" in one.roles else "qa"
        hands = boss if set(one.other_than).isdisjoint(steps[:place]) else english(client_as(others))
        take(desk, hands, number, version, step=step, guarded=guarded)
    ticket = desk.ticket(number)
    assert ticket["category"] == "closed"
    assert ticket["closed_at"] is not None
    page = boss.get(f"/tickets/{number}").text
    assert number in page
    assert number in boss.get("/tickets/").text


def wishes(version, steps) -> dict[str, str]:
    """What must be answered at first so that the guards on the way hold."""
    wanted: dict[str, str] = {}
    parts = [version.transitions[step].guard for step in steps]
    while parts:
        part = parts.pop() or {}
        parts += [*part.get("all", ()), *part.get("any", ())]
        if part.get("op") == "is":
            wanted[part["field"]] = part["value"]
    return wanted


def take(desk, client, number, version, *, step, guarded):
    """Open the dialog of a step, answer what it asks, and send it; it may ask for more, once or twice."""
    url = f"/tickets/{number}/steps/{step}"
    html, owed = client.get(url).text, 0
    for _attempt in range(4):
        data = hidden_inputs(html) | desk.filler(client).form(version.types, asked(html)) | ticks(html)
        data |= {name: value for name, value in guarded.items() if name in data}
        data |= {name: str(desk.ids[_KINDS[name]]) for name in PICKED if f'name="{name}"' in html}
        # Where all is paid nothing comes in, which is left empty.
        data |= {name: str(int(data[name]) + owed or "") for name in _PAID if name in data}
        answer = client.post(url, data=data | {"note": "按流程处理"})
        if answer.status_code == 303:
            return
        if step == "close" and (told := _OWED.search(answer.text)):
            collect(client, number, told[2].replace(",", ""))
            html = client.get(url).text
            continue
        assert answer.status_code == 422
        html = answer.text
        owed = int(told[1] + told[2].replace(",", "")) if (told := _OWED.search(html)) else owed
    raise AssertionError(f"{step}: {problems(html)}")


def collect(client, number, amount):
    """Record what is still to be paid, as the step that waits for it says."""
    url = f"/tickets/{number}/steps/collect"
    paid = {"values.amount_received": amount, "values.payment_method": "cash"}
    assert client.post(url, data=hidden_inputs(client.get(url).text) | paid).status_code == 303
