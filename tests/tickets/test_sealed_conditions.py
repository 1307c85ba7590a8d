"""Conditions on personal answers: whether they are there, and whether they are one; never what they are."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.conditions.python import compile_tree
from app.core.errors import DomainError
from app.core.permissions import Scope
from app.tickets import conditions, renewal, search, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery, ticket_page
from tests.factories import tickets
from ticket_templates.spec import FieldUse, TemplateSpec

PERSONAL = {"personal": True}
TEL = {"key": "tel", "type": "phone", "labels": tickets.named("电话", "Phone")}
ADDED = (
    tickets.field_spec("mail", "email", "邮箱", settings=PERSONAL),
    tickets.field_spec("id_card", "text", "证件号", settings=PERSONAL),
    tickets.field_spec("callers", "table", "来电", settings={"columns": [TEL]}),
    tickets.field_spec("hidden", "phone", "内线"),
)


def spec() -> TemplateSpec:
    """The small template with personal answers of every sort; one of them is the reviewers' alone."""
    small = tickets.repair_spec()
    uses = [FieldUse(one.key) for one in ADDED[:-1]]
    uses.append(FieldUse("hidden", read_roles=frozenset({"qa"}), write_roles=frozenset({"qa"})))
    main, *others = small.sections
    return replace(
        small,
        fields=small.fields | {one.key: one for one in ADDED},
        sections=(replace(main, fields=(*main.fields, *uses)), *others),
    )


@pytest.fixture
def ids(work) -> list[int]:
    """Three tickets: one with everything, one with another phone, one with nothing."""
    key = tickets.template(work, spec=spec())
    return [
        tickets.ticket(
            work, key,
            {"phone": "13900139000", "mail": "Li@Example.com", "id_card": "11010119900307123x",
             "callers": [{"tel": "13700137000"}], "hidden": "13600136000"},
        ),
        tickets.ticket(work, key, {"phone": "010-62345678-8001"}),
        tickets.ticket(work, key, {}),
    ]  # fmt: skip


def leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": f"values.{field}", "op": op} | ({} if value is None else {"value": value})


FOUND = [
    (leaf("phone", "is", "13900139000"), [0]),
    (leaf("phone", "is", "+86 139-0013-9000"), [0]),
    (leaf("phone", "is", "13800138000"), []),
    (leaf("phone", "is", "010-62345678 转 8001"), [1]),
    (leaf("phone", "is_not", "13900139000"), [1]),
    (leaf("phone", "is_any_of", ["13900139000", "010-62345678-8001"]), [0, 1]),
    (leaf("phone", "is_none_of", ["13900139000", "13800138000"]), [1]),
    (leaf("phone", "is_empty"), [2]),
    (leaf("phone", "is_not_empty"), [0, 1]),
    ({"none": [leaf("phone", "is", "13900139000")]}, [1, 2]),
    ({"none": [leaf("phone", "is_not", "13900139000")]}, [0, 2]),
    # A number of another field is none of this one.
    (leaf("phone", "is", "13600136000"), []),
    (leaf("hidden", "is", "13600136000"), [0]),
    (leaf("mail", "is", "li@EXAMPLE.com"), [0]),
    (leaf("mail", "is_empty"), [1, 2]),
    (leaf("id_card", "is", "１１０１０１19900307123X"), [0]),
    (leaf("id_card", "is", "1101"), []),
    (leaf("id_card", "is_not_empty"), [0]),
    (leaf("callers", "is_empty"), [1, 2]),
    (leaf("callers", "is_not_empty"), [0]),
]


def found(work, where) -> list[int]:
    return sorted(row.id for row in ticket_page(work, TicketQuery(where=where)).rows)


def test_lists_find_personal_answers_as_a_whole(work, ids):
    for tree, expected in FOUND:
        assert found(work, tree) == [ids[index] for index in expected], tree


def test_python_holds_what_lists_find_of_personal_answers(work, ids):
    rows = [dict(zip(NAMES, row, strict=True)) for row in work.session.execute(select(*COLUMNS).order_by(COLUMNS[0]))]
    for tree, expected in FOUND:
        read = conditions.read(work, tree)
        holds = compile_tree(read)
        facts = conditions.facts(work, rows, {one.field.name for one in read.leaves})
        assert [index for index, one in enumerate(facts) if holds(one)] == expected, tree
        assert "139" not in str(facts)


def test_a_changed_answer_is_found_as_it_is_then(work, ids):
    service.change_ticket(work, ChangeTicket(ids[0], answers={"phone": "13800138000"}))
    assert found(work, leaf("phone", "is", "13900139000")) == []
    assert found(work, leaf("phone", "is", "13800138000")) == ids[:1]


def test_older_tickets_are_found_after_a_renewal(work, ids):
    search.write(work.session.connection(), [(ids[0], ["nothing"])], fresh=False)
    assert found(work, leaf("mail", "is", "li@example.com")) == []
    renewal.renew(work, ids)
    assert found(work, leaf("mail", "is", "li@example.com")) == ids[:1]


@pytest.mark.parametrize("op", ["contains", "starts_with", "matches", "changed", "changed_to"])
def test_what_is_encrypted_is_not_looked_into(work, ids, op):
    with pytest.raises(DomainError) as refused:
        found(work, leaf("phone", op, None if op == "changed" else "139"))
    assert refused.value.refusals[0].code == "wrong_operator"


def test_what_is_no_phone_number_is_refused_where_it_stands(work, ids):
    with pytest.raises(DomainError) as refused:
        found(work, leaf("phone", "is_any_of", ["13900139000", "139"]))
    (one,) = refused.value.refusals
    assert (one.field, one.code) == ("where.value[1]", "wrong_value")
    assert one.message.in_("en") == "This is not a complete phone number."


def test_who_may_not_read_personal_data_learns_only_whether_it_is_there(make_work, work, ids):
    without = tickets.actor(work, "clerk", scope=Scope.ALL, without=["personal_data.read"])
    reader = make_work(without)
    assert found(reader, leaf("phone", "is_not_empty")) == ids[:2]
    assert found(reader, leaf("id_card", "is_empty")) == ids[1:]
    assert found(reader, leaf("callers", "is_not_empty")) == ids[:1]
    for name in ("phone", "mail", "id_card"):
        for op in ("is", "is_not"):
            with pytest.raises(DomainError) as refused:
                found(reader, leaf(name, op, "13900139000"))
            assert refused.value.refusals[0].code == "wrong_operator"
    offered = {one.field.name: [each.name for each in one.operators] for one in conditions.offers(reader)}
    assert offered["values.phone"] == ["is_empty", "is_not_empty"]


def test_what_only_some_may_read_is_no_field_to_the_others(make_work, work, ids):
    clerk = make_work(tickets.actor(work, "clerk", scope=Scope.ALL))
    assert found(clerk, leaf("phone", "is", "13900139000")) == ids[:1]
    for op, value in (("is", "13600136000"), ("is_empty", None)):
        with pytest.raises(DomainError) as refused:
            found(clerk, leaf("hidden", op, value))
        assert refused.value.refusals[0].code == "unknown_field"


def test_the_builder_offers_and_says_what_can_be_asked(work, ids):
    offered = {one.field.name: [each.name for each in one.operators] for one in conditions.offers(work)}
    assert set(offered["values.phone"]) == {"is", "is_not", "is_any_of", "is_none_of", "is_empty", "is_not_empty"}
    assert offered["values.callers"] == ["is_empty", "is_not_empty"]
    assert conditions.said(work, leaf("phone", "is", "13900139000")) == "联系电话为“13900139000”"
