"""The fields conditions may name: columns of the ticket, answers, and facts of its customer, place and product.

Who may not read a thing may not ask about it either, since the answer would tell. An answer only some may read is
asked of the versions in which this person may; elsewhere it counts as unanswered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.conditions.fields import ConditionField
from app.conditions.sources import Among, Answer, Blind, Journal, Reckoned, Several, Source, Stored, Through
from app.conditions.values import minutes_said
from app.core.i18n import LOCALES, Label, Message, _
from app.core.sql import minutes_between
from app.core.work import Work
from app.people.models import (
    Customer,
    CustomerLevel,
    Outlet,
    Site,
    StaffProfile,
    Tag,
    Team,
    customer_tag,
    staff_team,
)
from app.tickets import search
from app.tickets.columns import CHANNELS, VALUE
from app.tickets.conditions.namesakes import Namesakes, told_apart
from app.tickets.models import Ticket, TicketEvent, TicketTag
from app.tickets.priorities import PRIORITIES
from ticket_templates import queries as templates
from ticket_templates.facts import CATEGORY_LABELS, number_shown
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.models import TicketTemplate
from ticket_templates.versions import CompiledVersion, state_names

Options = Mapping[str, Label]


def _worded(words: Mapping[Any, Message]) -> Callable[[object, str], str]:
    return lambda value, locale: words[value].in_(locale) if value in words else str(value)


#: What a ticket began with was not changed: it is no answer to who asks for what became of tickets.
_SINCE: Final = TicketEvent.kind != "opened"


def _journaled(field: ConditionField) -> ConditionField:
    history = Journal(Ticket.id, TicketEvent.ticket_id, TicketEvent.changes, field.name, _SINCE)
    return replace(field, history=history)


def _column(name: str, kind: str, label: Message, **more: Any) -> ConditionField:
    return ConditionField(name, kind, label, source=Stored(getattr(Ticket, name)), **more)


def _pointer(name: str, label: Message) -> ConditionField:
    # An account is a user to the language, whatever it does for a ticket.
    refers_to = {"assignee": "user", "created_by": "user"}.get(name, name)
    return _journaled(_column(f"{name}_id", "reference", label, refers_to=refers_to))


def _of_customer(name: str, kind: str, label: Message, source: Source) -> ConditionField:
    return ConditionField(f"customer.{name}", kind, label, source=Through(Ticket.customer_id, Customer.id, source))


def _of_unit(name: str, kind: str, label: Message, source: Source) -> ConditionField:
    return ConditionField(
        name, kind, label, source=Through(Ticket.installed_product_id, InstalledProduct.id, source)
    )  # fmt: skip


def _of_product(name: str, kind: str, label: Message, source: Source) -> ConditionField:
    return _of_unit(f"product.{name}", kind, label, Through(InstalledProduct.product_id, Product.id, source))


def _of_holder(name: str, kind: str, label: Message, source: Source, **more: Any) -> ConditionField:
    """Return a fact of the team or outlet that has the ticket."""
    thing, owner = {"team": (Ticket.team_id, Team.id), "outlet": (Ticket.outlet_id, Outlet.id)}[name.partition(".")[0]]
    return ConditionField(name, kind, label, source=Through(thing, owner, source), **more)


#: Who is in which team, by account: tickets name accounts.
_MEMBERS: Final = (
    select(StaffProfile.user_id, staff_team.c.team_id)
    .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
    .subquery("member")
)  # fmt: skip


def _minutes(name: str, label: Message, begin: Any, end: Any) -> ConditionField:
    """Return a field of the minutes from one instant to another; None stands for now."""

    def between(at: Any) -> Any:
        return minutes_between(*(at.now if one is None else one for one in (begin, end)))

    return ConditionField(name, "number", label, source=Reckoned(between), in_minutes=True, show=minutes_said)


_FIELDS: Final[Mapping[str, ConditionField]] = {
    field.name: field
    for field in (
        _column("number", "text", _("Number")),
        _journaled(_column("subject", "text", _("Subject"))),
        _journaled(_column("state", "choice", _("State"))),
        _column("category", "choice", _("Progress"), options=CATEGORY_LABELS),
        ConditionField("template", "choice", _("Template"),
                       source=Through(Ticket.template_id, TicketTemplate.id, Stored(TicketTemplate.key))),
        _journaled(_column("priority", "number", _("Priority"), show=_worded(PRIORITIES))),
        _journaled(ConditionField("tags", "choices", _("Tags"),
                                  source=Several(Ticket.id, TicketTag.ticket_id, TicketTag.tag_id, Ticket.tags))),
        ConditionField("channel", "text", _("Channel"), show=_worded(CHANNELS),
                       # Its words are the program's own, folded as they are.
                       source=Stored(Ticket.channel, folded=True)),
        _pointer("customer", _("Customer")),
        _pointer("contact", _("Contact")),
        _pointer("site", _("Site")),
        _pointer("installed_product", _("Installed product")),
        _pointer("assignee", _("Assignee")),
        _pointer("team", _("Team")),
        _pointer("outlet", _("Outlet")),
        _column("created_by_id", "reference", _("Created by"), refers_to="user"),
        _column("created_at", "datetime", _("Created")),
        _column("changed_at", "datetime", _("Changed")),
        _column("state_since", "datetime", _("In this state since")),
        _column("due_at", "datetime", _("Due")),
        _column("resolved_at", "datetime", _("Resolved at")),
        _column("closed_at", "datetime", _("Closed at")),
        _column("external_source", "text", _("Came from")),
        _column("external_id", "text", _("External number")),
        _minutes("age_minutes", _("Time since it was created"), Ticket.created_at, None),
        _minutes("state_minutes", _("Time in this state"), Ticket.state_since, None),
        _minutes("due_minutes", _("Time until due"), None, Ticket.due_at),
        _minutes("resolution_minutes", _("Time until it was resolved"), Ticket.created_at, Ticket.resolved_at),
        _of_customer("level", "choice", _("Customer level"),
                     Through(Customer.level_id, CustomerLevel.id, Stored(CustomerLevel.key))),
        replace(_of_customer("kind", "choice", _("Kind of customer"), Stored(Customer.kind)),
                options={"person": {"zh_Hans": "个人", "zh_Hant": "個人", "en": "Person"},
                         "company": {"zh_Hans": "公司", "zh_Hant": "公司", "en": "Company"}}),
        _of_customer("name", "text", _("Customer name"), Stored(Customer.name_folded, folded=True)),
        _of_customer("code", "text", _("Customer number"), Stored(Customer.code)),
        ConditionField("customer.tags", "choices", _("Customer tags"),
                       source=Several(Ticket.customer_id, customer_tag.c.customer_id, customer_tag.c.tag_id)),
        ConditionField("site.region", "place", _("Region of the site"),
                       source=Through(Ticket.site_id, Site.id, Stored(Site.region_code))),
        ConditionField("assignee.teams", "choices", _("Teams of the assignee"),
                       source=Several(Ticket.assignee_id, _MEMBERS.c.user_id, _MEMBERS.c.team_id)),
        ConditionField("assignee.outlet", "reference", _("Outlet of the assignee"), refers_to="outlet",
                       source=Through(Ticket.assignee_id, StaffProfile.user_id, Stored(StaffProfile.outlet_id))),
        _of_holder("team.code", "text", _("Team code"), Stored(Team.code)),
        _of_holder("team.outlet", "reference", _("Outlet of the team"), Stored(Team.outlet_id), refers_to="outlet"),
        _of_holder("outlet.code", "text", _("Outlet code"), Stored(Outlet.code)),
        _of_holder("outlet.region", "place", _("Region of the outlet"), Stored(Outlet.region_code)),
        _of_unit("installed_product.serial", "text", _("Serial number"), Stored(InstalledProduct.serial)),
        _of_unit("installed_product.sold_on", "date", _("Sold on"), Stored(InstalledProduct.sold_on)),
        _of_unit("installed_product.installed_on", "date", _("Installed on"), Stored(InstalledProduct.installed_on)),
        replace(_of_unit("product.id", "reference", _("Product"), Stored(InstalledProduct.product_id)),
                refers_to="product"),
        _of_product("brand", "text", _("Brand"), Stored(Product.brand)),
        _of_product("model", "text", _("Model"), Stored(Product.model)),
        _of_product("category", "cascade", _("Product category"),
                    Through(Product.category_id, ProductCategory.id, Stored(func.trim(ProductCategory.path, "/")))),
    )
}  # fmt: skip

_NAMESAKES: Final = Namesakes(field.label for field in _FIELDS.values())

#: The kinds of answers that are sealed; how they were sealed before says nothing of what was changed.
_SEALED: Final = frozenset({"sealed", "masked"})

#: What must be held to ask about a thing's facts.
_PERMISSIONS: Final[Mapping[str, str]] = {
    "customer": "customer.read",
    "site": "site.read",
    "assignee": "staff.read",
    "team": "team.read",
    "outlet": "outlet.read",
    "installed_product": "installed_product.read",
    "product": "product.read",
}


def _templates(work: Work) -> Options:
    rows = work.session.execute(select(TicketTemplate.key, TicketTemplate.labels))
    return {key: labels for key, labels in rows}  # noqa: C416 - rows are no pairs to `dict`


def _levels(work: Work) -> Options:
    rows = work.session.execute(select(CustomerLevel.key, CustomerLevel.labels))
    return {key: labels for key, labels in rows}  # noqa: C416 - as above


def _tags(work: Work) -> Options:
    return {str(key): {"zh_Hans": name} for key, name in work.session.execute(select(Tag.id, Tag.name))}


def _teams(work: Work) -> Options:
    return {str(key): {"zh_Hans": name} for key, name in work.session.execute(select(Team.id, Team.name))}


def _categories(work: Work) -> Options:
    rows = work.session.execute(select(ProductCategory.path, ProductCategory.name))
    return {path.strip("/"): {"zh_Hans": name} for path, name in rows}


#: The options that are data, read when a field is named.
_OPTIONS: Final[Mapping[str, Callable[[Work], Options]]] = {
    "template": _templates,
    "tags": _tags,
    "customer.level": _levels,
    "customer.tags": _tags,
    "assignee.teams": _teams,
    "product.category": _categories,
}


def every_name(work: Work) -> list[str]:
    """Return the names of all fields there are: the fixed ones, then the answers, the newest version's first."""
    answers = dict.fromkeys(VALUE + key for version in templates.every_version(work) for key in version.types)
    return [*_FIELDS, *answers]


