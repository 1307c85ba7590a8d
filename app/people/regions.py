"""The administrative divisions of China: loaded from the shipped file, again whenever a newer one ships."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, insert, select, update

from app.core.i18n import Message, _
from app.core.work import Work
from app.people.models import Region

DIVISIONS: Final = Path(__file__).parent / "data" / "china_divisions.json"

#: Nodes of the official table that no address names: 重庆市 / 县 / 城口县 is written 重庆市城口县.
UNSPOKEN: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})

#: What the levels of the official table are called.
LEVELS: Final[Mapping[int, Message]] = {1: _("Province"), 2: _("City"), 3: _("District"), 4: _("Town or street")}


def level_label(level: int) -> Message:
    """Return what a level is called; below the official table they are counted."""
    return LEVELS.get(level) or _("Level %(level)s", level=level)


def load(work: Work, source: Path = DIVISIONS) -> int:
    """Bring the regions to the file's state and return how many were new or changed.

    A region the file no longer has stays: addresses refer to it.
    """
    wanted = {row["code"]: row for row in _rows(json.loads(source.read_text("utf-8")), None)}
    table = cast("Table", Region.__table__)
    present = {row.code: row._asdict() for row in work.session.execute(select(table))}
    new = [row for code, row in wanted.items() if code not in present]
    changed = [row for code, row in wanted.items() if code in present and present[code] != row]
    if new:
        # Wholes come before their parts, so that each parent is there.
        work.session.execute(insert(Region), sorted(new, key=lambda row: row["level"]))
    if changed:
        columns: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in ("name", "level", "parent_code", "full_name")
        }
        statement = update(table).where(table.c.code == bindparam("which")).values(columns)
        rows = [{"which": row["code"], **{f"new_{key}": row[key] for key in columns}} for row in changed]
        work.session.connection().execute(statement, rows)
    return len(new) + len(changed)


def _rows(nodes: Iterable[dict[str, Any]], parent: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    for node in nodes:
        whole = parent["full_name"] if parent else ""
        row = {
            "code": node["code"],
            "name": node["name"],
            "level": parent["level"] + 1 if parent else 1,
            "parent_code": parent["code"] if parent else None,
            "full_name": whole if node["name"] in UNSPOKEN else whole + node["name"],
        }
        yield row
        yield from _rows(node.get("children", ()), row)
