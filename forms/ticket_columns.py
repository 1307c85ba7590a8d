"""The ticket's own columns in a form: what they are called, where their inputs stand."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wtforms import Form, HiddenField, SelectField, StringField

from app.core.i18n import Message, _
from app.tickets.priorities import PRIORITIES
from app.tickets.queries.wording import LABELS

_COLUMNS: Final = (
    "subject", "priority", "customer_id", "contact_id", "site_id", "installed_product_id", "assignee_id", "team_id",
    "outlet_id", "tags",
)  # fmt: skip
#: Columns of the ticket a form may name, with what people call them: as the history does.
COLUMN_LABELS: Final[Mapping[str, Message]] = {
    **{name: LABELS[name] for name in _COLUMNS},
    "note": _("Note"),
    "reason": _("Reason"),
    "checklist": _("Checklist"),
}
#: Where the input of a column stands, when that is not at its own name.
TARGETS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("customer_id", "contact_id", "site_id", "installed_product_id"), "customer-search"),
    "note": "dialog-note",
    "reason": "dialog-note",
    "checklist": "",
}


class ColumnsForm(Form):
    """The ticket's own columns; what they may hold is the change path's business, so nothing is judged here."""

    subject = StringField()
    priority = SelectField(default="3", validate_choice=False)
    customer_id = HiddenField()
    contact_id = HiddenField()
    site_id = HiddenField()
    installed_product_id = HiddenField()
    assignee_id = HiddenField()
    team_id = HiddenField()
    outlet_id = HiddenField()

    def __init__(self, formdata: Any = None, *, locale: str, **values: Any) -> None:
        super().__init__(formdata, **values)
        self.priority.choices = [(str(value), label.in_(locale)) for value, label in PRIORITIES.items()]
        for one in self:
            one.label.text = COLUMN_LABELS[one.short_name].in_(locale)
            one.errors = []

    def fields(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what was typed into the named columns; empty is None."""
        return {name: (self[name].data or None) for name in names}
