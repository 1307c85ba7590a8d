"""Codecs: one declaration reads plain data into records, with precise problems, and writes it back.

`read` and `write` of a codec are exact inverses. Reading never raises: what is wrong is added to the problems,
each with its path, and a stand-in of the right kind is read in its place. So a document that is wrong in one part
can still be looked at as a whole, and all that is wrong is told at once; nobody works with what has problems.
"""

import dataclasses
import difflib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.core.errors import DomainError, Refusal
from app.core.i18n import LOCALES, Message, _

#: Keys and indexes from the root to a part of a document.
Path = tuple[str | int, ...]

#: Integers that every reader of JSON keeps exact, databases included.
LARGEST: Final = 2**53 - 1
DEEPEST: Final = 20
#: Letters of a wrong text that a problem repeats.
SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at ``path``."""

    path: Path
    message: Message
    code: str = "invalid"

    @property
    def where(self) -> str:
        """Return the path as people write it: ``sections[0].fields[2].width``."""
        return path_text(self.path)


def path_text(path: Path) -> str:
    """Return ``path`` as people write it: ``sections[0].fields[2].width``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def path_of(text: str) -> Path:
    """Return the path ``text`` writes: the inverse of `path_text`."""
    return tuple(int(number) if number else name for number, name in _STEP.findall(text))


