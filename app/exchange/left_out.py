"""The columns of a file that an import leaves aside though something stands in them: nothing is lost unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.i18n import Label, Message
from app.core.permissions import Actor
from app.exchange.mapping import ImportMapping, target_label
from app.exchange.suggestions import beside
from ticket_templates.versions import CompiledVersion


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that becomes nothing: in how many rows it has a value, and what it fits if another column feeds that."""

    heading: str
    filled: int
    target: str = ""
    #: The heading of the column that feeds it.
    fed_by: str = ""
    #: How a person calls that target.
    called: Message | Label | None = None


def left_out(
    mapping: ImportMapping, headings: Sequence[str], filled: Sequence[int], version: CompiledVersion, actor: Actor
) -> list[LeftOut]:
    """Return the columns that ``mapping`` leaves aside, in their order; ``filled``: rows with a value, by column."""
    columns = {one.target: one.column for one in mapping.columns if one.column}
    used = set(columns.values())
    aside = [(heading, rows) for heading, rows in zip(headings, filled, strict=True) if rows and heading not in used]
    fits = beside(headings, version, actor, columns) if aside else {}
    return [
        LeftOut(heading, rows, target, columns[target], target_label(version, target))
        if (target := fits.get(heading))
        else LeftOut(heading, rows)
        for heading, rows in aside
    ]
