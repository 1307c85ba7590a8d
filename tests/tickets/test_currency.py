"""Amounts in conditions: compared in the company's currency by Python, by the databases and by the browser."""

from dataclasses import replace

import pytest

from app.core.work import Work
from app.tickets import queries, service
from app.tickets.columns import chosen
from app.tickets.orders import OpenTicket
from app.tickets.queries import TicketQuery, ticket_page
from forms.conditions import script
from tests.factories import tickets
from ticket_templates.field_types.base import FieldType
from ticket_templates.queries import published_version
from ticket_templates.roles import ROLE_LABELS
from ticket_templates.spec import FieldSpec, FieldUse, Section, TemplateSpec
from ticket_templates.validation import problems_of
from ticket_templates.versions.unknown_type import bound

DEAR = {"field": "values.price", "op": "is_at_least", "value": "100"}


def spec_asking(value: str = "100") -> TemplateSpec:
    """The small repair, which shows a field where the price, or the total, is at least ``value``."""
    spec = tickets.repair_spec()
    total = {"formula": "price * 2", "result": "money"}
    added = {
        "price": tickets.field_spec("price", "money", "价格"),
        "total": tickets.field_spec("total", "computed", "合计", settings=total),
        "why": tickets.field_spec("why", "text", "原因"),
    }
    uses = (FieldUse("price"), FieldUse("total"), FieldUse("why", visible_when={**DEAR, "value": value}))
    fees = Section("fees", tickets.named("费用", "Fees"), uses)
    return replace(spec, fields={**spec.fields, **added}, sections=(*spec.sections, fees))


@pytest.fixture(params=["JPY", "CNY", "KWD"])
def company(request: pytest.FixtureRequest, work: Work) -> Work:
    """Work in a company of yen, which have no parts, of yuan, or of dinars, which have a thousand."""
    return replace(work, company=replace(work.company, currency=request.param))


def test_every_backend_compares_in_the_companys_currency(company):
    key = tickets.template(company, spec=spec_asking())
    orders = [OpenTicket(key, {}, {"fault": "漏水", "price": price}) for price in ("99", "100")]
    cheap, dear = (one.ticket_id for one in service.open_tickets(company, orders).outcomes)
    minor = 100 * 10 ** {"JPY": 0, "CNY": 2, "KWD": 3}[company.company.currency]
    version = published_version(company, key)
    stored = {one: version.unsealed(queries.ticket(company, one).columns["values"]) for one in (cheap, dear)}
    assert [values["price"] for values in stored.values()] == [minor * 99 // 100, minor]
    # Python: what a form shows.
    assert ["why" in version.visible(stored[one], {}) for one in (cheap, dear)] == [False, True]
    # The browser.
    assert script(version.rules, version.uses["why"].visible_when)["value"] == minor
    # The databases: lists and saved views; of what is computed, too.
    for tree, found in ((DEAR, [dear]), ({**DEAR, "field": "values.total", "value": 199}, [dear])):
        assert [row.id for row in ticket_page(company, TicketQuery(where=tree)).rows] == found


def test_a_spreadsheet_shows_the_digits_of_the_currency(company):
    version = published_version(company, tickets.template(company, spec=spec_asking()))
    wanted = {"JPY": "#,##0", "CNY": "#,##0.00", "KWD": "#,##0.000"}[company.company.currency]
    columns = chosen(["values.price", "values.total", "values.why"], [version])
    assert [one.excel_format for one in columns] == [wanted, wanted, "General"]
    own = FieldSpec("deposit", "money", {"en": "Deposit"}, settings={"currency": "JPY"})
    # One that is not the company's says so.
    code = "" if company.company.currency == "JPY" else "[$JPY] "
    assert bound(own).excel_format_in(company.company.currency) == f"{code}#,##0"


def test_a_condition_on_a_part_of_a_yen_is_refused_where_it_is_written(company):
    problems = problems_of(spec_asking("0.5"), ROLE_LABELS, company.company.currency)
    assert [one.code for one in problems] == (["wrong_value"] if company.company.currency == "JPY" else [])


def test_an_amount_of_its_own_currency_keeps_it(company: Work) -> None:
    price: FieldType = published_version(company, tickets.template(company, spec=spec_asking())).types["price"]
    dollars = type(price)(replace(price.spec, settings={"currency": "USD"}))
    assert dollars.condition_field().counted_in(company.company.currency).scale == 2
