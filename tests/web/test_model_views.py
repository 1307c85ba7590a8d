"""Flask-AppBuilder's measured traps, each shut: shared filters, ignored scope, unsafe deletes, SQL in messages."""

import html
import re
import threading
from urllib.parse import parse_qsl

import pytest
from flask import g
from sqlalchemy import event, false, select

from app.core.audit import AuditEvent
from app.core.permissions import SYSTEM, Actor, Scope
from app.people.identity import Person
from app.people.models import Contact, Customer, CustomerLevel, Outlet, Tag, Team
from tests.clients import statements
from tests.web.crud_rows import add, names
from tests.web.crud_views import TagTestView
from views.base import HouseInterface
from views.base.interface import COUNT_LIMIT
from views.base.model_forms import HouseModelConverter


class TestForms:
    """Adding, changing, and being refused."""

    def test_adding_and_changing_is_stamped_and_recorded(self, crud_web, chief):
        assert chief.get("/t/tags/add").status_code == 200
        assert chief.post("/t/tags/add", data={"name": "VIP"}).headers["Location"] == "/t/tags/list/"
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            tag = work.session.scalars(select(Tag)).one()
            assert tag.created_by_id
            assert tag.created_at.tzinfo
        page = chief.get(f"/t/tags/edit/{tag.id}")
        assert "VIP" in page.text
        assert (
            chief.post(f"/t/tags/edit/{tag.id}?next=/users/userinfo/", data={"name": "SVIP"}).headers["Location"]
            == "/users/userinfo/"
        )
        answer = chief.post(f"/t/tags/edit/{tag.id}?next=//evil.example", data={"name": "SVIP"})
        assert answer.headers["Location"] == "/t/tags/list/"
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            events = work.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert [(one.action, one.changes["name"]) for one in events] == [
            ("created", [None, "VIP"]), ("changed", ["VIP", "SVIP"])
        ]  # fmt: skip
        assert all(one.actor_id for one in events)

    @pytest.mark.parametrize(
        ("name", "says"),
        [("VIP", "another entry"), ("", "required"), ("x" * 61, "60"), ("refused", "not wanted"), ("late", "Too late")],
    )
    def test_a_refusal_stands_at_its_field_and_saves_nothing(self, crud_web, chief, name, says):
        add(crud_web, Tag(name="VIP"))
        answer = chief.post("/t/tags/add", data={"name": name})
        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="' + name[:60] in answer.text
        assert names(crud_web) == ["VIP"]
        for leak in ("UNIQUE", "constraint", "INSERT", "sqlite", "psycopg", "Traceback"):
            assert leak not in answer.text

    def test_odd_texts_are_kept_as_they_are(self, crud_web, chief):
        odd = [
            "<script>alert(1)</script>",
            "=1+1",
            "😀👨‍👩‍👧",
            "שלום",
            "\u200b",
            "100%(x)s %s",
            "{{ 7*7 }}",
            "'; DROP TABLE tag;--",
        ]
        for name in odd:
            assert chief.post("/t/tags/add", data={"name": name}).status_code == 302
        page = chief.get("/t/tags/list/")
        assert "<script>alert" not in page.text
        assert "{{ 7*7 }}" in page.text

    @pytest.mark.parametrize("outlet", ["99", "abc", "9" * 40, "-1", "1 OR 1=1"])
    def test_a_choice_that_is_not_there(self, chief, outlet):
        answer = chief.post("/t/teams/add", data={"code": "a", "name": "A", "outlet": outlet})
        assert answer.status_code == 422
        assert "no longer available" in answer.text

    def test_a_select_carries_only_what_is_chosen(self, crud_web, chief):
        ids = add(crud_web, *(Outlet(code=f"o{i}", name=f"Outlet {i}") for i in range(30)))
        (team,) = add(crud_web, Team(code="t", name="T", outlet_id=ids[7]))
        page = chief.get(f"/t/teams/edit/{team}")
        assert "Outlet 7" in page.text
        assert "Outlet 8" not in page.text
        assert 'data-remote="/lookup/outlet"' in page.text
        assert chief.post(f"/t/teams/edit/{team}", data={"code": "t", "name": "T", "outlet": ""}).status_code == 302

    def test_json_columns_are_refused_by_forms_and_never_searched(self):
        with pytest.raises(TypeError, match="JSON"):
            HouseModelConverter(HouseInterface(CustomerLevel)).create_form({}, ["labels"])
        offered = HouseInterface(Customer).get_filters(["name", "id_number"]).get_search_filters()
        assert list(offered) == ["name"]
        assert not HouseInterface(CustomerLevel).is_searchable("labels")

    def test_a_required_box_may_stay_unticked(self, crud_web, chief):
        assert chief.post("/t/outlets/add", data={"code": "a", "name": "A"}).status_code == 302
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert work.session.scalars(select(Outlet.active)).one() is False

    def test_writing_outside_a_unit_of_work_is_a_bug(self, crud_web):
        with crud_web.test_request_context("/"), pytest.raises(RuntimeError, match="unit of work"):
            TagTestView.datamodel.add(Tag(name="x"))

    @pytest.mark.parametrize("dialect", ["sqlite"])
    def test_sqlites_one_write_lock_is_taken_before_anything_is_read(self, crud_web, chief):
        (tag,) = add(crud_web, Tag(name="a"))
        engine, begins = crud_web.extensions["gongdan"].engine, []

        def note(_connection, _cursor, statement, *_rest):
            begins.append(statement.split("\n")[0][:40])

        event.listen(engine, "before_cursor_execute", note)
        chief.post(f"/t/tags/edit/{tag}", data={"name": "b"})
        event.remove(engine, "before_cursor_execute", note)
        lock = begins.index("BEGIN IMMEDIATE")
        assert not [one for one in begins[:lock] if "tag" in one]
        assert begins.count("BEGIN IMMEDIATE") == 1

    def test_two_people_at_one_row_lose_nothing_silently(self, crud_web, chief):
        outlet, team = add(crud_web, Outlet(code="o", name="O"), Team(code="t", name="T"))
        page = chief.get(f"/t/teams/edit/{team}").text
        seen = html.unescape(re.search(r'name="seen" value="([^"]+)"', page)[1])
        first = {"code": "t", "name": "First", "outlet": str(outlet), "active": "y", "seen": seen}
        assert chief.post(f"/t/teams/edit/{team}", data=first).status_code == 302
        second = {"code": "t2", "name": "T", "outlet": "", "active": "", "seen": seen}
        assert chief.post(f"/t/teams/edit/{team}", data=second).status_code == 302
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            row = work.session.get(Team, team)
            assert (row.code, row.name, row.outlet_id, row.active) == ("t2", "First", outlet, False)
        answer = chief.post(f"/t/teams/edit/{team}", data=second | {"name": "Second"})
        assert answer.status_code == 409
        assert 'data-testid="theirs-name">First<' in answer.text


