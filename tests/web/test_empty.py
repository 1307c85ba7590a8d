"""An installation in which there is nothing yet: every page of the menu says so, and what to do."""

import pytest
from flask import url_for

from views.menu import MENU

#: Never empty: the administrator's own account, that it was made, the roles of the program, what the company is called.
NEVER = {"AccountView.list", "AuditView.index", "RoleView.index", "CompanyView.index"}
PAGES = [entry.endpoint for group in MENU for entry in group.entries]


# What is drawn where no row is does not depend on the database.
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_page_of_the_menu_says_that_there_is_nothing_yet(fresh_web):
    client = fresh_web.test_client()
    client.sign_in("boss")
    with fresh_web.test_request_context():
        addresses = {endpoint: url_for(endpoint) for endpoint in (*PAGES, "TicketCreateView.choose")}
    answers = {endpoint: client.get(url) for endpoint, url in addresses.items()}
    assert {endpoint: one.status_code for endpoint, one in answers.items() if one.status_code != 200} == {}
    said = {endpoint for endpoint, one in answers.items() if 'class="gd-empty"' in one.text}
    assert set(addresses) - said == NEVER
    assert client.get("/").status_code == 200
