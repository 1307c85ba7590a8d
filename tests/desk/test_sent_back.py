"""Work that was sent back: what the review emptied is given anew, and nothing typed before brings it back by itself."""

import json
import re
from html import unescape

import pytest

from tests.desk import signing
from tests.desk.filling import hidden_inputs, upload

#: A tick, and an answer that no review empties.
TICKED = {"check.tested": "1", "values.quantity": "2"}


@pytest.fixture
def signed(desk, boss):
    """A ticket in work that asks for a signature: its number, and the address of the step that does."""
    with desk.work() as work:
        key = signing.template(work)
    number = desk.opened(boss, key)
    step(boss, number, "start")
    return number, f"/tickets/{number}/steps/hand_in"


def step(client, number, key, **data):
    url = f"/tickets/{number}/steps/{key}"
    return client.post(url, data=hidden_inputs(client.get(url).text) | data)


def handed_in(client, signed, **data):
    number, _url = signed
    answer = step(client, number, "hand_in", **typed(client, **data))
    assert answer.status_code == 303
    return answer


def signature(client):
    return upload(client, "签名.png").json["id"]


def typed(client, **data):
    return (
        {"values.signature": str(signature(client)), "values.result": "修好了", "values.quantity": "2"} | TICKED | data
    )


def test_the_page_after_a_step_names_the_draft_that_was_taken_once(desk, boss, signed):
    number, url = signed
    draft = re.search(r'data-draft="([^"]+)"', boss.get(url).text)[1]
    handed_in(boss, signed)
    page = boss.get(f"/tickets/{number}").text
    assert f'data-draft-done="{draft}"' in page
    assert "data-ticket-made" not in page
    assert "data-draft-done" not in boss.get(f"/tickets/{number}").text
    # A section saved on a page of its own leads there, too, and names its draft.
    step(boss, number, "rework", note="重签")
    page = boss.get(f"/tickets/{number}/sections/work/edit").text
    form = re.search(r"<form[^>]*data-testid=\"edit-form-work\"[^>]*>", page)[0]
    assert "hx-" not in form
    answer = boss.post(f"/tickets/{number}/sections/work/edit", data=hidden_inputs(page) | {"values.result": "好"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tickets/{number}")
    assert re.search(r'data-draft-done="\d+:edit:', boss.get(f"/tickets/{number}").text)


def test_a_form_says_what_a_step_emptied_and_since_when(desk, boss, signed):
    number, url = signed
    assert "data-emptied" not in boss.get(url).text
    handed_in(boss, signed)
    step(boss, number, "rework", note="重签")
    told = json.loads(unescape(re.search(r'data-emptied="([^"]+)"', boss.get(url).text)[1]))
    version = desk.ticket(number)["version"]
    assert told == {"values.signature": version, "values.result": version, "check.tested": version}
    section = boss.get(f"/tickets/{number}/sections/work/edit").text
    assert '"values.signature"' in unescape(re.search(r'data-emptied="([^"]+)"', section)[1])
    handed_in(boss, signed)
    assert "data-emptied" not in boss.get(f"/tickets/{number}/sections/main/edit").text


def test_a_draft_of_before_is_sent_without_a_question_where_it_was_shown_emptied(desk, boss, signed):
    number, url = signed
    old = hidden_inputs(boss.get(url).text)["version"]
    handed_in(boss, signed)
    step(boss, number, "rework", note="重签")
    now = hidden_inputs(boss.get(url).text)["version"]
    seen = {f"seen.{name}": now for name in ("values.signature", "values.result", "check.tested")}
    answer = boss.post(url, data=typed(boss) | {"version": old} | seen)
    assert answer.status_code == 303
    assert desk.ticket(number)["state"] == "parts"


def test_a_step_over_an_older_version_asks_and_a_new_signature_counts(desk, boss, signed):
    number, url = signed
    handed_in(boss, signed)
    before = desk.ticket(number)["values"]["signature"]
    stale = hidden_inputs(boss.get(f"/tickets/{number}/sections/work/edit").text)
    step(boss, number, "rework", note="重签")
    # What the form still shows of before is asked, though its sender did not touch it.
    data = {
        "version": stale["version"],
        "values.signature": str(before),
        "values.result": "修好了",
        "values.quantity": "2",
    }
    data |= TICKED
    answer = boss.post(url, data=data)
    assert answer.status_code == 409
    assert re.findall(r'name="keep.(\w+)" value="(\w+)" checked', answer.text) == [
        ("result", "theirs"), ("signature", "theirs"),
    ]  # fmt: skip
    assert 'data-testid="unticked"' in answer.text
    assert not re.search(r'name="check.tested"[^>]* checked', answer.text)
    # Theirs: then it is empty to see, and that it is missing is said of an empty input.
    again = data | {"version": hidden_inputs(answer.text)["version"]}
    answer = boss.post(url, data=again | {"keep.signature": "theirs", "keep.result": "mine"})
    assert answer.status_code == 422
    assert 'name="values.signature" value=""' in re.sub(r' id="[^"]*"', "", answer.text)
    # Signed anew over the same old version, nothing is asked of the signature.
    answer = boss.post(url, data=data | {"values.signature": str(signature(boss)), "values.result": "换了压缩机"})
    assert re.findall(r'name="keep.(\w+)" value="mine" checked', answer.text) == ["result"]
    done = data | {"version": hidden_inputs(answer.text)["version"], "values.signature": str(signature(boss))}
    assert boss.post(url, data=done).status_code == 303
    assert desk.ticket(number)["values"]["signature"] not in (None, before)


def test_a_dialog_does_not_count_its_own_ticket_among_the_earlier_ones(desk, boss):
    held = {f"{kind}_id": str(desk.ids[kind]) for kind in ("customer", "installed_product")}
    numbers = [desk.opened(boss, **held) for _ in range(2)]
    dialog = boss.get(f"/tickets/{numbers[1]}/about").text
    besides = re.search(r'data-besides="(\d+)"', dialog)[1]
    panel = boss.get(f"/tickets/customer-panel?customer_id={held['customer_id']}&besides={besides}").text
    assert (numbers[0] in panel, numbers[1] in panel) == (True, False)


def test_a_signature_given_for_other_answers_is_given_anew(desk, boss, signed):
    number, url = signed
    old = hidden_inputs(boss.get(url).text)["version"]
    boss.post(f"/tickets/{number}/sections/main/edit", data={
        **hidden_inputs(boss.get(f"/tickets/{number}/sections/main/edit").text), "values.quantity": "3",
    })  # fmt: skip
    form = boss.get(url).text
    now = hidden_inputs(form)["version"]
    # A draft of before leaves its signature out: the form says since when it stands for something else.
    assert f'data-signed-for="{now}"' in form
    data = typed(boss, **{"values.quantity": "3"})
    answer = boss.post(url, data=data | {"version": old})
    assert answer.status_code == 409
    assert 'data-testid="unsigned"' in answer.text
    assert 'name="values.signature" value=""' in re.sub(r' id="[^"]*"', "", answer.text)
    assert desk.ticket(number)["state"] != "parts"
    # Shown as it is now it is signed for what is there; so is what was signed after only a note was written.
    boss.post(f"/tickets/{number}/notes", data={"note": "到了"})
    assert boss.post(url, data=data | {"version": old, "seen.values.signature": now}).status_code == 303
    assert desk.ticket(number)["state"] == "parts"
