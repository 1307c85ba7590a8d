"""The dialog that merges a ticket with another: which stays, and what happens, before it happens."""

from typing import Any

from flask import Response, request

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Message, _, spoken
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.links import booked, reading
from app.tickets.links.filling import fillable
from app.tickets.orders import MergeTickets
from app.tickets.queries import TicketDetail
from app.tickets.queries.wording import LABELS
from app.tickets.rows import POINTERS
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.customers import brief
from views.tickets.desk import DeskView, go, ticket_url
from views.tickets.page import ticket_facts, urls_of

_ANSWER = "values."


class TicketMergeView(DeskView):
    """Merging two tickets, and undoing it."""

    @expose("/<number>/merge")
    @permission("ticket.merge")
    def preview(self, number: str) -> Response:
        """Ask for the other ticket; once it is chosen, show what would happen."""
        with self.reading() as work:
            return self._shown(work, queries.ticket(work, number))

    @expose("/<number>/merge", methods=["POST"])
    @permission("ticket.merge")
    def merge(self, number: str) -> Response:
        """Merge, and lead to the ticket that stays."""
        try:
            with self.unit_of_work() as work:
                here = queries.ticket(work, number)
                source, target = _pair(work, here)
                service.merge_ticket(work, _order(source, target))
        except NotFoundError as error:
            if not error.refusals[0].field:
                raise
            return self._refused(number, error)
        except DomainError as error:
            return self._refused(number, error)
        say(_("%(source)s was merged into this ticket.", source=source.number))
        return go(ticket_url(target.number))

    @expose("/<number>/unmerge", methods=["POST"])
    @permission("ticket.merge")
    def unmerge(self, number: str) -> Response:
        """Undo the merge of a ticket into another."""
        try:
            with self.unit_of_work() as work:
                version = whole_in(request.form.get("version"), LARGEST_SMALL_KEY)
                service.unmerge_ticket(work, queries.ticket(work, number).id, version)
        except NotFoundError:
            raise
        except DomainError as error:
            for one in error.refusals:
                say(one.message, "danger")
            return go(ticket_url(number))
        say(_("The merge was undone."))
        return go(ticket_url(number))

    def _refused(self, number: str, error: DomainError) -> Response:
        with self.reading() as work:
            messages = [one.message for one in error.refusals]
            return self._shown(work, queries.ticket(work, number), messages, 422)

    def _shown(
        self, work: Work, here: TicketDetail, refusals: list[Message] | None = None, status: int = 200
    ) -> Response:
        form: dict[str, Any] = {
            "fragment": "tickets/_merge.html",
            "title": _("Merge %(number)s with another ticket", number=here.number),
            "refusals": refusals or [],
            "other": None,
        }
        try:
            source, target = _pair(work, here)
        except DomainError as error:
            if request.values.get("other_id"):
                form["refusals"] = form["refusals"] or [one.message for one in error.refusals]
        else:
            form |= _preview(work, here, source, target)
        part = "tickets/_merge.html" if wants_fragment() else "tickets/dialog.html"
        urls = urls_of(here) | {"merge": f"{ticket_url(here.number)}/merge"}
        candidates = f"{ticket_url(here.number)}/links/candidates"
        return self.page(part, status, form=form, ticket=ticket_facts(here), urls=urls, candidates_url=candidates)


def _pair(work: Work, here: TicketDetail) -> tuple[TicketDetail, TicketDetail]:
    """Return source and target as the request names them; this ticket stays unless the other one is to."""
    other_id = whole_in(request.values.get("other_id"))
    if other_id is None:
        raise DomainError(_("Choose the other ticket."), field="target_id", code="required")
    try:
        other = queries.ticket(work, other_id)
    except NotFoundError as error:
        raise NotFoundError(error.refusals[0].message, field="target_id", code="not_found") from error
    return (here, other) if request.values.get("keep") == "other" else (other, here)


def _order(source: TicketDetail, target: TicketDetail) -> MergeTickets:
    versions = {name: whole_in(request.form.get(f"{name}_version"), LARGEST_SMALL_KEY) for name in ("source", "target")}
    return MergeTickets(source.id, target.id, _filled(), versions["source"], versions["target"])


def _filled() -> tuple[str, ...]:
    """Return what is ticked to be taken over."""
    return tuple(name[:100] for name in request.values.getlist("fill")[:500])


def _preview(work: Work, here: TicketDetail, source: TicketDetail, target: TicketDetail) -> dict[str, Any]:
    other = source if target is here else target
    known = fillable(work.actor, source.columns, source.version, target.columns, target.version)
    # The boxes say so once they were shown; before, all that is lacking is taken over.
    chosen = [name for name in known if name in _filled()] if "chosen" in request.values else list(known)
    return {
        "other": brief(other) | {"id": other.id},
        "sides": [_side("here", here), _side("other", other)],
        "strangers": _are_strangers(here, other),
        "keep": "here" if target is here else "other",
        "source": source.number,
        "target": target.number,
        "versions": {"source": source.lock_version, "target": target.lock_version},
        "holds": reading.holdings(work, source.id),
        # Told before anything is written; the other way round it may well go.
        "barred": booked.lost(
            work.actor, (source.columns, source.version), (target.columns, target.version), here.reader.context("en")
        ),
        "fill": [
            {"name": name, "label": _label(source, name), "text": _text(source, name), "chosen": name in chosen}
            for name in known
        ],
        "brings": [
            {"label": one.label, "old": one.old or "–", "new": one.new or "–"}
            for one in queries.merge_brings(source, target, known, chosen)
        ],
    }


def _side(value: str, row: TicketDetail) -> dict[str, Any]:
    """Return what tells one of both from the other: whose it is, of what, and how far it has come."""
    facts = (row.named(name) for name in ("customer_id", "installed_product_id") if row.columns[name] is not None)
    return brief(row) | {"value": value, "facts": [one for one in facts if one]}


def _are_strangers(one: TicketDetail, other: TicketDetail) -> bool:
    """Whether both name a customer, and not the same."""
    customers = {one.columns["customer_id"], other.columns["customer_id"]}
    return None not in customers and len(customers) > 1


def _label(row: TicketDetail, name: str) -> str:
    if name.startswith(_ANSWER):
        return row.version.types[name.removeprefix(_ANSWER)].label_in(current_locale())
    return spoken(LABELS[name], current_locale())


def _text(row: TicketDetail, name: str) -> str:
    if name.startswith(_ANSWER):
        return row.shown(name.removeprefix(_ANSWER), current_locale())
    return row.reader.references.label(POINTERS[name], row.columns[name]) or f"#{row.columns[name]}"
