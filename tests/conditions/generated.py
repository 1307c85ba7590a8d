"""Trees and tickets as Hypothesis makes them, over every kind and every way a field is read."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, String, Table

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import CASES_AT, Operator
from app.conditions.sources import Among, Answer, Blind, Journal, Several, Stored, Through
from app.conditions.standpoint import PERIODS, STARTS, View
from app.conditions.tree import Leaf
from app.conditions.values import ENDS, FORM, FUTURE, MANY, NOTHING, PAST, PERIOD
from app.core.columns import Json, UtcDateTime
from app.core.db import folded

AT = CASES_AT
METADATA = MetaData()
TICKET = Table(
    "made_ticket",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("owner_id", Integer),
    Column("told", Boolean),
    Column("answers", Json),
    Column("text", String),
    Column("number", BigInteger),
    Column("date", Date),
    Column("datetime", UtcDateTime),
    Column("choice", String),
    Column("cascade", String),
    Column("boolean", Boolean),
    Column("reference", Integer),
    prefixes=["TEMPORARY"],
)
OWNER = Table(
    "made_owner",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("level", String),
    Column("name", String),
    prefixes=["TEMPORARY"],
)
EVENT = Table("made_event", METADATA, Column("ticket_id", Integer), Column("changes", Json), prefixes=["TEMPORARY"])
JOURNAL = Journal(TICKET.c.id, EVENT.c.ticket_id, EVENT.c.changes, "fact")
TAG = Table("made_tag", METADATA, Column("owner_id", Integer), Column("tag", String), prefixes=["TEMPORARY"])

OWNERS = [
    {"id": 1, "level": "a", "name": "Straße"},
    {"id": 2, "level": "b", "name": None},
    {"id": 3, "level": None, "name": " \u3000"},
]
TAGS = {1: ["a", "b"], 2: ["b"], 3: None, None: None}

COLUMNS = ["text", "number", "date", "datetime", "choice", "cascade", "boolean", "reference"]


def made(name: str, kind: str, source: Any, refers_to: str = "") -> ConditionField:
    return ConditionField(name, kind, {"en": name}, source=source, refers_to=refers_to)


#: The options of a field that lists them; tickets have the retired ones and others still, leaves ask for none of these.
OPTIONS = {key: {"en": key.upper()} for key in ("a", "a/b", "b", "11", "1101")}
RETIRED = frozenset({"b", "1101"})
#: Asked for by marks alone, as what is encrypted is: here each fact is its own mark.
SEALED = Blind(
    Answer(TICKET.c.answers, ("sealed",)),
    lambda marks: Answer(TICKET.c.answers, ("sealed",)).fact(KINDS["sealed"]).in_(marks).is_(True),
)
REFERS = {"reference": "user"}
FIELDS = {
    one.name: one
    for one in (
        *(
            made(kind, kind, SEALED if kind == "sealed" else Answer(TICKET.c.answers, (kind,)), REFERS.get(kind, ""))
            for kind in KINDS
        ),
        *(made(f"stored.{kind}", kind, Stored(TICKET.c[kind])) for kind in COLUMNS),
        made("owner.level", "choice", Through(TICKET.c.owner_id, OWNER.c.id, Stored(OWNER.c.level))),
        made("owner.name", "text", Through(TICKET.c.owner_id, OWNER.c.id, Stored(OWNER.c.name))),
        made("owner.tags", "choices", Several(TICKET.c.owner_id, TAG.c.owner_id, TAG.c.tag)),
        # What people write in units of its field, what has options, and what once was one of them.
        replace(made("scaled", "number", Answer(TICKET.c.answers, ("number",))), scale=2),
        *(
            replace(made(f"listed.{kind}", kind, Answer(TICKET.c.answers, (kind,))), options=OPTIONS, retired=RETIRED)
            for kind in ("choice", "choices", "cascade")
        ),
        made("told", "choice", Among(TICKET.c.told.is_(True), Answer(TICKET.c.answers, ("choice",)))),
    )
}  # fmt: skip

#: Letters that fold in odd ways, white space of all sorts, and what looks alike.
WORDS = st.text(alphabet="aAbBßẞſsΣςσİIıiĳﬁＡ１Ꭰꭰᏸé é\u0301 \t\u00a0\u3000\x85\x1f%_\\/\"'维修🛠", max_size=6)
KEYS = st.sampled_from(["a", "A", "a/b", "a/b/c", "ab", "b", "11", "1101", "110101"])
DAYS = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(
    ["2026-11-21", "2026-11-20", "2026-11-22", "2026-11-01", "2026-10-31", "2026-12-01", "2025-12-31", "2027-01-01"]
)
#: Midnights of Shanghai, the last second before them, and now.
INSTANTS = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")) | st.sampled_from(
    [
        "2026-11-21T08:30:00Z", "2026-11-21T08:30:01Z", "2026-11-20T16:00:00Z", "2026-11-20T15:59:59Z",
        "2026-11-21T16:00:00Z", "2026-10-31T16:00:00Z", "2026-10-31T15:59:59Z", "2025-12-31T16:00:00Z",
        "9999-12-31T23:59:59Z",
    ]
)  # fmt: skip
CLOCKS = st.times().map(lambda time: time.strftime("%H:%M")) | st.just("08:30")
SMALL = st.integers(-3, 3) | st.sampled_from([10**15, -(10**15)])
FACTS_OF: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "number": SMALL,
    "money": SMALL,
    "date": DAYS,
    "datetime": INSTANTS,
    "time": CLOCKS,
    "boolean": st.booleans(),
    "reference": st.integers(1, 9) | KEYS,
    "choices": st.lists(KEYS, max_size=3),
    "attachments": st.lists(st.integers(1, 3), max_size=2),
    "table": st.lists(st.just({"a": 1}), max_size=1),
    "coordinates": st.just({"latitude": 1}) | st.just({}),
}
#: Anything may stand where an answer is expected; it counts as unanswered.
ODD = st.sampled_from([None, "", " ", 0, 1, True, False, [], {}, ["a"], [""], [1], {"a": 1}, "x", "[]", "{}"])

RELATIVE = st.sampled_from(
    [
        *({"start_of": part} for part in STARTS),
        *({"now": span} for span in ("0d", "-1d", "+1mo", "-9mo", "-1y", "2w", "-90min", "8h")),
    ]
)
SPANS = {
    "date": st.sampled_from(["1d", "3d", "1w", "9mo", "1y"]),
    "datetime": st.sampled_from(["1min", "90min", "16h", "1d", "3w", "1mo", "1y"]),
}
ATOMS = st.sampled_from(["a", "b", "s", "é", "ß", "维", " ", ".", "[a-c]", "[^a]", "[ab%_]", "%", "_", "\\.", "\\\\"])
TIMES = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
        | st.builds(lambda part, times: f"(?:{part}){times}", inner, TIMES)
    ),
    max_leaves=5,
).filter(lambda pattern: 0 < len(pattern) <= 60)  # fmt: skip


def value_of(field: ConditionField) -> st.SearchStrategy[Any]:
    kind = field.kind
    if field.options:
        return st.sampled_from(sorted(field.options.keys() - field.retired))
    if field.scale:
        return SMALL.map(lambda number: str(Decimal(number).scaleb(-field.scale)))
    if kind == "text":
        return WORDS.filter(folded)
    values = FACTS_OF.get(kind, KEYS) if kind != "choices" else KEYS
    return values | RELATIVE if kind in {"date", "datetime"} else values


def ends_of(field: ConditionField) -> st.SearchStrategy[Any]:
    def sorted_ends(ends: list[Any]) -> list[Any]:
        return (
            ends if any(isinstance(one, dict) for one in ends) else sorted(ends, key=Decimal if field.scale else None)
        )

    return st.lists(value_of(field), min_size=2, max_size=2).map(sorted_ends)


def leaf_of(operator: type[Operator], field: ConditionField) -> st.SearchStrategy[dict[str, Any]]:
    takes, kind = operator.takes, field.kind
    if takes is NOTHING:
        return st.just({"field": field.name, "op": operator.name})
    value = {
        MANY: lambda: st.lists(value_of(field), min_size=1, max_size=3),
        ENDS: lambda: ends_of(field),
        PAST: lambda: SPANS[kind],
        FUTURE: lambda: SPANS[kind],
        PERIOD: lambda: st.sampled_from(sorted(PERIODS)),
        FORM: lambda: PATTERNS,
    }.get(takes, lambda: value_of(field))()
    return value.map(lambda one: {"field": field.name, "op": operator.name, "value": one})


#: Operators are as likely as fields, though most fields serve few.
ASKED = [cls for cls in OPERATORS if View.CHANGE not in cls.needs]
SERVED = {cls.name: [leaf_of(cls, field) for field in FIELDS.values() if cls.serves(field)] for cls in ASKED}
ASKING = {name: [leaf_of(cls, field) for cls in ASKED if cls.serves(field)] for name, field in FIELDS.items()}
EACH = [st.one_of(several) for several in (*SERVED.values(), *ASKING.values())]
LEAVES = st.one_of(EACH)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda joint, parts: {joint: parts}, st.sampled_from(["all", "any", "none"]), st.lists(inner, max_size=4)
    ),
    max_leaves=8,
).filter(lambda tree: depth(tree) <= 5)


def stored_of(kind: str) -> st.SearchStrategy[Any]:
    values = {"reference": st.integers(1, 9), "choice": KEYS, "cascade": KEYS}
    return st.none() | values.get(kind, FACTS_OF.get(kind, KEYS))


ANSWERS = st.fixed_dictionaries({}, optional={kind: FACTS_OF.get(kind, KEYS) | ODD for kind in KINDS})
STORED = st.fixed_dictionaries({f"stored.{kind}": stored_of(kind) for kind in COLUMNS})
OWNED = st.fixed_dictionaries({"owner_id": st.sampled_from([None, 1, 2, 3]), "is_told": st.booleans()})
TICKETS = st.builds(lambda answers, stored, owned: answers | stored | owned, ANSWERS, STORED, OWNED)


def aimed(ticket: dict[str, Any], leaf: Leaf) -> None:
    """Give a ticket the fact a leaf asks for, which chance alone seldom does."""
    name = "number" if leaf.field.scale else leaf.field.name.removeprefix("listed.")
    if name in KINDS and leaf.value is not None and not leaf.is_relative and leaf.operator.takes is not FORM:
        wants_list = leaf.field.kind == "choices"
        ticket[name] = (
            (list(leaf.value) if wants_list else leaf.value[0]) if isinstance(leaf.value, tuple) else leaf.value
        )


def facts_of(ticket: dict[str, Any]) -> dict[str, Any]:
    """The facts of a ticket, those read of its owner among them."""
    owner = next((one for one in OWNERS if one["id"] == ticket["owner_id"]), {})
    return {
        **ticket,
        "owner.level": owner.get("level"),
        "owner.name": owner.get("name"),
        "owner.tags": TAGS[ticket["owner_id"]],
        "scaled": ticket.get("number"),
        **{f"listed.{kind}": ticket.get(kind) for kind in ("choice", "choices", "cascade")},
        "told": ticket.get("choice") if ticket["is_told"] else None,
    }


def depth(tree: Any) -> int:
    parts = next((tree[joint] for joint in ("all", "any", "none") if joint in tree), None)
    return 0 if parts is None else 1 + max(map(depth, parts), default=0)
