"""What a form would become, while it is being filled: computed values, visible fields, the subject. Writes nothing."""

from flask import Response, jsonify, request

from app.core.errors import NotFoundError
from app.core.i18n import _
from app.tickets import queries
from forms.tickets import NewTicketForm, VersionForm, posted_keys
from ticket_templates import queries as templates
from views.base import expose, permission
from views.tickets.desk import DeskView, context_of, version_id_in


class TicketComputeView(DeskView):
    """Live values of forms."""

    @expose("/compute", methods=["POST"])
    @permission("ticket.create")
    def new(self) -> Response:
        """Return the computed values of a ticket that is not made yet."""
        with self.reading() as work:
            version_id = version_id_in(request.form)
            if version_id is None:
                raise NotFoundError(_("There is no such template version."), code="no_version")
            version = templates.version(work, version_id)
            form = NewTicketForm.of(version, work.actor, context_of(work), request.form)
            return _computed(form, creating=True)

    @expose("/<number>/compute", methods=["POST"])
    @permission("ticket.read")
    def change(self, number: str) -> Response:
        """Return the computed values of a ticket as they would be after this change."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            named = posted_keys(request.form)
            keys = [key for key in detail.version.uses if key in named or detail.version.types[key].derived]
            context = context_of(work, detail.values)
            form = VersionForm(detail.version, work.actor, context, detail.columns, detail.values, keys, request.form)
            return _computed(form, creating=False)


def _computed(form: VersionForm, *, creating: bool) -> Response:
    version, context = form.version, form.context
    stored = {} if creating else form.values
    cleaned = version.clean(
        form.raw(), stored, actor=form.actor, context=context, facts=form.columns, creating=creating
    )
    readable = version.readable(form.actor)
    computed = {
        key: version.types[key].shown(cleaned.values.get(key), context)
        for key in form.shown
        if version.types[key].derived and key in readable
    }
    visible = sorted(version.visible(cleaned.values, form.columns) & set(form.shown))
    return jsonify(computed=computed, visible=visible, subject=version.subject_of(cleaned.values, context))
