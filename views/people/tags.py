"""The screen of tags; who may change all that wear one takes it off them, or merges it into another."""

from types import MappingProxyType
from typing import Any

from flask import redirect, request, url_for

from app.core.i18n import _
from app.core.work import Work
from app.people.models import Tag
from app.people.records import TAG
from app.tickets import retagging
from views.base import HouseInterface, actor, expose, house, permission, say
from views.base.house_view import PERSON
from views.record_view import RecordView
from views.submissions import new_submission
from views.tickets.desk import identifier


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
        into = identifier(request.form.get("into")) if request.form.get("how") == "merge" else None
        if request.form.get("how") == "merge" and into is None:
            say(_("A tag is merged into another one: choose which."), "danger")
            return redirect(url_for("TagView.show", pk=pk))
        with house().transactions.unit_of_work(actor(), PERSON) as work:
            job_id = retagging.submit(work, int(self._key(pk)), into, request.form.get("token", "")[:80])
        return redirect(url_for("JobsView.show", job_id=job_id))
