"""A second start is quick: nothing is installed again, and each process imports only what it runs."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from sqlalchemy import create_engine, delete, event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import install, installed, server, supervisor
from app.config import Settings
from app.core.installation import Installation
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.house import open_house
from app.people.models import Account
from tests.cli.conftest import KEYS

HEAVY = {"flask_appbuilder", "flask", "views", "forms", "alembic", "reportlab", "gunicorn"}
#: What the supervisor, which only watches, does without as well.
HEAVIER_THAN_A_WATCHMAN = HEAVY | {"sqlalchemy", "psycopg", "cryptography", "orjson", "app.house", "app.worker"}


def imported_by(code, **environment):
    program = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return set(done.stdout.split())


def test_the_supervisor_imports_next_to_nothing_where_nothing_is_to_be_done(installations, tmp_path):
    code = (
        "from app.cli import main\n"
        "import app.cli.serve, app.supervisor\n"
        "from app.config import Settings\n"
        "app.supervisor.Supervisor._start = lambda self, name: sys.exit(print(*sys.modules))\n"
        "app.supervisor.Supervisor._install = lambda self, demo: sys.exit('installs again')\n"
        "app.supervisor.Supervisor._stop = lambda self: None\n"
        "app.supervisor.Supervisor._check_port = lambda self: None\n"
        "app.supervisor.Supervisor(Settings.from_environment(), worker=True, set_up=True).run()"
    )
    environment = {"GONGDAN_INSTANCE": str(tmp_path), "GONGDAN_DATA_KEYS": KEYS}
    modules = imported_by(code, GONGDAN_DATABASE_URL=installations("sqlite"), **environment)
    assert "app.supervisor" in modules
    assert modules & HEAVIER_THAN_A_WATCHMAN == set()


def test_the_worker_does_without_the_web():
    modules = imported_by("import app.cli.houses, app.worker\nfrom app.extensions import scan_all\nscan_all()")
    assert "app.worker" in modules
    assert modules & HEAVY == set()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_application_is_loaded_once_for_all_web_processes(installed_database, tmp_path, monkeypatch):
    settings = Settings(instance=tmp_path, database_url=installed_database, data_keys=KEYS)
    assert server.options(settings)["preload_app"] is True
    monkeypatch.setattr(server.gc, "freeze", lambda: None)
    app = server.WebServer(settings).load()
    pool = app.extensions["gongdan"].engine.pool
    # A connection used by two processes after the fork would mix their transactions.
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)


@pytest.mark.parametrize(
    ("before", "words"),
    [("nothing", ["init", "--demo"]), ("another version's", ["init"]), ("this version's", None)],
)
def test_the_demo_company_comes_with_the_first_run_alone(  # noqa: PLR0917 - a table
    dialect, servers, installed_database, tmp_path, monkeypatch, before, words
):
    ran = []
    monkeypatch.setattr(
        supervisor.subprocess, "run", lambda command, **_how: ran.append(command) or SimpleNamespace(returncode=0)
    )
    with servers(dialect).copy() as bare:
        url = bare if before == "nothing" else installed_database
        if before == "another version's":
            engine = create_engine(url)
            with engine.begin() as connection:
                connection.execute(update(Installation).values(program="another"))
            engine.dispose()
        settings = Settings(instance=tmp_path, database_url=url, data_keys=KEYS, port=0)
        starting = supervisor.Supervisor(settings, worker=True, set_up=True)
        with starting._held:
            starting._check()
    assert [command[3:] for command in ran] == ([words] if words else [])


@pytest.mark.parametrize("folder", ["{tmp_path}/file/instance", "/proc"])
def test_a_folder_one_may_not_write_to_is_one_line_and_nothing_is_started(
    installed_database, tmp_path, monkeypatch, capsys, folder
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    instance = Path(folder.format(tmp_path=tmp_path))
    monkeypatch.setattr(supervisor.Supervisor, "_start", lambda *_self_and_command: pytest.fail("started"))
    settings = Settings(instance=instance, database_url=installed_database, data_keys=KEYS, port=0)
    with pytest.raises(click.exceptions.Exit) as ended:
        supervisor.Supervisor(settings, worker=True).run()
    assert ended.value.exit_code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gongdan: cannot write to the data folder {instance} (")


def test_what_is_complete_says_so(installed_database):
    settings = Settings(database_url=installed_database)
    assert installed.look(settings).is_current
    other_program = installed.Installed(installed.newest_revision(), "another")
    assert (other_program.is_complete, other_program.is_current) == (True, False)
    assert not installed.Installed("0001", installed.fingerprint()).is_complete


def test_where_nothing_is_nothing_is_made_by_looking(tmp_path):
    assert installed.look(Settings(instance=tmp_path)) == installed.Installed(absent=str(tmp_path / "gongdan.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_told_from_an_empty_one(tmp_path):
    (tmp_path / "gongdan.db").write_bytes(b"this is no database, " * 100)
    assert "not a database" in installed.look(Settings(instance=tmp_path)).trouble
    away = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    assert "refused" in installed.look(Settings(instance=tmp_path, database_url=away)).trouble


def test_a_first_run_that_was_killed_is_finished_by_the_next(installed_database, tmp_path, monkeypatch):
    settings = Settings(instance=tmp_path, database_url=installed_database, data_keys=KEYS)
    house = open_house(settings)
    with house.transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
        work.session.execute(delete(Installation))
    seeded = []
    monkeypatch.setattr(install, "load_demo", lambda _work: None)
    monkeypatch.setattr(install, "seed_tickets", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        install.install(house, demo=True)
    assert not installed.look(settings).is_complete
    monkeypatch.setattr(install, "seed_tickets", lambda *_args, **_options: seeded.append(1))
    install.install(house, demo=True)
    house.engine.dispose()
    assert seeded == [1]
    assert installed.look(settings).is_current


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_password_is_told_before_it_is_kept(fresh_database, tmp_path):
    house = open_house(Settings(instance=tmp_path, database_url=fresh_database, data_keys=KEYS))

    def killed(password):
        assert len(password) > 12
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install.install(house, announce=killed)
    told = []

    def full(_session):
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    def fill_up(password):
        told.append(password)
        event.listen(Session, "before_commit", full)

    try:
        with pytest.raises(OperationalError):
            install.install(house, announce=fill_up, retract=lambda: told.append("void"))
    finally:
        event.remove(Session, "before_commit", full)
    assert told[1:] == ["void"]
    with house.transactions.reading(SYSTEM) as work:
        assert work.session.scalar(select(func.count()).select_from(Account)) == 0
    house.engine.dispose()
