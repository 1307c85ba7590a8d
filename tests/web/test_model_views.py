"""Flask-AppBuilder's measured traps, each shut: shared filters, ignored scope, unsafe deletes, SQL in messages, …"""

import threading
from typing import ClassVar

import pytest
from flask_appbuilder.actions import action
from sqlalchemy import event, false, func, select, true

import app.factory
from app.core.audit import AuditEvent
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.permissions import SYSTEM
from app.people.models import Contact, Customer, CustomerLevel, Outlet, Tag, Team
from tests.clients import CAUSE, make_account, make_app, statements
from views.base import HouseInterface, HouseModelApi, HouseModelView
from views.base.model_forms import HouseModelConverter
from views.site import VIEWS


def no_hidden_tags(actor):
    return true() if actor.user_id == 0 else Tag.name.not_like("hidden%")


class TagTestView(HouseModelView):
    route_base = "/t/tags"
    datamodel = HouseInterface(Tag, scope=no_hidden_tags)
    class_permission_name = "tag"
    list_columns: ClassVar = ["name", "created_at"]
    show_columns: ClassVar = ["name"]
    add_columns: ClassVar = ["name"]
    edit_columns: ClassVar = ["name"]
    search_columns: ClassVar = ["name"]
    order_columns: ClassVar = ["name"]
    label_columns: ClassVar = {"name": _("Name")}
    quick_search = ("name",)

    def pre_add(self, item):
        if item.name == "refused":
            raise DomainError(_("This name is not wanted."), field="name")
        assert self.work.actor.user_id

    def post_add(self, item):
        if item.name == "late":
            raise DomainError(_("Too late."))

    @action("shout", "Shout", "", "x")
    def shout(self, items):
        from flask import redirect  # noqa: PLC0415

        for item in items if isinstance(items, list) else [items]:
            item.name = item.name.upper()
        return redirect("/t/tags/list/")


TagTestView.method_permission_name = {**TagTestView.method_permission_name, "shout": "change"}


class OutletTestView(HouseModelView):
    route_base = "/t/outlets"
    datamodel = HouseInterface(Outlet)
    class_permission_name = "outlet"
    list_columns: ClassVar = ["code", "name"]
    add_columns: ClassVar = ["code", "name", "active"]
    edit_columns: ClassVar = ["code", "name", "active"]


class TeamTestView(HouseModelView):
    route_base = "/t/teams"
    datamodel = HouseInterface(Team)
    class_permission_name = "team"
    list_columns: ClassVar = ["code", "name", "outlet"]
    add_columns: ClassVar = ["code", "name", "outlet", "active"]
    edit_columns: ClassVar = ["code", "name", "outlet", "active"]
    search_columns: ClassVar = ["code"]


class TagTestApi(HouseModelApi):
    resource_name = "test_tag"
    datamodel = HouseInterface(Tag, scope=no_hidden_tags)
    class_permission_name = "tag"
    list_columns: ClassVar = ["id", "name"]
    show_columns: ClassVar = ["id", "name"]
    add_columns: ClassVar = ["name"]
    edit_columns: ClassVar = ["name"]


@pytest.fixture(scope="module")
def crud_apps(servers, tmp_path_factory):
    made = {}

    def get(dialect):
        if dialect not in made:
            copy = servers(dialect).copy()
            before = app.factory.VIEWS
            app.factory.VIEWS = (*VIEWS, TagTestView, OutletTestView, TeamTestView, TagTestApi)
            try:
                web = make_app(copy.__enter__(), tmp_path_factory.mktemp("crud"))
            finally:
                app.factory.VIEWS = before
            make_account(web, "boss", "administrator")
            make_account(web, "looker", "auditor")
            made[dialect] = copy, web
        return made[dialect][1]

    yield get
    for copy, web in made.values():
        web.extensions["gongdan"].engine.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def web(dialect, crud_apps):
    web = crud_apps(dialect)
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for model in (Team, Outlet, Tag, AuditEvent):
            work.session.execute(model.__table__.delete())
    return web


@pytest.fixture
def boss(web):
    client = web.test_client()
    client.sign_in("boss")
    client.get("/lang/en")
    return client


