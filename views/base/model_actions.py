"""What is done with chosen rows of a list, and taking a list away as a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, abort, redirect, request, stream_with_context, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.actions import action as row_action
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _, spoken
from views.base.answers import current_locale, say
from views.base.guard import safe_next, signed_in
from views.base.person import current_actor
from views.base.refusals import refusal_of

_MOST_CHOSEN = 1_000
_EXPORT_CHUNK = 500
#: A cell that begins so would be a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ModelActions(ModelView):
    """Part of `HouseModelView`."""

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    @signed_in
    def action(self, name: str, pk: str) -> Any:
        """Do an action with one row."""
        return self._act(name, [pk], single=True)

    @expose("/action_post", methods=["POST"])
    @signed_in
    def action_post(self) -> Any:
        """Do an action with the rows chosen in the list."""
        chosen = list(dict.fromkeys(request.form.getlist("rowid")))[:_MOST_CHOSEN]
        return self._act(request.form.get("action", ""), chosen, single=False)

    def _act(self, name: str, pks: Sequence[str], *, single: bool) -> Any:
        wanted = self.actions.get(name)
        if wanted is None or not (wanted.single if single else wanted.multiple):
            abort(404)
        self._require_action(name)
        if not pks:
            say(_("Choose at least one entry first."), "warning")
            return redirect(self._back())
        try:
            with self.datamodel.writing():
                # Within the person's scope, like everything else: a row number typed by hand opens nothing.
                items = [self._found(pk) for pk in pks]
                return wanted.func(items[0] if single else items)
        except NotAllowedError:
            raise
        except DomainError as error:
            say(error.refusals[0].message, "danger")
        except SQLAlchemyError as error:
            say(refusal_of(error, self.datamodel.obj).refusals[0].message, "danger")
        return redirect(self._back())

    def _require_action(self, name: str) -> None:
        need = self.get_action_permission_name(name)
        if not current_actor().may(f"{self.class_permission_name}.{need.removeprefix(PERMISSION_PREFIX)}"):
            raise NotAllowedError(_("You may not do this. Ask an administrator if you need it."), code="not_allowed")

    def _back(self) -> str:
        following = safe_next(request.args.get("next"))
        return following if following != "/" else url_for(f"{type(self).__name__}.list")

    @row_action(
        "delete_many", _("Delete"), _("Delete the chosen entries? This cannot be undone."), "trash", single=False
    )
    def delete_many(self, items: list[Any]) -> Any:
        """Delete each row that can be deleted, and say how many could not."""
        refused = 0
        for item in items:
            try:
                with self.datamodel.session.begin_nested():
                    self.pre_delete(item)
                    self.datamodel.delete(item)
            except DomainError:
                refused += 1
            except SQLAlchemyError as error:
                refusal_of(error, self.datamodel.obj)
                refused += 1
        if deleted := len(items) - refused:
            say(_("Deleted: %(count)s.", count=deleted))
        if refused:
            say(_("Not deleted, because still in use: %(count)s.", count=refused), "warning")
        return redirect(self._back())

    @expose("/export/csv")
    @has_access
    def export(self) -> Any:
        """Send the list as it is filtered, all of it, as CSV that spreadsheets open as text."""
        self._add_filters()
        headers = {"Content-Disposition": f'attachment; filename="{self.class_permission_name}.csv"'}
        return Response(stream_with_context(self._csv_lines()), content_type="text/csv; charset=utf-8", headers=headers)

    def _csv_lines(self) -> Iterator[str]:
        locale = current_locale()
        heading = [spoken(self.label_columns.get(name, name), locale) for name in self.list_columns]
        # The mark tells spreadsheets that this is UTF-8.
        yield "\ufeff" + _line(heading)
        for row in self.export_rows():
            yield _line([_cell(value, locale) for value in row])

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield the values of the list's columns for every row the filters leave, in the order of the keys."""
        key = self.datamodel.get_pk()
        filters = self._filters.get_joined_filters(self._base_filters)
        query = self.datamodel.apply_all(self.datamodel.session.query(self.datamodel.obj), filters)
        last = None
        while True:
            page = query.order_by(None).order_by(key)
            page = page.filter(key > last) if last is not None else page
            items = page.limit(_EXPORT_CHUNK).all()
            for item in items:
                yield self.datamodel.get_values_item(item, self.list_columns)
            if len(items) < _EXPORT_CHUNK:
                return
            last = self.datamodel.get_pk_value(items[-1])
            self.datamodel.session.expunge_all()

    def _export_urls(self) -> dict[str, str]:
        """Return the addresses of the exports the person may have, with the filters of this page."""
        if not current_actor().may(f"{self.class_permission_name}.export"):
            return {}
        return {"csv": url_for(f"{type(self).__name__}.export", **request.args.to_dict(flat=False))}  # type: ignore[arg-type]


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any, locale: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return (_("Yes") if value else _("No")).in_(locale)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    text = value if isinstance(value, str) else spoken(value, locale)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
