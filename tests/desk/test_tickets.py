"""What the desk's screens promise: nothing lost, nothing doubled, nothing shown or changed that may not be."""

import io
import re

import pytest
from sqlalchemy import update

from tests.clients import statements
from tests.desk.filling import hidden_inputs, picture, problems, upload
from tests.factories.tickets import giving_spec, template
from ticket_templates.models import TicketTemplate

SCRIPT = "<script>alert('x')</script>"


def test_every_text_is_escaped(desk, clerk):
    number = desk.opened(clerk, **{"values.fault": SCRIPT, "values.result": SCRIPT})
    clerk.post(f"/tickets/{number}/notes", data={"body": f"{SCRIPT} <img src=x onerror=alert(1)> **bold**"})
    for url in (f"/tickets/{number}", "/tickets/?q=script", f"/tickets/{number}/timeline", f"/tickets/?q={SCRIPT}"):
        html = clerk.get(url).text
        assert SCRIPT not in html
        # Quoted values may hold what other tests have written; an attribute of its own may not.
        assert not re.search(r"<[^>]+\son\w+=", re.sub(r'"[^"]*"', '""', html))
    assert "<strong>bold</strong>" in clerk.get(f"/tickets/{number}").text


def test_sending_twice_makes_one_ticket(desk, clerk):
    data = desk.new_form(clerk, desk.small)
    first, second = (clerk.post(f"/tickets/new/{desk.small}", data=data) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_what_is_wrong_is_said_once_and_leads_to_its_input(desk, clerk):
    data = desk.new_form(clerk, desk.small) | {"values.fault": ""}
    answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
    (line,) = problems(answer.text)
    assert line.count("Fault") == 1
    assert 'href="#values-fault"' in answer.text
    assert 'id="values-fault"' in answer.text


def test_what_was_typed_comes_back_with_the_refusal_at_its_field(desk, clerk):
    data = desk.new_form(clerk, desk.small)
    photo = upload(clerk).json["id"]
    data |= {
        "values.quantity": "lots",
        "values.fault": "压缩机异响",
        "values.photos": ["", str(photo)],
        "subject": "x" * 301,
    }
    answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert answer.status_code == 422
    assert "压缩机异响" in answer.text
    assert 'value="lots"' in answer.text
    assert f"&#34;id&#34;: {photo}" in answer.text
    assert [line.partition(":")[0] for line in problems(answer.text)] == ["Quantity", "Subject"]
    assert 'href="#values-quantity"' in answer.text
    assert 'href="#subject"' in answer.text
    assert data["submission_key"] in answer.text


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"values.nonsense": "1"}, 303),  # an input nobody asked for is not read
        ({"priority": "9"}, 422),
        ({"customer_id": "9" * 30}, 303),  # no id at all: the picker shows nobody
        ({"assignee_id": "999999"}, 422),
        ({"values.phone": "12"}, 422),
        ({"values.quantity": "1e400"}, 422),
        ({"values.quantity": "NaN"}, 422),
        ({"values.fault": "x" * 100_000}, 422),
        ({"values.fault_code": "gone"}, 422),
        ({"values.fault": "\u202e\u200b😀 右到左"}, 303),
        ({"version_id": "x"}, 303),
        ({"version_id": "9" * 18}, 303),
        ({"submission_key": "k" * 5000}, 303),
    ],
)
def test_bad_input_is_a_refusal_never_a_crash(desk, clerk, inputs, code):
    answer = clerk.post(f"/tickets/new/{desk.small}", data=desk.new_form(clerk, desk.small) | inputs)
    assert answer.status_code in {code, 422}
    assert (answer.status_code == 303) == (code == 303) or problems(answer.text)


def test_a_new_ticket_is_given_to_whom_the_form_names_by_who_may(desk, boss, clerk):
    about = {f"{name}_id": str(desk.ids[name]) for name in ("customer", "site")}
    form = boss.get("/tickets/new/maintenance").text
    assert "With an assignee, the step “Assign” is taken at once." in form
    ticket = desk.ticket(desk.opened(boss, "maintenance", assignee_id=str(desk.ids["user"]), **about))
    assert (ticket["state"], ticket["assignee_id"]) == ("assigned", desk.ids["user"])
    data = desk.new_form(boss, "maintenance") | {"assignee_id": str(desk.ids["user"])}
    data["customer_id"] = about["customer_id"]
    refused = boss.post("/tickets/new/maintenance", data=data)
    assert problems(refused.text) == ["Assignee: “Assign” is not possible yet: Fill in: Site."]
    # Who does not take the step is asked for the place alone.
    with desk.work() as work:
        key = template(work, spec=giving_spec(roles=["administrator"]))
    offered = [set(re.findall(r'name="(\w+)_id"', one.get(f"/tickets/new/{key}").text)) for one in (boss, clerk)]
    assert {"assignee", "team"} <= offered[0]
    assert "assignee" not in offered[1]
    assert "team" in offered[1]


