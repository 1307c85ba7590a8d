"""Copy the front-end packages the browser gets from node_modules into app/static/vendor.

    npm ci --ignore-scripts && python -m app.vendoring     after a change of package.json or a new icon
    python -m app.vendoring --check                        proves the committed files, without npm

Only the files named in `PARTS` are copied, without their source-map links; styles also without `LOOKING_INTO`. A
licence that is not in `LICENCES` or an address of another host that is not in `MENTIONS` stops the copy.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.icons import icons_used

ROOT: Final = Path(__file__).parent.parent
MODULES: Final = ROOT / "node_modules"
STATIC: Final = ROOT / "app" / "static" / "vendor"
TESTS: Final = ROOT / "tests" / "vendor"
MANIFEST: Final = STATIC / "manifest.json"
SPRITE: Final = STATIC / "icons.svg"

LICENCES: Final = frozenset({"MIT", "Apache-2.0", "0BSD", "ISC", "BSD-3-Clause"})
#: axe-core only runs in our tests and is not shipped.
TEST_LICENCES: Final = LICENCES | {"MPL-2.0"}

#: Addresses that only name something: XML namespaces, homes of projects in comments and error texts.
MENTIONS: Final = (
    "http://www.w3.org/",
    "https://tabler.io",
    "https://github.com/",
    "https://popper.js.org/docs/",
)

ADDRESS: Final = re.compile(r"""https?://[^\s"'`)<>\\;,]+""")
LOADED: Final = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?!data:|#)([^"')]+)""")
#: Styles of what has something within it, and of a folded sidebar, which says so of everything on the page; we use
#: none of them. To know of them, a browser styles the whole page anew whenever anything on it changes.
LOOKING_INTO: Final = re.compile(r"(?<=[{}])[^{}@]*(?::has\(|navbar-folded|data-bs-sidebar)[^{}]*\{[^{}]*\}")
MAP_LINK: Final = re.compile(r"""\n?(?://|/\*)# sourceMappingURL=[^\n*]*(?:\*/)?""")


class VendoringError(Exception):
    """A package that may not be shipped, or shipped files that differ from the manifest."""


@dataclass(frozen=True, slots=True)
class Part:
    """Files of one package: source path in the package to the name here."""

    package: str
    files: tuple[tuple[str, str], ...]
    folder: Path = STATIC
    licences: frozenset[str] = LICENCES


PARTS: Final = (
    Part("@tabler/core", (("dist/css/tabler.min.css", "tabler.css"), ("dist/js/tabler.min.js", "tabler.js"))),
    Part("htmx.org", (("dist/htmx.min.js", "htmx.js"),)),
    Part("tom-select", (("dist/js/tom-select.complete.min.js", "tom-select.js"),
                        ("dist/css/tom-select.bootstrap5.min.css", "tom-select.css"))),
    Part("signature_pad", (("dist/signature_pad.umd.min.js", "signature_pad.js"),)),
    Part("@dagrejs/dagre", (("dist/dagre.min.js", "dagre.js"),)),
    Part("preact", (("dist/preact.min.umd.js", "preact.js"), ("hooks/dist/hooks.umd.js", "preact-hooks.js"))),
    Part("htm", (("dist/htm.umd.js", "htm.js"),)),
    Part("sortablejs", (("Sortable.min.js", "sortable.js"),)),
    Part("axe-core", (("axe.min.js", "axe.min.js"),), TESTS, TEST_LICENCES),
)  # fmt: skip


def vendor() -> list[str]:
    """Copy everything and write the manifest; return the names of what is there now."""
    manifest: dict[str, Any] = {}
    for part in PARTS:
        manifest |= _copied(part)
    icons = _package("@tabler/icons", LICENCES)
    SPRITE.write_text(sprite(sorted(icons_used())), encoding="utf-8")
    licence = _licence_beside("@tabler/icons", icons, "icons.LICENSE.txt", STATIC)
    manifest[_key(SPRITE)] = _entry("@tabler/icons", icons, SPRITE)
    manifest[_key(licence)] = _entry("@tabler/icons", icons, licence)
    MANIFEST.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return sorted(manifest)


