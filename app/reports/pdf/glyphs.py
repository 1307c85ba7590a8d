"""What stands for a character no font of ours has: never a box, never silently nothing that says something.

An emoji is named in brackets, a word of a script we have no font for is named by its script, a letter with a rare
accent loses the accent, and a fancy letter becomes the plain one.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from app.core.i18n import Message, _

#: Signs that have a plain brother every font knows.
_PLAIN: Final = {
    "✅": "√", "☑": "√", "✔": "√", "❎": "×", "❌": "×", "✖": "×", "✗": "×", "✘": "×", "❤": "♥", "✉": "@", "₽": "RUB",
    "₿": "BTC", "➕": "+", "➖": "-", "➗": "÷", "❗": "！", "❕": "！", "❓": "？", "❔": "？", "⭐": "★", "🌟": "★",
    "➡": "→", "⬅": "←", "⬆": "↑", "⬇": "↓", "⚠": "!",
}  # fmt: skip
#: What people really send; others are called as Unicode calls them.
_NAMED: Final[dict[str, Message]] = {
    "👍": _("thumbs up"), "👎": _("thumbs down"), "👌": _("OK"), "👏": _("applause"), "🙏": _("thank you"),
    "🌹": _("rose"), "🎉": _("hooray"), "🔥": _("fire"), "💧": _("water drop"), "☎": _("telephone"),
    "📞": _("telephone"), "📱": _("mobile phone"), "📷": _("photo"), "🔧": _("wrench"), "🔨": _("hammer"),
    "😀": _("smile"), "😃": _("smile"), "😄": _("smile"), "😁": _("smile"), "😊": _("smile"), "🙂": _("smile"),
    "😂": _("laughter"), "🤣": _("laughter"), "😭": _("tears"), "😢": _("tears"), "😡": _("angry"), "😠": _("angry"),
    "😅": _("sweat"), "🤔": _("thinking"), "💪": _("strong"), "🏠": _("house"), "🚗": _("car"), "⏰": _("alarm clock"),
    "❄": _("cold"), "⚡": _("lightning"),
}  # fmt: skip
_SKIN: Final = range(0x1F3FB, 0x1F400)
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_DROPPED: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Mc", "Sk"})
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})
#: The same name again and again.
_AGAIN: Final = re.compile(r"(\[[^\]]+\])(?: ?\1)+")


def readable(text: str, is_drawn: Callable[[str], bool], locale: str) -> str:
    """Return ``text`` with what is not drawn replaced by something that is, in words of ``locale``."""
    said: list[str] = []
    script = ""
    for character in text:
        if is_drawn(character) or character == "\n":
            said.append(character)
            script = script if character == " " else ""
            continue
        word, named = _instead(character, is_drawn, locale)
        # The letters of one word, and the words of one sentence, are named once.
        if named and named == script:
            while said[-1] == " ":
                said.pop()
            continue
        script = named or (script if not word else "")
        said.append(word)
    return _AGAIN.sub(_counted, "".join(said))


def _instead(character: str, is_drawn: Callable[[str], bool], locale: str) -> tuple[str, str]:
    """Return what is written for a character, and the script it was named by, if so."""
    code, category = ord(character), unicodedata.category(character)
    if code in _FLAGS:
        return chr(ord("A") + code - _FLAGS.start), ""
    if code in _SKIN or category in _DROPPED:
        return "", ""
    forms = (
        _PLAIN.get(character, ""), unicodedata.normalize("NFKC", character), unicodedata.normalize("NFD", character)[0],
    )  # fmt: skip
    plain = next((form for form in forms if form and all(map(is_drawn, form))), "")
    return (plain, "") if plain else _named(character, category, locale)


def _named(character: str, category: str, locale: str) -> tuple[str, str]:
    if character in _NAMED:
        return f"[{_NAMED[character].in_(locale)}]", ""
    name = unicodedata.name(character, "")
    if name and category in _LETTERS:
        script = f"[{name.partition(' ')[0].capitalize()}]"
        return script, script
    return (f"[{name.lower()}]" if name else ""), ""


def _counted(found: re.Match[str]) -> str:
    times = found.group(0).count(found.group(1))
    return f"{found.group(1)}×{times}"