def test_a_template_withdrawn_meanwhile_keeps_the_typing(desk, clerk):
    with desk.work() as work:
        key = template(work)
    data = desk.new_form(clerk, key) | {"values.fault": "写了很久的描述"}
    with desk.work() as work:
        work.session.execute(update(TicketTemplate).where(TicketTemplate.key == key).values(withdrawn=True))
    answer = clerk.post(f"/tickets/new/{key}", data=data)
    assert answer.status_code == 422
    assert "写了很久的描述" in answer.text
    assert "withdrawn" in " ".join(problems(answer.text))
    assert clerk.get(f"/tickets/new/{key}").headers["Location"] == "/tickets/new"
    assert clerk.get("/tickets/new/no_such_template").status_code == 404


def test_what_was_chosen_of_the_customer_stays_chosen(desk, clerk):
    named = {f"{name}_id": str(desk.ids[name]) for name in ("customer", "installed_product", "site")}
    data = desk.new_form(clerk, desk.small) | {"values.fault": ""} | named
    answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert answer.status_code == 422
    picked = re.findall(r"<input[^>]+data-picks[^>]+ checked>", answer.text)
    facts = [dict(re.findall(r'([\w-]+)="([^"]*)"', one)) for one in picked]
    chosen = {one["data-picks"]: one["value"] for one in facts}
    assert chosen["installed_product_id"] == named["installed_product_id"]
    assert chosen["site_id"] == named["site_id"]


def test_computing_writes_nothing_and_says_what_shows(desk, clerk):
    data = desk.new_form(clerk, "appliance_repair") | {"values.labour_fee": "100"}
    with statements(desk.app.extensions["gongdan"].engine) as seen:
        answer = clerk.post("/tickets/compute", data=data).json
    assert not [one for one in seen if re.match(r"(?i)insert|update|delete", one)]
    assert "fault_description" in answer["visible"]
    assert answer["subject"]


def edit(client, number, section="main"):
    return hidden_inputs(client.get(f"/tickets/{number}/sections/{section}/edit").text)


class TestTwoPeople:
    """Both open the same section; the first saves."""

    def test_what_both_changed_is_asked_with_both_values(self, desk, clerk, boss):
        number = desk.opened(clerk)
        mine, theirs = edit(clerk, number), edit(boss, number)
        boss.post(f"/tickets/{number}/sections/main/edit", data=theirs | {"values.fault": "别人的描述"})
        answer = clerk.post(f"/tickets/{number}/sections/main/edit", data=mine | {"values.fault": "我的描述"})
        assert answer.status_code == 409
        assert "别人的描述" in re.search(r'data-testid="theirs-fault">(.*?)<', answer.text)[1]
        assert "我的描述" in re.search(r'data-testid="mine-fault">(.*?)<', answer.text)[1]
        assert desk.ticket(number)["values"]["fault"] == "别人的描述"
        # Who presses on without a look keeps what was typed.
        assert re.findall(r'name="keep.fault" value="(\w+)" checked', answer.text) == ["mine"]
        again = hidden_inputs(answer.text) | {"values.fault": "我的描述", "keep.fault": "mine"}
        assert clerk.post(f"/tickets/{number}/sections/main/edit", data=again).status_code == 303
        assert desk.ticket(number)["values"]["fault"] == "我的描述"

    def test_theirs_can_be_kept(self, desk, clerk, boss):
        number = desk.opened(clerk)
        mine, theirs = edit(clerk, number), edit(boss, number)
        boss.post(f"/tickets/{number}/sections/main/edit", data=theirs | {"values.fault": "别人的"})
        again = hidden_inputs(
            clerk.post(f"/tickets/{number}/sections/main/edit", data=mine | {"values.fault": "我的"}).text
        )
        data = again | {"values.fault": "我的", "keep.fault": "theirs", "values.quantity": "7"}
        clerk.post(f"/tickets/{number}/sections/main/edit", data=data)
        values = desk.ticket(number)["values"]
        assert (values["fault"], values["quantity"]) == ("别人的", 7)

    def test_what_only_one_touched_is_merged(self, desk, clerk, boss):
        number = desk.opened(clerk, **{"values.fault": "原来的", "values.quantity": "1"})
        mine, theirs = edit(clerk, number), edit(boss, number)
        boss.post(f"/tickets/{number}/sections/main/edit", data=theirs | {"values.fault": "别人的"})
        answer = clerk.post(
            f"/tickets/{number}/sections/main/edit", data=mine | {"values.fault": "原来的", "values.quantity": "3"}
        )
        assert answer.status_code == 303
        values = desk.ticket(number)["values"]
        assert (values["fault"], values["quantity"]) == ("别人的", 3)


