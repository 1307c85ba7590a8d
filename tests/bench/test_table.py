"""`make bench` prints a table of every bench on both databases, and fails by as many as failed."""

import json
import subprocess

import pytest

from app.bench import BENCHES
from tests.bench import table

ROW = {"metric": "pdf", "database": "sqlite", "rows": 5, "ours": 3.0, "limit": 2.0, "ratio": 1.5, "unit": "reports/s"}


@pytest.fixture
def asked(monkeypatch):
    """The benches that are run as (name, database), instead of running them; `search` fails on PostgreSQL."""
    made = []

    def run(command, **_more):
        name, database = command[command.index("bench") + 1], command[command.index("--database") + 1]
        made.append((name, database, *command[command.index("--json") + 1 :]))
        failed = (name, database) == ("search", "postgresql")
        printed = json.dumps(ROW | {"metric": name, "database": database}) + "\n"
        return subprocess.CompletedProcess(command, int(failed), "" if failed else printed, "Traceback\nboom" * failed)

    monkeypatch.setattr(table.subprocess, "run", run)
    return made


def test_every_bench_is_run_on_both_databases_and_a_failed_one_is_told(asked, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["table"])
    assert table.main() == 1
    BENCHES.scan()
    wanted = {(name, database) for name in BENCHES.names() for database in table.DATABASES}
    assert sorted(asked) == sorted(wanted - {(name, "postgresql") for name in table.ONCE})
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["metric", "database", "rows", "ours", "limit", "ratio", "unit"]
    assert len(rows) == len(asked)
    assert rows.count("search on postgresql failed: ['boom']") == 1
    assert ["pdf", "sqlite", "5", "3", "2", "1.50", "reports/s"] in [one.split() for one in rows]


@pytest.mark.parametrize(("names", "failed"), [(["search"], 1), (["pdf", "web"], 0)])
def test_the_benches_named_are_run_on_as_many_rows_as_told(asked, monkeypatch, capsys, names, failed):
    monkeypatch.setattr("sys.argv", ["table", *names, "--rows", "7"])
    assert table.main() == failed
    assert {one[0] for one in asked} == set(names)
    assert {one[2:] for one in asked} == {("--rows", "7")}
