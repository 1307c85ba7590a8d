"""What a fresh clone brings along: the two commands, locks with hashes, README, licence."""

import importlib.metadata
import re
import tomllib

import pytest
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def recipe(target: str) -> str:
    """The lines `make TARGET` runs, with those of what it needs."""
    head, *lines = re.search(rf"^{target}:(.*(?:\n\t.*)*)", MAKEFILE, re.MULTILINE)[1].split("\n")
    needed = head.partition("#")[0].split()
    return "\n".join([*(recipe(one) for one in needed if not one.startswith(".")), *lines])


def test_ci_runs_make_test_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    commands = [line for line in script if not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_make_test_lints_and_tests_on_both_databases():
    steps = recipe("test")
    for step in ("tests/tools.sh", "lint", "tests.postgres", "pytest"):
        assert step in steps, step
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "app.vendoring --check"):
        assert tool in recipe("lint"), tool


def test_no_generated_example_is_measured_by_the_clock():
    """A busy machine takes its time: what must be quick has a test that says so."""
    assert settings.default is not None
    assert settings.default.deadline is None
    own = re.compile(r"\bdeadline=(?!None\b)")
    assert [path.name for path in (ROOT / "tests").rglob("*.py") if own.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_its_version_and_hashes(lock):
    text = (ROOT / lock).read_text("utf-8")
    packages = re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert len(packages) > 40
    assert [
        one for one in packages if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.*--hash=sha256:", one, re.DOTALL)
    ] == []
    assert "--require-hashes" in (ROOT / "app" / "bootstrap.sh").read_text("utf-8")


def test_the_locks_hold_what_is_asked_for():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {
        "requirements.lock": wanted["project"]["dependencies"],
        "requirements-dev.lock": wanted["project"]["dependencies"] + wanted["dependency-groups"]["dev"],
    }
    for lock, packages in names.items():
        held = {line.partition("==")[0].partition("[")[0].lower().replace("_", "-")
                for line in (ROOT / lock).read_text("utf-8").splitlines() if "==" in line}  # fmt: skip
        asked = {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in packages}
        assert asked <= held, lock


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_locks_hold_what_their_packages_ask_for(lock):
    """Nothing else is installed: what a lock lacks, or holds in a version another package refuses, stays so."""
    held = {canonicalize_name(one.name): one for one in map(Requirement, re.findall(r"(?m)^[^#\s][^;\s\\]*==[^;\s\\]+",
            (ROOT / lock).read_text("utf-8")))}  # fmt: skip
    assert len(held) > 40
    for name, locked in held.items():
        asked = map(Requirement, importlib.metadata.requires(name) or ())
        for one in asked:
            if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in ("", *locked.extras)):
                found = held.get(canonicalize_name(one.name))
                assert found, f"{name} asks for {one}"
                (version,) = found.specifier
                assert one.specifier.contains(version.version, prereleases=True), f"{name} asks for {one}: {found}"


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_leads_from_nothing_to_a_running_desk(name):
    text = (ROOT / name).read_text("utf-8")
    for needed in ("make serve", "make test", "GONGDAN_DATABASE_URL", "postgresql", "gongdan worker", "docs/tour.md"):
        assert needed in text, needed
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_licence_is_apache():
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")[:400]
    assert "Version 2.0" in (ROOT / "LICENSE").read_text("utf-8")[:400]


@pytest.mark.parametrize("page", ["docs/tour.md", "docs/how-to/add-a-field-type.md"])
def test_the_promised_pages_are_there(page):
    assert len((ROOT / page).read_text("utf-8")) > 1_000
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert decisions
    for one in decisions:
        text = one.read_text("utf-8")
        for part in ("Status", "Context", "Decision", "Alternatives", "Consequences"):
            assert part in text, f"{one.name} says nothing of its {part.lower()}"