class TestDeleting:
    """Only by POST, with its token, within reach, and never what is in use."""

    def test_a_link_deletes_nothing(self, crud_web, chief):
        (tag,) = add(crud_web, Tag(name="a"))
        assert chief.get(f"/t/tags/delete/{tag}").status_code == 405
        assert chief.post(f"/t/tags/delete/{tag}", csrf=False).status_code == 400
        assert chief.get(f"/t/tags/action/delete_many/{tag}").status_code == 405
        assert names(crud_web) == ["a"]
        assert chief.post(f"/t/tags/delete/{tag}").status_code == 302
        assert names(crud_web) == []

    def test_what_is_in_use_stays_and_says_so(self, crud_web, chief):
        (outlet,) = add(crud_web, Outlet(code="o", name="O"))
        add(crud_web, Team(code="t", name="T", outlet_id=outlet))
        chief.post(f"/t/outlets/delete/{outlet}")
        page = chief.get("/t/outlets/list/")
        assert "still used elsewhere" in page.text
        assert "FOREIGN" not in page.text

    def test_many_at_once_deletes_those_it_can(self, crud_web, chief):
        used, free = add(crud_web, Outlet(code="o", name="O"), Outlet(code="p", name="P"))
        add(crud_web, Team(code="t", name="T", outlet_id=used))
        chief.post("/t/outlets/action_post", data={"action": "delete_many", "rowid": [used, free]})
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert list(work.session.scalars(select(Outlet.id))) == [used]
        page = chief.get("/t/outlets/list/")
        assert "Not deleted" in page.text
        assert "Deleted: 1" in page.text


