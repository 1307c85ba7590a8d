"""The lists of records as a worker reads them: through the same screens, in a request that nobody sent.

So a file made in the background holds what the list shows: its filters, search, order, columns and masks stand once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, g

from app.core.errors import NotFoundError
from app.core.i18n import _
from app.core.permissions import Actor
from app.people.identity import Person
from views.base.list_export import ListExport


class RecordScreens:
    """The lists of an application; see `app.exchange.record_lists.Screens`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        lists = [one for one in app.appbuilder.baseviews if isinstance(one, ListExport)]  # type: ignore[attr-defined]
        self._lists: Mapping[str, ListExport] = {type(one).__name__: one for one in lists}

    @contextmanager
    def opened(self, name: str, query: str, actor: Actor) -> Iterator[ListExport]:
        """Open the list ``name`` for somebody, filtered and sorted as the address's ``query`` says."""
        if name not in self._lists:
            raise NotFoundError(_("This list is no longer there."), code="not_found")
        assert actor.user_id is not None, "a list is read for a person"  # noqa: S101 - for the type
        with self._app.test_request_context("/", query_string=query):
            g.locale = actor.locale
            g.person = Person(actor.user_id, "", actor.name, "", actor.locale, "auto", False, actor)
            yield self._lists[name]