def add(web, *rows):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add_all(rows)
        work.session.flush()
        return [row.id for row in rows]


def names(web):
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        return sorted(work.session.scalars(select(Tag.name)))


class TestForms:
    """Adding, changing, and being refused."""

    def test_adding_and_changing_is_stamped_and_recorded(self, web, boss):
        assert boss.get("/t/tags/add").status_code == 200
        assert boss.post("/t/tags/add", data={"name": "VIP"}).headers["Location"] == "/t/tags/list/"
        with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            tag = work.session.scalars(select(Tag)).one()
            assert tag.created_by_id
            assert tag.created_at.tzinfo
        page = boss.get(f"/t/tags/edit/{tag.id}")
        assert "VIP" in page.text
        assert (
            boss.post(f"/t/tags/edit/{tag.id}?next=/users/userinfo/", data={"name": "SVIP"}).headers["Location"]
            == "/users/userinfo/"
        )
        answer = boss.post(f"/t/tags/edit/{tag.id}?next=//evil.example", data={"name": "SVIP"})
        assert answer.headers["Location"] == "/t/tags/list/"
        with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            events = work.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert [(one.action, one.changes["name"]) for one in events] == [
            ("created", [None, "VIP"]), ("changed", ["VIP", "SVIP"])
        ]  # fmt: skip
        assert all(one.actor_id for one in events)

    @pytest.mark.parametrize(
        ("name", "says"),
        [("VIP", "another entry"), ("", "required"), ("x" * 61, "60"), ("refused", "not wanted"), ("late", "Too late")],
    )
    def test_a_refusal_stands_at_its_field_and_saves_nothing(self, web, boss, name, says):
        add(web, Tag(name="VIP"))
        answer = boss.post("/t/tags/add", data={"name": name})
        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="' + name[:60] in answer.text
        assert names(web) == ["VIP"]
        for leak in ("UNIQUE", "constraint", "INSERT", "sqlite", "psycopg", "Traceback"):
            assert leak not in answer.text

    def test_odd_texts_are_kept_as_they_are(self, web, boss):
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
            assert boss.post("/t/tags/add", data={"name": name}).status_code == 302
        page = boss.get("/t/tags/list/")
        assert "<script>alert" not in page.text
        assert "{{ 7*7 }}" in page.text

    @pytest.mark.parametrize("outlet", ["99", "abc", "9" * 40, "-1", "1 OR 1=1"])
    def test_a_choice_that_is_not_there(self, boss, outlet):
        answer = boss.post("/t/teams/add", data={"code": "a", "name": "A", "outlet": outlet})
        assert answer.status_code == 422
        assert "no longer available" in answer.text

    def test_a_select_carries_only_what_is_chosen(self, web, boss):
        ids = add(web, *(Outlet(code=f"o{i}", name=f"Outlet {i}") for i in range(30)))
        (team,) = add(web, Team(code="t", name="T", outlet_id=ids[7]))
        page = boss.get(f"/t/teams/edit/{team}")
        assert "Outlet 7" in page.text
        assert "Outlet 8" not in page.text
        assert 'data-remote="/lookup/outlet"' in page.text
        assert boss.post(f"/t/teams/edit/{team}", data={"code": "t", "name": "T", "outlet": ""}).status_code == 302

    def test_json_columns_are_refused_by_forms_and_never_searched(self):
        with pytest.raises(TypeError, match="JSON"):
            HouseModelConverter(HouseInterface(CustomerLevel)).create_form({}, ["labels"])
        offered = HouseInterface(Customer).get_filters(["name", "id_number"]).get_search_filters()
        assert list(offered) == ["name"]
        assert not HouseInterface(CustomerLevel).is_searchable("labels")

    def test_a_required_box_may_stay_unticked(self, web, boss):
        assert boss.post("/t/outlets/add", data={"code": "a", "name": "A"}).status_code == 302
        with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert work.session.scalars(select(Outlet.active)).one() is False

    def test_writing_outside_a_unit_of_work_is_a_bug(self, web):
        with web.test_request_context("/"), pytest.raises(RuntimeError, match="unit of work"):
            TagTestView.datamodel.add(Tag(name="x"))

    def test_the_write_lock_is_taken_before_anything_is_read(self, web, boss, dialect):
        if dialect != "sqlite":
            pytest.skip("SQLite takes one lock for all")
        (tag,) = add(web, Tag(name="a"))
        engine, begins = web.extensions["gongdan"].engine, []

        def note(_connection, _cursor, statement, *_rest):
            begins.append(statement.split("\n")[0][:40])

        event.listen(engine, "before_cursor_execute", note)
        boss.post(f"/t/tags/edit/{tag}", data={"name": "b"})
        event.remove(engine, "before_cursor_execute", note)
        lock = begins.index("BEGIN IMMEDIATE")
        assert not [one for one in begins[:lock] if "tag" in one]
        assert begins.count("BEGIN IMMEDIATE") == 1


