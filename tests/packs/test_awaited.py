"""Where everyday work does not go on by itself, a shipped template says whom its tickets wait for."""

import pytest

from tests.packs.test_every_pack import spec_of
from tests.ticket_templates import specs
from ticket_templates import exchange

EVERYDAY = frozenset({"clerk", "technician"})


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_only_a_few_can_go_on_with_waits_for_them(path):
    version = specs.version(spec_of(path))
    for state in version.states.values():
        steps = version.rules.steps_from(state.key)
        goes_on = any(one.target and not one.note_required and not one.roles.isdisjoint(EVERYDAY) for one in steps)
        if state.category != "closed" and not goes_on:
            assert state.awaits, f"{state.key} waits for nobody"
        for role in state.awaits | state.awaits_always:
            assert any(role in one.roles for one in steps), f"{role} can do nothing in {state.key}"


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_is_done_waits_for_who_calls_back_and_closes(path):
    version = specs.version(spec_of(path))
    done = {one.key: one for one in version.states.values() if one.category == "resolved" and one.key != "refund_due"}
    assert done
    for key, state in done.items():
        assert "clerk" in (state.awaits_always if state.awaits_when else state.awaits), key
