"""Processor time is told of both processes: ours, and the one of the server that serves us."""

import time

from sqlalchemy import text

from app.bench import processor
from app.core.permissions import SYSTEM

_BUSY = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n",
    "postgresql": "SELECT max(i * 1.5) FROM generate_series(1, 200000) AS n (i)",
}


def test_the_databases_work_counts_and_waiting_does_not(transactions, monkeypatch):
    with transactions.reading(SYSTEM) as work:
        connection = work.session.connection()
        clock = processor.stopwatch(connection)
        began = clock()
        connection.execute(text(_BUSY[connection.dialect.name])).all()
        worked = clock() - began
        began = clock()
        # Waiting is what is measured here: nothing is waited for.
        time.sleep(0.2)
        waited = clock() - began
        assert worked > waited
        if connection.dialect.name == "postgresql":
            monkeypatch.setattr(processor, "_PROCESSES", processor.Path("/nowhere"))
            assert processor.stopwatch(connection) is time.perf_counter
