"""Saved views on the screen: opened, changed, kept, broken, counted beside; groups, exact counts, quick filters."""

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app.desk import service
from app.people.models import StaffProfile
from app.tickets import references
from app.tickets.queries import listing
from tests.clients import make_account, statements
from tests.desk.conftest import english
from tests.factories import people
from views.tickets import saved


@pytest.fixture
def reader(web):
    """Somebody with a sidebar of his own."""

    def signed_in(username, *roles):
        make_account(web, username, *roles)
        client = web.test_client()
        client.enter(username)
        return english(client)

    return signed_in


@pytest.fixture
def clerk(desk, reader, request):
    return reader(f"views.{request.node.name[:40].replace('[', '.').strip(']')}", "clerk")


def kept(client, name, query, **form):
    """Save the list of that query as a view and return its id."""
    answer = client.post(f"/tickets/views/new?{query}", data={"name": name, "audience": "mine", **form})
    assert answer.status_code == 303, re.findall(r"data-error>(.*?)<", answer.text)
    return int(parse_qs(urlsplit(answer.headers["Location"]).query)["view"][0])


def rows(text):
    return re.findall(r'data-testid="ticket-row"', text)


def tagged(text, name):
    return re.findall(rf'<[^>]*data-testid="{name}"[^>]*>', text)


def address(text, name):
    (tag,) = tagged(text, name)
    return unescape(re.search(r'href="([^"]+)"', tag)[1])


def side(client):
    """Names and counts of the sidebar, as they come after the page."""
    text = client.get("/tickets/views/side").text
    return dict(re.findall(r'<span class="clip">(.*?)</span><span[^>]*data-testid="view-count">(.*?)</span>', text))


def test_a_list_is_kept_opened_changed_and_brought_back(desk, clerk):
    number = desk.opened(clerk)
    view = kept(clerk, "我的编号", f"q={number}&cols=number,state&sort=-created")
    text = clerk.get(f"/tickets/?view={view}").text
    assert '<h1><span class="clip">我的编号</span></h1>' in text
    assert len(rows(text)) == 1
    assert re.findall(r'<th[^>]*class="col-(\w+)', text) == ["number", "state"]
    assert not tagged(text, "view-changed")
    changed = clerk.get(f"/tickets/?view={view}&q=&sort=due").text
    assert tagged(changed, "view-changed")
    assert address(changed, "reset-view") == f"/tickets/?view={view}"
    keep = unescape(re.search(r'action="(/tickets/views/\d+/keep[^"]*)"', changed)[1])
    assert "q=&" in keep
    assert clerk.post(keep, data={"version": "1"}).headers["Location"] == f"/tickets/?view={view}"
    assert not tagged(clerk.get(f"/tickets/?view={view}&sort=due").text, "view-changed")
    # Somebody else had saved meanwhile: the list stays as it is, and says so.
    again = clerk.post(keep, data={"version": "1"})
    assert "view=" in again.headers["Location"]
    assert "Somebody else changed this view" in clerk.get(again.headers["Location"]).text


def test_what_is_emptied_stays_empty_on_every_way(desk, clerk):
    view = kept(clerk, "未完成", "category=active&group=state")
    text = clerk.get(f"/tickets/?view={view}&category=").text
    assert 'data-lean="category group"' in text
    links = [unescape(one) for one in re.findall(r'href="(/tickets/(?:\?|export)[^"]*)"', text)]
    named = [one for one in links if f"view={view}" in one and one != f"/tickets/?view={view}" and "sort" not in one]
    assert {"category=" in one for one in named if "export" in one} == {True}


def test_files_have_what_the_view_shows(desk, clerk):
    number = desk.opened(clerk)
    view = kept(clerk, "一张", f"q={number}&cols=number")
    lines = clerk.get(f"/tickets/export.csv?view={view}").text.strip().splitlines()
    assert [one.strip("\ufeff") for one in lines][1:] == [number]
    assert clerk.get("/tickets/export.csv?view=99999999").status_code == 422


def test_a_view_that_is_not_there_shows_no_ticket(desk, clerk, reader):
    own = kept(clerk, "私人", "q=secret")
    other = reader("views.other", "clerk")
    for missing in (own, 99999999):
        text = other.get(f"/tickets/?view={missing}").text
        assert not rows(text)
        assert "deleted, or is not shared with you" in text
        assert other.get(f"/tickets/views/{missing}").status_code == 404
        assert other.post(f"/tickets/views/{missing}/delete?version=1").status_code == 404
        assert other.post(f"/tickets/views/{missing}/keep", data={"version": 1}).status_code == 404


