"""Tags at the desk: on the page, in the list and on the board, found while one types, changed where they are listed."""

import csv
import io

import openpyxl

from app.tickets import queries
from app.tickets.queries import tags as queries_of_tags
from tests.desk.filling import hidden_inputs


def tagged(clerk, number, chosen, had=()):
    return clerk.post(
        f"/tickets/{number}/tags", data={"tags": list(chosen), "had": list(had)}, headers={"HX-Request": "true"}
    )


def tags_of(desk, number):
    with desk.work() as work:
        return queries.ticket(work, number).tags


def test_the_page_shows_tags_and_changes_them(desk, clerk):
    number = desk.opened(clerk, desk.small)
    answer = tagged(clerk, number, ["桌面加急", "<b>粗</b>"])
    assert answer.status_code == 200, answer.text
    assert "桌面加急" in answer.text
    assert "<b>粗</b>" not in answer.text
    page = clerk.get(f"/tickets/{number}").text
    assert 'data-testid="tag-list"' in page
    assert hidden_inputs(page)
    # Somebody else adds one meanwhile: it stays, and what is taken away goes.
    tagged(clerk, number, ["别人加的", "桌面加急"], had=["桌面加急"])
    tagged(clerk, number, ["我加的"], had=["桌面加急", "<b>粗</b>"])
    assert set(tags_of(desk, number)) == {"别人加的", "我加的"}


def test_a_refused_tag_says_why_and_stays_chosen(desk, clerk):
    number = desk.opened(clerk, desk.small)
    answer = tagged(clerk, number, ["好的", "坏,的"])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="好的" selected' in answer.text
    assert tags_of(desk, number) == []


def test_the_picker_offers_tags_and_the_new_word_to_who_may_make_it(desk, clerk, client_as):
    number = desk.opened(clerk, desk.small)
    tagged(clerk, number, ["选择器一号", "选择器二号"])

    def found(client, typed):
        return [(one["id"], bool(one["hint"])) for one in client.get(f"/tickets/tags?q={typed}").json["results"]]

    assert found(clerk, "选择器一") == [("选择器一号", False), ("选择器一", True)]
    assert found(clerk, "选择器一号") == [("选择器一号", False)]
    assert found(client_as("technician"), "选择器一") == [("选择器一号", False)]
    assert found(clerk, "a,b") == []
    assert found(clerk, "%") == [("%", True)]
    assert clerk.get("/tickets/tags?q=" + "x" * 5000).status_code == 200


def test_tags_are_changed_in_the_row_and_taken_back(desk, clerk):
    number = desk.opened(clerk, desk.small)
    tagged(clerk, number, ["行内甲"])
    offered = clerk.get(f"/tickets/{number}/quick/tags").text
    assert 'data-quick-name="tag_remove"' in offered
    version = desk.ticket(number)["version"]
    answer = clerk.post(f"/tickets/{number}/quick?cols=number,tags", data={"version": version, "tag_add": "行内乙"})
    assert answer.status_code == 200, answer.text
    assert "行内乙" in answer.json["html"]
    assert tags_of(desk, number) == ["行内甲", "行内乙"]
    undo = answer.json["undo"]
    assert undo["tag_remove"] == "行内乙"
    clerk.post(f"/tickets/{number}/quick", data=undo)
    assert tags_of(desk, number) == ["行内甲"]
    stale = clerk.post(f"/tickets/{number}/quick", data={"version": version, "tag_remove": "行内甲"})
    assert stale.status_code == 409


def test_list_board_and_filter_show_tags(desk, clerk):
    number, other = desk.opened(clerk, desk.small), desk.opened(clerk, desk.small)
    tagged(clerk, number, ["列表标签"])
    tag_id = desk.ticket(number)["tags"][0]
    for address in (f"/tickets/?cols=number,tags&tag={tag_id}", f"/tickets/?layout=board&tag={tag_id}"):
        page = clerk.get(address).text
        assert "列表标签" in page
        assert number in page
        assert other not in page
    assert number not in clerk.get("/tickets/?tag=999999").text
    assert "999999999999" in clerk.get("/tickets/?tag=999999999999").text
    assert clerk.get("/tickets/?tag=x").status_code == 200


