"""Pages only tests see: every field type's input, every word of ui.html, and Flask-AppBuilder's screens."""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, flash, render_template_string, request
from flask_appbuilder import BaseView
from wtforms import Form

from app.core.errors import DomainError, Refusal
from app.core.i18n import _
from app.people.models import Outlet
from tests.factories.field_types import NOW, bound, context
from ticket_templates.field_types import FIELD_TYPES, rating
from ticket_templates.spec import FieldUse, Option
from views.base import HouseInterface, HouseModelView, expose, guard, signed_in

MANY = tuple(Option(f"part_{n}", {"zh_Hans": f"配件{n}", "zh_Hant": f"配件{n}", "en": f"Part {n}"}) for n in range(20))

#: What makes an input as wide as it can be: a time that cannot lie ahead has a button for the present one.
MOST = {"rating": {"max": rating.MOST}, "datetime": {"max": "now"}}

FIELD_TYPES.scan()
NAMES = FIELD_TYPES.names()

PAGES = Path(__file__).with_name("pages")
FIELDS = (PAGES / "fields.html").read_text(encoding="utf-8")

WORDS = (PAGES / "words.html").read_text(encoding="utf-8")


class GalleryView(BaseView):
    """What pages are made of."""

    route_base = "/gallery"
    posted: ClassVar[list[str]] = []

    @expose("/fields", methods=["GET", "POST"])
    @signed_in
    def fields(self) -> Any:
        inputs = {name: self._type(name) for name in NAMES}
        made = type("Gallery", (Form,), {name: one.form_field() for name, one in inputs.items()})
        shown = context("zh_Hans")
        if request.method == "POST":
            form = made(request.form)
            self.posted.append({name: form[name].data for name in inputs})
            return render_template_string("{% extends 'layout/page.html' %}{% block title %}ok{% endblock %}")
        values = {name: one.form_value(self._value(one), shown) for name, one in inputs.items()}
        form = made(data=values)
        for name in inputs:
            form[name].context = shown
        if "wrong" in request.args:
            for name in inputs:
                form[name].errors = [_("Please fill this in.")]
        rows = [
            (form[name], one, FieldUse(name, required=index % 3 == 0))
            for index, (name, one) in enumerate(inputs.items())
        ]
        return render_template_string(FIELDS, form=form, inputs=rows)

    def _type(self, name: str) -> Any:
        proof = FIELD_TYPES[name].cases[0]
        options = MANY if name == "choice" else proof.options
        return bound(name, MOST.get(name, proof.settings), options, key=name)

    def _value(self, ftype: Any) -> Any:
        if ftype.kind == "attachments" or ftype.spec.options == MANY:
            return None  # there is no such file in the database
        return FIELD_TYPES[ftype.name].cases[0].value

    @expose("/words")
    @signed_in
    def words(self) -> Any:
        flash("已保存。", "success")
        flash("有一处需要注意。", "warning")
        event = {"at": NOW, "actor": "王小明", "action": "update", "changes": [({"en": "State"}, "待分配", "处理中")]}
        colors = ("blue", "red", "orange", "yellow", "lime", "green", "purple", "gray")
        return render_template_string(
            WORDS, now=NOW - timedelta(hours=3), events=[event], refusals=_refusals(), colors=colors
        )

    @expose("/refused")
    @signed_in
    def refuse(self) -> Any:
        raise DomainError(_("Please fill this in."))

    @expose("/posted", methods=["POST"])
    @signed_in
    def post(self) -> Any:
        self.posted.append("".join(request.args))
        return render_template_string("{% extends 'layout/page.html' %}{% block title %}ok{% endblock %}")


class GalleryOutletView(HouseModelView):
    """Flask-AppBuilder's screens over a small table."""

    datamodel = HouseInterface(Outlet)
    class_permission_name = "outlet"
    route_base = "/gallery-outlets"
    list_title = _("Outlets")
    list_columns = ("code", "name", "region", "phone", "active")
    add_columns = edit_columns = ("code", "name", "region", "address", "phone", "active")
    show_columns = (*edit_columns, "created_at")
    search_columns = ("code", "name", "region", "active")
    label_columns: ClassVar[dict[str, Any]] = {
        "code": _("Code"), "name": _("Name"), "region": _("Region"), "phone": _("Phone"), "active": _("Active"),
        "address": _("Address"), "created_at": _("Created"),
    }  # fmt: skip


def _refusals() -> Any:
    return (Refusal(_("Please fill this in."), "who", "required"),)


def install(app: Flask) -> None:
    """Add the pages."""
    with app.app_context():
        app.appbuilder.add_view_no_menu(GalleryView)  # type: ignore[attr-defined]
        app.appbuilder.add_view_no_menu(GalleryOutletView)  # type: ignore[attr-defined]
    app.extensions["gongdan-requirements"] = guard.requirements(app)