def check() -> list[str]:
    """Return what is wrong with the committed files: changed, missing, unlisted, or an icon not in the sprite."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    wrong = [
        f"{name}: {'differs from the manifest' if (ROOT / name).exists() else 'is missing'}"
        for name, entry in manifest.items()
        if not (ROOT / name).exists() or _sha256(ROOT / name) != entry["sha256"]
    ]
    present = {_key(path) for folder in (STATIC, TESTS) for path in folder.iterdir() if path != MANIFEST}
    wrong += [f"{name}: is not in the manifest" for name in sorted(present - set(manifest))]
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))
    wrong += [
        f"icon {name}: is not in the sprite; run python -m app.vendoring" for name in sorted(icons_used() - drawn)
    ]
    return wrong


def sprite(names: list[str]) -> str:
    """Return one SVG with a symbol for each icon; a name Tabler does not know is an error."""
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(_symbols(names)) + "</svg>\n"


def _symbols(names: list[str]) -> Iterator[str]:
    unknown = []
    for name in names:
        path = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not path.exists():
            unknown.append(name)
            continue
        inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
        shapes = re.sub(r"\s*\n\s*", "", inner.group(1)) if inner else ""
        shapes = shapes.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', "").replace(" />", "/>")
        # How they are drawn is the style sheet's: an attribute here would win over the page.
        yield f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>\n'
    if unknown:
        raise VendoringError(f"Tabler has no icon named {', '.join(unknown)}")


def _copied(part: Part) -> dict[str, Any]:
    package = _package(part.package, part.licences)
    part.folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source, name in part.files:
        text = MAP_LINK.sub("", (MODULES / part.package / source).read_text(encoding="utf-8"))
        if name.endswith(".css"):
            text = LOOKING_INTO.sub("", text)
        _refuse_foreign(part.package, source, text)
        target = part.folder / name
        target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
        written.append(target)
    stem = part.files[0][1].split(".")[0]
    written.append(_licence_beside(part.package, package, f"{stem}.LICENSE.txt", part.folder))
    return {_key(path): _entry(part.package, package, path) for path in written}


def _package(name: str, licences: frozenset[str]) -> dict[str, Any]:
    path = MODULES / name / "package.json"
    if not path.exists():
        raise VendoringError(f"{name} is not installed; run npm ci --ignore-scripts")
    package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if package.get("license") not in licences:
        raise VendoringError(f"{name}: licence {package.get('license')!r} is not allowed")
    return package


def _refuse_foreign(package: str, source: str, text: str) -> None:
    if source.endswith(".css"):
        loads = [one for one in LOADED.findall(text) if not one.startswith(("data:", "#"))]
        if loads:
            raise VendoringError(f"{package}/{source} loads {loads[0]}")
    if package == "axe-core":  # it links each rule to its documentation
        return
    foreign = [one for one in ADDRESS.findall(text) if not one.startswith(MENTIONS)]
    if foreign:
        raise VendoringError(f"{package}/{source} names {foreign[0]}; prove that it is not loaded, then list it")


def _licence_beside(name: str, package: dict[str, Any], target: str, folder: Path) -> Path:
    """Write the package's licence text, the MIT text with its author where it ships none."""
    path = folder / target
    shipped = next((one for one in sorted((MODULES / name).glob("LICENSE*"))), None)
    if shipped:
        text = shipped.read_text(encoding="utf-8")
    elif package["license"] == "MIT":
        author = package.get("author", name)
        text = MIT.format(author=author["name"] if isinstance(author, dict) else author)
    else:
        raise VendoringError(f"{name} ships no licence text")
    path.write_text("\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
    return path


def _entry(name: str, package: dict[str, Any], path: Path) -> dict[str, str]:
    return {
        "package": name,
        "version": package["version"],
        "licence": package["license"],
        "sha256": _sha256(path),
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


MIT: Final = """MIT License

Copyright (c) {author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m app.vendoring", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="prove the committed files instead of copying")
    options = parser.parse_args(arguments)
    try:
        report = check() if options.check else vendor()
    except (VendoringError, FileNotFoundError) as error:
        report, options.check = [str(error)], True
    sys.stdout.writelines(f"{line}\n" for line in report)
    return 1 if options.check and report else 0


if __name__ == "__main__":
    sys.exit(main())
