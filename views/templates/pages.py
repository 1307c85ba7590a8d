"""Templates: the list, one template, two versions compared, packs in and out."""

from typing import Any, ClassVar

from flask import Response, flash, make_response, redirect, request, url_for

from app.core.db import folded
from app.core.errors import NotFoundError
from app.core.i18n import Message, _
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.tickets.rows import Reader
from forms.templates import NOTHING, PackForm
from ticket_templates import exchange, queries, service
from ticket_templates.queries import TemplateCard
from ticket_templates.versions import diff
from views.base import HouseView, current_locale, expose, permission
from views.base.list_args import LONGEST_VALUE
from views.templates.history import template_events
from views.templates.shown import Shown


class TemplateView(HouseView):
    """Reading and exchanging templates.

    Whoever works with tickets may read what one template asks; the shelf of them all, their versions side by side and
    their packs are for those who keep templates or look them over.
    """

    route_base = "/templates"
    class_permission_name: ClassVar[str | None] = "template"

    @expose("/")
    @permission("template.export")
    def index(self) -> Response:
        """Show the templates as cards: all, or those that a search and their state leave."""
        text, state = request.args.get("q", "").strip()[:LONGEST_VALUE], request.args.get("state", "")
        with self.reading() as work:
            cards = [one for one in queries.templates(work, with_withdrawn=True) if _fits(one, text, state)]
            versions = queries.versions(work, [one.version_id for one in cards if one.version_id])
            newer = exchange.newer_packs(work) if work.actor.may("template.design") else []
            rows = [
                {"card": card, "version": versions.get(card.version_id or 0)}
                for card in sorted(cards, key=lambda one: one.withdrawn)
            ]
        return self._page("list.html", rows=rows, search_text=text, state=state, newer=newer)

    @expose("/<key>")
    @permission("template.read")
    def show(self, key: str) -> Response:
        """Show one version of a template: the published one, unless ``?version=`` names another."""
        with self.reading() as work:
            card = queries.card(work, key)
            versions = queries.template_versions(work, key)
            number = _number("version") or card.number or versions[0].number
            spec = queries.spec_of(work, key, number)
            version = next(one for one in versions if one.number == number)
            events = template_events(work, card, versions)
            shown = Shown(spec, Reader(work).context(current_locale()))
        picture = shown.picture(current_locale())
        return self._page(
            "show.html", card=card, version=version, versions=versions, shown=shown, spec=spec, picture=picture,
            events=events,
        )  # fmt: skip

    @expose("/<key>/compare")
    @permission("template.export")
    def compare(self, key: str) -> Response:
        """Show in words what changed from version ``old`` to version ``new``."""
        with self.reading() as work:
            card = queries.card(work, key)
            versions = queries.template_versions(work, key)
            new = _number("new") or versions[0].number
            old = _number("old") or max(1, new - 1)
            changes = diff(queries.spec_of(work, key, old), queries.spec_of(work, key, new))
        return self._page("compare.html", card=card, versions=versions, old=old, new=new, changes=changes)

    @expose("/<key>/export")
    @permission("template.export")
    def export(self, key: str) -> Response:
        """Send the published version as a pack."""
        with self.reading() as work:
            text = exchange.export_pack(work, key)
        response = make_response(text)
        response.headers["Content-Type"] = "application/yaml; charset=utf-8"
        response.headers["Content-Disposition"] = f'attachment; filename="{key}.yaml"'
        return response

    @expose("/import", methods=["GET", "POST"])
    @permission("template.design")
    def import_(self) -> Any:
        """Preview a pack, then import it."""
        form = PackForm()
        if request.method == "GET":
            return self._page("import.html", form=form)
        content, filename = form.pack()
        if not content:
            return self._import_page(form, error=NOTHING)
        if not form.confirmed:
            return self._preview(form, content, filename)
        with self.unit_of_work() as work:
            result = exchange.import_pack(work, content, filename)
        if result.status == "refused":
            return self._import_page(form, result=result)
        flash(result.message.in_(current_locale()), "success")
        return redirect(url_for("TemplateView.show", key=result.template_key))

    @expose("/<key>/shipped")
    @permission("template.design")
    def shipped(self, key: str) -> Response:
        """Show what a newer shipped pack would change; importing it is the next step."""
        with self.reading() as work:
            pack = exchange.newer_pack(work, key)
        return self._preview(PackForm(), pack.path.read_bytes(), pack.path.name, own_changes=pack.changed)

    @expose("/<key>/withdraw", methods=["POST"])
    @permission("template.design")
    def withdraw(self, key: str) -> Any:
        """Make no more tickets of it."""
        with self.unit_of_work() as work:
            service.withdraw(work, key)
        return self._done(key, _("The template is withdrawn."))

    @expose("/<key>/reinstate", methods=["POST"])
    @permission("template.design")
    def reinstate(self, key: str) -> Any:
        """Make tickets of it again."""
        with self.unit_of_work() as work:
            service.reinstate(work, key)
        return self._done(key, _("Tickets can be made of this template again."))

    def _preview(self, form: PackForm, content: bytes, filename: str, *, own_changes: bool = False) -> Response:
        """Import in a rehearsal and show what would change."""
        with self.rehearsal() as work:
            spec = None
            result = exchange.import_pack(work, content, filename)
            if result.number is not None:
                spec = queries.spec_of(work, result.template_key, result.number)
                label = queries.card(work, result.template_key).labels
                shown = Shown(spec, Reader(work).context(current_locale()))
        if spec is None:
            return self._import_page(form, result=result)
        return self._page(
            "preview.html", result=result, changes=result.changes, spec=spec, shown=shown,
            spec_label=label, content=content.decode("utf-8-sig"), filename=filename, own_changes=own_changes,
        )  # fmt: skip

    def _import_page(self, form: PackForm, **facts: Any) -> Response:
        response = self._page("import.html", form=form, **facts)
        response.status_code = 422
        return response

    def _done(self, key: str, message: Message) -> Any:
        flash(message.in_(current_locale()), "success")
        return redirect(url_for("TemplateView.show", key=key))

    def _page(self, name: str, **facts: Any) -> Response:
        return make_response(self.render_template(f"ticket_templates/{name}", **facts))


def _fits(card: TemplateCard, text: str, state: str) -> bool:
    searched = folded(" ".join((card.key, *card.labels.values(), *card.description.values())))
    return folded(text) in searched and (state not in {"used", "withdrawn"} or card.withdrawn == (state == "withdrawn"))


def _number(name: str) -> int | None:
    """Return the version number the address names; None when it names none."""
    raw = request.args.get(name, "")
    if not raw:
        return None
    if (number := whole_in(raw, LARGEST_SMALL_KEY)) is None:
        raise NotFoundError(_("There is no such version."), code="no_version")
    return number