class ProblemsError(DomainError):
    """A document is wrong in one or more places; each refusal's field is the path."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.message, field=first.where, code=first.code)
        self.problems = tuple(problems)
        self.refusals = tuple(Refusal(one.message, one.where, one.code) for one in problems)


def found(raw: Any) -> Message:  # noqa: PLR0911 - one answer a kind of data
    """Return in words what ``raw`` is, for "expected …, found …"."""
    if raw is None:
        return _("nothing")
    if isinstance(raw, bool):
        return _("true") if raw else _("false")
    if isinstance(raw, int | float):
        return _("the number %(value)s", value=raw)
    if isinstance(raw, str):
        return _("the text “%(value)s”", value=raw if len(raw) <= SHOWN else f"{raw[:SHOWN]}…")
    if isinstance(raw, Mapping):
        return _("a mapping")
    if isinstance(raw, list | tuple):
        return _("a list")
    return _("something else")


class Codec:
    """One kind of data. ``expected`` names it in problems."""

    expected: Message

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        """Return what ``raw`` says, or a stand-in after adding what is wrong with it to ``problems``."""
        raise NotImplementedError

    def stand_in(self) -> Any:
        """Return what is read where nothing is."""
        return self.read(None, (), [])

    def write(self, value: Any) -> Any:
        """Return the plain data that reads back as ``value``."""
        return value

    def mismatch(self, raw: Any, path: Path, problems: list[Problem]) -> None:
        """Add that something else was expected here."""
        message = _("Expected %(expected)s, found %(found)s.", expected=self.expected, found=found(raw))
        problems.append(Problem(path, message, "wrong_type"))


@dataclass(frozen=True)
class Text(Codec):
    """A text; ``lines`` allows line breaks, ``pattern`` says how the whole must look."""

    limit: int
    lines: bool = False
    empty: bool = True
    pattern: re.Pattern[str] | None = None
    shape: Message = field(default_factory=lambda: _("a text"))

    @property
    def expected(self) -> Message:  # type: ignore[override]
        return self.shape

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> str:
        if not isinstance(raw, str):
            self.mismatch(raw, path, problems)
            return ""
        if (problem := self.problem(raw)) is not None:
            # A key of a wrong form is still what the rest of the document calls it by.
            problems.append(Problem(path, *problem))
        return raw

    def problem(self, text: str) -> tuple[Message, str] | None:
        """Return what is wrong with ``text``, with its code."""
        if len(text) > self.limit:
            return _("At most %(limit)s characters, found %(count)s.", limit=self.limit, count=len(text)), "too_long"
        if not self.empty and not text.strip():
            return _(
                "Expected %(expected)s, found %(found)s.", expected=self.expected, found=_("an empty text")
            ), "empty"
        if any(unicodedata.category(letter) in {"Cc", "Cs"} and not (self.lines and letter == "\n") for letter in text):
            return _("Control characters are not allowed here."), "control_character"
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return _("Expected %(expected)s, found %(found)s.", expected=self.expected, found=found(text)), "wrong_form"
        return None


@dataclass(frozen=True)
class Whole(Codec):
    """A whole number within bounds."""

    lowest: int
    highest: int

    @property
    def expected(self) -> Message:  # type: ignore[override]
        return _("a whole number from %(lowest)s to %(highest)s", lowest=self.lowest, highest=self.highest)

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not self.lowest <= raw <= self.highest:
            self.mismatch(raw, path, problems)
            return self.lowest
        return raw


class Flag(Codec):
    """True or false."""

    expected = _("true or false")

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> bool:
        if not isinstance(raw, bool):
            self.mismatch(raw, path, problems)
            return False
        return raw


@dataclass(frozen=True)
class OneOf(Codec):
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> Message:  # type: ignore[override]
        return _("one of %(choices)s", choices=", ".join(self.choices))

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> str:
        if not isinstance(raw, str) or raw not in self.choices:
            self.mismatch(raw, path, problems)
            return self.choices[0]
        return raw


@dataclass(frozen=True)
class Optional(Codec):
    """Null, or what ``inner`` reads."""

    inner: Codec

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        return None if raw is None else self.inner.read(raw, path, problems)

    def write(self, value: Any) -> Any:
        return None if value is None else self.inner.write(value)


@dataclass(frozen=True)
class LabelText(Codec):
    """A text per language; at least one language unless ``empty``."""

    limit: int
    empty: bool = False
    lines: bool = False
    expected = _("a mapping of languages (%(locales)s) to texts", locales=", ".join(LOCALES))

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> dict[str, str]:
        if not isinstance(raw, Mapping):
            self.mismatch(raw, path, problems)
            return {}
        text = Text(self.limit, lines=self.lines, empty=False)
        for locale, value in raw.items():
            if locale in LOCALES:
                text.read(value, (*path, locale), problems)
            else:
                problems.append(unknown(locale, LOCALES, path))
        if not raw and not self.empty:
            problems.append(Problem(path, _("A text in at least one language is needed."), "empty"))
        return {locale: raw[locale] for locale in LOCALES if isinstance(raw.get(locale), str)}

    def write(self, value: Mapping[str, str]) -> dict[str, str]:
        return {locale: value[locale] for locale in LOCALES if locale in value}


@dataclass(frozen=True)
class ListOf(Codec):
    """A list of at most ``limit`` items of one kind, held as a tuple (or a frozen set of texts, when ``unordered``)."""

    item: Codec
    limit: int
    unordered: bool = False
    expected = _("a list")

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(raw, list | tuple):
            self.mismatch(raw, path, problems)
            return ()
        if len(raw) > self.limit:
            message = _("At most %(limit)s entries, found %(count)s.", limit=self.limit, count=len(raw))
            problems.append(Problem(path, message, "too_many"))
            return ()
        items = [self.item.read(one, (*path, index), problems) for index, one in enumerate(raw)]
        return frozenset(items) if self.unordered else tuple(items)

    def write(self, value: Any) -> list[Any]:
        return [self.item.write(one) for one in (sorted(value) if self.unordered else value)]


@dataclass(frozen=True)
class Keyed(Codec):
    """A list of records with different keys, held as a mapping by key in the same order."""

    item: Codec
    limit: int
    expected = _("a list")

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> dict[str, Any]:
        rows = ListOf(self.item, self.limit).read(raw, path, problems)
        by_key: dict[str, Any] = {}
        for index, one in enumerate(rows):
            if one.key in by_key:
                problems.append(repeated(one.key, (*path, index, "key")))
            # Each keeps its place, since later problems are found by it.
            by_key[f"{one.key} {index}" if one.key in by_key else one.key] = one
        return by_key

    def write(self, value: Mapping[str, Any]) -> list[Any]:
        return [self.item.write(one) for one in value.values()]


class Plain(Codec):
    """JSON of any form, held as it is. No float: a decimal is written as text, so that it stays exact."""

    expected = _("plain data")

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        if len(path) > DEEPEST:
            problems.append(Problem(path, _("Nested too deeply."), "too_deep"))
        elif isinstance(raw, float):
            problems.append(Problem(path, _("Write decimals as text in quotes, so that they stay exact."), "float"))
        elif isinstance(raw, str):
            Text(20_000, lines=True).read(raw, path, problems)
        elif isinstance(raw, Mapping):
            return {
                self._key(key, path, problems): self.read(one, (*path, str(key)), problems) for key, one in raw.items()
            }
        elif isinstance(raw, list | tuple):
            return [self.read(one, (*path, index), problems) for index, one in enumerate(raw)]
        elif isinstance(raw, int) and (not math.isfinite(raw) or abs(raw) > LARGEST):
            problems.append(Problem(path, _("The number is out of range."), "out_of_range"))
        elif raw is not None and not isinstance(raw, bool | int):
            self.mismatch(raw, path, problems)
        return raw

    def write(self, value: Any) -> Any:
        """Return ``value`` with its keys in one order, since the database may keep another than was written."""
        if isinstance(value, Mapping):
            return {key: self.write(value[key]) for key in sorted(value, key=_rank)}
        return [self.write(part) for part in value] if isinstance(value, list | tuple) else value

    def _key(self, key: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(key, str):
            message = _("Expected %(expected)s, found %(found)s.", expected=_("a text as key"), found=found(key))
            problems.append(Problem(path, message, "wrong_type"))
        return key


def _rank(key: str) -> tuple[int, str]:
    """Put what names a thing first: leaves of conditions, columns of tables."""
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)


_FIRST: Final = ("field", "op", "value", "key", "type", "labels", "min", "max")


class PlainMapping(Plain):
    """A mapping of texts to JSON of any form."""

    expected = _("a mapping")

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(raw, Mapping):
            self.mismatch(raw, path, problems)
            return {}
        return Plain().read(raw, path, problems)


class Shape(Codec):
    """A record of type ``cls``: its fields by name. Fields with a default may be left out and are not written."""

    expected = _("a mapping")

    def __init__(self, cls: type[Any], **parts: Codec) -> None:
        self.cls = cls
        self.parts = parts
        self.defaults: dict[str, Any] = {}
        for one in dataclasses.fields(cls):
            if one.default is not dataclasses.MISSING:
                self.defaults[one.name] = one.default
            elif one.default_factory is not dataclasses.MISSING:
                self.defaults[one.name] = one.default_factory()
        self.required = tuple(name for name in parts if name not in self.defaults)

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        if not isinstance(raw, Mapping):
            self.mismatch(raw, path, problems)
            return self.cls(**self._bare({}))
        problems.extend(unknown(name, self.parts, path) for name in raw if name not in self.parts)
        problems.extend(
            Problem(path, _("“%(name)s” is missing.", name=name), "missing")
            for name in self.required
            if name not in raw
        )
        values = {
            name: part.read(raw[name], (*path, name), problems) for name, part in self.parts.items() if name in raw
        }
        return self.cls(**values, **self._bare(values))

    def _bare(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.parts[name].stand_in() for name in self.required if name not in given}

    def write(self, value: Any) -> dict[str, Any]:
        missing = object()
        return {
            name: part.write(present)
            for name, part in self.parts.items()
            if (present := getattr(value, name)) != self.defaults.get(name, missing)
        }


def unknown(name: object, known: Mapping[str, Any] | Sequence[str], path: Path) -> Problem:
    """Return that there is no such key in a mapping, with the nearest one there is."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    if near:
        message = _("Unknown key “%(name)s”; did you mean “%(near)s”?", name=str(name)[:60], near=near[0])
    else:
        message = _("Unknown key “%(name)s”; known are %(known)s.", name=str(name)[:60], known=", ".join(known))
    return Problem((*path, str(name)), message, "unknown_key")


def repeated(key: str, path: Path) -> Problem:
    """Return that ``key`` is there twice."""
    return Problem(path, _("“%(key)s” is there twice.", key=key), "repeated")
