"""A state many templates have is found by each of its names, the commonest first."""

from dataclasses import replace
from pathlib import Path

from tests.packs.test_every_pack import spec_of
from tests.ticket_templates import specs
from ticket_templates import exchange
from ticket_templates.versions import state_names


def called(template: str, **names: str):
    """A version of the small template whose states have other names."""
    small = specs.spec()
    states = tuple(
        replace(one, labels=specs.label(names[one.key])) if one.key in names else one for one in small.workflow.states
    )
    version = specs.version(replace(small, workflow=replace(small.workflow, states=states)))
    return replace(version, template_key=template)


def test_the_commonest_name_comes_first_and_the_others_beside_it():
    versions = [called("garage", new="Waiting for the car"), called("a"), called("b"), called("c", new="To do")]
    versions += [called("garage", new="Waiting for the car")] * 5
    found = state_names(versions, "en")
    assert found["new"] == "New / Waiting for the car / To do"
    assert found["doing"] == "Doing"
    assert state_names([*versions, called("d", new="Fourth")], "en")["new"].endswith(" / …")
    assert list(found) == [one.key for one in versions[0].states.values()]


def test_the_shipped_templates_are_found_by_the_words_of_most():
    versions = [
        replace(specs.version(spec_of(Path(path))), template_key=path.stem) for path in exchange.shipped_packs()
    ]
    assert state_names(versions, "zh_Hans")["in_review"].startswith("待审核")
    assert "待总检" in state_names(versions, "zh_Hans")["in_review"]
