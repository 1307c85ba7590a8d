"""A pace is said when it means something, and as exactly as it is known."""

from datetime import timedelta

import pytest

from app.core.jobs.queries import JobView
from tests.conftest import NOW
from views.pace import pace


def job(seen: int, seconds: float) -> JobView:
    ended = NOW + timedelta(seconds=seconds)
    return JobView(1, "k", {}, None, "done", seen, seen, 0, 0, {}, None, NOW, NOW, ended)


@pytest.mark.parametrize(("seen", "seconds", "told"), [
    (40, 0.005, 0), (5_000, 2, 0), (20_190, 10.6, 1900), (8_004, 4, 2000), (70, 20, 3), (0, 60, 0),
])  # fmt: skip
def test_a_rate_has_two_digits_and_some_seconds_behind_it(seen: int, seconds: float, told: int):
    assert pace(job(seen, seconds), NOW).per_second == told
