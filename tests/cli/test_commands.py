"""The `gongdan` command: what it does, and one line when it cannot."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, text, update

from app.cli.houses import own_words
from app.core.db import open_engine
from app.core.jobs.leases import database_time
from app.core.jobs.models import Job, WorkerHeartbeat
from app.reports.pdf import fonts
from tests.conftest import DIALECTS


def test_init_may_run_again(empty):
    first = empty("init")
    assert first.returncode == 0, first.stderr
    assert "sign in as: admin" in first.stdout
    assert "GONGDAN_ADMIN_PASSWORD" in first.stdout
    assert "Correct-Horse-9" not in first.stdout
    second = empty("init")
    assert second.returncode == 0, second.stderr
    assert "sign in" not in second.stdout


def test_init_brings_what_is_of_a_former_version_up_to_date(gongdan, installed_database, tmp_path):
    instance = tmp_path / "instance"
    upload = instance / "files" / "ab" / "cd" / ("0" * 32)
    upload.parent.mkdir(parents=True)
    upload.write_text("a photo", "utf-8")
    mine = instance / "files" / "notes"
    mine.mkdir()
    for path, mode in ((upload, 0o644), (upload.parent, 0o755), (upload.parent.parent, 0o755), (mine, 0o755)):
        path.chmod(mode)
    engine = open_engine(installed_database)
    with engine.begin() as connection:
        connection.execute(delete(Job))
    engine.dispose()
    before = gongdan("doctor").stdout
    assert "BAD  search: some tickets from before the last upgrade" in before
    assert "may read uploads" in before
    assert before.count("→ run: gongdan init\n") == 1
    assert gongdan("init").returncode == 0
    assert [one.stat().st_mode & 0o777 for one in (upload, *upload.parents[:2], mine)] == [0o600, 0o700, 0o700, 0o755]
    after = gongdan("doctor").stdout
    assert "ok   search" in after
    assert "ok   files" in after


def test_a_password_is_made_and_shown_once(empty):
    made = empty("init", GONGDAN_ADMIN_PASSWORD="")
    assert made.returncode == 0, made.stderr
    assert "password, shown once" in made.stdout


def test_config_lists_every_setting_and_hides_secrets(gongdan):
    listed = gongdan("config", GONGDAN_SECRET_KEY="s" * 40, GONGDAN_PORT="9191")
    assert listed.returncode == 0
    lines = {line.split()[0]: line for line in listed.stdout.splitlines()}
    assert "9191" in lines["GONGDAN_PORT"]
    assert "environment" in lines["GONGDAN_PORT"]
    assert "default" in lines["GONGDAN_HOST"]
    assert "s" * 40 not in listed.stdout


@pytest.mark.parametrize(
    ("words", "settings", "says"),
    [
        (["init"], {"GONGDAN_PORT": "http"}, "GONGDAN_PORT must be a whole number"),
        (["config"], {"GONGDAN_PORT": "--5"}, "GONGDAN_PORT must be a whole number"),
        (["config"], {"GONGDAN_BEHIND_PROXY": "²"}, "GONGDAN_BEHIND_PROXY must be a whole number"),
        (["doctor"], {"GONGDAN_DATABASE_URL": "postgresql+psycopg://me:secret@host:port/x"}, "DATABASE_URL cannot be"),
        (["init"], {"GONGDAN_SECRET_KEY": "weak"}, "SECRET_KEY must have at least 32 characters"),
        (["init"], {"GONGDAN_DATA_KEYS": f"weak,{'s' * 40}"}, "DATA_KEYS must begin with a secret of at least 32"),
        (["init"], {"GONGDAN_DATA_KEYS": " , "}, "DATA_KEYS must begin with a secret of at least 32"),
        (["init"], {"GONGDAN_TIME_ZONE": "Mars/Base"}, "no time zone"),
        (["seed", "--tickets", "0"], {}, "0 is not in the range"),
        (["ticket", "import", "nothing.csv", "--template", "x", "--mapping", "y"], {}, "does not exist"),
        (["bench", "nothing"], {}, "there is no bench"),
        (["init"], {"GONGDAN_DATABASE_URL": "mysql://root@localhost/gongdan"}, "must begin with sqlite"),
        (["config"], {"GONGDAN_TIME_ZONE": "Mars"}, "no time zone"),
        (["config"], {"GONGDAN_CURRENCY": "nonsense"}, "is no currency"),
        (["template", "list", "--locale", "xx"], {}, "'xx' is not one of"),
        (["template", "export", "nothing"], {}, "nothing"),
        (["template", "export", "it_fault", "--out", "/nowhere/at/all.yaml"], {}, "cannot write"),
        (["ticket", "export", "out.xlsx", "--template", "nothing"], {}, "nothing"),
        (["ticket", "export", "/nowhere/out.xlsx"], {}, "cannot write into /nowhere"),
        (
            ["ticket", "import", __file__, "--template", "it_fault", "--mapping", __file__, "--result", "/proc/x.xlsx"],
            {},
            "cannot write into /proc",
        ),
        (["fly"], {}, "No such command"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(gongdan, words, settings, says):
    done = gongdan(*words, **settings)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "secret@" not in done.stderr


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("words", [[], ["ticket"], ["user"], ["template"]])
def test_who_asks_for_nothing_is_told_in_a_line_what_there_is(gongdan, words):
    done = gongdan(*words)
    path = " ".join(("gongdan", *words))
    names = {"ticket": "export, import, reindex, report", "template": "export, import, list"}
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("gongdan: say what to do, one of ")
    assert done.stderr.endswith(f" (see {path} --help)\n")
    assert names.get(words[0] if words else "", "") in done.stderr


@pytest.mark.parametrize("dialect", DIALECTS[1:], indirect=True)
def test_a_database_that_is_not_there_is_to_be_made_first(gongdan, installed_database):
    missing = installed_database.rsplit("/", 1)[0] + "/not_made_yet"
    for words in (["init"], ["seed", "--tickets", "1"]):
        done = gongdan(*words, GONGDAN_DATABASE_URL=missing)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "createdb not_made_yet" in done.stderr
    assert (
        "→ make it, e.g. createdb not_made_yet, then: gongdan init"
        in gongdan("doctor", GONGDAN_DATABASE_URL=missing).stdout
    )


def test_a_mistyped_setting_is_told(gongdan):
    words = {"GONGDAN_PROT": "1", "GONGDAN_SERVICE_HOST": "10.0.0.1"}
    listed = gongdan("config", **words)
    assert (listed.returncode, listed.stderr) == (
        0,
        "gongdan: GONGDAN_PROT is no setting and changes nothing; GONGDAN_PORT is one\n",
    )
    assert "BAD  settings: GONGDAN_PROT is no setting, GONGDAN_PORT is" in gongdan("doctor", **words).stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_setting_known_by_another_word_is_told(gongdan):
    assert "BAD  settings: GONGDAN_LANGUAGE is no setting, GONGDAN_LOCALE is" in (
        gongdan("doctor", GONGDAN_LANGUAGE="xx").stdout
    )


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    "words",
    [("doctor",), ("user", "list"), ("template", "list"), ("token", "list"), ("ticket", "reindex"), ("worker",)],
    ids=" ".join,
)
def test_who_looks_where_nothing_is_installed_is_told_and_leaves_nothing(empty, tmp_path, words):
    """Nor does a command that would change something, but for `init`: a folder that was mistyped stays as it was."""
    away = tmp_path / "mistyped"
    mistyped = {"GONGDAN_INSTANCE": str(away), "GONGDAN_DATABASE_URL": "", "GONGDAN_DATA_KEYS": ""}
    done = empty(*words, **mistyped)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"gongdan: nothing is installed at {away / 'gongdan.db'}: correct GONGDAN_INSTANCE or GONGDAN_DATABASE_URL, "
        "or run `gongdan init` first\n"
    )
    assert not away.exists()


@pytest.mark.parametrize("words", [("doctor",), ("user", "list")], ids=" ".join)
def test_who_looks_makes_neither_keys_nor_folders(empty, tmp_path, words):
    away = tmp_path / "mistyped"
    assert empty(*words, GONGDAN_INSTANCE=str(away), GONGDAN_DATA_KEYS="").returncode == 1
    assert not away.exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_database_is_read_by_nobody_else(empty, tmp_path):
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    assert empty("init", GONGDAN_DATABASE_URL=url).returncode == 0
    assert oct(tmp_path.joinpath("mine.db").stat().st_mode & 0o777) == "0o600"
    # The folder of the data is made where there is none, also when no key is kept in it.
    new = {"GONGDAN_INSTANCE": str(tmp_path / "new" / "instance"), "GONGDAN_DATABASE_URL": ""}
    assert empty("init", **new).returncode == 0
    away = f"sqlite:///{tmp_path / 'nowhere' / 'mine.db'}"
    told = empty("user", "list", GONGDAN_DATABASE_URL=away)
    assert (told.returncode, told.stderr.partition(": correct")[0]) == (
        1,
        f"gongdan: nothing is installed at {tmp_path / 'nowhere' / 'mine.db'}",
    )


def test_people_are_created_at_the_command_line(gongdan):
    made = gongdan("user", "create", "xiaowang", "--name", "小王", "--role", "clerk")
    assert made.returncode == 0, made.stderr
    assert "password, shown once" in made.stdout
    again = gongdan("user", "create", "xiaowang", "--role", "clerk")
    assert (again.returncode, len(again.stderr.strip().splitlines())) == (2, 1)
    unknown = gongdan("user", "create", "xiaoli", "--role", "emperor")
    assert unknown.returncode == 2
    assert "emperor" in unknown.stderr


def test_templates_are_listed_exported_and_imported(gongdan, tmp_path):
    listed = gongdan("template", "list")
    assert listed.returncode == 0, listed.stderr
    assert "appliance_repair\tv1\t家电维修" in listed.stdout
    pack = tmp_path / "pack.yaml"
    assert gongdan("template", "export", "appliance_repair", "--out", str(pack)).returncode == 0
    again = gongdan("template", "import", str(pack))
    assert "unchanged" in again.stdout, again.stderr
    pack.write_text("template: [", encoding="utf-8")
    broken = gongdan("template", "import", str(pack))
    assert (broken.returncode, len(broken.stderr.strip().splitlines())) == (2, 1)
    assert "pack.yaml" in broken.stderr
    gongdan("template", "export", "appliance_repair", "--out", str(pack))
    pack.write_text(pack.read_text("utf-8").replace("type: money", "type: gold"), encoding="utf-8")
    looked_at = gongdan("template", "import", "--check", str(pack))
    told = looked_at.stdout.strip().splitlines()
    # Each at its line, where a check is asked for; the error itself stays one line.
    assert len(told) > 2
    assert all(line.startswith("pack.yaml:") for line in told), told
    assert looked_at.stderr.endswith(f"(and {len(told) - 1} more)\n")
    assert gongdan("template", "import", str(pack)).stderr.endswith(f"(and {len(told) - 1} more: see --check)\n")


def test_tickets_are_seeded_exported_and_printed(gongdan, installed_database, tmp_path, monkeypatch):
    seeded = gongdan("seed", "--tickets", "30")
    assert seeded.stdout == "30 tickets\n", seeded.stderr
    out = tmp_path / "tickets.csv"
    assert gongdan("ticket", "export", str(out)).stdout == "30 tickets\n"
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) >= 31
    engine = open_engine(installed_database)
    for state, remedy in (("running", "a worker is to renew them"), ("failed", "run: gongdan ticket reindex")):
        with engine.begin() as connection:
            connection.execute(update(Job).values(state=state))
        assert f"→ {remedy}" in gongdan("doctor").stdout
    engine.dispose()
    renewed = gongdan("ticket", "reindex")
    assert (renewed.returncode, renewed.stdout) == (0, "30 tickets renewed\n"), renewed.stderr
    assert renewed.stderr.startswith("30 of 30 tickets, up to id ")
    assert "ok   search" in gongdan("doctor").stdout
    assert gongdan("ticket", "reindex", "--after", "999999").stdout == "0 tickets renewed\n"
    number = next(cell for cell in lines[1].split(",") if cell.count("-") == 2)
    pdf = tmp_path / "report.pdf"
    printed = gongdan("ticket", "report", number, str(pdf))
    assert printed.returncode == 0, printed.stderr
    assert pdf.read_bytes().startswith(b"%PDF-")
    monkeypatch.setattr("app.reports.pdf.fonts.FOLDER", tmp_path)
    fonts.coverage.cache_clear()
    lost = gongdan("ticket", "report", number, str(pdf))
    assert (lost.returncode, len(lost.stderr.strip().splitlines())) == (1, 1), lost.stderr
    assert "a font of documents is missing, install Gongdan again" in lost.stderr


def test_the_doctor_says_what_to_do(gongdan):
    found = gongdan("doctor")
    assert found.returncode == 1
    assert "BAD  worker: never seen" in found.stdout
    assert "→ start one" in found.stdout
    for well in ("database", "migrations", "tables", "clock", "disk", "files", "fonts"):
        assert f"ok   {well}" in found.stdout


def test_the_doctor_misses_what_was_dropped(gongdan, installed_database):
    engine = open_engine(installed_database)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE ticket_tag"))
        connection.execute(text("ALTER TABLE ticket_watcher RENAME COLUMN user_id TO somebody"))
    engine.dispose()
    found = gongdan("doctor").stdout
    assert "BAD  tables: missing: ticket_tag, ticket_watcher.user_id" in found
    assert "→ restore the database from a backup" in found


def test_the_doctor_finds_a_folder_that_cannot_be_written(gongdan, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    found = gongdan("doctor", GONGDAN_INSTANCE=str(tmp_path / "file" / "instance"))
    assert found.returncode == 1
    assert "BAD  files: " in found.stdout
    assert "→ let the user that runs Gongdan write to" in found.stdout
    assert "BAD  disk: " in found.stdout
    assert "ok   database" in found.stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("place", "trouble", "says"),
    [
        ("shutil.disk_usage", lambda _folder: SimpleNamespace(free=0), ["worker: never", "free some space first"]),
        ("shutil.disk_usage", lambda _folder: SimpleNamespace(free=300 * 1024**2), ["disk: 300 MiB free", "free some"]),
        ("MOST_CLOCK_SECONDS", -1.0, ["clock: 0.", "set the clocks"]),
        ("migrate.head", lambda: "0999", ["migrations: 0", "run: gongdan init"]),
        ("fonts.missing", lambda: ["SC-Regular.ttf"], ["fonts: missing: SC-Regular.ttf", "install"]),
    ],
)
def test_the_doctor_finds(gongdan, monkeypatch, place, trouble, says):
    monkeypatch.setattr(f"app.doctor.{place}", trouble)
    found = gongdan("doctor")
    assert found.returncode == 1
    assert f"BAD  {says[0]}" in found.stdout
    assert f"→ {says[1]}" in found.stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(("seconds", "says"), [((1, 5), "ok  "), ((60, 300), "BAD ")])
def test_the_doctor_tells_late_from_too_late(gongdan, installed_database, monkeypatch, seconds, says):
    off, silent = seconds
    engine = open_engine(installed_database)
    heard = datetime.now(UTC) - timedelta(seconds=silent)
    with engine.begin() as connection:
        connection.execute(insert(WorkerHeartbeat).values(worker="w", started_at=heard, seen_at=heard))
    engine.dispose()
    monkeypatch.setattr("app.doctor.database_time", lambda work: database_time(work, off))
    found = gongdan("doctor").stdout
    # Far from the limits on both sides: a machine that pauses between two lines changes nothing.
    assert f"{says} clock: " in found
    assert f"{says} worker: seen " in found


@pytest.mark.parametrize(
    ("state", "told", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '0999'", "0999, which this version does not know", "run the newer"),
        ("UPDATE alembic_version SET version_num = '0012'", "an older version (0012): run `gongdan init`", "run: gong"),
        ("UPDATE installation SET program = ''", "is not ready: run `gongdan init` first", "run: gongdan init"),
    ],
    ids=["newer", "older", "half made"],
)
def test_no_command_works_on_a_database_that_is_not_this_programs(gongdan, installed_database, state, told, remedy):
    engine = open_engine(installed_database)
    with engine.begin() as connection:
        connection.execute(text(state))
    engine.dispose()
    for command in (("template", "list"), ("serve",), ("worker",), *([("init",)] if "0999" in state else [])):
        done = gongdan(*command)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), done.stderr
        assert told in done.stderr
        assert not done.stdout
    assert f"→ {remedy}" in gongdan("doctor").stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_bench_prints_one_object_a_line(gongdan, monkeypatch):
    # What is measured is `make bench`'s business: ten processes started would take a minute here.
    monkeypatch.setattr("app.bench.startup._ready", lambda _body, _compiled: (1.5, 120.0))
    done = gongdan("bench", "startup", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["metric"] for row in rows] == ["startup", "web_memory"]
    assert set(rows[0]) == {"metric", "database", "rows", "ours", "limit", "ratio", "unit"}


def test_a_process_of_its_own_says_the_same(in_a_process):
    done = in_a_process("init", GONGDAN_PORT="http")
    assert (done.returncode, done.stderr) == (2, "gongdan: GONGDAN_PORT must be a whole number, not 'http'\n")


def test_every_command_is_listed(gongdan):
    from app.cli import COMMANDS, main  # noqa: PLC0415

    listed = gongdan("--help")
    assert listed.returncode == 0
    for name in COMMANDS.keys() - {"web"}:
        assert re.search(rf"^  {name} +\S", listed.stdout, re.MULTILINE), name
    assert set(main.commands) == set(COMMANDS)


def test_a_database_that_does_not_answer_is_one_line(gongdan):
    away = "postgresql+psycopg://nobody@127.0.0.1:9/nothing?connect_timeout=1"
    for words in (["template", "list"], ["init"], ["user", "create", "xiaowang", "--role", "clerk"]):
        done = gongdan(*words, GONGDAN_DATABASE_URL=away)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), done.stderr
        assert "the database cannot be used" in done.stderr
    found = gongdan("doctor", GONGDAN_DATABASE_URL=away)
    assert found.returncode == 1
    assert "BAD  database" in found.stdout
    assert "start the database, or correct GONGDAN_DATABASE_URL" in found.stdout


def test_a_file_that_cannot_be_finished_is_not_left_behind(gongdan, tmp_path, monkeypatch):
    out = tmp_path / "tickets.csv"
    out.write_text("the export of yesterday", "utf-8")

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.exchange.ticket_export.csv_pieces", full)
    done = gongdan("ticket", "export", str(out))
    assert done.returncode == 2
    assert done.stderr.strip().endswith("No space left on device")
    assert out.read_text("utf-8") == "the export of yesterday"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["tickets.csv"]


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("before", ["", "the pack of yesterday"])
def test_a_pack_that_does_not_fit_leaves_no_empty_file(gongdan, tmp_path, monkeypatch, before):
    folder = tmp_path / "packs"
    folder.mkdir()
    if before:
        folder.joinpath("fault.yaml").write_text(before, "utf-8")

    def full(path, _content):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    done = gongdan("template", "export", "it_fault", "--out", str(folder / "fault.yaml"))
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr
    assert [path.read_text("utf-8") for path in folder.iterdir()] == [before] * bool(before)


@pytest.mark.parametrize("command", [("template", "list"), ("worker",)], ids=" ".join)
def test_without_tables_a_command_says_what_to_do(gongdan, tmp_path, command):
    (tmp_path / "empty.db").touch()
    done = gongdan(*command, GONGDAN_DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert (done.returncode, done.stderr) == (1, "gongdan: the database is not ready: run `gongdan init` first\n")


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("command", [("init",), ("user", "list")], ids=" ".join)
def test_a_damaged_file_is_told_in_one_line(gongdan, tmp_path, command):
    (tmp_path / "bad.db").write_text("this is no database " * 100, "utf-8")
    bad = {"GONGDAN_DATABASE_URL": f"sqlite:///{tmp_path}/bad.db"}
    done = gongdan(*command, **bad)
    assert done.returncode == 1
    assert done.stderr == ("gongdan: the database file is damaged (file is not a database): restore it from a backup\n")
    assert "restore" in gongdan("doctor", **bad).stdout


def test_of_a_full_disk_the_command_alone_speaks(capfd):
    with pytest.raises(OSError, match="full"), own_words():
        os.write(2, b"ZipWriter::drop: failed to finalize archive")
        raise OSError("full")
    os.write(2, b"said")
    assert capfd.readouterr().err == "said"