class TestScope:
    """One condition for every door."""

    def test_every_door_is_the_same(self, crud_web, chief):
        shown, hidden = add(crud_web, Tag(name="shown"), Tag(name="hidden one"))
        for url in ("/t/tags/list/", "/t/tags/list/?q=hidden", "/t/tags/list/?_flt_0_name=hidden", "/t/tags/export/csv",
                    "/api/v1/test_tag/"):  # fmt: skip
            page = chief.get(url)
            assert page.status_code == 200
            assert "hidden one" not in page.text, url
        assert chief.get("/api/v1/test_tag/").json["count"] == 1
        for url in (f"/t/tags/show/{hidden}", f"/t/tags/edit/{hidden}", f"/api/v1/test_tag/{hidden}"):
            assert chief.get(url).status_code == 404, url
        for url in (f"/t/tags/edit/{hidden}", f"/t/tags/delete/{hidden}", f"/t/tags/action/shout/{hidden}"):
            assert chief.post(url, data={"name": "mine"}).status_code == 404, url
        for name in ("shout", "delete_many"):
            data = {"action": name, "rowid": [shown, hidden]}
            assert chief.post("/t/tags/action_post", data=data).status_code == 404
        assert chief.put(f"/api/v1/test_tag/{hidden}", json={"name": "mine"}).status_code == 404
        assert chief.delete(f"/api/v1/test_tag/{hidden}").status_code == 404
        assert names(crud_web) == ["hidden one", "shown"]

    def test_actions_ask_for_their_permission(self, crud_web):
        (tag,) = add(crud_web, Tag(name="a"))
        looker = crud_web.test_client()
        looker.sign_in("looker")
        assert looker.get("/t/tags/list/").status_code == 200
        for name in ("shout", "delete_many"):
            answer = looker.post("/t/tags/action_post", data={"action": name, "rowid": [tag]})
            assert answer.status_code == 403
        assert looker.post(f"/t/tags/action/shout/{tag}").status_code == 403
        for url in ("/t/tags/add", f"/t/tags/edit/{tag}"):
            assert looker.get(url).status_code == 403
        assert looker.post(f"/t/tags/delete/{tag}").status_code == 403
        assert looker.post("/api/v1/test_tag/", json={"name": "x"}).status_code == 403
        assert names(crud_web) == ["a"]

    def test_an_action_works_on_what_is_in_reach(self, crud_web, chief):
        ids = add(crud_web, Tag(name="a"), Tag(name="b"))
        assert chief.post("/t/tags/action_post", data={"action": "shout", "rowid": ids}).status_code == 302
        assert names(crud_web) == ["A", "B"]
        assert chief.post(f"/t/tags/action/shout/{ids[0]}").status_code == 302
        for data in ({"action": "nothing", "rowid": ids}, {"rowid": ids}, {"action": "__init__", "rowid": ids}):
            assert chief.post("/t/tags/action_post", data=data).status_code == 404
        assert chief.post("/t/tags/action_post", data={"action": "shout"}).status_code == 302