class TestDeleting:
    """Only by POST, with its token, within reach, and never what is in use."""

    def test_a_link_deletes_nothing(self, web, boss):
        (tag,) = add(web, Tag(name="a"))
        assert boss.get(f"/t/tags/delete/{tag}").status_code == 405
        assert boss.post(f"/t/tags/delete/{tag}", csrf=False).status_code == 400
        assert boss.get(f"/t/tags/action/delete_many/{tag}").status_code == 405
        assert names(web) == ["a"]
        assert boss.post(f"/t/tags/delete/{tag}").status_code == 302
        assert names(web) == []

    def test_what_is_in_use_stays_and_says_so(self, web, boss):
        (outlet,) = add(web, Outlet(code="o", name="O"))
        add(web, Team(code="t", name="T", outlet_id=outlet))
        boss.post(f"/t/outlets/delete/{outlet}")
        page = boss.get("/t/outlets/list/")
        assert "still used elsewhere" in page.text
        assert "FOREIGN" not in page.text

    def test_many_at_once_deletes_those_it_can(self, web, boss):
        used, free = add(web, Outlet(code="o", name="O"), Outlet(code="p", name="P"))
        add(web, Team(code="t", name="T", outlet_id=used))
        boss.post("/t/outlets/action_post", data={"action": "delete_many", "rowid": [used, free]})
        with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert list(work.session.scalars(select(Outlet.id))) == [used]
        page = boss.get("/t/outlets/list/")
        assert "Not deleted" in page.text
        assert "Deleted: 1" in page.text


class TestScope:
    """One condition for every door."""

    def test_every_door_is_the_same(self, web, boss):
        shown, hidden = add(web, Tag(name="shown"), Tag(name="hidden one"))
        for url in ("/t/tags/list/", "/t/tags/list/?q=hidden", "/t/tags/list/?_flt_0_name=hidden", "/t/tags/export/csv",
                    "/api/v1/test_tag/"):  # fmt: skip
            page = boss.get(url)
            assert page.status_code == 200
            assert "hidden one" not in page.text, url
        assert boss.get("/api/v1/test_tag/").json["count"] == 1
        for url in (f"/t/tags/show/{hidden}", f"/t/tags/edit/{hidden}", f"/api/v1/test_tag/{hidden}"):
            assert boss.get(url).status_code == 404, url
        for url in (f"/t/tags/edit/{hidden}", f"/t/tags/delete/{hidden}", f"/t/tags/action/shout/{hidden}"):
            assert boss.post(url, data={"name": "mine"}).status_code == 404, url
        for name in ("shout", "delete_many"):
            data = {"action": name, "rowid": [shown, hidden]}
            assert boss.post("/t/tags/action_post", data=data).status_code == 404
        assert boss.put(f"/api/v1/test_tag/{hidden}", json={"name": "mine"}).status_code == 404
        assert boss.delete(f"/api/v1/test_tag/{hidden}").status_code == 404
        assert names(web) == ["hidden one", "shown"]

    def test_actions_ask_for_their_permission(self, web):
        (tag,) = add(web, Tag(name="a"))
        looker = web.test_client()
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
        assert names(web) == ["a"]

    def test_an_action_works_on_what_is_in_reach(self, web, boss):
        ids = add(web, Tag(name="a"), Tag(name="b"))
        assert boss.post("/t/tags/action_post", data={"action": "shout", "rowid": ids}).status_code == 302
        assert names(web) == ["A", "B"]
        assert boss.post(f"/t/tags/action/shout/{ids[0]}").status_code == 302
        for data in ({"action": "nothing", "rowid": ids}, {"rowid": ids}, {"action": "__init__", "rowid": ids}):
            assert boss.post("/t/tags/action_post", data=data).status_code == 404
        assert boss.post("/t/tags/action_post", data={"action": "shout"}).status_code == 302


