"""What stands around a page is read in the page's transaction, and never with anybody else's rights."""

from dataclasses import replace
from types import SimpleNamespace

from flask import g

from app.core.permissions import Actor
from views.base import HouseView, reading_along


def test_it_is_the_pages_own_work_and_no_others(web):
    with web.test_request_context("/"):
        g.person = SimpleNamespace(actor=Actor(7))
        view = HouseView()
        with view.reading() as page, reading_along() as around:
            assert around is page
        assert "reading" not in g
        more = replace(g.person.actor, permissions=frozenset({"ticket.read"}))
        with view.reading(more) as page, reading_along() as around:
            assert around is not page
            assert around.actor == g.person.actor
