"""Tickets by condition: the same in the list and in Python, within scope, of what this person may read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from app.assets.records import PRODUCT_CATEGORY
from app.conditions.python import compile_tree, compile_trees
from app.conditions.standpoint import View
from app.core.errors import DomainError
from app.core.permissions import Actor, Scope
from app.core.records import service as records
from app.people.models import CustomerLevel
from app.tickets import conditions, queries, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.conditions.fields import _FIELDS
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.queries import TicketQuery, ticket_page
from tests.conftest import NOW
from tests.factories import people, tickets
from ticket_templates.spec import FieldUse


@pytest.fixture
def desk(work, key):
    """A few tickets, each of them another: a VIP's with a unit, a teammate's, an old one, one of nobody's."""
    work.session.add(CustomerLevel(key="vip", labels={"zh_Hans": "贵宾"}, created_at=work.now, changed_at=work.now))
    work.session.flush()
    level = work.session.scalar(select(CustomerLevel.id))
    tag = people.tag(work, "老客户")
    vip = people.customer(work, "Straße 电器", level_id=level, tags=[tag.id])
    other = people.customer(work, "王五")
    root = records.create(people.as_system(work), PRODUCT_CATEGORY, {"code": "appliance", "name": "家电"})
    category = records.create(
        people.as_system(work), PRODUCT_CATEGORY, {"code": "aircon", "name": "空调", "parent_id": root.id}
    )
    unit = people.installed_product(
        work,
        vip,
        people.product(work, category_id=category.id),
        serial="ＡＢ12",
        sold_on=date(2026, 11, 1),
        installed_on=date(2026, 11, 2),
    )
    outlet = people.outlet(work, code="DZ-1")
    team = people.team(work, code="B1", outlet_id=outlet.id)
    mate = people.account(work, roles=["technician"], teams=[team], outlet=outlet)
    me = people.account(work, roles=["technician"], teams=[team])
    orders = [
        OpenTicket(key, {"customer_id": vip.id, "installed_product_id": unit.id, "priority": 1, "tags": ["老客户"]},
                   {"fault": "空调不制冷 100%", "fault_code": "E1", "quantity": 5}),
        OpenTicket(key, {"customer_id": other.id, "assignee_id": mate.user_id}, {"fault": "Größe_x", "quantity": 0}),
        OpenTicket(key, {"assignee_id": me.user_id, "team_id": team.id}, {"fault": "漏水", "fault_code": "E2"},
                   created_at=NOW - timedelta(days=40)),
        OpenTicket(key, {}, {"fault": "KFR-35GW"}, state="done", created_at=NOW - timedelta(hours=3)),
    ]  # fmt: skip
    ids = [one.ticket_id for one in service.open_tickets(work, orders).outcomes]
    service.change_ticket(work, ChangeTicket(ids[0], transition="start"))
    service.change_ticket(work, ChangeTicket(ids[1], answers={"quantity": 7}))
    return {"ids": ids, "me": me, "mate": mate, "vip": vip, "other": other, "tag": tag, "unit": unit, "team": team,
            "outlet": outlet}  # fmt: skip


def reaching(desk: dict[str, Any]) -> Actor:
    """The technician, were all tickets and everybody's teams theirs to read."""
    me = desk["me"]
    return replace(me, scope=Scope.ALL, permissions=me.permissions | {"staff.read", "team.read"})


def leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


