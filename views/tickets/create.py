"""Making a ticket: choose a template, fill the form of its version, be led to the ticket."""

from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from app.core.db import folded
from app.core.errors import DomainError, NotFoundError
from app.core.i18n import LOCALES, _, label_in
from app.core.numbers import whole_in
from app.core.work import Work
from app.tickets import queries
from app.tickets.references import DatabaseReferences
from forms.new_ticket import NewTicketForm
from ticket_templates import queries as templates
from ticket_templates import workflow
from ticket_templates.facts import REQUIRABLE
from ticket_templates.versions import CompiledVersion
from views.base import current_actor, current_locale, expose, permission, say
from views.tickets import split_source
from views.tickets.assignees import assignees_url
from views.tickets.customers import PICKS, choose_the_only, panel_facts
from views.tickets.desk import HOLDER_KINDS, DeskView, codes, context_of, go, ticket_url, version_id_in
from views.tickets.similar import link_duplicates, warn


class TicketCreateView(DeskView):
    """New tickets."""

    @expose("/new")
    @permission("ticket.create")
    def choose(self) -> Response:
        """Show the templates as cards, those most used lately first."""
        with self.reading() as work:
            cards = [one for one in templates.templates(work) if one.version_id is not None]
            used = queries.templates_used(work)
        cards.sort(key=lambda one: -used.get(one.key, 0))
        locale = current_locale()
        facts = [
            {
                "key": one.key,
                "label": label_in(one.labels, locale),
                "description": label_in(one.description, locale),
                "icon": one.icon,
                "color": one.color,
                "url": url_for("TicketCreateView.form", key=one.key, **_prefilled()),
                "search": folded(" ".join([one.key, *(label_in(one.labels, each) for each in LOCALES)])),
            }
            for one in cards
        ]
        may_design = current_actor().may("template.export")
        return self.page("tickets/choose.html", cards=facts, templates_url="/templates/" if may_design else "")

    @expose("/new/<key>")
    @permission("ticket.create")
    def form(self, key: str) -> Response:
        """Show the form of the published version."""
        try:
            with self.reading() as work:
                version = templates.published_version(work, key)
                split = split_source.asked(work)
                columns, given = split_source.prefilled(work, split, version)
                form = NewTicketForm.of(version, work.actor, context_of(work), given=given)
                columns |= _prefilled()
                form.columns_form.process(None, data={name: str(value) for name, value in columns.items()})
                form.tags = list(split.source.tags) if split else []
                return self._shown(work, form, split=split)
        except NotFoundError:
            raise NotFound from None
        except DomainError as error:
            say(error.refusals[0].message, "warning")
            return go(url_for("TicketCreateView.choose"))

    @expose("/new/<key>", methods=["POST"])
    @permission("ticket.create")
    def create(self, key: str) -> Response:
        """Open the ticket, or show the form again with everything that was typed."""
        try:
            with self.unit_of_work() as work:
                form = self._typed(work, key)
                outcome = split_source.open_split(work, split_source.asked(work), form.to_order(assign=_asks_holder()))
                unlinked = link_duplicates(work, outcome.ticket_id) if outcome.ticket_id else []
        except DomainError as error:
            with self.reading() as work:
                form = self._typed(work, key)
                form.mark(error.refusals, form.columns_form)
                form.republished = _republished(work, form.version) and "withdrawn" not in codes(error)
                return self._shown(work, form, 422, split_source.asked(work))
        if outcome.status == "unchanged":
            say(_("This ticket was already made; nothing was done twice."), "info")
        warn(unlinked)
        return go(f"{ticket_url(outcome.number)}?made=1")

    def _typed(self, work: Work, key: str) -> NewTicketForm:
        """Return the form as it was sent, of the version it was filled with."""
        version = None
        if (version_id := version_id_in(request.form)) is not None:
            version = templates.versions(work, [version_id]).get(version_id)
        if version is None or version.template_key != key:
            version = templates.published_version(work, key)
        return NewTicketForm.of(version, work.actor, context_of(work), request.form)

    def _shown(
        self, work: Work, form: NewTicketForm, status: int = 200, split: split_source.Split | None = None
    ) -> Response:
        columns = form.columns_form
        chosen = {name: whole_in(columns[name].data) for name in PICKS}
        facts = panel_facts(work, chosen["customer_id"], chosen)
        if status == OK:
            choose_the_only(facts)
            for name in PICKS if facts["customer"] else ():
                columns[name].data = str(facts["chosen"][name] or "")
        references = DatabaseReferences(work)
        labels = {
            name: references.label(kind, columns[name].data) or ""
            for name, kind in HOLDER_KINDS.items()
            if columns[name].data
        }
        giving = workflow.first_giving(form.version, form.version.initial, work.actor)
        return self.page(
            "tickets/new.html",
            status,
            form=form,
            about=columns,
            labels=labels,
            action=url_for("TicketCreateView.create", key=form.version.template_key),
            # What is split off begins with what it is split from, not with what was typed some other time.
            draft="" if split else draft_name(work.actor.user_id, form.version.template_key),
            split=split,
            customer_name=facts["customer"]["name"] if facts["customer"] else "",
            may_assign=_asks_holder(),
            giving=label_in(giving.labels, current_locale()) if giving else "",
            may_give=giving is None or (work.actor.may("ticket.transition") and work.actor.plays(giving.roles)),
            tags_url=url_for("TicketTagView.find"),
            assignees_url=assignees_url(template=form.version.template_key),
            picks=True,
            must_name={REQUIRABLE[name][0] for name in form.version.spec.required},
            choose_url=url_for("TicketCreateView.choose"),
            list_url=url_for("TicketView.index"),
            compute_url=url_for("TicketComputeView.new"),
            known_url=url_for("TicketComputeView.known") if form.version.rules.origins else "",
            panel_url=url_for("TicketCustomerView.panel"),
            find_url=url_for("TicketCustomerView.find"),
            similar_url=url_for("TicketSimilarView.similar"),
            **facts,
        )


#: A form that is shown for the first time; a refused one stays as it was sent.
OK: Final = 200


def draft_name(user_id: int | None, template_key: str) -> str:
    """Return under which name the browser keeps what is typed into a new ticket."""
    return f"{user_id}:new:{template_key}"


def _asks_holder() -> bool:
    return current_actor().may("ticket.transfer")


def _prefilled() -> dict[str, Any]:
    """Return what a link to the form already knows: the customer's page names the customer."""
    return {name: value for name in PICKS if (value := whole_in(request.args.get(name))) is not None}


def _republished(work: Work, version: CompiledVersion) -> bool:
    try:
        return templates.published_version(work, version.template_key).id != version.id
    except DomainError:
        return False