def test_a_step_that_is_no_longer_possible_says_so(desk, clerk):
    number = desk.opened(clerk)
    for code in (303, 422):
        answer = clerk.post(f"/tickets/{number}/steps/start", data={"version": "1"})
        assert answer.status_code == code
    assert "“Start” is not possible any more: the ticket is in “Working” now." in answer.text
    assert clerk.get(f"/tickets/{number}/steps/no_such_step").status_code == 404
    assert clerk.post(f"/tickets/{number}/steps/no_such_step").status_code == 404


def test_notes_files_checklist_watchers(desk, clerk):
    number = desk.opened(clerk)
    photo = upload(clerk).json["id"]
    page = f"/tickets/{number}"
    assert clerk.post(f"{page}/notes", data={"body": " "}).status_code == 422
    assert clerk.post(f"{page}/notes", data={"body": "已上门 @the.technician", "files": str(photo)}).status_code == 303
    html = clerk.get(page).text
    assert f'href="/files/{photo}"' in html
    clerk.post(f"{page}/checklist", data={"item": "tested", "done": "1"})
    assert "tested" in desk.ticket(number)["checklist"]
    clerk.post(f"{page}/checklist", data={"item": "tested"})
    assert "tested" not in desk.ticket(number)["checklist"]
    htmx = {"HX-Request": "true"}
    assert clerk.post(f"{page}/checklist", data={"item": "no_such", "done": "1"}, headers=htmx).status_code == 422
    assert "Stop watching" in clerk.post(f"{page}/watch", data={"on": "1"}, headers=htmx).text
    assert clerk.post(f"{page}/watch", data={"on": "1", "user_id": "x"}, headers=htmx).status_code == 422


def test_transfer_with_a_reason(desk, clerk):
    number = desk.opened(clerk)
    data = {"version": "1", "assignee_id": str(desk.ids["user"]), "note": "客户要求换人"}
    assert clerk.post(f"/tickets/{number}/transfer", data=data).status_code == 303
    assert desk.ticket(number)["assignee_id"] == desk.ids["user"]
    assert "客户要求换人" in clerk.get(f"/tickets/{number}").text


class TestFiles:
    def test_a_picture_is_served_privately(self, desk, clerk):
        photo = upload(clerk).json["id"]
        whole, small = clerk.get(f"/files/{photo}"), clerk.get(f"/files/{photo}?thumbnail=1")
        assert whole.data == picture()
        assert small.mimetype == "image/jpeg"
        for answer in (whole, small):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"].startswith("private")
            assert "filename" in answer.headers["Content-Disposition"]
            assert "sandbox" in answer.headers["Content-Security-Policy"].split("; ")
            answer.close()

    def test_what_is_no_picture_is_saved_and_not_opened(self, desk, clerk):
        sent = upload(clerk, "a.txt", "抄表记录".encode())
        with clerk.get(f"/files/{sent.json['id']}") as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            assert "sandbox" in answer.headers["Content-Security-Policy"].split("; ")

    def test_others_cannot_see_an_unclaimed_upload(self, desk, clerk, client_as):
        photo = upload(clerk).json["id"]
        assert client_as("technician").get(f"/files/{photo}").status_code == 404

    @pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"<html><script>1</script>", b"\x89PNG broken"])
    def test_empty_and_mislabelled_files_are_refused(self, desk, clerk, content):
        answer = upload(clerk, "photo.png", content)
        assert answer.status_code == 422
        assert answer.json["detail"]

    def test_a_field_that_wants_photos_says_so_at_the_upload(self, desk, clerk):
        clerk.get("/lang/zh_Hans")
        data = {"accept": "image", "file": (io.BytesIO(b"%PDF-1.7\n%%EOF"), "b.pdf")}
        answer = clerk.post("/files/", data=data, headers={"Accept": "application/json"})
        assert answer.status_code == 422
        assert answer.json["detail"] == "“b.pdf”不是照片。此字段只接受照片。"

    def test_no_file_at_all(self, desk, clerk):
        assert clerk.post("/files/", headers={"Accept": "application/json"}).status_code == 422


