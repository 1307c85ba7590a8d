"""The form a new ticket is made with: empty but for the defaults, an order when it was filled."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from app.core.permissions import Actor
from app.people.tags import LONGEST
from app.tickets.change.plan import HOLDERS
from app.tickets.change.tags import MOST
from app.tickets.orders import OpenTicket
from forms.ticket_answers import posted_keys
from forms.ticket_columns import ColumnsForm
from forms.tickets import VersionForm
from ticket_templates.field_types.base import Context, FieldError, is_empty
from ticket_templates.versions import CompiledVersion


@dataclass
class NewTicketForm(VersionForm):
    """The form a new ticket is made with."""

    submission_key: str = ""
    #: Another version was published while this form was open.
    republished: bool = False
    #: Names of the tags chosen; None: the form did not ask for any.
    tags: list[str] | None = None

    @classmethod
    def of(
        cls,
        version: CompiledVersion,
        actor: Actor,
        context: Context,
        formdata: Any = None,
        *,
        origins: Mapping[str, Any] | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return the form of ``version``, empty but for the defaults, or with what was typed.

        ``origins`` are what is known of the customer and product it is for; ``given`` are answers it begins with,
        in the place of the defaults.
        """
        keys = [use.field for section in version.spec.sections if section.on_create for use in section.fields]
        columns = {"channel": "desk", "state": version.initial, "priority": 3,
                   "category": version.states[version.initial].category}  # fmt: skip
        values = defaults(version, keys, context, origins or {}) | dict(given or {})
        form = cls(version, actor, context, columns, values, keys, formdata)
        form.columns_form = ColumnsForm(formdata or None, locale=context.locale)
        typed = formdata.get("submission_key", "") if formdata else ""
        form.submission_key = typed if 0 < len(typed) <= 80 else secrets.token_urlsafe(18)  # noqa: PLR2004 - column width
        if formdata and formdata.keys() & {"tags", "tags_asked"}:
            # A picker in which nothing is chosen sends nothing itself.
            sent = formdata.getlist("tags")[: 10 * MOST]
            form.tags = list(dict.fromkeys(one[: 2 * LONGEST] for one in sent if one.strip()))
        return form

    def to_order(self, *, assign: bool) -> OpenTicket:
        """Return the order; ``assign``: the form asked whose ticket it is."""
        names = [name for name in self.columns_form.data if assign or name not in HOLDERS]
        fields = {name: value for name, value in self.columns_form.fields(names).items() if value is not None}
        return OpenTicket(
            template=self.version.template_key,
            fields=fields if self.tags is None else {**fields, "tags": self.tags},
            answers={key: raw for key, raw in self.raw().items() if self._is_answered(key, raw)},
            version_id=self.version.id,
            # The same key from another person must not find this ticket.
            submission_key=f"{self.actor.user_id}:{self.submission_key}"[:80],
            confirmed=self.is_confirmed,
        )

    def _is_answered(self, key: str, raw: Any) -> bool:
        """Whether an input is an answer, be it none, and not left to what the records say."""
        if key not in self.version.rules.origins:
            return True
        return key in posted_keys(self.formdata) and not (is_empty(raw) and self.is_unseen(key))

    def is_unseen(self, key: str) -> bool:
        """Whether the records answer ``key`` with what this person may not read, so that an empty input is no wish."""
        return key in self.version.rules.origins and self.version.types[key].personal and not self.context.personal

    columns_form: ColumnsForm = field(init=False)


def defaults(
    version: CompiledVersion, keys: Iterable[str], context: Context, origins: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values a new form begins with; a default that no longer fits is left out."""
    values = {}
    for key in keys:
        raw = origins.get(version.rules.origins.get(key, ""), version.rules.defaults.get(key))
        if raw is None:
            continue
        try:
            values[key] = version.types[key].clean(raw, context)
        except FieldError:
            continue
    return values
