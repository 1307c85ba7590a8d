"""Views over small tables, as simple as a feature's own: what the tests of the bases try."""

from typing import ClassVar

from flask import redirect
from flask_appbuilder.actions import action
from sqlalchemy import true

from app.core.errors import DomainError
from app.core.i18n import _
from app.people.models import Outlet, Tag, Team
from views.base import HouseInterface, HouseModelApi, HouseModelView


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


CRUD_VIEWS = (TagTestView, OutletTestView, TeamTestView, TagTestApi)