def test_a_view_whose_field_is_gone_says_where_and_shows_no_ticket(desk, clerk):
    desk.opened(clerk)
    view = kept(clerk, "字段", "cols=number,values.fault")
    tree = json.dumps({"all": [{"field": "values.gone", "op": "is", "value": 1}]})
    with desk.work() as work:
        row = work.session.get(service.SavedView, view)
        row.query = {"where": tree, "cols": "number,values.gone"}
    text = clerk.get(f"/tickets/?view={view}").text
    assert not rows(text)
    assert "This view no longer fits" in text
    assert "Condition 1: " in text
    # Without the condition the tickets are there, and the column that is gone is told.
    text = clerk.get(f"/tickets/?view={view}&where=").text
    assert rows(text)
    assert "values.gone" in text.partition('data-testid="lost-columns"')[2][:400]
    assert side(clerk) == {}
    with desk.work() as work:
        work.session.get(service.SavedView, view).query = {"category": "dreaming"}
    assert "Progress: This filter of the view" in clerk.get(f"/tickets/?view={view}").text


def test_the_sidebar_counts_what_its_reader_sees(desk, web, reader, monkeypatch):
    clerk = reader("views.counter", "clerk")
    boss = reader("views.boss", "administrator")
    number = desk.opened(clerk)
    view = kept(boss, "一张单", f"q={number}", audience="all")
    assert side(clerk)["一张单"] == "1"
    assert side(reader("views.technician", "technician"))["一张单"] == "0"
    # What is young is new enough, and here all is, however slow the machine; and all of them cost few statements.
    monkeypatch.setattr(saved, "FRESH", timedelta(hours=1))
    desk.opened(clerk)
    kept(clerk, "还有", "category=new")
    kept(clerk, "紧急", "priority=1")
    side(clerk)
    with statements(web.extensions["gongdan"].engine) as seen:
        side(clerk)
    assert not [one for one in seen if "count(" in one]
    web.extensions[saved._HOLDER].clear()
    with statements(web.extensions["gongdan"].engine) as seen:
        clerk.get("/tickets/views/side")
    assert len([one for one in seen if "ticket.priority" in one and "ticket.category" in one]) == 1
    # The names are there with the page.
    assert "一张单" in clerk.get("/").text.partition('data-testid="side-views"')[2]
    boss.post(f"/tickets/views/{view}/delete?version=1")
    assert "一张单" not in clerk.get("/tickets/views/").text


def test_a_teams_view_is_invisible_to_others(desk, web, reader):
    member, stranger = reader("views.member", "clerk"), reader("views.stranger", "clerk")
    user = make_account(web, "views.member")
    with desk.work() as work:
        from app.core.records import service as records  # noqa: PLC0415 - one use
        from app.people.records import STAFF  # noqa: PLC0415 - as above

        if not work.session.query(StaffProfile).filter_by(user_id=user).count():
            records.create(work, STAFF, {"user_id": user, "teams": [desk.ids["team"]]})
    view = kept(member, "本组的", "team=mine", audience="team", team_id=str(desk.ids["team"]))
    assert "本组的" in member.get("/tickets/views/").text
    assert "本组的" not in stranger.get("/tickets/views/").text
    assert "本组的" not in stranger.get(f"/tickets/?view={view}").text
    refused = stranger.post("/tickets/views/new", data={"name": "x", "audience": "team", "team_id": desk.ids["team"]})
    assert refused.status_code == 422


def test_a_role_begins_with_its_view_and_can_leave_it(desk, reader):
    boss, qa = reader("views.boss", "administrator"), reader("views.qa", "qa")
    desk.opened(boss)
    view = kept(boss, "质检", "category=resolved", audience="all")
    form = {"name": "质检", "audience": "all", "version": "1", "with_roles": "1", "roles": "qa"}
    assert boss.post(f"/tickets/views/{view}", data=form).status_code == 303
    assert qa.get("/tickets/").headers["Location"] == f"/tickets/?view={view}"
    text = qa.get(f"/tickets/?view={view}").text
    assert 'href="/tickets/?view=all"' in text
    assert rows(qa.get("/tickets/?view=all&size=100").text)
    assert 'name="view" value="all"' in qa.get("/tickets/?view=all").text
    # Nor does a list come back to it whose last filter is taken off.
    assert asked(chips(qa.get("/tickets/?overdue=1").text)[1]["overdue"]) == {"view": "all"}
    assert asked(quick_filters(qa.get("/tickets/?overdue=1").text)["Overdue"][1]) == {"view": "all"}
    assert boss.get("/tickets/").status_code == 200
    assert qa.post(f"/tickets/views/{view}/keep", data={"version": 2}).status_code in (303, 403)
    boss.post(f"/tickets/views/{view}/delete?version=3")
    assert qa.get("/tickets/").status_code == 200


