"""Pages and comments say what is true: every file they name is there."""

import re

import pytest

from tests.house.source import ROOMS, ROOT

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


#: A path from the root, at its beginning; templates have a root of their own, `app/templates`.
FOLDERS = "|".join([*ROOMS, "tests", "docs", "migrations"])
NAMED = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./-]*\.(?:py|js|md|sh))\b")
SOURCES = sorted(path for room in ROOMS for kind in ("py", "js") for path in (ROOT / room).rglob(f"*.{kind}"))


def test_what_the_code_names_is_there():
    named = {
        (str(source.relative_to(ROOT)), path)
        for source in SOURCES
        if "vendor" not in source.parts
        for path in NAMED.findall(source.read_text("utf-8"))
    }
    assert len(named) > 10
    assert [one for one in sorted(named) if not (ROOT / one[1]).exists()] == []
