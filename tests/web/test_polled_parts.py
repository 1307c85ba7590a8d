"""A part of a page that is fetched again and again takes nothing out of the hands of who works the keyboard."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
POLLED = sorted(path for path in TEMPLATES.rglob("*.html") if 'hx-trigger="every ' in path.read_text("utf-8"))


def test_there_are_some():
    assert POLLED


@pytest.mark.parametrize("path", POLLED, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_each_button_has_an_id_by_which_the_focus_comes_back(path):
    text = path.read_text("utf-8")
    buttons = re.findall(r"<button\b[^>]*>|<a class=\"btn[^>]*>|confirm_button\([^}]*\}\}", text)
    assert [one for one in buttons if " id=" not in one] == []
    ids = re.findall(r" id=[\"']([^\"']+)[\"']", "".join(buttons))
    assert len(ids) == len(set(ids)) == len(buttons)