def test_views_are_ordered_by_buttons(desk, clerk):
    ids = [kept(clerk, name, "category=new") for name in ("一", "二", "三")]
    answer = clerk.post(
        "/tickets/views/order", data={"id": ids, "move": f"up:{ids[2]}"}, headers={"HX-Request": "true"}
    )
    assert re.findall(r'name="id" value="(\d+)"', answer.text) == [str(one) for one in (ids[0], ids[2], ids[1])]
    assert clerk.post("/tickets/views/order", data={"id": ["x", "-1", "9" * 30]}).status_code == 303


def test_a_list_is_divided_and_a_group_opened(desk, clerk):
    number = desk.opened(clerk)
    text = clerk.get(f"/tickets/?q={number}&group=state").text
    assert not rows(text)
    (heading,) = tagged(text, "group")
    assert 'aria-expanded="false"' in heading
    opened = clerk.get(address(text, "group")).text
    assert len(rows(opened)) == 1
    assert 'aria-expanded="true"' in tagged(opened, "group")[0]
    for by in ("template", "assignee", "outlet"):
        text = clerk.get(f"/tickets/?q={number}&group={by}").text
        assert len(rows(clerk.get(address(text, "group")).text)) == 1, by
    assert clerk.get("/tickets/?group=customer").status_code == 200


def test_an_exact_number_is_had_on_demand(desk, clerk, monkeypatch):
    for _one in range(3):
        desk.opened(clerk)
    monkeypatch.setattr(listing, "COUNTED", 2)
    text = clerk.get("/tickets/?category=new").text
    (button,) = tagged(text, "count-exactly")
    url = unescape(re.search(r'hx-get="([^"]+)"', button)[1])
    assert url == "/tickets/count?category=new"
    assert re.fullmatch(r"\s*\d+ tickets\s*", clerk.get(url).text)
    assert clerk.get("/tickets/count?view=99999999").status_code == 422
    assert clerk.get("/tickets/count?where=%7B").status_code == 422


def chips(text):
    """What narrows the list as it is told, and the address of the list without each."""
    found = re.findall(r'<a class="ticket-chip" href="([^"]*)"[^>]*data-testid="chip-(\w+)">(.*?)<svg', text, re.DOTALL)
    words = {name: " ".join(re.sub(r"<[^>]+>", " ", said).split()) for _url, name, said in found}
    assert all(one.startswith("Remove the filter ") for one in words.values())
    told = {name: unescape(one.removeprefix("Remove the filter ")) for name, one in words.items()}
    return told, {name: unescape(url) for url, name, _said in found}


def asked(url):
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def quick_filters(text):
    """Each quick filter: whether it is pressed, and where it leads."""
    found = re.findall(
        r'<a class="ticket-quick-link[^"]*" href="([^"]*)" role="button" aria-pressed="(\w+)"[^>]*>(.*?)</a>', text
    )
    return {label: (pressed == "true", unescape(url)) for url, pressed, label in found}


def test_each_filter_that_is_set_is_told_and_taken_off_alone(desk, clerk):
    number = desk.opened(clerk, **{f"{one}_id": desk.ids[one] for one in ("customer", "site", "installed_product")})
    with desk.work() as work:
        names = {
            name: references.DatabaseReferences(work).named(kind, desk.ids[kind]).name
            for name, kind in {"assignee": "user", "team": "team", "customer": "customer"}.items()
        }
        tag = people.tag(work)
        names["tag"] = tag.name
        unit = references.DatabaseReferences(work).label("installed_product", desk.ids["installed_product"])
        keys = {"assignee": desk.ids["user"], "team": desk.ids["team"], "tag": tag.id}
    keys |= {"customer": desk.ids["customer"], "product": desk.ids["installed_product"]}
    filters = {
        "q": number, "state": "pending_assignment", "category": "new", "template": "appliance_repair", "priority": "2",
        "outlet": "none", "overdue": "1", "due": "today", "reopened": "1", "source": "old desk",
    } | {name: str(key) for name, key in keys.items()}  # fmt: skip
    text = clerk.get(f"/tickets/?{urlencode(filters)}&sort=due&cols=number,state").text
    assert "No ticket matches" in text
    told, urls = chips(text)
    assert told == {
        "q": f"Search {number}", "state": "State Awaiting assignment", "category": "Progress New",
        "template": "Template Appliance repair", "priority": "Priority High", "outlet": "Without an outlet",
        "overdue": "Overdue", "due": "Due today", "reopened": "Reopened", "source": "External source old desk",
        "assignee": f"Assignee {names['assignee']}", "team": f"Team {names['team']}", "tag": f"Tag {names['tag']}",
        "customer": f"Customer {names['customer']}", "product": f"Installed product {unit}",
    }  # fmt: skip
    kept_too = {"sort": "due", "cols": "number,state"}
    for name, url in urls.items():
        assert asked(url) == {key: value for key, value in filters.items() if key != name} | kept_too
    assert asked(address(text, "clear-filters")) == kept_too
    # Who is chosen has his name in the bar as well.
    assert re.search(rf'<option value="{keys["assignee"]}" selected>{re.escape(names["assignee"])}<', text)
    # The same above tickets, whose page has read the names.
    few = {name: filters[name] for name in ("q", "customer", "product")}
    text = clerk.get(f"/tickets/?{urlencode(few)}").text
    assert len(rows(text)) == 1
    assert chips(text)[0] == {name: told[name] for name in few}
    assert not tagged(clerk.get("/tickets/").text, "chips")


