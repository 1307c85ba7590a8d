"""Two people at one record: what one of them touched is merged, what both touched is asked.

A form carries digests of what it was opened with (`fingerprint`), so that when it comes back each value can be
told from what the person saw and from what is stored now; nothing secret travels, and nothing is kept here.
Values are raw, as forms hold them; lines (phones of a customer) are compared by their ids.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

#: The two sides of a conflict, as the form sends them back.
MINE: Final = "mine"
THEIRS: Final = "theirs"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value both changed: ``key`` is ``name``, ``phones-12-raw``, or ``phones-12`` where one removed the line."""

    key: str
    theirs: Any
    mine: Any
    keep: str = MINE


@dataclass(slots=True)
class Settled:
    """What is left to save, and what must be asked first."""

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return what a form must send back to be told what happened meanwhile."""
    return json.dumps({key: _digest(value) for key, value in _flat(values)}, separators=(",", ":"))


def settle(typed: Mapping[str, Any], stored: Mapping[str, Any], seen: str, kept: Mapping[str, str]) -> Settled:
    """Compare ``typed`` with what is ``stored`` now, given the `fingerprint` the form was opened with.

    ``kept``: the sides chosen in the conflict view. Without a usable fingerprint everything stays as typed.
    """
    base = _read(seen)
    if base is None:
        return Settled(dict(typed))
    comparing = _Comparing(base, kept, Settled())
    for name, mine in typed.items():
        if _is_lines(mine) or _is_lines(stored.get(name)):
            comparing.settled.values[name] = comparing.lines(name, mine or [], stored.get(name) or [])
        else:
            comparing.settled.values[name] = comparing.value(name, mine, stored.get(name))
    return comparing.settled


@dataclass(frozen=True, slots=True)
class _Comparing:
    base: Mapping[str, str]
    kept: Mapping[str, str]
    settled: Settled

    def value(self, key: str, mine: Any, theirs: Any) -> Any:
        if self.kept.get(key) == THEIRS:
            return theirs
        if key not in self.base or _digest(theirs) == self.base[key]:
            return mine
        if _digest(mine) in {self.base[key], _digest(theirs)}:
            return theirs
        self.settled.conflicts.append(Conflict(key, theirs, mine))
        return mine

    def lines(self, name: str, mine: list[Any], theirs: list[Any]) -> list[dict[str, Any]]:
        stored = {str(line["id"]): line for line in theirs}
        result = []
        for line in mine:
            key = str(line.get("id") or "")
            if not key:
                result.append(dict(line))
            elif key in stored:
                ours = {one: self.value(f"{name}-{key}-{one}", line[one], stored[key].get(one)) for one in line}
                result.append({**ours, "id": key})
            else:
                result += self._removed_by_them(f"{name}-{key}", line)
        typed = {str(line.get("id") or "") for line in mine}
        for key, line in stored.items():
            if key not in typed and self._stays(f"{name}-{key}", line):
                result.append(line)
        return result

    def _removed_by_them(self, key: str, line: Mapping[str, Any]) -> list[dict[str, Any]]:
        side = self.kept.get(key)
        if side == MINE:
            return [{**line, "id": None}]
        if side == THEIRS or not self._touched(key, line):
            return []
        self.settled.conflicts.append(Conflict(key, None, dict(line)))
        return [dict(line)]

    def _stays(self, key: str, line: Mapping[str, Any]) -> bool:
        """Whether a stored line that was not typed stays: it was added meanwhile, or changed and that side is kept."""
        side = self.kept.get(key)
        if side == THEIRS or f"{key}-id" not in self.base:
            return True
        if side != MINE and self._touched(key, line):
            self.settled.conflicts.append(Conflict(key, dict(line), None, keep=THEIRS))
        return False

    def _touched(self, key: str, line: Mapping[str, Any]) -> bool:
        return any(_digest(value) != self.base.get(f"{key}-{name}") for name, value in line.items())


def _flat(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        if _is_lines(value):
            for line in value:
                yield from ((f"{name}-{line['id']}-{one}", part) for one, part in line.items())
        else:
            yield name, value


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _read(seen: str) -> dict[str, str] | None:
    try:
        read = json.loads(seen or "null")
    except (ValueError, RecursionError):
        return None
    usable = isinstance(read, dict) and all(isinstance(one, str) for one in read.values())
    return read if usable else None


def _digest(value: Any) -> str:
    return blake2b(_plain(value).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _plain(value: Any) -> str:
    """Return a value as forms send it: nothing is empty, yes is ``y``, the order of choices does not matter."""
    if value is None or value is False:
        return ""
    if value is True:
        return "y"
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(sorted(_plain(one) for one in value))
    if isinstance(value, Mapping):
        return "\n".join(f"{key}={_plain(part)}" for key, part in sorted(value.items()) if part)
    return str(value).replace("\r\n", "\n").strip()