class TestLists:
    """Within bounds, and one person's filter is one person's."""

    def test_filters_are_not_shared_between_requests(self, web, boss):
        add(web, Tag(name="apple"), Tag(name="pear"))
        view = next(one for one in web.appbuilder.baseviews if isinstance(one, TagTestView))
        others = []

        def other_request():
            with web.test_request_context("/t/tags/list/"):
                others.append(list(view._filters.values))

        with web.test_request_context("/t/tags/list/?_flt_0_name=apple"):
            view._add_filters()
            meanwhile = threading.Thread(target=other_request)
            meanwhile.start()
            meanwhile.join()
            assert view._filters.values == [["apple"]]
        assert others == [[]]

    def test_threads_see_their_own_filters(self, web, boss):
        add(web, *(Tag(name=f"tag {i}") for i in range(8)))
        cookie = boss.get_cookie(web.config["SESSION_COOKIE_NAME"])
        wrong = []

        def ask(number):
            client = web.test_client()
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
    def test_the_page_size_is_one_of_those_offered(self, web, boss, query):
        add(web, *(Tag(name=f"tag {i:03}") for i in range(60)))
        assert boss.get(f"/t/tags/list/?{query}").text.count("tag 0") == boss.get("/t/tags/list/").text.count("tag 0")

    @pytest.mark.parametrize("query", ["page_TagTestView=99999", "page_TagTestView=-1", "page_TagTestView=1e9",
                                       "_oc_TagTestView=changed_by_id&_od_TagTestView=asc", "_oc_TagTestView=;&_od_TagTestView=asc",
                                       "_flt_0_name=%25&_flt_0_created_by_id=1&_flt_77_name=x&_flt_0_nope=1", "q=%25_%5C"])  # fmt: skip
    def test_odd_arguments_are_ignored(self, web, boss, query):
        add(web, Tag(name="a"))
        assert boss.get(f"/t/tags/list/?{query}").status_code == 200

    def test_statements_do_not_grow_with_rows(self, web, boss):
        outlets = add(web, *(Outlet(code=f"o{i}", name=f"O{i}") for i in range(20)))
        add(web, Team(code="first", name="T", outlet_id=outlets[0]))
        engine = web.extensions["gongdan"].engine
        boss.get("/t/teams/list/")
        with statements(engine) as few:
            boss.get("/t/teams/list/")
        add(web, *(Team(code=f"t{i}", name=f"T{i}", outlet_id=one) for i, one in enumerate(outlets)))
        with statements(engine) as many:
            page = boss.get("/t/teams/list/")
        assert "O19" in page.text
        assert len(many) == len(few) <= 5

    def test_counting_stops(self, web, boss, monkeypatch):
        monkeypatch.setattr("views.base.interface.COUNT_LIMIT", 5)
        add(web, *(Tag(name=f"tag {i}") for i in range(9)))
        with web.test_request_context("/"):
            from flask import g  # noqa: PLC0415

            from app.core.permissions import Actor  # noqa: PLC0415
            from app.people.identity import Person  # noqa: PLC0415

            g.person = Person(1, "x", "x", "", None, "auto", False, Actor(user_id=1))
            count, rows = TagTestView.datamodel.query(page_size=25)
        assert count == 6
        assert len(rows) == 9

    def test_the_export_is_complete_and_no_formula(self, web, boss):
        add(
            web,
            *(Tag(name=f"tag {i:04}") for i in range(1_203)),
            Tag(name="=HYPERLINK()"),
            Tag(name="@x"),
            Tag(name="-1"),
        )
        answer = boss.get("/t/tags/export/csv")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tag.csv"'
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Name,")
        assert len(lines) == 1 + 1_206
        cells = {line.split(",")[0] for line in lines}
        assert {"'=HYPERLINK()", "'@x", "'-1"} <= cells
        assert len(boss.get("/t/tags/export/csv?q=tag+000").data.decode().splitlines()) == 11