#: Trees, and which of the tickets above meet them.
FOUND = [
    (leaf("state", "is", "working"), [0]),
    ({"none": [leaf("state", "is", "working")]}, [1, 2, 3]),
    (leaf("category", "is_any_of", ["new", "resolved"]), [1, 2, 3]),
    (leaf("priority", "is_less_than", 3), [0]),
    (leaf("subject", "contains", "不制冷"), [0]),
    (leaf("subject", "contains", "100%"), [0]),
    (leaf("subject", "contains", "100_"), []),
    (leaf("subject", "starts_with", "GRÖSSE"), [1]),
    (leaf("subject", "matches", "kfr-\\d+gw"), [3]),
    (leaf("subject", "matches", "(k+)+$"), []),
    (leaf("created_at", "is_in_period", "today"), [0, 1, 3]),
    (leaf("created_at", "is_before", {"now": "-1mo"}), [2]),
    (leaf("created_at", "is_within_last", "2h"), [0, 1]),
    (leaf("age_minutes", "is_at_least", 180), [2, 3]),
    (leaf("age_minutes", "is", 180), [3]),
    (leaf("due_minutes", "is_between", [-100_000, -1]), [2]),
    (leaf("due_minutes", "is", 480), [0]),
    (leaf("resolution_minutes", "is_empty"), [0, 1, 2]),
    (leaf("closed_at", "is_empty"), [0, 1, 2, 3]),
    (leaf("customer_id", "is_empty"), [2, 3]),
    (leaf("customer.level", "is", "vip"), [0]),
    (leaf("customer.level", "is_not", "vip"), []),
    (leaf("customer.level", "is_empty"), [1, 2, 3]),
    ({"none": [leaf("customer.level", "is", "vip")]}, [1, 2, 3]),
    (leaf("customer.kind", "is", "person"), [0, 1]),
    (leaf("customer.name", "contains", "STRASSE"), [0]),
    (leaf("customer.tags", "includes_any", ["TAG"]), [0]),
    (leaf("customer.tags", "includes_none", ["TAG"]), []),
    (leaf("customer.tags", "is_empty"), [1, 2, 3]),
    (leaf("tags", "includes_any", ["TAG"]), [0]),
    (leaf("tags", "includes_all", ["TAG"]), [0]),
    (leaf("tags", "includes_none", ["TAG"]), []),
    (leaf("tags", "is_empty"), [1, 2, 3]),
    (leaf("tags", "is_not_empty"), [0]),
    (leaf("installed_product.serial", "is", "ab12"), [0]),
    (leaf("installed_product.sold_on", "is_in_period", "this_month"), [0]),
    (leaf("product.category", "is_below", "appliance"), [0]),
    (leaf("product.category", "is", "appliance"), []),
    (leaf("product.brand", "is", "海信"), [0]),
    (leaf("assignee_id", "is_me"), [2]),
    (leaf("assignee_id", "is_in_my_team"), [1, 2]),
    (leaf("team_id", "is_in_my_team"), [1, 2]),
    (leaf("assignee.teams", "includes_any", ["TEAM"]), [1, 2]),
    (leaf("assignee.teams", "is_empty"), [0, 3]),
    (leaf("assignee.outlet", "is", "OUTLET"), [1]),
    (leaf("assignee.outlet", "is_not", "OUTLET"), []),
    (leaf("team.outlet", "is", "OUTLET"), [1, 2]),
    (leaf("team.code", "is", "ｂ1"), [1, 2]),
    (leaf("outlet.code", "starts_with", "dz"), [1]),
    (leaf("values.fault_code", "is_any_of", ["E1", "E2"]), [0, 2]),
    (leaf("values.fault_code", "is_not", "E1"), [2]),
    (leaf("values.quantity", "is_at_least", "5"), [0, 1]),
    (leaf("values.quantity", "is_empty"), [2, 3]),
    (leaf("values.fault", "is", "ｋｆｒ-35gw"), [3]),
    (leaf("channel", "is", "DESK"), [0, 1, 2, 3]),
    ({"any": [leaf("priority", "is", 1), leaf("assignee_id", "is_me")]}, [0, 2]),
    ({"all": []}, [0, 1, 2, 3]),
    ({"any": []}, []),
]  # fmt: skip
#: Trees about what was; only the journal knows.
PAST = [
    (leaf("state", "was", "waiting"), [0]),
    (leaf("state", "changed_to", "working"), [0]),
    # What a ticket was made with is no change.
    (leaf("state", "changed"), [0]),
    (leaf("state", "changed_to", "waiting"), []),
    (leaf("subject", "changed"), []),
    ({"none": [leaf("priority", "changed")]}, [0, 1, 2, 3]),
    (leaf("values.quantity", "changed"), [1]),
    (leaf("values.quantity", "changed_from", 0), [1]),
    (leaf("values.quantity", "was", 5), []),
    ({"none": [leaf("state", "changed_from", "waiting")]}, [1, 2, 3]),
]


