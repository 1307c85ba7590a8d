"""Files made in the background: each is its owner's alone, and only with the rights it was asked for with."""

from typing import Any, ClassVar

from flask import send_file

from app.exchange import export_jobs
from views.base import HouseView, expose, signed_in
from views.base.downloads import CSV, XLSX


class MadeFileView(HouseView):
    """The files of jobs that make a list into a file."""

    route_base = "/exports"
    class_permission_name: ClassVar[str | None] = "job"

    @expose("/<int:job_id>")
    @signed_in
    def show(self, job_id: int) -> Any:
        """Send a file that was made, to who asked for it."""
        with self.reading() as work:
            made = export_jobs.own_file(work, job_id)
        kind = XLSX if made.name.endswith(".xlsx") else CSV
        answer = send_file(made.opened(), kind, as_attachment=True, download_name=made.name)
        answer.content_length = made.size
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
