"""The state of a ticket that was merged into another: no workflow knows it, so it stands outside all of them.

Its key can be no workflow's; its category is "closed", so lists, counts and time limits need to know nothing of it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ticket_templates.spec import State

MERGED: Final = State("~merged", {"zh_Hans": "已合并", "zh_Hant": "已合併", "en": "Merged"}, "closed", color="gray")


def closed(moment: datetime, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from being merged: a pure function, so a replay derives the same.

    Nothing was resolved: the work goes on elsewhere.
    """
    return {
        "category": MERGED.category,
        "state_since": moment,
        "due_at": None,
        "closed_at": row.get("closed_at") or moment,
    }


def restored(state: State, since: datetime, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns a ticket has again in the state it was merged out of, which it had entered at ``since``."""
    return {
        "category": state.category,
        "state_since": since,
        "due_at": since + timedelta(minutes=state.limit_minutes) if state.limit_minutes else None,
        "closed_at": row.get("closed_at") if state.category == "closed" else None,
    }