class TestLists:
    """Within bounds, and one person's filter is one person's."""

    def test_filters_are_not_shared_between_requests(self, crud_web, chief):
        add(crud_web, Tag(name="apple"), Tag(name="pear"))
        view = next(one for one in crud_web.appbuilder.baseviews if isinstance(one, TagTestView))
        others = []

        def other_request():
            with crud_web.test_request_context("/t/tags/list/"):
                others.append(list(view._filters.values))

        with crud_web.test_request_context("/t/tags/list/?_flt_0_name=apple"):
            view._add_filters()
            meanwhile = threading.Thread(target=other_request)
            meanwhile.start()
            meanwhile.join()
            assert view._filters.values == [["apple"]]
        assert others == [[]]

    def test_threads_see_their_own_filters(self, crud_web, chief):
        add(crud_web, *(Tag(name=f"tag {i}") for i in range(8)))
        cookie = chief.get_cookie(crud_web.config["SESSION_COOKIE_NAME"])
        wrong = []

        def ask(number):
            client = crud_web.test_client()
            client.set_cookie(cookie.key, cookie.value)
            for _try in range(5):
                text = client.get(f"/t/tags/list/?_flt_2_name=tag+{number}").text
                seen = [i for i in range(8) if f">tag {i}<" in text.replace("\n", "").replace("  ", "")]
                if seen != [number]:
                    wrong.append((number, seen))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    @pytest.mark.parametrize(
        "query",
        ["psize_TagTestView=20000", "psize_TagTestView=0", "psize_TagTestView=-5", "psize_TagTestView=x"],
    )
    def test_the_page_size_is_one_of_those_offered(self, crud_web, chief, query):
        add(crud_web, *(Tag(name=f"tag {i:03}") for i in range(60)))
        assert chief.get(f"/t/tags/list/?{query}").text.count("tag 0") == chief.get("/t/tags/list/").text.count("tag 0")

    @pytest.mark.parametrize(
        "query",
        [
            "page_TagTestView=99999",
            "page_TagTestView=-1",
            "page_TagTestView=1e9",
            "_oc_TagTestView=changed_by_id&_od_TagTestView=asc",
            "_oc_TagTestView=;&_od_TagTestView=asc",
            "_flt_0_name=%25&_flt_0_created_by_id=1&_flt_77_name=x&_flt_0_nope=1",
            "q=%25_%5C",
        ],
    )
    def test_odd_arguments_are_ignored(self, crud_web, chief, query):
        add(crud_web, Tag(name="a"))
        assert chief.get(f"/t/tags/list/?{query}").status_code == 200

    def test_a_page_beyond_the_end_is_the_last_one(self, crud_web, chief):
        add(crud_web, *(Tag(name=f"tag {i:03}") for i in range(60)))
        kept = "_oc_TagTestView=name&_od_TagTestView=asc"
        for page in (2, 3, 40):
            shown = chief.get(f"/t/tags/list/?page_TagTestView={page}&{kept}").text
            assert "Page 3 of 3" in shown
            assert re.findall(r"tag \d{3}(?=<)", shown) == [f"tag {i:03}" for i in range(50, 60)]

    def test_another_size_or_order_begins_at_the_first_page_and_keeps_every_filter(self, crud_web, chief):
        add(crud_web, *(Tag(name=f"tag {i:03}") for i in range(60)))
        asked = "_flt_2_name=tag&_flt_2_name=0&page_TagTestView=1"
        shown = chief.get(f"/t/tags/list/?{asked}").text
        filters = [("_flt_2_name", "tag"), ("_flt_2_name", "0")]
        pattern = r'(?:href|value)="/t/tags/list/\?([^"]*_TagTestView=[^"]*)"'
        leads = {tuple(parse_qsl(html.unescape(one))) for one in re.findall(pattern, shown)}
        others = [
            [("page_TagTestView", "0")], [("page_TagTestView", "2")],
            *([("psize_TagTestView", size)] for size in ("25", "50", "100")),
            [("_oc_TagTestView", "name"), ("_od_TagTestView", "asc")],
        ]  # fmt: skip
        assert leads >= {(*filters, *one) for one in others}

    def test_statements_do_not_grow_with_rows(self, crud_web, chief):
        outlets = add(crud_web, *(Outlet(code=f"o{i}", name=f"O{i}") for i in range(20)))
        add(crud_web, Team(code="first", name="T", outlet_id=outlets[0]))
        engine = crud_web.extensions["gongdan"].engine
        chief.get("/t/teams/list/")
        with statements(engine) as few:
            chief.get("/t/teams/list/")
        add(crud_web, *(Team(code=f"t{i}", name=f"T{i}", outlet_id=one) for i, one in enumerate(outlets)))
        with statements(engine) as many:
            page = chief.get("/t/teams/list/")
        assert "O19" in page.text
        assert len(many) == len(few) <= 5

    def test_counting_stops(self, crud_web, chief, monkeypatch):
        words = crud_web.jinja_env.get_template("appbuilder/general/lib.html").module
        for count, pages in ((COUNT_LIMIT, "4000"), (COUNT_LIMIT + 1, "4001")):
            with crud_web.test_request_context("/"):
                # How many pages there are is said where it is known.
                assert (pages in words.render_pagination(0, 25, count, "TagTestView")) is (count == COUNT_LIMIT)
        monkeypatch.setattr("views.base.interface.COUNT_LIMIT", 5)
        add(crud_web, *(Tag(name=f"tag {i}") for i in range(9)))
        with crud_web.test_request_context("/"):
            g.person = Person(1, "x", "x", "", None, "auto", False, Actor(user_id=1))
            count, rows = TagTestView.datamodel.query(page_size=25)
        assert count == 6
        assert len(rows) == 9

    def test_the_export_is_complete_and_no_formula(self, crud_web, chief):
        add(
            crud_web,
            *(Tag(name=f"tag {i:04}") for i in range(1_203)),
            Tag(name="=HYPERLINK()"),
            Tag(name="@x"),
            Tag(name="-1"),
        )
        answer = chief.get("/t/tags/export/csv")
        named = r'attachment; filename="t-tags-\d{8}-\d{4}\.'
        assert re.fullmatch(named + 'csv"', answer.headers["Content-Disposition"])
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Name,")
        assert len(lines) == 1 + 1_206
        cells = {line.split(",")[0] for line in lines}
        assert {"'=HYPERLINK()", "'@x", "'-1"} <= cells
        assert len(chief.get("/t/tags/export/csv?q=tag+000").data.decode().splitlines()) == 11
        with chief.get("/t/tags/export/xlsx") as book:
            assert re.fullmatch(named + 'xlsx"', book.headers["Content-Disposition"])


def test_scope_is_asked_for_the_person_of_the_request(crud_web):
    """A scope that nobody passes: not even the administrator gets round it."""
    view = HouseInterface(Contact, scope=lambda _actor: false())
    with crud_web.test_request_context("/"):
        g.person = Person(1, "x", "x", "", None, "auto", False, Actor(user_id=1, scope=Scope.ALL))
        assert view.query() == (0, [])
        assert view.get(1) is None
