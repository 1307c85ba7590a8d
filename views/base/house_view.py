"""The base of our own views: units of work for the person who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from flask import g
from flask_appbuilder import BaseView

from app.core.permissions import Actor
from app.core.work import Work
from views.base.person import PERSON, actor, cause, house

__all__ = ["PERSON", "HouseView", "reading_along"]


@contextmanager
def reading_along() -> Iterator[Work]:
    """Yield the work the page is being read in, for what stands around it: no further transaction is begun.

    One that reads for somebody else (`as_actor`) is left alone: his rights are not the person's.
    """
    work: Work | None = g.get("reading")
    person = actor()
    if work is not None and work.actor == person:
        yield work
        return
    with house().transactions.reading(person) as own:
        yield own


class HouseView(BaseView):
    """A view over services. Its methods are exposed with `expose` and say what they need (`permission`, …)."""

    default_view = "index"
    template_folder = None
    class_permission_name: ClassVar[str | None]

    @contextmanager
    def unit_of_work(self, as_actor: Actor | None = None) -> Iterator[Work]:
        """Yield a work of the person signed in, committed at the end of the block."""
        with house().transactions.unit_of_work(as_actor or actor(), cause()) as work:
            yield work

    @contextmanager
    def rehearsal(self) -> Iterator[Work]:
        """Yield a work that does everything and keeps nothing."""
        with house().transactions.rehearsal(actor(), cause()) as work:
            yield work

    @contextmanager
    def reading(self, as_actor: Actor | None = None) -> Iterator[Work]:
        """Yield a work for queries; `reading_along` reads in it too."""
        with house().transactions.reading(as_actor or actor()) as work:
            g.reading = work
            try:
                yield work
            finally:
                g.pop("reading", None)
