"""Message catalogues: ``python -m app.messages update|compile``.

Messages are collected from Python, Jinja and JavaScript by `babel/babel.cfg`. Compiled catalogues are not kept in
the repository; they are made at installation and read once a process.
"""

import subprocess
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.core.i18n import CATALOGUES

ROOT = Path(__file__).parent.parent
POT = ROOT / "babel" / "messages.pot"
#: English sentences are their own translation.
TRANSLATED = ("zh_Hans", "zh_Hant")


def compile_all() -> None:
    """Write each catalogue's compiled form beside it, whole or not at all."""
    for po in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        aside = po.with_suffix(".mo.new")
        with aside.open("wb") as target:
            write_mo(target, catalogue)
        aside.replace(po.with_suffix(".mo"))


def update() -> None:
    """Collect the messages and bring the catalogues up to them; new ones are empty, gone ones are dropped."""
    babel = [sys.executable, "-m", "babel.messages.frontend"]
    options = ["--no-location", "--sort-output", "--omit-header", "--width", "120"]
    rooms = ["app", "forms", "ticket_templates", "views"]
    extract = ["extract", "-F", "babel/babel.cfg", "-k", "_:1", "-k", "t:1", "-o", str(POT), *options, *rooms]
    subprocess.run([*babel, "-q", *extract], cwd=ROOT, check=True)  # noqa: S603 - our own tools
    for locale in TRANSLATED:
        folder = CATALOGUES / locale / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        verb = "update" if (folder / "messages.po").exists() else "init"
        extra = ["--width", "120"]
        if verb == "update":
            extra += ["--no-fuzzy-matching", "--ignore-obsolete", "--omit-header"]
        subprocess.run(  # noqa: S603 - our own tools
            [*babel, "-q", verb, "-i", str(POT), "-d", str(CATALOGUES), "-l", locale, *extra], cwd=ROOT, check=True
        )


if __name__ == "__main__":
    {"update": update, "compile": compile_all}[sys.argv[1]]()