def written(tree: Any, desk: dict[str, Any]) -> Any:
    """A tree with the keys only this database knows."""
    keys = {"['TAG']": [str(desk["tag"].id)], "['TEAM']": [str(desk["team"].id)], "OUTLET": desk["outlet"].id}
    return tree | {"value": keys[str(tree["value"])]} if str(tree.get("value")) in keys else tree


def found(work, where) -> list[int]:
    return sorted(row.id for row in ticket_page(work, TicketQuery(where=where)).rows)


def test_lists_find_what_meets_the_condition(make_work, desk):
    reach = make_work(reaching(desk))
    for tree, expected in [*FOUND, *PAST]:
        ids = [desk["ids"][index] for index in expected]
        assert found(reach, written(tree, desk)) == ids, tree
    assert found(make_work(desk["me"]), {"all": []}) == desk["ids"][2:3]


def test_python_holds_what_lists_find(work, make_work, desk):
    reach = make_work(reaching(desk))
    read = [conditions.read(reach, written(tree, desk)) for tree, _expected in FOUND]
    names = {one.field.name for tree in read for one in tree.leaves}
    rows = [dict(zip(NAMES, row, strict=True)) for row in work.session.execute(select(*COLUMNS).order_by(COLUMNS[0]))]
    facts = conditions.facts(reach, rows, names)
    at = conditions.standpoint(reach, next(tree for tree in read if tree.leaves[0].operator.name == "is_in_my_team"))
    answers = list(map(compile_trees(read, at), facts))
    for index, (tree, expected) in enumerate(FOUND):
        assert [number for number, answer in enumerate(answers) if answer[index]] == expected, tree


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (tickets.field_spec("size", "decimal", "尺寸", settings={"scale": 2}), "12.34"),
        (tickets.field_spec("size", "money", "尺寸"), "12.34"),
        (tickets.field_spec("size", "text", "尺寸"), "1234"),
    ],
    ids=["scale", "money", "text"],
)
def test_answers_of_another_scale_or_kind_are_not_compared(work, first, then):
    """A template called an answer so that now is a whole number: 1234 of it is neither 12.34 nor a text."""
    numbers = []
    for size, answer in ((first, then), (tickets.field_spec("size", "integer", "尺寸"), 1234)):
        spec = tickets.repair_spec()
        main = replace(spec.sections[0], fields=(FieldUse("fault"), FieldUse("size")))
        key = tickets.template(work, spec=replace(
            spec, fields=dict(spec.fields) | {"size": size}, sections=(main, spec.sections[1]),
        ))  # fmt: skip
        numbers.append(tickets.ticket(work, key, {"fault": "x", "size": answer}))
    old, new = numbers
    assert found(work, leaf("values.size", "is", 1234)) == [new]
    assert found(work, leaf("values.size", "is_not_empty")) == [new]
    assert old in found(work, leaf("values.size", "is_empty"))


def test_counts_and_exports_follow_the_same_condition(work, desk):
    query = TicketQuery(where=leaf("state", "is", "waiting"))
    assert ticket_page(work, query).count.number == queries.exact_count(work, query) == 2
    assert sum(len(chunk) for chunk in queries.stream(work, query)) == 2


def test_every_field_can_be_asked_about_in_sql(work, desk):
    names = sorted(_FIELDS)
    known = conditions.fields(work, names)
    assert list(known) == names
    for name in names:
        ids = found(work, {"any": [leaf(name, "is_empty"), leaf(name, "is_not_empty")]})
        assert ids == desk["ids"], name


def test_python_knows_every_field_sql_knows(work, desk):
    rows = [dict(zip(NAMES, row, strict=True)) for row in work.session.execute(select(*COLUMNS).order_by(COLUMNS[0]))]
    names = sorted(_FIELDS)
    facts = conditions.facts(work, rows, names)
    for name in names:
        answered = compile_tree(conditions.read(work, leaf(name, "is_not_empty")))
        expected = [index for index, one in enumerate(facts) if answered(one)]
        assert found(work, leaf(name, "is_not_empty")) == [desk["ids"][index] for index in expected], name


