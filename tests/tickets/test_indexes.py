"""Fields marked as indexed have an index that lists read; a build that was killed is made anew, others are dropped."""

from dataclasses import replace
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import event, func, select, text

from app.core.errors import DomainError
from app.core.jobs.models import Job
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.doctor import _indexes
from app.tickets import indexes
from app.tickets.queries import TicketQuery, ticket_page
from tests.factories import tickets
from tests.factories.tickets import FIELDS
from ticket_templates import service
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.models import FieldDefinition
from ticket_templates.spec import FieldSpec

CAUSE = Cause("person")
ASKED = {"fault": "漏水", "fault_code": "E2", "quantity": 3}


@pytest.fixture
def library(fresh_transactions):
    """Some tickets of a template, whose fields stand in the library."""
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work)
        for name in ("fault", "fault_code", "quantity"):
            service.create_field(work, FIELDS[name])
        for number in range(60):
            code = ("E1", "E2")[number % 2]
            tickets.ticket(
                work, key, {"fault": ("漏水", "Ｎｏ冷")[number % 7 > 0], "fault_code": code, "quantity": number % 9}
            )
    return fresh_transactions


def mark(transactions, *keys, indexed=True):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for key in keys:
            service.mark_indexed(work, key, indexed=indexed)


def settle(transactions):
    while run_one(transactions, "worker", lambda *_owner: SYSTEM):
        pass


def missing(transactions):
    with transactions.reading(SYSTEM) as work:
        return indexes.missing(work)


def present(transactions):
    with transactions.reading(SYSTEM) as work:
        return indexes._present(work.session.connection())


def plan_of(work, **asked):
    """The plan of the statement that finds the page, as the database says it."""
    seen = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        seen.append((statement, parameters))

    connection = work.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    page = ticket_page(work, TicketQuery(**asked))
    event.remove(connection, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if "LIMIT" in one[0] and "values" in one[0])
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return page, "\n".join(row[3] for row in rows)
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return page, "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def test_a_list_reads_the_index_in_its_usual_order(library):
    mark(library, *ASKED)
    assert missing(library) == sorted(ASKED)
    settle(library)
    assert missing(library) == []
    for key, value in ASKED.items():
        with library.reading(SYSTEM) as work:
            page, plan = plan_of(work, where={"field": f"values.{key}", "op": "is", "value": value})
        assert page.rows
        assert next(one for one in present(library) if one.startswith(f"ix_ticket_values_{key}_")) in plan, plan
        # It has them in the order of the list: nothing is gathered to be sorted but the page itself.
        assert plan.count("USE TEMP B-TREE") + plan.count("->  Sort") <= 1, plan


@pytest.mark.parametrize("descending", [True, False])
def test_a_list_in_the_order_of_its_numbers_walks_the_index(library, descending):
    mark(library, "quantity")
    settle(library)
    with library.reading(SYSTEM) as work:
        page, plan = plan_of(work, sort="values.quantity", descending=descending)
    assert [row.value("quantity") for row in page.rows][:2] == ([8, 8] if descending else [0, 0])
    assert "ix_ticket_values_quantity_" in plan, plan


def test_what_is_broken_is_made_anew_and_what_is_unmarked_dropped(library, dialect):
    mark(library, "fault_code", "quantity")
    settle(library)
    first = present(library)
    if dialect == "postgresql":
        with library.unit_of_work(SYSTEM, CAUSE) as work:
            broken = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(:name AS regclass)"
            work.session.execute(text(broken), {"name": min(first)})
        assert missing(library) == ["fault_code"]
        with library.unit_of_work(SYSTEM, CAUSE) as work:
            assert indexes.settle(work) == 1
        assert missing(library) == []
    mark(library, "quantity", indexed=False)
    settle(library)
    assert list(present(library)) == [min(first)]
    mark(library, "quantity", indexed=False)
    with library.reading(SYSTEM) as work:
        # Nothing changed, nothing was asked for.
        assert work.session.scalar(select(func.count()).select_from(Job)) == 2
        assert work.session.scalars(select(Job.state).distinct()).all() == ["done"]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_build_waits_for_others_but_neither_for_itself_nor_for_ever(library, monkeypatch):
    monkeypatch.setattr(indexes, "_PATIENCE", "500ms")
    mark(library, "quantity")
    with library.unit_of_work(SYSTEM, CAUSE) as work:
        assert work.session.scalars(select(Job.id)).all()
        # What it read is old by now.
        mark(library, "fault_code")
        assert indexes.settle(work) == 2
    mark(library, "fault")
    with library.unit_of_work(SYSTEM, CAUSE) as forgotten:
        tickets.account(forgotten)
        forgotten.session.execute(text("LOCK TABLE ticket IN ROW EXCLUSIVE MODE"))
        settle(library)
        assert missing(library) == ["fault"]
    with library.unit_of_work(SYSTEM, CAUSE) as work:
        assert indexes.settle(work) == 1


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_who_writes_goes_on_while_an_index_is_built(library):
    mark(library, "quantity")
    write = text("LOCK TABLE ticket IN ROW EXCLUSIVE MODE")
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN"
        " (SELECT pid FROM pg_locks WHERE relation = CAST('ticket' AS regclass))"
    )
    builder, pause = Thread(target=settle, args=(library,)), Event()
    with library.unit_of_work(SYSTEM, CAUSE) as earlier:
        earlier.session.execute(write)
        builder.start()
        assert any(earlier.session.scalar(waiting) or pause.wait(0.01) for _attempt in range(2000))
        # The build waits for who wrote before; who comes now waits for nobody.
        with library.unit_of_work(SYSTEM, CAUSE) as writer:
            writer.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            writer.session.execute(write)
    builder.join()
    assert missing(library) == []


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_two_workers_never_build_at_once(library, dialect):
    mark(library, "quantity")
    with library.reading(SYSTEM) as other:
        other.session.scalar(select(func.pg_advisory_lock(indexes._BUILDING)))
        settle(library)
        assert missing(library) == ["quantity"]
        other.session.scalar(select(func.pg_advisory_unlock(indexes._BUILDING)))
    with library.unit_of_work(SYSTEM, CAUSE) as work:
        assert indexes.settle(work) == 1


