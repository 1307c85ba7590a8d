"""Settings → Company: what stands at the head of documents."""

from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import Any, ClassVar

from flask import Response, make_response, redirect, request, send_file, url_for

from app.company.profile import COMPANY, logo, profile, save
from app.core.errors import DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import _
from forms.company import CompanyForm
from forms.records import labels_of, mark_all, values_of
from views.base import HouseView, current_actor, expose, permission, say


class CompanyView(HouseView):
    """One form; whoever may only see it gets it locked."""

    route_base = "/settings/company"
    class_permission_name: ClassVar[str | None] = "settings"

    @expose("/", methods=["GET"])
    @permission("settings.read")
    def index(self) -> Response:
        """Show what is kept."""
        with self.reading() as work:
            known = profile(work)
        seen = known.seen.isoformat() if known.seen else ""
        return self._page(CompanyForm(data=asdict(known) | {"seen": seen, "logo": None}), known.logo)

    @expose("/", methods=["POST"])
    @permission("settings.change")
    def save(self) -> Any:
        """Keep what was typed; a refusal keeps the form as it was filled in."""
        form: Any = CompanyForm()
        upload = request.files.get("logo")
        try:
            with self.unit_of_work() as work:
                save(
                    work, values_of(form, COMPANY), seen=_instant(form.seen.data),
                    picture=upload.stream if upload and upload.filename else None,  # type: ignore[arg-type]
                    without_logo=bool(form.without_logo.data),
                )  # fmt: skip
        except NotAllowedError:
            raise
        except DomainError as error:
            mark_all(form, error.refusals)
            with self.reading() as work:
                return self._page(form, profile(work).logo, error.refusals)
        say(_("The company was saved. Documents show it from now on."))
        return redirect(url_for("CompanyView.index"))

    @expose("/logo/<name>")
    @permission("settings.read")
    def logo(self, name: str) -> Response:
        """Send the logo; its name changes with its content."""
        with self.reading() as work:
            data = logo(work, name)
        if data is None:
            raise NotFoundError(_("There is no such file."), code="not_found")
        response: Response = send_file(BytesIO(data), "image/png")
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    def _page(self, form: Any, picture: str, refusals: tuple[Refusal, ...] = ()) -> Response:
        page = self.render_template(
            "company/show.html", title=_("Company"), form=form, record=COMPANY, refusals=refusals,
            labels=labels_of(form), may_change=current_actor().may("settings.change"),
            logo_url=url_for("CompanyView.logo", name=picture) if picture else "",
            history_url=_history() if current_actor().may("audit.read") else "",
        )  # fmt: skip
        return make_response(page, 422 if refusals else 200)


def _history() -> str:
    return url_for("AuditView.index", table=COMPANY.model.__tablename__)


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None