def test_what_a_person_may_not_read_is_no_field(work, make_work, key, desk):
    service.change_ticket(work, ChangeTicket(desk["ids"][0], answers={"secret": "差评"}))
    assert found(work, leaf("values.secret", "is", "差评")) == desk["ids"][:1]
    clerk = make_work(tickets.actor(work, "clerk", scope=Scope.ALL))
    for name in ("values.secret", "values.nothing", "password", "values.x'] --", "customer.id_number"):
        with pytest.raises(DomainError) as refused:
            found(clerk, {"all": [leaf(name, "is", "差评")]})
        assert [(one.field, one.code) for one in refused.value.refusals] == [("where.all[0].field", "unknown_field")]
    for permission, name in (
        ("staff.read", "assignee.outlet"),
        ("team.read", "team.code"),
        ("outlet.read", "outlet.code"),
    ):
        with pytest.raises(DomainError):
            found(
                make_work(tickets.actor(work, "clerk", scope=Scope.ALL, without=[permission])), leaf(name, "is_empty")
            )
    without = make_work(tickets.actor(work, "clerk", scope=Scope.ALL, without=["customer.read"]))
    with pytest.raises(DomainError):
        found(without, leaf("customer.level", "is", "vip"))


def test_a_condition_never_widens_the_scope(make_work, work, desk):
    own = make_work(tickets.actor(work, "technician", scope=Scope.OWN))
    assert found(own, {"all": []}) == []
    assert found(own, {"none": [leaf("state", "is", "closed")]}) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 5000, '{"all":' * 3000, "nan", "x" * 200_001, '{"all": [' * 600 + "]}" * 600],
    ids=["empty", "open", "lists", "deep", "nan", "long", "nested"],
)
def test_what_is_no_condition_is_refused(work, key, text):
    with pytest.raises(DomainError):
        found(work, conditions.from_text(text))


@pytest.mark.parametrize(
    "tree",
    [
        [], "x", 7, {}, {"all": 1}, {"all": [[]]}, {"field": [], "op": {}},
        {"all": [leaf("priority", "is", 1)] * 10_000},
        leaf("priority", "is", "1.5"), leaf("priority", "is", 10**30), leaf("priority", "is", True),
        leaf("created_at", "is_after", {"now": "soon"}), leaf("state", "is", "nowhere"),
        leaf("customer.tags", "includes_any", ["0"]), leaf("template", "is", "x\x00"),
    ],
    ids=lambda tree: str(tree)[:40],
)  # fmt: skip
def test_bad_conditions_are_refused(work, key, tree):
    with pytest.raises(DomainError) as refused:
        found(work, tree)
    assert {one.field.replace("[", ".").partition(".")[0] for one in refused.value.refusals} == {"where"}


def test_extreme_values_are_answered(work, desk):
    every, none = sorted(desk["ids"]), []
    for tree, expected in (
        (leaf("created_at", "is", "9999-12-31T23:59:59Z"), none),
        (leaf("created_at", "is_before", "9999-12-31T23:59:59Z"), every),
        (leaf("created_at", "is_after", "9999-12-31T23:59:59Z"), none),
        (leaf("created_at", "is_before", "0001-01-01T00:00:00Z"), none),
        (leaf("assignee_id", "is", 2**53 - 1), none), (leaf("assignee_id", "is", "seven"), none),
        (leaf("created_at", "is_within_last", "100y"), every), (leaf("priority", "is_any_of", list(range(200))), every),
    ):  # fmt: skip
        assert found(work, tree) == expected, tree


def test_the_instant_of_a_list_is_that_of_its_work(make_work, desk):
    later = make_work(now=datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert found(later, leaf("created_at", "is_in_period", "last_year")) == desk["ids"]
    assert conditions.read(later, leaf("created_at", "is_in_period", "today")).needs == View.STANDPOINT


def test_a_page_by_condition_takes_few_statements(make_work, desk):
    reach = make_work(reaching(desk))
    tree = {
        "any": [
            leaf("state", "is", "working"), leaf("template", "is_empty"), leaf("values.quantity", "is_at_least", 1),
            leaf("customer.level", "is", "vip"), leaf("assignee_id", "is_in_my_team"), leaf("state", "was", "waiting"),
        ]
    }  # fmt: skip
    found(reach, tree)
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    engine = reach.session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    found(reach, tree)
    event.remove(engine, "before_cursor_execute", note)
    assert len(statements) <= 12, statements
