"""Templates over the API: what a ticket of each asks for, with the JSON schema of every answer."""

from typing import ClassVar

from flask import Response

from app.core.errors import NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.rows import Reader
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion
from views.api.v1 import schemas, shown
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.base import current_locale, expose, permission


class TemplateApi(ApiView):
    """Reading templates."""

    class_permission_name: ClassVar[str | None] = "template"

    @expose("/templates")
    @permission("template.read")
    @operation(query={"withdrawn": schemas.YES_NO}, gives=schemas.one_of("TemplateCards"))
    def index(self, asked: Asked) -> Response:
        """List the templates; withdrawn ones only when asked for."""
        with self.reading() as work:
            cards = templates.templates(work, with_withdrawn=asked.query.get("withdrawn", False))
        return self.answer({"items": [shown.card(one, current_locale()) for one in cards]})

    @expose("/templates/<key>")
    @permission("template.read")
    @operation(gives=schemas.one_of("Template"))
    def show(self, asked: Asked, key: str) -> Response:
        """Return the version new tickets of a template are made with."""
        del asked
        with self.reading() as work:
            return self._shown(work, templates.published_version(work, key))

    @expose("/templates/<key>/versions/<int:number>")
    @permission("template.read")
    @operation(gives=schemas.one_of("Template"))
    def version(self, asked: Asked, key: str, number: int) -> Response:
        """Return a version of a template that was published some time."""
        del asked
        with self.reading() as work:
            ids = [
                one.id for one in templates.template_versions(work, key) if one.number == number and not one.is_draft
            ]
            if not ids:
                raise NotFoundError(_("There is no version %(number)s of this template.", number=number))
            return self._shown(work, templates.version(work, ids[0]))

    def _shown(self, work: Work, found: CompiledVersion) -> Response:
        readable, writable = found.readable(work.actor), found.writable(work.actor)
        context = Reader(work).context(current_locale())
        return self.answer(shown.version(found, readable, writable, context))
