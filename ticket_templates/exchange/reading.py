"""YAML in, the safe half of it: plain data with the line and column of every part.

Built from parse events, so nothing is constructed but texts, whole numbers, true, false, null, lists and
mappings. Anchors, aliases, tags, repeated keys, several documents, great size and depth are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml import events

from app.core.i18n import Message, _
from ticket_templates.codec import Path, Problem
from ticket_templates.exchange.yaml_words import reason

MOST_BYTES: Final = 1024 * 1024
DEEPEST: Final = 20

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: What PyYAML's writer quotes in a text is a superset of this, so a text always comes back as a text.
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Document:
    """What a file says, and where: line and column, from 1, of each value and each key by path."""

    data: Any = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[tuple[Problem, tuple[int, int]]] = field(default_factory=list)

    def place(self, problem: Problem) -> tuple[int, int]:
        """Return line and column of ``problem``: of its key when the key is wrong, else of its value."""
        if problem.code == "unknown_key" and problem.path in self.keys:
            return self.keys[problem.path]
        path = problem.path
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))


class _RefusedError(Exception):
    """The file cannot be read any further."""

    def __init__(self, message: Message, code: str, path: Path, place: tuple[int, int]) -> None:
        super().__init__(code)
        self.problem = Problem(path, message, code)
        self.place = place


def read_document(content: str | bytes) -> Document:
    """Return the one document in ``content``, with all that is wrong with it as YAML."""
    document = Document()
    try:
        text = _decoded(content)
        stream = _events(text)
        _start(stream)
        first = next(stream)
        if isinstance(first, events.StreamEndEvent | events.DocumentEndEvent):
            raise _RefusedError(_("The file is empty."), "empty", (), (1, 1))  # noqa: TRY301 - one way out
        document.data = _node(first, stream, (), document)
        _end(stream)
    except _RefusedError as refused:
        document.problems.append((refused.problem, refused.place))
    except yaml.YAMLError as error:
        document.problems.append((_syntax(error), _mark(getattr(error, "problem_mark", None))))
    return document


def _decoded(content: str | bytes) -> str:
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        message = _("The file is too large: at most %(limit)s kB.", limit=MOST_BYTES // 1024)
        raise _RefusedError(message, "too_large", (), (1, 1))
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = _("The file is not UTF-8 text; save it as UTF-8.")
        raise _RefusedError(message, "not_utf8", (), (line, column)) from None
    return text


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=_LOADER))


def _start(stream: Iterator[Any]) -> None:
    next(stream)  # the stream's own start
    one = next(stream)
    if isinstance(one, events.StreamEndEvent):
        raise _RefusedError(_("The file is empty."), "empty", (), (1, 1))


def _end(stream: Iterator[Any]) -> None:
    next(stream)  # the document's end
    one = next(stream)
    if not isinstance(one, events.StreamEndEvent):
        raise _RefusedError(_("A pack is one document; a second one begins here."), "second", (), _mark(one.start_mark))


def _node(one: Any, stream: Iterator[Any], path: Path, document: Document) -> Any:
    place = _mark(one.start_mark)
    document.values[path] = place
    if isinstance(one, events.AliasEvent) or one.anchor is not None:
        raise _RefusedError(_("Anchors and aliases (& and *) are not allowed; repeat the text."), "alias", path, place)
    if one.tag is not None:
        raise _RefusedError(_("Tags (!) are not allowed."), "tag", path, place)
    if len(path) > DEEPEST:
        raise _RefusedError(_("Nested too deeply: at most %(limit)s levels.", limit=DEEPEST), "too_deep", path, place)
    if isinstance(one, events.ScalarEvent):
        return _scalar(one)
    if isinstance(one, events.SequenceStartEvent):
        return _list(stream, path, document)
    return _mapping(stream, path, document)


def _scalar(one: Any) -> Any:
    if not one.implicit[0]:
        return one.value
    if one.value in _WORDS:
        return _WORDS[one.value]
    return int(one.value) if _WHOLE.fullmatch(one.value) else one.value


def _list(stream: Iterator[Any], path: Path, document: Document) -> list[Any]:
    items: list[Any] = []
    while not isinstance(one := next(stream), events.SequenceEndEvent):
        items.append(_node(one, stream, (*path, len(items)), document))
    return items


def _mapping(stream: Iterator[Any], path: Path, document: Document) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    while not isinstance(one := next(stream), events.MappingEndEvent):
        place = _mark(one.start_mark)
        if not isinstance(one, events.ScalarEvent) or one.anchor is not None or one.tag is not None:
            raise _RefusedError(_("Only a plain text may stand before the colon."), "bad_key", path, place)
        key = one.value
        value = _node(next(stream), stream, (*path, key), document)
        document.keys.setdefault((*path, key), place)
        if key in mapping:
            message = _("“%(key)s” is there twice.", key=key[:60])
            document.problems.append((Problem((*path, key), message, "repeated"), place))
        mapping.setdefault(key, value)
    return mapping


def _syntax(error: yaml.YAMLError) -> Problem:
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    return Problem((), _("This is not readable YAML: %(reason)s", reason=reason(said)), "syntax")


def _mark(mark: Any) -> tuple[int, int]:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
