"""Two people edit one record: what one touched is merged, what both touched is asked, nothing typed is lost."""

import html
import re

import pytest

from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.meanwhile import fingerprint, settle
from app.people.records import CUSTOMER
from tests.clients import CAUSE

OPENED = {"name": "甲", "email": None, "active": True, "tags": ["1", "2"],
          "phones": [{"id": "7", "raw": "1"}, {"id": "8", "raw": "2"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "values", "conflicts"),
    [
        ({"name": "乙"}, {}, {"name": "乙"}, []),
        ({}, {"name": "丙"}, {"name": "丙"}, []),
        ({"name": "乙"}, {"name": "乙"}, {"name": "乙"}, []),
        ({"name": "乙"}, {"email": "x@example.com"}, {"name": "乙", "email": "x@example.com"}, []),
        ({"name": "乙"}, {"name": "丙"}, {"name": "乙"}, ["name"]),
        ({"email": ""}, {"active": False}, {"active": False}, []),
        ({"tags": ["2", "1"]}, {"tags": ["3"]}, {"tags": ["3"]}, []),
        ({"tags": ["1"]}, {"tags": ["3"]}, {"tags": ["1"]}, ["tags"]),
    ],
)
def test_values(mine, theirs, values, conflicts):
    settled = settle(OPENED | mine, OPENED | theirs, fingerprint(OPENED), {})
    assert {name: settled.values[name] for name in values} == values
    assert [one.key for one in settled.conflicts] == conflicts


SEVEN, EIGHT, NINE = {"id": "7", "raw": "1"}, {"id": "8", "raw": "2"}, {"id": "9", "raw": "3"}


@pytest.mark.parametrize(
    ("mine", "theirs", "lines", "conflicts"),
    [
        ([SEVEN, EIGHT], [SEVEN, EIGHT, NINE], [SEVEN, EIGHT, NINE], []),
        ([SEVEN], [SEVEN, EIGHT, NINE], [SEVEN, NINE], []),
        ([SEVEN, EIGHT], [SEVEN], [SEVEN], []),
        ([], [SEVEN, {"id": "8", "raw": "5"}], [], ["phones-8"]),
        ([SEVEN, {"id": "8", "raw": "5"}], [SEVEN], [SEVEN, {"id": "8", "raw": "5"}], ["phones-8"]),
        ([SEVEN, {"id": "8", "raw": "5"}], [SEVEN, {"id": "8", "raw": "6"}], None, ["phones-8-raw"]),
        ([SEVEN, EIGHT, {"id": "", "raw": "4"}], [SEVEN, NINE], [SEVEN, {"id": "", "raw": "4"}, NINE], []),
    ],
)
def test_lines(mine, theirs, lines, conflicts):
    settled = settle(OPENED | {"phones": mine}, OPENED | {"phones": theirs}, fingerprint(OPENED), {})
    assert lines is None or settled.values["phones"] == lines
    assert [one.key for one in settled.conflicts] == conflicts


def test_a_chosen_side_holds_until_somebody_changes_it_again():
    stored = OPENED | {"name": "丙", "phones": [SEVEN]}
    typed = OPENED | {"name": "乙", "phones": [SEVEN, {"id": "8", "raw": "5"}]}
    seen = fingerprint(stored)
    settled = settle(typed, stored, seen, {"name": "theirs", "phones-8": "mine"})
    assert settled.conflicts == []
    assert settled.values["name"] == "丙"
    assert settled.values["phones"] == [SEVEN, {"id": None, "raw": "5"}]
    again = settle(typed, stored | {"name": "丁"}, seen, {"name": "mine", "phones-8": "theirs"})
    assert [one.key for one in again.conflicts] == ["name"]
    assert again.values["phones"] == [SEVEN]


@pytest.mark.parametrize("seen", ["", "null", "[]", "{", '{"name": 1}', "[" * 5000])
def test_a_form_that_cannot_say_what_it_saw_is_taken_as_typed(seen):
    assert settle(OPENED | {"name": "乙"}, OPENED | {"name": "丙"}, seen, {}).values["name"] == "乙"


def opened(client, url):
    page = re.sub("<template>.*?</template>", "", client.get(url).text, flags=re.DOTALL)
    data = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
        if name != "csrf_token"
    }
    return data | {"active": "y", "kind": "person"}


def test_the_second_to_save_is_asked(web, client_as, scene):
    admin, clerk = client_as("administrator"), client_as("clerk")
    clerk.get("/lang/en")
    url = f"/customers/edit/{scene.mine}"
    first, second = opened(admin, url), opened(clerk, url)
    assert "phones-0-raw" in second
    assert admin.post(url, data=first | {"name": f"甲方{scene.mark}", "remark": "note"}).status_code == 302
    answer = clerk.post(url, data=second | {"name": f"乙方{scene.mark}", "email": "second@example.com"})
    assert answer.status_code == 409
    said = answer.text.split('data-testid="conflict"')[1].split("</fieldset>")[0]
    assert f"甲方{scene.mark}" in said
    assert f"乙方{scene.mark}" in said
    assert "the.administrator" in said
    assert 'value="second@example.com"' in answer.text
    seen = html.unescape(re.search(r'name="seen"[^>]*value="([^"]+)"', answer.text)[1])
    again = second | {"name": f"乙方{scene.mark}", "email": "second@example.com", "remark": "note", "seen": seen}
    assert clerk.post(url, data=again | {"keep.name": "theirs"}).status_code == 302
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        row = service.get(work, CUSTOMER, scene.mine)
        assert (row.name, row.email, row.remark) == (f"甲方{scene.mark}", "second@example.com", "note")
        assert len(row.phones) == 1


def test_a_line_added_meanwhile_stays(web, client_as, scene):
    clerk = client_as("clerk")
    url = f"/customers/edit/{scene.mine}"
    data = opened(clerk, url)
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        kept = [{"id": one.id, "raw": one.raw} for one in service.get(work, CUSTOMER, scene.mine).phones]
        service.change(work, CUSTOMER, scene.mine, {"phones": [*kept, {"raw": "13700137000"}]})
    assert clerk.post(url, data=data | {"remark": "kept"}).status_code == 302
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        row = service.get(work, CUSTOMER, scene.mine)
        assert sorted(one.raw for one in row.phones) == ["13700137000", "13800138000"]
        assert row.remark == "kept"


def test_each_fault_says_of_which_input_it_is(client_as, scene):
    """A line that is gone is called by what was typed in it, and an input by its label though the sentence has it."""
    clerk = client_as("clerk")
    clerk.get("/lang/en")
    data = {"name": f"丙{scene.mark}", "kind": "person", "active": "y", "email": "nobody", "phones-0-raw": "12"}
    answer = clerk.post("/customers/add", data=data | {"phones-1-id": "999999", "phones-1-raw": "13800138000"})
    assert answer.status_code == 422
    summary = html.unescape(answer.text.split("data-problems")[1].split("</ul>")[0])
    said = dict(re.findall(r'href="#([^"]+)"[^>]*>([^<]+)<', summary))
    assert said["phones-1-id"] == "Phone: Line 2, “13800138000”, was removed meanwhile."
    assert said["email"].startswith("E-mail: ")
    assert said["phones-0-raw"].startswith("Phone: “12” is not a phone number.")
