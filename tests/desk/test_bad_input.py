"""A field of every type, and all that can be sent to it: saved, or refused at its field; never half, never a 500."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.tickets.models import Ticket
from tests.desk.filling import hidden_inputs, problems
from tests.factories import tickets
from tests.house.test_field_types import TYPES
from ticket_templates.field_types.base import FieldType
from ticket_templates.field_types.inputs import ListInput, PartsInput, RowsInput
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.spec import FieldSpec, FieldUse, Section

SCRIPT = "<script>alert('x')</script>"
HOSTILE = {
    "nothing": "",
    "a word": "soon",
    "html": SCRIPT,
    "attribute": '"><img src=x onerror=alert(1)>',
    "nul": "a\x00b",
    "only nul": "\x00",
    "nan": "NaN",
    "infinity": "-Infinity",
    "exponent": "1e400",
    "10^30": "1" + "0" * 30,
    "day 1": "0001-01-01",
    "last day": "9999-12-31",
    "first moment": "0001-01-01T00:00",
    "last moment": "9999-12-31T23:59",
    "right to left": "\u202eأهلا\u202c",
    "zero width": "\u200b\u200d\ufeff",
    "emoji": "👩\u200d👩\u200d👧🛠️",
    "formula": "=cmd|'/c calc'!A1",
    "over-long": "x" * 21_000,
    "negative": "-1",
    "json": '{"a": [1]}',
    "path": "../../etc/passwd",
    "an id": "999999",
    "a huge id": "9" * 25,
    "template": "{{ 7*7 }}",
    "percent": "%(field)s %s",
    "lines": "a\r\nb\u2028c",
}


def every_type(work) -> str:
    """Publish a template with one field of each type that can be typed; return its key."""
    spec, fields = tickets.repair_spec(), {}
    for cls in TYPES:
        if not cls.derived:
            case = next(one for one in cls.cases if one.value is not None and one.stored is None)
            labels = tickets.named(cls.name, cls.name)
            fields[f"f_{cls.name}"] = FieldSpec(
                f"f_{cls.name}", cls.name, labels, options=case.options, settings=case.settings
            )
    section = Section("all", tickets.named("全部", "All"), tuple(FieldUse(key) for key in fields))
    spec = replace(spec, fields={**spec.fields, **fields}, sections=(*spec.sections, section))
    return tickets.template(work, f"every_type_{uuid4().hex[:6]}", spec)


_KEYS: dict[int, str] = {}


@pytest.fixture
def key(desk) -> str:
    if id(desk) not in _KEYS:
        with desk.work() as work:
            _KEYS[id(desk)] = every_type(work)
    return _KEYS[id(desk)]


def names_of(name: str, ftype: FieldType) -> Iterator[str]:
    """The inputs a field of this type has."""
    unbound: Any = ftype.form_field()
    if issubclass(unbound.field_class, PartsInput):
        parts = unbound.kwargs.get("parts") or unbound.args[0]
        yield from (f"{name}-{part}" for part in parts)
    elif issubclass(unbound.field_class, RowsInput):
        for column in ftype.columns:  # type: ignore[attr-defined]
            yield from names_of(f"{name}-0-{column.key}", column.ftype)
    else:
        yield name


def sent(desk, key: str, text: str) -> dict[str, Any]:
    data: dict[str, Any] = {"values.fault": "漏水"}
    for one, ftype in desk.types(key).items():
        if one.startswith("f_"):
            is_list = issubclass(ftype.form_field().field_class, ListInput)
            data |= {name: [text] if is_list else text for name in names_of(f"values.{one}", ftype)}
    return data


def count(desk) -> int:
    with desk.work() as work:
        return int(work.session.scalar(select(func.count()).select_from(Ticket)))


@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_is_sent_to_every_field(desk, clerk, key, what):
    text, before = HOSTILE[what], count(desk)
    start = hidden_inputs(clerk.get(f"/tickets/new/{key}").text)
    answer = clerk.post(f"/tickets/new/{key}", data=start | sent(desk, key, text))
    assert answer.status_code in {303, 422}
    assert count(desk) == before + (answer.status_code == 303)
    if answer.status_code == 422:
        assert problems(answer.text)
        assert "Traceback" not in answer.text
        assert start["submission_key"] in answer.text
        page = answer.text
    else:
        page = clerk.get(answer.headers["Location"]).text
    assert SCRIPT not in page
    assert "<img src=x" not in page
    assert clerk.post("/tickets/compute", data=start | sent(desk, key, text)).status_code == 200


@pytest.mark.parametrize("what", ["html", "nul", "10^30", "nan", "emoji", "over-long", "last moment"])
def test_whatever_is_sent_to_every_field_of_a_ticket_that_is_there(desk, clerk, key, what):
    start = hidden_inputs(clerk.get(f"/tickets/new/{key}").text)
    number = clerk.post(f"/tickets/new/{key}", data=start | {"values.fault": "漏水"}).headers["Location"].split("/")[2]
    url = f"/tickets/{number.partition('?')[0]}"
    before = desk.ticket(url.rpartition("/")[2])["values"]
    answer = clerk.post(f"{url}/sections/all/edit", data=sent(desk, key, HOSTILE[what]))
    assert answer.status_code in {303, 422}
    if answer.status_code == 422:
        assert problems(answer.text)
        assert desk.ticket(url.rpartition("/")[2])["values"] == before
    assert SCRIPT not in clerk.get(url).text
    assert clerk.get(f"{url}/report.pdf").status_code == 200


def test_every_refused_field_is_named(desk, clerk, key):
    start = hidden_inputs(clerk.get(f"/tickets/new/{key}").text)
    answer = clerk.post(f"/tickets/new/{key}", data=start | sent(desk, key, HOSTILE["over-long"]))
    # Of a table its cells are named.
    named = set(re.findall(r'<li><a href="#values-f_(\w+)(?:-\d+-\w+)?"', answer.text))
    untyped = {cls.name for cls in TYPES if cls.derived}
    assert {cls.name for cls in TYPES} - untyped - named == set()


@pytest.mark.parametrize("version", ["0", "-1", "abc", "9" * 30, "", "\x00"])
def test_a_strange_version_of_a_ticket(desk, clerk, version):
    number = desk.opened(clerk)
    data = {"values.fault": "新的", "version": version}
    answer = clerk.post(f"/tickets/{number}/sections/main/edit", data=data)
    assert answer.status_code in {303, 409, 422}


@pytest.mark.parametrize("body", ["", " \r\n", "\u200b", "\x00", "\u202e \u200d\u200b"])
def test_a_note_of_nothing_is_not_answered_as_if_it_were_kept(desk, clerk, body):
    number = desk.opened(clerk)
    answer = clerk.post(f"/tickets/{number}/notes", data={"body": body}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Write something, or attach a file." in answer.text


def test_a_state_that_is_no_longer_there(desk, clerk):
    """A hand on the database, or a version mended by one: the ticket is still read, and says what is possible."""
    number = desk.opened(clerk)
    with desk.work() as work:
        work.session.execute(update(Ticket).where(Ticket.number == number).values(state="vanished"))
    page = clerk.get(f"/tickets/{number}")
    assert page.status_code == 200
    answer = clerk.post(f"/tickets/{number}/steps/start", data={"version": "1"})
    assert answer.status_code == 422
    assert "the ticket is in “vanished” now." in answer.text
    assert clerk.get("/tickets/").status_code == 200


def test_a_priority_that_is_none_over_a_stale_version(desk, clerk):
    number = desk.opened(clerk)
    assert clerk.post(f"/tickets/{number}/about", data={"version": "1", "priority": "1"}).status_code == 303
    for typed in ("9" * 5000, "²", "x"):
        assert clerk.post(f"/tickets/{number}/about", data={"version": "1", "priority": typed}).status_code == 409


def test_a_field_that_left_the_template_while_the_form_was_open(desk, clerk):
    with desk.work() as work:
        key = tickets.template(work)
        old = work.session.scalars(select(TicketTemplate).where(TicketTemplate.key == key)).one()
        spec = tickets.repair_spec()
        kept = tuple(one for one in spec.sections[0].fields if one.field != "quantity")
        fewer = replace(spec.sections[0], fields=kept)
        spec = replace(spec, sections=(fewer, *spec.sections[1:]))
    data = desk.new_form(clerk, key) | {"values.quantity": "7"}
    with desk.work() as work:
        version = TemplateVersion(
            template_id=old.id, number=2, spec=spec.as_json(), checksum=spec.checksum(),
            published_at=work.now, created_at=work.now,
        )  # fmt: skip
        work.session.add(version)
    answer = clerk.post(f"/tickets/new/{key}", data=data)
    assert answer.status_code == 303
    number = answer.headers["Location"].split("/")[2].partition("?")[0]
    assert desk.ticket(number)["values"]["quantity"] == 7


def test_a_link_names_the_customer_of_the_form(desk, clerk):
    ids = {"customer_id": desk.ids["customer"], "installed_product_id": desk.ids["installed_product"]}
    html = clerk.get("/tickets/new/appliance_repair", query_string=ids).text
    for name, value in ids.items():
        assert re.search(rf'name="{name}"[^>]*value="{value}"', html), name
    strange = {"customer_id": "x", "site_id": "9" * 30}
    assert clerk.get("/tickets/new/appliance_repair", query_string=strange).status_code == 200


def test_a_step_or_state_that_is_no_longer_there(desk, clerk):
    number = desk.opened(clerk)
    gone = clerk.post(f"/tickets/{number}/steps/vanished", data={"version": "1"})
    assert gone.status_code == 404
    assert "There is no such step." in gone.text
    assert clerk.post(f"/tickets/{number}/steps/start", data={"version": "1"}).status_code == 303
    # A colleague has taken it meanwhile: the state it leads from is no longer the ticket's.
    late = clerk.post(f"/tickets/{number}/steps/start", data={"version": "2"})
    assert late.status_code == 422
    assert desk.ticket(number)["state"] == "working"
    assert clerk.get("/tickets/?state=vanished").status_code == 200
