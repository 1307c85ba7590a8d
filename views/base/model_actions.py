"""What is done with chosen rows of a list."""

from collections.abc import Sequence
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.actions import action as row_action
from flask_appbuilder.const import PERMISSION_PREFIX
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from views.base.answers import say
from views.base.guard import safe_next, signed_in
from views.base.person import current_actor
from views.base.refusals import refusal_of

_MOST_CHOSEN = 1_000
#: Of so many rows that could not be deleted it is said why.
_MOST_TOLD = 3


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
        refused: list[DomainError] = []
        for item in items:
            try:
                with self.datamodel.session.begin_nested():
                    self.pre_delete(item)
                    self.datamodel.delete(item)
            except NotAllowedError:
                raise
            except DomainError as error:
                refused.append(error)
            except SQLAlchemyError as error:
                refused.append(refusal_of(error, self.datamodel.obj))
        if deleted := len(items) - len(refused):
            say(_("Deleted: %(count)s.", count=deleted))
        if refused:
            say(_("Not deleted, because still in use: %(count)s.", count=len(refused)), "warning")
        for refusal in refused[:_MOST_TOLD]:
            self.say_refused(refusal)
        return redirect(self._back())

    def say_refused(self, error: DomainError) -> None:
        """Say on the next page what was refused; override to say more."""
        say(error.refusals[0].message, "danger")
