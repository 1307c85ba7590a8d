"""How the columns of a table become tickets: typed, checked, from YAML or from the browser's form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final

import yaml

from app.core.db import folded
from app.core.errors import DomainError, Refusal
from app.core.i18n import Label, Message, _
from app.core.permissions import Actor
from ticket_templates.versions import CompiledVersion

#: What a column may become besides an answer (``answers.KEY``), with how a person calls it.
TARGETS: Final[Mapping[str, Message]] = {
    "external_id": _("External number"),
    "created_at": _("Created at"),
    "state": _("State"),
    "subject": _("Subject"),
    "priority": _("Priority"),
    "tags": _("Tags"),
    "customer": _("Customer"),
    "customer_phone": _("Phone of the customer"),
    "installed_product": _("Installed product"),
    "outlet": _("Outlet"),
    "team": _("Team"),
    "assignee": _("Assignee"),
    "note": _("Note"),
}
#: Targets whose cell names one thing of the people or assets rooms, by code, number or name.
REFERENCES: Final = {
    "customer": "customer", "installed_product": "installed_product", "team": "team", "assignee": "user",
}  # fmt: skip
ANSWERS: Final = "answers."
NOON: Final = "12:00"
LARGEST_FILE: Final = 200_000
NO_NUMBER: Final = _(
    "A named source tells its rows apart by their external number. Choose the column that becomes the external number,"
    " or leave the source empty: then only the very same file is recognised."
)
_MOST_VALUES: Final = 5_000
_KEYS: Final = frozenset({"column", "values", "default", "otherwise", "create", "time"})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where one target gets its value from.

    ``values`` replaces texts of the column (compared without case and width); a replacement of None leaves it empty.
    ``otherwise`` replaces every other text, ``default`` stands where the cell is empty. ``create``: an outlet that
    does not exist is made. ``time``: of a created_at that is only a date.
    """

    target: str
    column: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    otherwise: Any = None
    create: bool = False
    time: str = NOON

    def replaced(self, cell: Any) -> Any:
        """Return what stands for ``cell``: its replacement, itself, or the default when that is empty."""
        value = cell
        if cell is not None and (self.values or self.otherwise is not None):
            key = folded(str(cell))
            if key in self.values:
                value = self.values[key]
            elif self.otherwise is not None:
                value = self.otherwise
        return self.default if value is None or value == "" else value

    @property
    def answer(self) -> str:
        """Return the key of the field it answers, or the empty text."""
        return self.target.removeprefix(ANSWERS) if self.target.startswith(ANSWERS) else ""

    @property
    def at(self) -> clock_time:
        """Return the time of day of a bare date."""
        return clock_time.fromisoformat(self.time)


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """All of it. ``source`` names where the rows come from; with the external number it tells them apart for ever."""

    source: str
    columns: tuple[ColumnMap, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as YAML and job parameters hold it."""
        columns = {}
        for one in self.columns:
            told = {"column": one.column, "values": dict(one.values), "default": one.default,
                    "otherwise": one.otherwise, "create": one.create}  # fmt: skip
            columns[one.target] = {key: value for key, value in told.items() if value not in ("", {}, None, False)}
            if one.time != NOON:
                columns[one.target]["time"] = one.time
        return {"source": self.source, "columns": columns}

    def get(self, target: str) -> ColumnMap | None:
        """Return what feeds ``target``."""
        return next((one for one in self.columns if one.target == target), None)


def mapping_file(path: Path) -> ImportMapping:
    """Read the mapping file at ``path``."""
    try:
        return mapping_from_yaml(path.read_text("utf-8-sig"))
    except (UnicodeDecodeError, OSError):
        raise DomainError(_("The mapping file cannot be read as UTF-8 text."), code="not_yaml") from None


def mapping_from_yaml(text: str) -> ImportMapping:
    """Read a mapping file; a DomainError names the line or the path of what is wrong."""
    if len(text) > LARGEST_FILE:
        raise DomainError(_("The mapping is too large."), code="too_large")
    try:
        _refuse_aliases(text)
        data = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DomainError(_("The mapping is not YAML: see line %(line)s.", line=line), code="not_yaml") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise DomainError(_("The mapping is not YAML: see line %(line)s.", line=1), code="not_yaml") from None
    return mapping_from_json(data)


def mapping_to_yaml(mapping: ImportMapping) -> str:
    """Return the mapping as the file `mapping_from_yaml` reads."""
    told: str = yaml.safe_dump(mapping.as_json(), allow_unicode=True, sort_keys=False, width=110)
    return told


def mapping_from_json(data: Any) -> ImportMapping:
    """Read a mapping that was parsed already."""
    if not isinstance(data, dict) or not isinstance(data.get("columns"), dict) or not data["columns"]:
        raise _wrong("columns", _("name the columns: target, then column"))
    if unknown := sorted(map(str, set(data) - {"source", "columns"})):
        raise _wrong(unknown[0], _("this is not known here"))
    source = data.get("source", "")
    if not isinstance(source, str) or len(source) > 60:  # noqa: PLR2004 - the column's width
        raise _wrong("source", _("a short name of where the rows come from"))
    return ImportMapping(source.strip(), tuple(_column(str(target), one) for target, one in data["columns"].items()))


def _column(target: str, data: Any) -> ColumnMap:
    path = f"columns.{target}"
    if target not in TARGETS and not (target.startswith(ANSWERS) and target != ANSWERS):
        raise _wrong(path, _("one of %(names)s, or answers.FIELD", names=", ".join(TARGETS)))
    if isinstance(data, str):
        data = {"column": data}
    if not isinstance(data, dict):
        raise _wrong(path, _("the name of a column, or column, values, default"))
    if unknown := sorted(map(str, set(data) - _KEYS)):
        raise _wrong(f"{path}.{unknown[0]}", _("this is not known here"))
    values = data.get("values") or {}
    if not isinstance(values, dict) or len(values) > _MOST_VALUES or not all(map(_plain, values.values())):
        raise _wrong(f"{path}.values", _("a list of text: replacement"))
    if not (_plain(data.get("default")) and _plain(data.get("otherwise"))):
        raise _wrong(path, _("default and otherwise are single values"))
    at = data.get("time", NOON)
    try:
        clock_time.fromisoformat(at)
    except (TypeError, ValueError):
        raise _wrong(f"{path}.time", _("a time in quotation marks, such as “12:00”")) from None
    return ColumnMap(
        target,
        column=str(data.get("column") or ""),
        values={folded(str(text)): value for text, value in values.items()},
        default=data.get("default"),
        otherwise=data.get("otherwise"),
        create=bool(data.get("create", False)),
        time=at,
    )


def target_label(version: CompiledVersion, target: str) -> Message | Label:
    """Return how a target is called."""
    return TARGETS[target] if target in TARGETS else version.spec.fields[target.removeprefix(ANSWERS)].labels


def check_mapping(mapping: ImportMapping, headings: tuple[str, ...], version: CompiledVersion, actor: Actor) -> None:
    """Raise a DomainError with every column that is not there and every target that cannot be written."""
    refusals = list(_mismatches(mapping, headings, version, actor))
    if refusals:
        raise DomainError.of(refusals)


def _mismatches(
    mapping: ImportMapping, headings: tuple[str, ...], version: CompiledVersion, actor: Actor
) -> Iterator[Refusal]:
    writable = version.recordable(actor)
    if mapping.source and not ((number := mapping.get("external_id")) and number.column):
        yield Refusal(NO_NUMBER, "source", "no_number")
    for one in mapping.columns:
        if one.column and one.column not in headings:
            yield Refusal(_("The table has no column “%(column)s”.", column=one.column[:60]), one.target, "no_column")
        if not one.column and one.default is None:
            yield Refusal(
                _("“%(target)s” has neither a column nor a default.", target=one.target), one.target, "no_column"
            )
        if one.answer and one.answer not in version.types:
            yield Refusal(_("This template has no field “%(key)s”.", key=one.answer[:60]), one.target, "unknown_field")
        elif one.answer and one.answer not in writable:
            label = version.spec.fields[one.answer].labels
            yield Refusal(_("“%(field)s” cannot be filled by an import.", field=label), one.target, "read_only")


class _Loader(yaml.SafeLoader):
    """YAML in which headings like ``no`` or ``2025-01-01`` and times like ``12:00`` are the texts they look like."""


_Loader.yaml_implicit_resolvers = {
    letter: [one for one in known if one[0] in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")]
    for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _refuse_aliases(text: str) -> None:
    """Aliases let a small file become a huge one."""
    if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
        raise ValueError


def _wrong(path: str, expected: Message) -> DomainError:
    return DomainError(
        _("%(path)s in the mapping: %(expected)s.", path=path[:80], expected=expected), field=path, code="mapping"
    )
