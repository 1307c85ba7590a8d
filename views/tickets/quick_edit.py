"""Changing a ticket where it is listed: its state, priority and assignee, without leaving the list or the board."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, jsonify, make_response, request

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import Message, _, listing
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from app.tickets.priorities import PRIORITIES
from app.tickets.queries import TicketDetail
from app.tickets.queries.tags import tags_like
from ticket_templates.versions.checking import DOUBTED
from views.base import current_locale, expose, permission
from views.tickets.assignees import assignees_url
from views.tickets.assignees import hint as person_hint
from views.tickets.desk import HOLDER_KINDS, DeskView, content_lock_of, lock_of, short, ticket_url
from views.tickets.redrawn import redrawn
from views.tickets.step_buttons import assigning_step, awaited_step, step_buttons
from views.tickets.tags import tags_url

#: What can be changed in a row, by the list's column.
_NAMES: Final[Mapping[str, Message]] = {
    "state": _("State"), "priority": _("Priority"), "assignee": _("Assignee"), "tags": _("Tags")
}  # fmt: skip
#: What a row sends of tags, one at a time → the step it is, and the input that takes it back.
_TAG_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "tag_add": ("add", "tag_remove"), "tag_remove": ("remove", "tag_add")
}  # fmt: skip
#: Columns of the ticket a row may send; those of the place go back with an assignee who is taken back.
_COLUMNS: Final = ("priority", *HOLDER_KINDS)
#: So many choices fit into the box without scrolling.
_FEW: Final = 8
#: So many changes a word about them names: who gives a ticket to a person changes its team and outlet as well.
_TOLD: Final = 3
_AGAIN: Final = _("If that is right, choose it once more.")
_STATUS: Final = {NotAllowedError: 403, ConflictError: 409}


class TicketQuickView(DeskView):
    """What a row or a card offers and takes."""

    @expose("/<number>/quick/<name>")
    @permission("ticket.read")
    def offered(self, number: str, name: str) -> Response:
        """Return what this person may do about one column of the ticket, as it stands now."""
        if name not in _NAMES:
            raise NotFoundError(_("This cannot be changed in a list."), code="no_column")
        with self.reading() as work:
            detail = queries.ticket(work, number)
            seen = whole_in(request.args.get("seen"), LARGEST_SMALL_KEY)
            return self.page(
                "tickets/_quick.html",
                number=detail.number,
                version=detail.lock_version,
                is_newer=seen not in (None, detail.lock_version),
                name=name,
                names=_NAMES,
                **_OFFERED[name](work, detail),
            )

    @expose("/<number>/moves")
    @permission("ticket.read")
    def moves(self, number: str) -> Response:
        """Return the steps out of the ticket's state, for a card that is about to be dragged."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            locale = current_locale()
            found = [
                {**one, "reasons": [each.in_(locale) for each in one["reasons"]]} for one in step_buttons(work, detail)
            ]
            return jsonify(
                version=detail.lock_version,
                state=detail.state,
                state_label=detail.state_label(locale),
                category=detail.category,
                moves=found,
                moved_by=_mover(work, detail),
            )

    @expose("/<number>/quick", methods=["GET"])
    @permission("ticket.read")
    def row(self, number: str) -> Response:
        """Return the row or card of the ticket as it is now."""
        return self._answered(number)

    @expose("/<number>/quick", methods=["POST"])
    @permission("ticket.read")
    def change(self, number: str) -> Response:
        """Change the ticket as the row was read; the change path says who may."""
        undo: dict[str, str] = {}
        told: Message | None = None
        try:
            with self.unit_of_work() as work:
                detail = queries.ticket(work, number)
                order = _order(detail)
                service.change_ticket(work, order)
                if queries.is_seen(work, detail.id):
                    undo = _undo(order, detail, queries.ticket(work, number))
                    told = None if order.transition else _told(work, detail)
        except NotFoundError:
            raise
        except DomainError as error:
            return self._answered(number, error.refusals, _STATUS.get(type(error), 422))
        return self._answered(number, undo=undo, told=told)

    def _answered(
        self,
        number: str,
        refusals: Sequence[Refusal] = (),
        status: int = 200,
        undo: Mapping[str, str] | None = None,
        told: Message | None = None,
    ) -> Response:
        """Return the row as it is now, with what was refused or can be undone; no row when it is out of reach."""
        locale = current_locale()
        with self.reading() as work:
            try:
                detail = queries.ticket(work, number)
            except NotFoundError:
                if not request.form:
                    raise
                gone = _("%(number)s is no longer yours to see.", number=number).in_(locale)
                return make_response(jsonify(html="", said=gone, refusals=[], undo={}))
            said = told or _("%(number)s is now “%(state)s”.", number=number, state=detail.state_label(locale))
            messages = [one.message for one in refusals]
            doubted = bool(refusals) and all(one.code == DOUBTED for one in refusals)
            body = {
                "html": redrawn(work, detail),
                "state": detail.state,
                "category": detail.category,
                "version": detail.lock_version,
                "said": said.in_(locale),
                "refusals": list(dict.fromkeys(one.in_(locale) for one in (*messages, *([_AGAIN] if doubted else ())))),
                # Sent along the next time, it says that somebody was asked.
                "confirm": str(detail.lock_version) if doubted else "",
                "undo": undo or {},
            }
        return make_response(jsonify(body), status)


def _mover(work: Work, detail: TicketDetail) -> str:
    """Return who moved the ticket since the card was drawn, last; empty: nobody."""
    seen = whole_in(request.args.get("seen"), LARGEST_SMALL_KEY)
    if seen is None or seen >= detail.lock_version:
        return ""
    since = queries.changes_since(work, detail.id, seen)
    return next((one.actor for one in reversed(since) if one.transition), "")


