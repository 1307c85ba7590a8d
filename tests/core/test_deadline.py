"""What takes too long is left, and what is asked in its place has its own time; the transaction goes on."""

import pytest
from sqlalchemy import func, literal, select, text

from app.core.deadline import TooLongError, first_in_time, within

#: Far longer than any of these may take.
ENDLESS = {
    "sqlite": text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"),
    "postgresql": select(func.pg_sleep(60)),
}


def endless(work):
    return lambda: work.session.execute(ENDLESS[work.dialect]).all()


def at_once(work):
    return lambda: work.session.scalar(select(literal(7)))


def test_the_first_that_is_done_in_time_is_answered(work):
    assert first_in_time(work, 5, at_once(work), endless(work)) == 7
    assert first_in_time(work, 0.2, endless(work), endless(work), at_once(work)) == 7
    assert at_once(work)() == 7


def test_where_none_is_done_that_is_said_and_the_rest_has_no_limit(work):
    with pytest.raises(TooLongError):
        first_in_time(work, 0.1, endless(work), endless(work))
    with pytest.raises(TooLongError), within(work, 0.1):
        endless(work)()
    if work.dialect == "postgresql":
        assert work.session.scalar(text("SHOW statement_timeout")) == "0"
    assert at_once(work)() == 7


def test_what_goes_wrong_otherwise_stays_what_it_is(work):
    with pytest.raises(ZeroDivisionError):
        first_in_time(work, 1, lambda: 1 // 0, at_once(work))
    assert at_once(work)() == 7
