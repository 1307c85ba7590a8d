"""Pages say what is true: every file they name is there."""

import re

import pytest

from tests.house.source import ROOT

#: The generated reference quotes what people type; its own test holds it to the registry.
PAGES = sorted(
    [*ROOT.glob("*.md"), *(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference")]
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
CODE = re.compile(r"`((?:app|views|forms|ticket_templates|tests|docs|babel|migrations)/[a-z0-9_./-]*)`")


@pytest.mark.parametrize("document", PAGES, ids=lambda one: str(one.relative_to(ROOT)))
def test_what_a_page_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    missing += [path for path in CODE.findall(text) if not (ROOT / path).exists()]
    assert missing == []