def fields(work: Work, names: Iterable[str]) -> dict[str, ConditionField]:
    """Return those of the fields called ``names`` that there are, and that the actor may ask about."""
    wanted = set(names)
    versions: Sequence[CompiledVersion] = ()
    if "state" in wanted or any(name.startswith(VALUE) for name in wanted):
        versions = templates.every_version(work)
    shared = _NAMESAKES.among(versions) if versions else frozenset()
    found = {}
    for name in sorted(wanted):
        field = _answer(work, name, versions, shared) if name.startswith(VALUE) else _fixed(work, name, versions)
        if field is not None:
            found[name] = field
    return found


def _fixed(work: Work, name: str, versions: Sequence[CompiledVersion]) -> ConditionField | None:
    field = _FIELDS.get(name)
    thing, dot, _fact = name.partition(".")
    if field is None or (dot and not work.actor.may(_PERMISSIONS[thing])):
        return None
    if name == "state":
        names = {locale: state_names(versions, locale) for locale in LOCALES}
        return replace(field, options={key: {one: names[one][key] for one in LOCALES} for key in names[LOCALES[0]]})
    return replace(field, options=_OPTIONS[name](work)) if name in _OPTIONS else field


def _answer(
    work: Work, name: str, versions: Sequence[CompiledVersion], shared: frozenset[tuple[str, str]]
) -> ConditionField | None:
    """Return the field of an answer as the newest version that has it knows it."""
    key = name.removeprefix(VALUE)
    using = [version for version in versions if key in version.types]
    asked = [version for version in using if key in version.readable(work.actor)]
    if not asked:
        return None
    field = _told(work, asked[0].types[key])
    field = replace(field, label=told_apart(field.label, key, using, shared))
    # A number of other decimals, or a formula that gave a text once, is not comparable; nor is what was not sealed.
    asked = [version for version in asked if _compared(work, version.types[key]) == (field.kind, field.scale)]
    path = asked[0].types[key].fact_path
    answer = Answer(Ticket.values, (key, *path))
    source: Source = Blind(answer, partial(_marked, work.dialect)) if field.kind == "sealed" else answer
    if field.kind in {"number", "money"}:
        field = replace(field, show=minutes_said if field.in_minutes else partial(number_shown, field.scale))
    if len(asked) < len(using):
        return replace(field, source=Among(Ticket.version_id.in_([version.id for version in asked]), source))
    field = replace(field, source=source)
    return field if path or field.kind in _SEALED else _journaled(field)


def _told(work: Work, ftype: FieldType) -> ConditionField:
    """Return an answer's field as the actor may ask about it: what is sealed only whole, or whether it is there."""
    field = ftype.condition_field().counted_in(work.company.currency)
    if not ftype.sealed:
        return field
    if not work.actor.may("personal_data.read"):
        return replace(field, kind="masked")
    return replace(field, kind="sealed", reads=partial(_mark, ftype, Context(work.now, work.company.zone)))


def _compared(work: Work, ftype: FieldType) -> tuple[str, int]:
    field = _told(work, ftype)
    return field.kind, field.scale


def _mark(ftype: FieldType, context: Context, text: str) -> str:
    return search.mark(ftype.blind_index(ftype.sought(text, context)))


def _marked(dialect: str, marks: Sequence[str]) -> ColumnElement[bool]:
    return Ticket.id.in_(search.holding_one(dialect, marks))
