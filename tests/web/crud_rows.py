"""Rows for the tests of the bases."""

from sqlalchemy import select

from app.core.permissions import SYSTEM
from app.people.models import Tag
from tests.clients import CAUSE


def add(web, *rows):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add_all(rows)
        work.session.flush()
        return [row.id for row in rows]


def names(web):
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        return sorted(work.session.scalars(select(Tag.name)))