class TestRest:
    """The same table over REST."""

    def test_a_life(self, web, boss):
        made = boss.post("/api/v1/test_tag/", json={"name": "one"})
        assert made.status_code == 201
        url = f"/api/v1/test_tag/{made.json['id']}"
        assert boss.get(url).json["result"]["name"] == "one"
        assert boss.put(url, json={"name": "two"}).status_code == 200
        assert boss.get("/api/v1/test_tag/?q=(filters:!((col:name,opr:eq,value:two)))").json["count"] == 1
        assert boss.delete(url).status_code == 200
        assert names(web) == []
        with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert work.session.scalar(select(func.count()).select_from(AuditEvent)) == 3

    def test_a_cookie_alone_changes_nothing(self, web, boss):
        (tag,) = add(web, Tag(name="a"))
        assert boss.post("/api/v1/test_tag/", json={"name": "x"}, csrf=False).status_code == 400
        assert boss.put(f"/api/v1/test_tag/{tag}", json={"name": "x"}, csrf=False).status_code == 400
        assert boss.delete(f"/api/v1/test_tag/{tag}", csrf=False).status_code == 400
        assert names(web) == ["a"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"name": "x", "id": 7}, "id"), ({"name": "x", "created_by_id": 1}, "created_by_id"), ({}, "name"),
         ({"name": None}, "name"), ({"name": ["x"]}, "name"), ({"name": "taken"}, "name"), ({"name": "x" * 61}, "name")],
    )  # fmt: skip
    def test_a_bad_body_names_its_field(self, web, boss, body, field):
        add(web, Tag(name="taken"))
        answer = boss.post("/api/v1/test_tag/", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.mimetype == "application/problem+json"
        assert field in {one["field"] for one in answer.json["errors"]}
        assert names(web) == ["taken"]

    @pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"NaN"])
    def test_what_is_no_object_is_refused(self, boss, data):
        answer = boss.post("/api/v1/test_tag/", data=data, content_type="application/json")
        assert answer.status_code == 422
        assert boss.post("/api/v1/test_tag/", data=data, content_type="text/plain").status_code == 422

    @pytest.mark.parametrize(
        "query",
        ["(page_size:20000)", "(page:-1)", "(order_column:created_by_id,order_direction:asc)", "(columns:!(password))",
         "(filters:!((col:changed_by_id,opr:eq,value:1)))", "(filters:!((col:name,opr:nope,value:1)))", "((((", "%00", "!!!!", "(a:", "'" , "!(" * 500,
         "(filters:!((col:name)))"],
    )  # fmt: skip
    def test_odd_arguments_are_refused_or_ignored(self, boss, query):
        answer = boss.get(f"/api/v1/test_tag/?q={query}")
        assert answer.status_code in {200, 422}, answer.text
        assert "Traceback" not in answer.text
        assert "changed_by" not in answer.text

    def test_there_is_no_such_row(self, boss):
        for key in ("0", "999999", "abc", "9" * 40, "1.5", "-1"):
            assert boss.get(f"/api/v1/test_tag/{key}").status_code == 404, key


def test_scope_is_asked_for_the_person_of_the_request(web):
    """A scope that nobody passes: not even the administrator gets round it."""
    view = HouseInterface(Contact, scope=lambda actor: false())
    with web.test_request_context("/"):
        from flask import g  # noqa: PLC0415

        from app.core.permissions import Actor, Scope  # noqa: PLC0415
        from app.people.identity import Person  # noqa: PLC0415

        g.person = Person(1, "x", "x", "", None, "auto", False, Actor(user_id=1, scope=Scope.ALL))
        assert view.query() == (0, [])
        assert view.get(1) is None
