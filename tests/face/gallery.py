"""Pages only tests see: every field type's input, every word of ui.html, and Flask-AppBuilder's screens."""

from datetime import timedelta
from typing import Any, ClassVar

from flask import Flask, flash, jsonify, render_template_string, request
from flask_appbuilder import BaseView
from wtforms import Form

from app.core.i18n import _
from app.people.models import Outlet
from tests.factories.field_types import NOW, bound, context
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.spec import FieldUse, Option
from views.base import HouseInterface, HouseModelView, expose, signed_in

MANY = tuple(Option(f"part_{n}", {"zh_Hans": f"配件{n}", "zh_Hant": f"配件{n}", "en": f"Part {n}"}) for n in range(20))

NAMES = sorted(one.name for one in FIELD_TYPES)

FIELDS = """{% extends "layout/page.html" %}{% import "ui.html" as ui %}
{% block title %}{{ _('New ticket') }}{% endblock %}
{% block content %}
<form class="card" method="post" id="gallery" data-guard novalidate>{{ ui.csrf() }}
<div class="card-body">{{ ui.form_errors(form) }}<div class="gd-grid">
{% for field, ftype, use in inputs %}{{ ui.field(field, ftype, use) }}{% endfor %}</div></div>
<div class="gd-form-foot"><button class="btn btn-primary" data-testid="save">{{ _('Save') }}</button></div>
</form>
{% endblock %}"""

WORDS = """{% extends "layout/page.html" %}{% import "ui.html" as ui %}
{% block title %}{{ _('Tickets') }}{% endblock %}
{% block pretitle %}{{ _('Work') }}{% endblock %}
{% block actions %}
{{ ui.confirm_button('/gallery/posted?a=1', _('Delete'), _('Delete this? It cannot be undone.'), 'trash', 'btn btn-ghost-danger', testid='delete-a') }}
{{ ui.confirm_button('/gallery/posted?b=1', _('Archive'), _('Are you sure?'), danger=False, testid='archive-b') }}
<button class="btn" data-bs-toggle="modal" data-bs-target="#dialog">{{ _('Assign') }}</button>
{% endblock %}
{% block content %}
{{ ui.error_summary(refusals) }}
<section class="card" data-rows><table class="table gd-table"><thead><tr><th><input class="form-check-input" type="checkbox" data-all aria-label="{{ _('Select all rows') }}"></th><th>#</th><th>A</th><th>B</th><th>C</th></tr></thead><tbody>
{% for n in range(8) %}<tr><td class="cell-check"><input class="form-check-input" type="checkbox" data-row value="{{ n }}" aria-label="{{ n }}"></td><td class="cell-title"><a class="row-link" href="#">WX-{{ n }}</a></td><td data-label="A">{{ ui.state(_('Open'), colors[n]) }} {{ ui.badge(_('Open'), colors[n]) }}</td><td data-label="B">{{ ui.priority(n % 4 + 1) }}</td><td data-label="C">{{ ui.when(now) }} {{ ui.avatar('王小明') }}</td></tr>{% endfor %}
</tbody></table><div class="gd-bar gd-bar-sticky" data-selection-bar hidden><strong data-selection-count></strong></div>
{{ ui.pager('/next', '/previous', 24) }}</section>
<section class="card mt-3"><div class="card-body">{{ ui.history(events) }}</div></section>
<section class="card mt-3">{{ ui.empty(_('Nothing here yet'), _('What you add will be listed here.'), '/x', _('Add')) }}</section>
<label for="who" class="form-label">{{ _('Customer') }}</label>{{ ui.remote_select('who', '/lookup/customer') }}
{% call ui.modal('dialog', _('Assign')) %}<form method="post" action="/gallery/posted?c=1">{{ ui.csrf() }}<div class="modal-body">{{ _('Assign') }}</div><div class="modal-footer"><button class="btn btn-primary">{{ _('Save') }}</button></div></form>{% endcall %}
{% endblock %}"""


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
        if "wrong" in request.args:
            for name in inputs:
                form[name].errors = [_("Please fill this in.")]
        rows = [(form[name], one, FieldUse(name, required=index % 3 == 0)) for index, (name, one) in enumerate(inputs.items())]
        return render_template_string(FIELDS, form=form, inputs=rows)

    def _type(self, name: str) -> Any:
        proof = FIELD_TYPES[name].cases[0]
        options = MANY if name == "choice" else proof.options
        return bound(name, proof.settings, options, key=name)

    def _value(self, ftype: Any) -> Any:
        return None if ftype.spec.options == MANY else FIELD_TYPES[ftype.name].cases[0].value

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
    from app.core.errors import Refusal

    return (Refusal(_("Please fill this in."), "who", "required"),)


def install(app: Flask) -> None:
    """Add the pages, and stand-ins for the doors that other rooms may not have opened yet."""
    with app.app_context():
        app.appbuilder.add_view_no_menu(GalleryView)  # type: ignore[attr-defined]
        app.appbuilder.add_view_no_menu(GalleryOutletView)  # type: ignore[attr-defined]
    known = {rule.rule for rule in app.url_map.iter_rules()}
    if not any(rule.startswith("/lookup/") for rule in known):
        app.add_url_rule("/lookup/<kind>", "lookup", _lookup)
    if "/files/" not in known:
        app.add_url_rule("/files/", "upload", _upload, methods=["POST"])
        app.add_url_rule("/files/<int:number>", "download", lambda number: (str(number), 200))
    from views.base import guard

    needs = dict(guard.requirements(app)) | dict.fromkeys(("lookup", "upload", "download"), guard.SIGNED_IN)
    app.extensions["gongdan-requirements"] = needs


def _lookup(kind: str) -> Any:
    text = request.args.get("q", "")
    found = [{"id": n, "text": f"{kind} {n}", "hint": "hint <b>"} for n in range(1, 25) if text in f"{kind} {n}"]
    return jsonify(results=found[:20])


def _upload() -> Any:
    sent = request.files["file"]
    if sent.filename and sent.filename.endswith(".exe"):
        return jsonify(detail="这种文件不能上传。"), 422
    return jsonify(id=41, filename=sent.filename, media_type="text/plain"), 201
