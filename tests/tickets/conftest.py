"""What nearly every test of tickets begins with: a template, and somebody who works with it."""

from collections.abc import Callable

import pytest

from app.core.work import Work
from tests.factories import tickets


@pytest.fixture
def key(work: Work) -> str:
    """The key of a published template for repairs."""
    return tickets.template(work)


@pytest.fixture
def clerk(work: Work, make_work: Callable[..., Work]) -> Work:
    """The work of a clerk who may see every ticket."""
    return make_work(tickets.actor(work))
