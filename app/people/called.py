"""How the records that changed are called, where the audit record names them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from app.core.i18n import label_in
from app.core.records.lookups import LOOKUPS
from app.core.work import Work
from app.people import scope
from app.people.access_tables import ROLE
from app.people.models import Customer, Phone, Site, Skill, StaffProfile, StaffSkill
from app.people.neighbours import SAVED_VIEW
from app.people.queries import Change
from app.people.role_service import label_of
from ticket_templates.models import FieldDefinition, TemplateVersion, TicketTemplate

#: Names by key.
Names = Mapping[int | str, str]


def called(work: Work, changes: Iterable[Change]) -> dict[tuple[str, str], str]:
    """Return how the records that changed are called, by table and key, one statement a table.

    What is out of reach, gone, or never had a name is left to its key.
    """
    keys: dict[str, set[str]] = {}
    for change in changes:
        keys.setdefault(change.table_name, set()).add(change.row_id)
    found = {}
    for table, wanted in keys.items():
        for key, text in _called(work, table, wanted).items():
            found[table, str(key)] = text
    return found


def _called(work: Work, table: str, keys: Iterable[str]) -> Names:
    if table in _OF_ANOTHER:
        return _OF_ANOTHER[table](work, [int(one) for one in keys if one.isdecimal()])
    lookup = LOOKUPS.get(_KINDS.get(table, table))
    if lookup is None or not lookup.allowed(work.actor):
        return {}
    return lookup.named(work, [key for one in keys if (key := lookup.read_key(one)) is not None])


def _phones(work: Work, keys: Sequence[int]) -> Names:
    found = select(Phone.id, Customer.name, Phone.tail).join(Customer, Customer.id == Phone.customer_id)
    rows = work.session.execute(found.where(Phone.id.in_(keys), scope.phones(work.actor)))
    return {key: f"{name} •••• {tail}" for key, name, tail in rows}


def _sites(work: Work, keys: Sequence[int]) -> Names:
    found = select(Site.id, Customer.name, Site.name).join(Customer, Customer.id == Site.customer_id)
    rows = work.session.execute(found.where(Site.id.in_(keys), scope.sites(work.actor)))
    return {key: f"{owner} {name}" for key, owner, name in rows}


def _staff(work: Work, keys: Sequence[int]) -> Names:
    rows = work.session.execute(select(StaffProfile.id, StaffProfile.user_id).where(StaffProfile.id.in_(keys)))
    users = {key: user for key, user in rows}  # noqa: C416 - rows are tuples to Python, not to its types
    names = LOOKUPS["user"].named(work, users.values())
    return {key: names[user] for key, user in users.items() if user in names}


def _skills_of_staff(work: Work, keys: Sequence[int]) -> Names:
    found = select(StaffSkill.id, StaffProfile.user_id, Skill.labels).where(StaffSkill.id.in_(keys))
    rows = work.session.execute(found.join(StaffSkill.staff).join(StaffSkill.skill)).all()
    names = LOOKUPS["user"].named(work, [row.user_id for row in rows])
    return {row.id: f"{names.get(row.user_id, '')} {label_in(row.labels, work.actor.locale)}".strip() for row in rows}


def _labelled(model: Any) -> Callable[[Work, Sequence[int]], Names]:
    def names(work: Work, keys: Sequence[int]) -> Names:
        rows = work.session.execute(select(model.id, model.labels).where(model.id.in_(keys)))
        return {key: label_in(labels, work.actor.locale) for key, labels in rows}

    return names


def _versions(work: Work, keys: Sequence[int]) -> Names:
    found = select(TemplateVersion.id, TicketTemplate.labels, TemplateVersion.number).join(TemplateVersion.template)
    rows = work.session.execute(found.where(TemplateVersion.id.in_(keys)))
    return {key: f"{label_in(labels, work.actor.locale)} {number}" for key, labels, number in rows}


def _roles(work: Work, keys: Sequence[int]) -> Names:
    rows = work.session.execute(select(ROLE.c.id, ROLE.c.name).where(ROLE.c.id.in_(keys)))
    return {key: label_in(label_of(name), work.actor.locale) for key, name in rows}


def _views(work: Work, keys: Sequence[int]) -> Names:
    rows = work.session.execute(select(SAVED_VIEW.c.id, SAVED_VIEW.c.name).where(SAVED_VIEW.c.id.in_(keys)))
    return {key: str(name) for key, name in rows}


#: Tables whose lookup has another name.
_KINDS: Final = {"ab_user": "user"}
#: Tables whose rows are called by whom they belong to, or have no lookup.
_OF_ANOTHER: Final[Mapping[str, Callable[[Work, Sequence[int]], Names]]] = {
    "ab_role": _roles,
    "field_definition": _labelled(FieldDefinition),
    "phone": _phones,
    "saved_view": _views,
    "site": _sites,
    "staff_profile": _staff,
    "staff_skill": _skills_of_staff,
    "template_version": _versions,
    "ticket_template": _labelled(TicketTemplate),
}
