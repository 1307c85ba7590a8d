"""What the browser gets from others: exactly what the manifest says, under licences we allow."""

import json
import re

import pytest

from app import vendoring
from tests.house.source import ROOT


def test_committed_files_are_those_of_the_manifest():
    assert vendoring.check() == []


def test_the_lockfile_names_no_registry():
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert json.loads(text)["packages"]["node_modules/@tabler/core"]["version"] == "1.6.1"


def test_a_changed_a_missing_and_a_strange_file_are_found(tmp_path, monkeypatch):
    static = tmp_path / "app" / "static" / "vendor"
    tests = tmp_path / "tests" / "vendor"
    for source, target in ((vendoring.STATIC, static), (vendoring.TESTS, tests)):
        target.mkdir(parents=True)
        for path in source.iterdir():
            (target / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(vendoring, "ROOT", tmp_path)
    monkeypatch.setattr(vendoring, "STATIC", static)
    monkeypatch.setattr(vendoring, "TESTS", tests)
    monkeypatch.setattr(vendoring, "MANIFEST", static / "manifest.json")
    monkeypatch.setattr(vendoring, "SPRITE", static / "icons.svg")
    assert vendoring.check() == []
    (static / "htmx.js").write_text("alert(1)")
    (static / "dagre.js").unlink()
    (static / "jquery.js").write_text("")
    assert vendoring.check() == [
        "app/static/vendor/dagre.js: is missing",
        "app/static/vendor/htmx.js: differs from the manifest",
        "app/static/vendor/jquery.js: is not in the manifest",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.js", 'fetch("https://cdn.example.com/x.js")'),
        ("a.css", "@import 'https://fonts.example.com/a.css'"),
        ("a.css", "a{background:url(picture.png)}"),
    ],
)
def test_foreign_addresses_are_refused(name, text):
    with pytest.raises(vendoring.VendoringError):
        vendoring._refuse_foreign("some", name, text)


def test_source_maps_are_stripped():
    for path in vendoring.STATIC.iterdir():
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


def test_no_style_of_theirs_looks_into_elements():
    styles = "".join(path.read_text(encoding="utf-8") for path in vendoring.STATIC.glob("*.css"))
    assert ":has(" not in styles
    told = "a{b:c}.steps:not(:has(> .step-item)) h3,h3{x:y}@media print{p:is(.navbar-folded *) b{x:y}.steps{d:e}}"
    assert vendoring.LOOKING_INTO.sub("", told) == "a{b:c}@media print{.steps{d:e}}"


def test_no_licence_we_do_not_allow():
    entries = json.loads(vendoring.MANIFEST.read_text(encoding="utf-8"))
    assert {entry["licence"] for name, entry in entries.items() if name.startswith("app/")} <= vendoring.LICENCES


def test_every_package_stands_with_its_licence_text():
    texts = {
        entry["package"]
        for name, entry in json.loads(vendoring.MANIFEST.read_text("utf-8")).items()
        if "LICENSE" in name
    }
    assert texts == {part.package for part in vendoring.PARTS} | {"@tabler/icons"}


def test_nothing_of_ours_names_another_host():
    strays = {
        str(path.relative_to(ROOT)): found
        for folder in ("app/static/css", "app/static/js", "app/templates")
        for path in sorted((ROOT / folder).rglob("*.*"))
        if (found := [
            address for address in re.findall(r"https?://[^\s\"'<>)]+", path.read_text(encoding="utf-8"))
            if not address.startswith("http://www.w3.org/")
        ])
    }  # fmt: skip
    assert strays == {}
