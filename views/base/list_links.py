"""Where the links of a list lead: the same list, every value of every filter kept, another page, size or order.

Flask-AppBuilder's own keep the first of several values, and stay on page 11 of a list that has three pages now.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, request


def install(app: Flask) -> None:
    """Let the templates of lists make these links."""
    app.jinja_env.globals |= {"page_link": page_link, "size_link": size_link, "order_link": order_link}


def page_link(view: str, page: int) -> str:
    """Return the address of a page of the list, counted from 0."""
    return _changed({f"page_{view}": page})


def size_link(view: str, size: int) -> str:
    """Return the address of the first page of so many rows."""
    return _changed({f"page_{view}": None, f"psize_{view}": size})


def order_link(view: str, column: str) -> str:
    """Return the address of the first page by this column; the other way round where it is in that order already."""
    ascends = (request.args.get(f"_oc_{view}"), request.args.get(f"_od_{view}")) == (column, "asc")
    return _changed({f"page_{view}": None, f"_oc_{view}": column, f"_od_{view}": "desc" if ascends else "asc"})


def _changed(wanted: dict[str, Any]) -> str:
    """Return this page's address with other arguments; None leaves one out."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in wanted]
    said = [*kept, *((name, value) for name, value in wanted.items() if value is not None)]
    return f"{request.path}?{urlencode(said)}" if said else request.path
