"""What a form would become, while it is being filled: computed values, visible fields, the subject. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from flask import Response, jsonify, request

from app.core.errors import DomainError, Refusal
from app.core.i18n import Label, Message, _
from app.core.text import clean_text
from app.people import attempts
from app.tickets import queries
from app.tickets.origins import Origins
from forms.new_ticket import NewTicketForm
from forms.ticket_answers import posted_keys
from forms.tickets import VersionForm
from ticket_templates import emptying
from ticket_templates.markdown import LONGEST, rendered
from ticket_templates.origins import ORIGINS
from views.base import expose, permission
from views.tickets.customers import PICKS
from views.tickets.desk import DeskView, argument_id, context_of, version_in

LONGEST_MARKDOWN: Final = LONGEST
#: Nobody reads more previews; a script that asks for the longest texts would keep the others waiting.
PREVIEWS: Final = 30
PREVIEWS_WITHIN: Final = timedelta(minutes=1)
#: Kind of record → what stands under an input it answered.
SOURCES: Final[Mapping[str, Message]] = {
    "installed_product": _("From the installed product"),
    "customer": _("From the customer"),
    "contact": _("From the contact"),
    "site": _("From the site"),
}


class TicketComputeView(DeskView):
    """Live values of forms."""

    @expose("/compute", methods=["POST"])
    @permission("ticket.create")
    def new(self) -> Response:
        """Return the computed values of a ticket that is not made yet."""
        with self.reading() as work:
            version = version_in(work, request.form)
            form = NewTicketForm.of(version, work.actor, context_of(work), request.form)
            return _computed(form, creating=True)

    @expose("/known")
    @permission("ticket.create")
    def known(self) -> Response:
        """Return the inputs that the chosen customer, site and product answer, ready to stand in for the empty ones.

        Beside them those of a form for which nobody is chosen: what a form that was sent began with, it does not know.
        """
        with self.reading() as work:
            version = version_in(work, request.args)
            columns = {name: argument_id(name) for name in PICKS}
            reader = Origins(work)
            reader.preload([(version, columns)])
            origins = reader.of(version, columns)
            form = NewTicketForm.of(version, work.actor, context_of(work), origins=origins)
            bare = NewTicketForm.of(version, work.actor, context_of(work))
            answers = [
                {"one": form.answer(key), "source": SOURCES[ORIGINS[name].record]}
                for key, name in version.rules.origins.items()
                if key in form.asked
                and name in origins
                and form.values.get(key) is not None
                and not form.is_unseen(key)
            ]
            begun = [bare.answer(key) for key in version.rules.origins if key in bare.asked]
            return self.page("tickets/_known.html", answers=answers, begun=begun)

    @expose("/markdown", methods=["POST"])
    @permission("ticket.read")
    def markdown(self) -> Response:
        """Return what a reader sees of some Markdown, sanitised as everywhere."""
        text = request.form.get("text", "")
        if len(text) > LONGEST_MARKDOWN:
            raise DomainError(_("At most %(limit)s characters.", limit=LONGEST_MARKDOWN), field="text", code="too_long")
        with self.unit_of_work() as work:
            attempts.demand_pause(work, "markdown", PREVIEWS, PREVIEWS_WITHIN)
        return jsonify(html=rendered(clean_text(text, limit=LONGEST_MARKDOWN, lines=True)))

    @expose("/<number>/compute", methods=["POST"])
    @permission("ticket.read")
    def change(self, number: str) -> Response:
        """Return the computed values of a ticket as they would be after this change."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            named = posted_keys(request.form)
            keys = [key for key in detail.version.uses if key in named or detail.version.types[key].derived]
            context = context_of(work, detail.values)
            step = detail.version.transitions.get(request.args.get("step", ""))
            form = VersionForm(
                detail.version, work.actor, context, detail.columns, detail.values, keys, request.form,
                moves=step.moves if step else {}, step=step.key if step else "",
            )  # fmt: skip
            return _computed(form, creating=False, amounts=step.amount_labels if step else {})


def _computed(form: VersionForm, *, creating: bool, amounts: Label | None = None) -> Response:
    version, context = form.version, replace(form.context, draft=True)
    stored = {} if creating else form.values
    cleaned = version.clean(
        form.raw(), stored, actor=form.actor, context=context, facts=form.columns, creating=creating,
        moves=form.moves, step=form.step,
    )  # fmt: skip
    readable = version.readable(form.actor)
    derived = [key for key in form.shown if version.types[key].derived and key in readable]
    computed = {key: version.types[key].shown(cleaned.values.get(key), context) for key in derived}
    # What conditions compare: a computed total may show a field, or an item of the checklist.
    facts = {
        key: None if (value := cleaned.values.get(key)) is None else version.types[key].fact(value) for key in derived
    }
    raw = form.raw()
    rows = {key: live for key in raw if (live := version.types[key].live(raw[key], context))}
    # An unticked choice sends nothing: what was not sent is no less a field of the form.
    visible = version.visible(cleaned.values, form.columns) & readable
    seen = version.rules.facts(form.columns, cleaned.values)
    gone = emptying.emptied(version, stored, cleaned, readable=readable, context=context)
    required = [key for key in sorted(visible) if version.rules.is_required(key, seen)]
    return jsonify(
        computed=computed, facts=facts, rows=rows, visible=sorted(visible), required=required,
        subject=version.subject_of(cleaned.values, context),
        doubts=_doubts([*cleaned.doubts, *gone], context.locale),
        called=_called(form, amounts) if amounts else {},
    )  # fmt: skip


def _called(form: VersionForm, amounts: Label) -> dict[str, str]:
    """Return what the inputs of amounts are called: what is due follows from all that is typed beside them."""
    raw = {key: one for key, one in form.raw().items() if key not in form.moves}
    before = form.version.clean(
        raw, form.values, actor=form.actor, context=replace(form.context, draft=True), facts=form.columns
    )
    return form.amounts_called(amounts, before.values)


def _doubts(doubts: Iterable[Refusal], locale: str) -> dict[str, str]:
    """Return what is said at each answer: several things may be doubted of one."""
    said: dict[str, list[str]] = {}
    for one in doubts:
        said.setdefault(one.root, []).append(one.message.in_(locale))
    return {key: " ".join(lines) for key, lines in said.items()}
