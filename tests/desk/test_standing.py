"""What stands on a ticket is told at its field: what is kept is starred, and what only grows says what it counts."""

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from tests.desk.test_live_values import rules_of
from tests.factories import tickets
from tests.tickets.test_standing import spec


def opened(desk, *steps, **answers):
    """The number of a ticket that holds a deposit, after some steps."""
    with desk.work() as work:
        key = tickets.template(work, spec=spec())
        one = tickets.ticket(work, key, {"fault_code": "E1", "deposit": "150"})
        for step in steps:
            service.change_ticket(work, ChangeTicket(one, answers=answers, transition=step))
        return queries.ticket(work, one).number


def test_what_every_ticket_there_has_is_starred_and_not_emptied(desk, clerk):
    number = opened(desk, "start", "finish", result="换了板子")
    url = f"/tickets/{number}/sections/work/edit"
    page = clerk.get(url).text
    assert 'class="form-label required" for="values-result"' in page
    assert rules_of(page)["fields"]["result"]["always"]
    answer = clerk.post(url, data={"values.result": ""})
    assert answer.status_code == 422
    assert "Every ticket in the state “Done” has “Result”" in answer.text
    other = clerk.get(f"/tickets/{opened(desk)}/sections/work/edit").text
    assert 'class="form-label" for="values-result"' in other


def test_what_only_grows_says_what_it_counts_and_where_less_is_said(desk, clerk):
    number = opened(desk)
    answer = clerk.post(f"/tickets/{number}/sections/work/edit", data={"values.deposit": "50"})
    assert answer.status_code == 422
    assert "CN¥150.00 is there already" in answer.text
    assert "“Wait for parts”" in answer.text
    assert 'value="50"' in answer.text
    assert clerk.post(f"/tickets/{number}/sections/work/edit", data={"values.deposit": "200"}).status_code == 303
    assert desk.ticket(number)["values"]["deposit"] == 20000