def test_who_only_reads_is_offered_no_change(desk, clerk, client_as):
    number = desk.opened(clerk, desk.small)
    tagged(clerk, number, ["只读"])
    auditor = client_as("auditor")
    page = auditor.get(f"/tickets/{number}").text
    assert "只读" in page
    assert 'data-testid="save-tags"' not in page
    assert "tag_remove" not in auditor.get(f"/tickets/{number}/quick/tags").text


def test_a_new_ticket_is_given_tags_in_its_form(desk, clerk, client_as):
    page = clerk.get(f"/tickets/new/{desk.small}").text
    assert 'data-testid="new-tags"' in page
    number = desk.opened(clerk, desk.small, tags=["新单标签", "第二个", "新单标签"])
    assert tags_of(desk, number) == ["新单标签", "第二个"]
    assert number in clerk.get("/tickets/?q=新单标签").text
    # Who may make no tags is told at the picker, and what was chosen stays.
    agent = client_as("technician")
    if agent.get(f"/tickets/new/{desk.small}").status_code == 200:
        data = desk.new_form(agent, desk.small)
        answer = agent.post(f"/tickets/new/{desk.small}", data=data | {"tags": ["没有人有的词"]})
        assert answer.status_code == 422
        assert 'href="#tags"' in answer.text
        assert 'value="没有人有的词" selected' in answer.text


def test_tags_no_ticket_can_have_are_refused_in_the_new_form(desk, clerk):
    data = desk.new_form(clerk, desk.small)
    for wrong in (["a,b"], [f"太多{one}" for one in range(40)], ["x" * 5000]):
        answer = clerk.post(f"/tickets/new/{desk.small}", data=data | {"tags": wrong})
        assert answer.status_code == 422, wrong
        assert 'href="#tags"' in answer.text


def test_what_is_split_off_begins_with_the_tags_and_may_have_others(desk, clerk):
    number = desk.opened(clerk, desk.small, tags=["拆分标签"])
    page = clerk.get(f"/tickets/new/{desk.small}?split={number}").text
    assert 'value="拆分标签" selected' in page
    data = desk.new_form(clerk, desk.small) | {"split": number}
    without = clerk.post(f"/tickets/new/{desk.small}", data=data | {"tags_asked": "1"})
    assert without.status_code == 303
    assert tags_of(desk, without.headers["Location"].rpartition("/")[2].partition("?")[0]) == []


def test_a_tag_leads_to_its_tickets(desk, clerk, client_as):
    for _time in range(2):
        tagged(clerk, desk.opened(clerk, desk.small), ["有几张"])
    with desk.work() as work:
        tag = queries_of_tags.tag_called(work, "有几张")
    listed = client_as("technician").get("/tags/list/?q=有几张").text
    # A technician reaches none of them, and has nothing to change in the list.
    assert f"/tickets/?tag={tag}" not in listed
    assert "cell-actions" not in listed
    assert "Actions</span>" not in listed
    for page in ("/tags/list/?q=有几张", f"/tags/show/{tag}"):
        assert f'<a href="/tickets/?tag={tag}">2</a>' in clerk.get(page).text
    found = clerk.get(f"/tickets/?tag={tag}").text
    assert found.count("data-row-link") >= 2


def test_a_file_of_tags_has_the_columns_of_the_list(desk, clerk, client_as):
    tagged(clerk, desk.opened(clerk, desk.small), ["带走甲", "带走乙"])
    tagged(clerk, desk.opened(clerk, desk.small), ["带走甲"])
    tagged(clerk, desk.opened(clerk, desk.small), ["带走丙"], [])
    admin = client_as("administrator")
    admin.get("/lang/en")
    asked = "q=带走&_oc_TagView=name&_od_TagView=asc"
    text = admin.get(f"/tags/export/csv?{asked}").data.decode("utf-8-sig")
    lines = [line[:2] for line in csv.reader(io.StringIO(text))]
    assert lines == [["Name", "Tickets"], ["带走丙", "1"], ["带走甲", "2"], ["带走乙", "1"]]
    sheet = openpyxl.load_workbook(io.BytesIO(admin.get(f"/tags/export/xlsx?{asked}").data)).worksheets[0]
    assert [row[:2] for row in sheet.iter_rows(min_row=2, values_only=True)] == [(a, int(b)) for a, b in lines[1:]]