def test_a_condition_stands_among_what_narrows(desk, clerk):
    tree = json.dumps({"field": "priority", "op": "is", "value": 2})
    text = clerk.get(f"/tickets/?{urlencode({'where': tree, 'category': 'new'})}").text
    (shown,) = re.findall(r'data-testid="chips">(.*?)</div>', text, re.DOTALL)
    assert 'data-testid="condition"' in shown
    assert asked(chips(text)[1]["category"]) == {"where": tree}
    assert clerk.get(address(text, "clear-filters")).status_code == 200


def test_quick_filters_keep_the_others(desk, clerk):
    others = {"q": "空调", "template": "appliance_repair", "priority": "2", "sort": "due"}
    before = quick_filters(clerk.get(f"/tickets/?{urlencode(others)}").text)
    assert not any(pressed for pressed, _url in before.values())
    pressed = {
        "Overdue": {"overdue": "1"}, "Due today": {"due": "today"}, "All open": {"category": "active"},
        "Mine": {"assignee": "me", "category": "active"}, "Unassigned": {"assignee": "none", "category": "active"},
        "Reopened": {"reopened": "1", "category": "active"},
    }  # fmt: skip
    assert {label: asked(url) for label, (_pressed, url) in before.items()} == {
        label: others | changes for label, changes in pressed.items()
    }
    for label, changes in pressed.items():
        after = quick_filters(clerk.get(before[label][1]).text)
        assert {one for one, (is_pressed, _url) in after.items() if is_pressed} == (
            {label, "All open"} if "category" in changes else {label}
        )
        # Pressed again, each takes off its own alone.
        mine = next(iter(changes))
        assert asked(after[label][1]) == others | {key: value for key, value in changes.items() if key != mine}
    # Where the list says how far its tickets are, that stays; one assignee takes the place of another.
    after = quick_filters(clerk.get("/tickets/?state=closed&assignee=me").text)
    assert asked(after["Unassigned"][1]) == {"state": "closed", "assignee": "none"}


def test_what_a_view_narrows_by_is_told_and_taken_off(desk, clerk):
    view = kept(clerk, "空调", "q=nothing&category=active")
    text = clerk.get(f"/tickets/?view={view}").text
    told, urls = chips(text)
    assert told == {"q": "Search nothing", "category": "Progress Not finished"}
    assert asked(urls["q"]) == {"view": str(view), "q": ""}
    assert asked(quick_filters(text)["All open"][1]) == {"view": str(view), "category": ""}
    changed = clerk.get(urls["q"]).text
    assert tagged(changed, "view-changed")
    assert chips(changed)[0] == {"category": "Progress Not finished"}


def test_more_filters_send_each_name_once(desk, clerk):
    for query in (f"assignee=me&tag=1&product={desk.ids['installed_product']}", "team=mine&outlet=none&customer=1"):
        text = clerk.get(f"/tickets/?{query}&priority=2").text
        form = text.partition('id="filters-dialog"')[2].partition("</form>")[0]
        names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', form)
        assert sorted(names) == ["assignee", "customer", "outlet", "priority", "product", "tag", "team"]
    assert re.search(r'<option value="none" selected>Without an outlet<', form)


def test_quick_filters_are_there_for_whom_they_mean_something(desk, clerk):
    text = clerk.get("/tickets/?due=today").text
    labels = dict(re.findall(r'class="ticket-quick-link( active)?"[^>]*>(.*?)</a>', text))
    assert labels[" active"] == "Due today"
    assert "Reopened" in text
    assert "My team’s" not in text


@pytest.mark.parametrize(
    "query", ["view=", "view=-1", "view=abc", "view=9999999999999999999999", "view=%00", "group=%00", "due=never",
              "reopened=2", "team=mine", "outlet=none", "view=all&group=outlet"],
)  # fmt: skip
def test_a_strange_address_is_a_page(desk, clerk, query):
    assert clerk.get(f"/tickets/?{query}").status_code == 200
    assert clerk.get(f"/tickets/columns?{query}").status_code == 200


def test_the_form_of_a_view_keeps_what_was_typed(desk, clerk):
    answer = clerk.post("/tickets/views/new?q=x", data={"name": " ", "audience": "all"})
    assert answer.status_code == 422
    assert clerk.get("/tickets/views/new?q=x").status_code == 200