class TestWhoMay:
    def test_the_auditor_reads_and_changes_nothing(self, desk, clerk, client_as):
        number = desk.opened(clerk)
        auditor = client_as("auditor")
        html = auditor.get(f"/tickets/{number}").text
        assert number in html
        assert 'data-testid="note-form"' not in html
        assert 'data-testid="edit-main"' not in html
        assert 'data-testid="step-' not in html
        for path in ("notes", "checklist", "transfer", "about", "steps/start", "sections/main/edit"):
            assert auditor.post(f"/tickets/{number}/{path}").status_code == 403
        assert auditor.get("/tickets/new").status_code == 403

    def test_the_technician_sees_only_what_is_theirs(self, desk, clerk, client_as):
        theirs, other = desk.opened(clerk, assignee_id=desk.ids["user"]), desk.opened(clerk)
        technician = client_as("technician")
        html = technician.get("/tickets/").text
        assert theirs in html
        assert other not in html
        assert technician.get(f"/tickets/{other}").status_code == 404
        assert technician.post(f"/tickets/{other}/notes", data={"body": "x"}).status_code == 404

    def test_a_hidden_field_is_nowhere_in_the_page(self, desk, clerk):
        number = desk.opened(clerk)
        for url in (f"/tickets/{number}", f"/tickets/{number}/sections/main/edit", f"/tickets/new/{desk.small}"):
            assert "secret" not in clerk.get(url).text.replace("secret_", "")
        answer = clerk.post(f"/tickets/{number}/sections/main/edit", data={"version": "1", "values.secret": "改"})
        assert "secret" not in desk.ticket(number)["values"]
        assert answer.status_code in {303, 422}


class TestStatements:
    """However long the list and full the ticket, the number of statements is known."""

    def test_list(self, desk, clerk):
        for _ in range(3):
            desk.opened(clerk, customer_id=desk.ids["customer"], assignee_id=desk.ids["user"])
        url = "/tickets/?cols=number,subject,customer,assignee,outlet,team,values.fault,values.quantity,values.phone"
        clerk.get(url)
        with statements(desk.app.extensions["gongdan"].engine) as seen:
            assert clerk.get(url).status_code == 200
        assert len(seen) <= 12, "\n".join(seen)

    def test_page(self, desk, clerk):
        ids = {f"{name}_id": desk.ids[name] for name in ("customer", "outlet", "team", "installed_product")}
        number = desk.opened(clerk, assignee_id=desk.ids["user"], **ids)
        clerk.post(f"/tickets/{number}/notes", data={"body": "有照片", "files": str(upload(clerk).json["id"])})
        clerk.get(f"/tickets/{number}")
        with statements(desk.app.extensions["gongdan"].engine) as seen:
            assert clerk.get(f"/tickets/{number}").status_code == 200
        assert len(seen) <= 20, "\n".join(seen)


class TestList:
    @pytest.mark.parametrize(
        "query",
        ["category=nope", "priority=9", "assignee=robert", "sort=password", "sort=-subject", "cursor=rubbish",
         "size=20000",
         "team=9999999999999999999999", "cols=a,b,values.x", "state=no_such", "template=no_such", "q=%00%F0%9F%98%80",
         "overdue=7", "customer=-1"],
    )  # fmt: skip
    def test_a_strange_address_is_a_page(self, desk, clerk, query):
        assert clerk.get(f"/tickets/?{query}").status_code == 200

    def test_a_phone_sorts_by_a_select_that_keeps_the_filters(self, desk, clerk):
        html = clerk.get("/tickets/?sort=-changed&outlet=1").text
        orders = re.search(r'<select[^>]+name="sort">(.*?)</select>', html, re.DOTALL)[1]
        assert re.findall(r'<option value="([^"]*)"', orders) == ["", "due", "priority", "-changed"]
        assert '"-changed" selected' in orders
        assert 'type="hidden" name="outlet"' in html
        assert 'type="hidden" name="sort"' not in html.partition('id="filters-dialog"')[0]
        assert '"number" selected' in clerk.get("/tickets/?sort=number").text

    def test_the_address_holds_filters_order_and_columns(self, desk, clerk):
        number = desk.opened(clerk, **{"values.fault": "独一无二的制冷剂泄漏"})
        html = clerk.get("/tickets/?q=制冷剂泄漏&sort=-created&cols=number,values.fault").text
        assert number in html
        assert html.count('data-testid="ticket-row"') == 1
        assert 'href="/tickets/export.xlsx?q=' in html
        assert "cols=number%2Cvalues.fault" in html
        assert "No ticket matches" in clerk.get("/tickets/?q=zzzzqqqq").text

    def test_a_row_is_drawn_once_for_desk_and_phone(self, desk, clerk):
        number = desk.opened(clerk, **{"values.fault": "<b>独一无二的</b>制冷剂"})
        html = clerk.get("/tickets/?q=制冷剂&cols=number,values.fault,due,created,assignee,priority").text
        assert html.count(f">{number}</a>") == 1
        assert html.count("&lt;b&gt;独一无二的") == 1
        # A card says what stands where the table's heading would: not of what speaks for itself.
        assert 'class="col-due" data-label="Due"' in html
        assert 'class="col-priority">' in html

    def test_columns_can_be_chosen(self, desk, clerk):
        html = clerk.get("/tickets/columns?cols=subject,number").text
        assert html.index('value="subject" checked') < html.index('value="number" checked')
        assert 'value="values.fault_description"' in html