def _order(detail: TicketDetail) -> ChangeTicket:
    """Return what the row asks for."""
    sent = request.form
    version = whole_in(sent.get("version"), LARGEST_SMALL_KEY)
    if version is None:
        raise DomainError(_("Reload the list: what it sent cannot be read."), code="no_version")
    fields: dict[str, Any] = {name: sent[name][:20] for name in _COLUMNS if name in sent}
    for name, (verb, _back) in _TAG_STEPS.items():
        if name in sent:
            fields["tags"] = {verb: [sent[name][:200]]}
    step = sent.get("step", "")[:40] or None
    if not fields and step is None:
        raise DomainError(_("Reload the list: what it sent cannot be read."), code="nothing")
    reason = None
    if fields.keys() & HOLDER_KINDS.keys():
        giving = assigning_step(detail) if step is None and detail.columns["assignee_id"] is None else None
        # Whoever gives a ticket nobody has to a person takes the step that does it; other hand-overs have a reason.
        step, reason = (giving.transition.key, None) if giving else (step, _reason(detail))
    return ChangeTicket(
        detail.id, version=version, fields=fields, transition=step, reason=reason,
        confirmed="undo" in sent or sent.get("confirmed") == sent["version"], careful=True,
    )  # fmt: skip


def _reason(detail: TicketDetail) -> str | None:
    """Return why the ticket gets another holder, as far as somebody has it."""
    if request.form.get("undo"):
        return _("Taken back").in_(current_locale())
    return request.form.get("reason", "") if _is_held(detail) else None


def _undo(order: ChangeTicket, before: TicketDetail, after: TicketDetail) -> dict[str, str]:
    """Return what to send to have the columns as before; a step is not undone: it has told others already."""
    if order.transition or before.lock_version == after.lock_version or request.form.get("undo"):
        return {}
    old, new = before.columns, after.columns
    changed = {name: "" if old[name] is None else str(old[name]) for name in _COLUMNS if old[name] != new[name]}
    if old["tags"] != new["tags"]:
        changed |= {back: request.form[name] for name, (_verb, back) in _TAG_STEPS.items() if name in request.form}
    return changed | {"version": str(after.lock_version), "undo": "1"} if changed else {}


def _told(work: Work, before: TicketDetail) -> Message:
    """Return what the change changed, in words."""
    since = queries.changes_since(work, before.id, before.lock_version)
    changes = [
        _("%(field)s: %(old)s → %(new)s", field=one.label, old=one.old or "–", new=one.new or "–")
        for event in since
        for one in event.changes
    ]
    if not changes:
        return _("%(number)s is as it was.", number=before.number)
    return _("%(number)s is changed. %(changes)s", number=before.number, changes=listing(changes[:_TOLD]))


def _is_held(detail: TicketDetail) -> bool:
    return any(detail.columns[name] is not None for name in HOLDER_KINDS)


def _states(work: Work, detail: TicketDetail) -> dict[str, Any]:
    return {"steps": step_buttons(work, detail), "now": detail.state_label(current_locale())}


def _priorities(_work: Work, detail: TicketDetail) -> dict[str, Any]:
    may = detail.reader.actor.may("ticket.change")
    lock = content_lock_of(detail) if may else _("You may not change tickets.")
    return {"lock": lock, "priorities": PRIORITIES.items(), "now": detail.priority}


def _people(work: Work, detail: TicketDetail) -> dict[str, Any]:
    """Return whom the ticket may be given to; where a step asks for more than the person, its dialog does that."""
    now = detail.columns["assignee_id"]
    facts: dict[str, Any] = {"now": short(detail.named("assignee_id")), "now_id": now, "reason": _is_held(detail)}
    assigning = assigning_step(detail) if now is None else None
    if assigning:
        asks_more = assigning.unticked or assigning.transition.note_required or assigning.clears
        if asks_more or set(assigning.missing) - {"assignee", "assignee_id"}:
            url = f"{ticket_url(detail.number)}/steps/{assigning.transition.key}"
            return facts | {"lock": None, "step_url": url, "step": assigning.transition.labels}
        facts |= {"reason": False, "takes": assigning.transition.labels}
    lock = content_lock_of(detail) if assigning else lock_of(detail)
    right = "ticket.transition" if assigning else "ticket.transfer"
    if not work.actor.may(right):
        lock = _("You may not hand tickets over.")
    elif not assigning and (step := awaited_step(detail)):
        lock = _("Nobody has this ticket yet. To give it to a person, take the step “%(step)s”.", step=step.labels)
    people = [] if lock else queries.candidates(work, "", detail.version, detail.columns)
    return facts | {
        "lock": lock,
        "people": [{"id": one.user_id, "name": one.name, "hint": person_hint(one)} for one in people[:_FEW]],
        "find_url": assignees_url(number=detail.number),
    }


def _tags(work: Work, detail: TicketDetail) -> dict[str, Any]:
    """Return the tags the ticket has, and those that could be added."""
    has = detail.tags
    may = work.actor.may("ticket.change")
    lock = content_lock_of(detail) if may else _("You may not change tickets.")
    others = [] if lock else [one.name for one in tags_like(work, "") if one.name not in has]
    return {"lock": lock, "has": has, "others": others[:_FEW], "find_url": tags_url()}


_OFFERED: Final = {"state": _states, "priority": _priorities, "assignee": _people, "tags": _tags}
