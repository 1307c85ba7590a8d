"""The sentences scripts say, in the language of the request: pages carry them as data."""

import re
from functools import cache

from flask import Flask
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from app.core.i18n import catalogue
from views.base.answers import current_locale
from views.static import FOLDER

#: ``t('…')`` or ``t("…")`` in our own scripts.
_CALL = re.compile(r"""\bt\(\s*(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote)).)+)(?P=quote)""")


def install(app: Flask) -> None:
    """Give templates `script_words()`."""
    app.jinja_env.globals["script_words"] = lambda: _as_json(current_locale())


@cache
def _as_json(locale: str) -> Markup:
    """Return the words of a locale as they stand in every page of it."""
    return htmlsafe_json_dumps(words(locale))


@cache
def words(locale: str) -> dict[str, str]:
    """Return the translations of all sentences in our scripts; English needs none."""
    known = catalogue(locale)
    return {text: known.gettext(text) for text in sentences() if known.gettext(text) != text}


@cache
def sentences() -> tuple[str, ...]:
    """Return every sentence our scripts pass to ``t``."""
    found = {
        match["text"].replace("\\'", "'").replace('\\"', '"')
        for path in (FOLDER / "js").glob("*.js")
        for match in _CALL.finditer(path.read_text("utf-8"))
    }
    return tuple(sorted(found))
