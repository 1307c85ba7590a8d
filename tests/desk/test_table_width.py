"""A table takes a form's whole row by itself, and its cells say what is typed there, so that none is too narrow."""

import re
from dataclasses import replace

from app.core.permissions import SYSTEM
from tests.clients import CAUSE
from tests.factories.tickets import field_spec, named, repair_spec, template
from ticket_templates.spec import FieldUse

COLUMNS = [
    {"key": "part", "type": "text", "labels": named("配件")},
    {"key": "price", "type": "money", "labels": named("单价")},
]


def test_a_table_takes_the_row_unless_the_template_says_otherwise(web, client_as):
    spec = repair_spec()
    tables = {key: field_spec(key, "table", key, settings={"columns": COLUMNS}) for key in ("wide", "narrow")}
    uses = (FieldUse("wide"), FieldUse("narrow", width=8), *spec.sections[0].fields)
    spec = replace(
        spec, fields={**spec.fields, **tables}, sections=(replace(spec.sections[0], fields=uses), *spec.sections[1:])
    )
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = template(work, spec=spec)
    page = client_as("clerk").get(f"/tickets/new/{key}").text
    widths = re.findall(r'class="span-(\d+) ticket-answer" data-answer="(wide|narrow|fault)"', page)
    assert widths == [("12", "wide"), ("8", "narrow"), ("6", "fault")]
    assert re.findall(r'<td data-cell="(\w+)">', page)[:2] == ["text", "money"]
