"""Splitting a ticket on its page: the dialog, and the form of a new ticket that begins with what is known."""

import re

from tests.desk.filling import hidden_inputs
from tests.desk.test_ticket_page import part


def test_a_note_goes_over_to_a_ticket_that_begins_with_the_same_customer(desk, clerk):
    source = desk.opened(clerk, customer_id=str(desk.ids["customer"]), **{"values.fault": "不制冷"})
    clerk.post(f"/tickets/{source}/notes", data={"body": "另外洗衣机也坏了"})
    dialog = clerk.get(f"/tickets/{source}/split", headers={"HX-Request": "true"}).text
    (note,) = re.findall(r'name="split_note" value="(\d+)"', dialog)
    form = clerk.get(f"/tickets/new/{desk.small}?split={source}&split_note={note}").text
    assert source in part(form, "split-lead")
    assert "不制冷" in form
    assert "data-draft" not in form
    data = desk.new_form(clerk, desk.small) | hidden_inputs(form)
    data |= {"split": source, "split_note": note, "customer_id": str(desk.ids["customer"])}
    made = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert made.status_code == 303
    number = made.headers["Location"].rpartition("/")[2].partition("?")[0]
    assert "另外洗衣机也坏了" in clerk.get(f"/tickets/{number}").text
    assert "另外洗衣机也坏了" not in clerk.get(f"/tickets/{source}").text
    again = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert again.headers["Location"].partition("?")[0] == f"/tickets/{number}"
    assert clerk.get(f"/tickets/new/{desk.small}?split=GONE").status_code == 404
