"""The screen of tags; who may change all that wear one takes it off them, or merges it into another."""

from collections.abc import Iterator, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from flask import redirect, request, url_for
from markupsafe import Markup

from app.core.i18n import Message, _, spoken
from app.core.numbers import whole_in
from app.core.work import Work
from app.people.models import Tag
from app.people.records import TAG
from app.tickets import queries, retagging
from views.base import HouseInterface, actor, current_actor, current_locale, expose, house, permission, say
from views.base.house_view import PERSON
from views.language import at_least
from views.record_facts import Linked
from views.record_view import RecordView
from views.submissions import new_submission

#: Tags whose tickets are counted at once for a file.
_COUNTED: Final = 100


class TagView(RecordView):
    """Tags of customers."""

    record = TAG
    route_base = "/tags"
    datamodel = HouseInterface(Tag)
    class_permission_name = "tag"
    list_columns = ("name", "changed_at")
    search_columns = ("name",)
    order_columns = ("name", "changed_at")
    base_order = ("name", "asc")
    quick_search = ("name",)
    label_columns: Any = MappingProxyType({"changed_at": _("Changed")})
    show_template = "tags/show.html"

    def _get_list_widget(self, filters: Any, *args: Any, **kwargs: Any) -> Any:
        """Say of each tag how many tickets have it, and lead to them: whoever may see tickets."""
        widgets = super()._get_list_widget(filters, *args, **kwargs)
        told = widgets["list"].template_args
        if not _counts_shown():
            return widgets
        with house().transactions.reading(actor()) as work:
            found = _worn(work, told["pks"])
        told["value_columns"] = [
            row | {"tickets": Markup('<a href="{0.url}">{0.text}</a>').format(found[pk]) if pk in found else None}
            for pk, row in zip(told["pks"], told["value_columns"], strict=True)
        ]
        told["include_columns"] = ["name", "tickets", "changed_at"]
        told["label_columns"] = {**told["label_columns"], "tickets": _("Tickets")}
        return widgets

    def _headings(self) -> list[str]:
        """Name the columns of a file as the list does."""
        name, *others = super()._headings()
        return [name, spoken(_("Tickets"), current_locale()), *others] if _counts_shown() else [name, *others]

    def _cells(self, items: Any) -> Iterator[list[Any]]:
        """Put the number of tickets where the list has it."""
        if not _counts_shown():
            yield from super()._cells(items)
            return
        left = iter(items)
        while some := list(islice(left, _COUNTED)):
            with house().transactions.reading(actor()) as work:
                found = _worn(work, [tag.id for tag in some])
            for tag, (name, *others) in zip(some, super()._cells(some), strict=True):
                yield [name, found[tag.id].text if tag.id in found else None, *others]

    def derived_facts(self, work: Work, row: Tag) -> list[tuple[Message, Any]]:
        """Lead to the tickets that have the tag."""
        if not work.actor.may("ticket.read"):
            return []
        return [(_("Tickets"), _worn(work, [row.id]).get(row.id))]

    def more_facts(self, work: Work, row: Tag, *, yours: bool) -> dict[str, Any]:
        """Say to who may change all of them how many wear the tag."""
        del yours
        if not retagging.may_retag(work.actor):
            return {}
        url = url_for("TagView.retag", pk=row.id)
        return {"worn": retagging.worn(work, row.id), "retag_url": url, "token": new_submission()}

    @expose("/retag/<pk>", methods=["POST"])
    @permission("tag.delete")
    def retag(self, pk: str) -> Any:
        """Take the tag off everything, or put another one in its place: a job, whose page says how far it is."""
        into = whole_in(request.form.get("into")) if request.form.get("how") == "merge" else None
        if request.form.get("how") == "merge" and into is None:
            say(_("A tag is merged into another one: choose which."), "danger")
            return redirect(url_for("TagView.show", pk=pk))
        with house().transactions.unit_of_work(actor(), PERSON) as work:
            job_id = retagging.submit(work, int(self._key(pk)), into, request.form.get("token", "")[:80])
        return redirect(url_for("JobsView.show", job_id=job_id))


def _counts_shown() -> bool:
    return current_actor().may("ticket.read")


def _worn(work: Work, tags: Sequence[int]) -> dict[int, Linked]:
    """Return how many tickets in reach have each tag, and the list of them; none where there is none."""
    counted = queries.counts(work, {tag: queries.TicketQuery(tag_id=tag) for tag in tags})
    return {
        tag: Linked(count.number if count.exact else f"{at_least(count.number)}+", url_for("TicketView.index", tag=tag))
        for tag, count in counted.items()
        if count and count.number
    }
