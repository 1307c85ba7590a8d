"""Fixtures of the kernel's tests."""

import pytest

from tests.clients import statements


@pytest.fixture
def statements_of():
    """Return a context manager that lists the statements of a work's connection."""
    return lambda work: statements(work.session.connection().engine)
