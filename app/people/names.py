"""How people are called: the one rule, as Python and as SQL.

Flask-AppBuilder keeps two columns of names. Ours is whole in the first one; accounts made by other means use both.
"""

from typing import Any

from sqlalchemy import ColumnElement, func


def full_name(first: str | None, last: str | None, username: str) -> str:
    """Return what somebody is called; the user name of whoever has no name."""
    return f"{first or ''} {last or ''}".strip(" ") or username


def full_name_in(columns: Any) -> ColumnElement[str]:
    """Return the same as an expression; ``columns``: `Account`, or those of the table itself."""
    both = func.coalesce(columns.first_name, "") + " " + func.coalesce(columns.last_name, "")
    whole: ColumnElement[str] = func.coalesce(func.nullif(func.trim(both), ""), columns.username)
    return whole
