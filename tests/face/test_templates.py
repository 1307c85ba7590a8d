"""The rules all templates keep: the content security policy's, and the watch on Flask-AppBuilder's originals."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import flask_appbuilder
import pytest

from tests.house.source import ROOT

TEMPLATES = ROOT / "app" / "templates"
UPSTREAM = Path(flask_appbuilder.__file__).parent / "templates"
PINNED = Path(__file__).with_name("upstream.json")
PAGES = sorted(TEMPLATES.rglob("*.html"))

#: kB of compressed JavaScript an ordinary page may load.
SCRIPT_BUDGET = 120_000


def shadows():
    return [
        path.relative_to(TEMPLATES).as_posix() for path in PAGES if (UPSTREAM / path.relative_to(TEMPLATES)).exists()
    ]


def test_shadowed_templates_are_still_what_they_were_upstream():
    """When this fails after an upgrade, compare the original with ours, then pin it anew.

    python -c "from tests.face.test_templates import pin; pin()"
    """
    assert {name: digest(name) for name in shadows()} == json.loads(PINNED.read_text(encoding="utf-8"))


def test_every_template_of_the_framework_that_loads_scripts_is_shadowed():
    loading = {
        path.relative_to(UPSTREAM).as_posix()
        for path in UPSTREAM.rglob("*.html")
        if re.search(r"<script|jquery|\$\(", path.read_text(encoding="utf-8"))
    }
    # Charts load from a foreign host and Swagger is switched off: no view of ours uses them.
    unused = {name for name in loading if "chart" in name or "swagger" in name}
    assert loading - unused - set(shadows()) == set()


def digest(name):
    return hashlib.sha256((UPSTREAM / name).read_bytes()).hexdigest()


def pin():
    PINNED.write_text(json.dumps({name: digest(name) for name in shadows()}, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_templates_hold_nothing_the_policy_forbids(path):
    text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"<[^>]*\sstyle\s*=", text) == []
    assert re.findall(r"<[^>]*\son[a-z]+\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"hx-on|hx-vals=.js:|javascript:", text) == []
    scripts = re.findall(r"<script\b([^>]*)>", text)
    assert [one for one in scripts if "src=" not in one and 'type="application/json"' not in one] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_templates_compile(path, template_environment):
    template_environment.get_template(path.relative_to(TEMPLATES).as_posix())


@pytest.fixture(scope="module")
def template_environment(webs):
    return webs("sqlite").jinja_env


def test_an_ordinary_page_loads_little_javascript():
    document = (TEMPLATES / "layout" / "document.html").read_text(encoding="utf-8")
    names = re.findall(r"<script src=\"\{\{ asset\('([^']+)'\) \}\}\"", document)
    assert "js/app.js" in names
    total = sum(len(gzip.compress((ROOT / "app" / "static" / name).read_bytes(), 9, mtime=0)) for name in names)
    assert total < SCRIPT_BUDGET