def test_a_build_that_fails_leaves_nothing_that_costs(library, dialect):
    mark(library, "fault_code")
    with library.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(text("UPDATE field_definition SET settings = settings"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexes, "_INDEX", indexes._INDEX + " AND 1 / (id - id) = 1" * (dialect == "postgresql"))
        if dialect == "sqlite":
            patch.setattr(indexes, "_INDEX", "ON ticket (no_such_column) -- {fact}")
        settle(library)
        assert present(library) == {}
    with library.reading(SYSTEM) as work:
        assert work.session.scalars(select(Job.state)).all() == ["failed"]


@pytest.mark.parametrize(
    "field",
    [
        FieldSpec("a", "phone", {"en": "A"}),
        FieldSpec("a", "text", {"en": "A"}, settings={"personal": True}),
        FieldSpec("a", "text", {"en": "A"}, settings={"max_length": 201}),
        FieldSpec("a", "barcode", {"en": "A"}, settings={"several": True}),
        FieldSpec("a", "long_text", {"en": "A"}),
        FieldSpec("a", "url", {"en": "A"}),
        FieldSpec("a", "choices", {"en": "A"}, options=FIELDS["fault_code"].options),
        FieldSpec("a", "file", {"en": "A"}),
        FieldSpec("a", "computed", {"en": "A"}, settings={"formula": 'concat("a")', "result": "text"}),
    ],
    ids=lambda one: one.type,
)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_no_index_can_hold_is_refused_in_words(work, field):
    service.create_field(work, field)
    with pytest.raises(DomainError) as refused:
        service.mark_indexed(work, "a", indexed=True)
    assert [(one.field, one.code) for one in refused.value.refusals] == [("indexed", "not_indexable")]
    assert indexes.wanted(work) == {}


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_was_encrypted_once_is_never_indexed(work):
    secret = FieldSpec("fault", "text", {"en": "A"}, settings={"personal": True})
    tickets.template(work, spec=replace(tickets.repair_spec(), fields=FIELDS | {"fault": secret}))
    service.create_field(work, replace(secret, settings={}))
    with pytest.raises(DomainError) as refused:
        service.mark_indexed(work, "fault", indexed=True)
    assert refused.value.refusals[0].code == "sealed"


def test_every_kind_of_single_answer_makes_an_index(work):
    """What conditions compare of each type is an expression the database takes into an index."""
    for cls in FIELD_TYPES:
        spec = FieldSpec(f"of_{cls.name}", cls.name, {"en": cls.name}, indexed=True)
        if not cls(spec).indexable:
            continue
        service_rows = {"labels": {"en": "A"}, "settings": {}, "indexed": True}
        work.session.add(FieldDefinition(key=spec.key, type=cls.name, **service_rows))
    work.session.flush()
    made = indexes.wanted(work)
    assert len(made) > 12
    for name, (_key, sql) in made.items():
        work.session.execute(text(f'CREATE INDEX "{name}" {sql}'.replace(":", "\\:")))
    assert indexes.missing(work) == []


def test_the_doctor_says_which_is_missing(library):
    mark(library, "quantity")
    house = SimpleNamespace(transactions=library)
    found = _indexes(house)
    assert (found.ok, found.detail) == (False, "missing or broken: quantity")
    settle(library)
    assert _indexes(house).ok
