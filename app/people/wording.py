"""What audited tables and columns are called that are no reference records: accounts, roles, templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from app.core.i18n import Label, Message, _, listing
from app.people.role_service import label_of
from app.people.roles import PERMISSIONS, SCOPE_LABELS
from app.people.said import say
from ticket_templates.field_types import FIELD_TYPES

#: A value of a column in words.
Words = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Wording:
    """A table's name, and its columns' with how their values are said."""

    label: Message
    columns: Mapping[str, tuple[Message, Words | None]] = field(default_factory=dict)


def _roles(names: Any) -> Any:
    return listing(label_of(name) for name in names) if isinstance(names, list) else names


def _rights(names: Any) -> Any:
    return listing(PERMISSIONS.get(name, name) for name in names) if isinstance(names, list) else names


def _scope(name: Any) -> Any:
    return SCOPE_LABELS.get(str(name).lower(), name)


def _role(name: Any) -> Label | Any:
    return label_of(name) if isinstance(name, str) else name


def _fingerprint(checksum: Any) -> Any:
    """Say as much of a checksum as people compare."""
    return checksum[:8] if isinstance(checksum, str) else checksum


_AUDIENCES: Final = {"mine": _("Only me"), "team": _("A team"), "all": _("Everybody")}


def _audience(name: Any) -> Any:
    return _AUDIENCES.get(name, name)


def _type(name: Any) -> Any:
    found = FIELD_TYPES.get(str(name))
    return found.label if found else name


@cache
def _setting_labels() -> Mapping[str, Message]:
    """Return what settings of fields are called; of those with one name for several types, as numbers call them."""
    FIELD_TYPES.scan()
    kinds = (*FIELD_TYPES, FIELD_TYPES["decimal"])
    return {one.name: one.label for kind in kinds for one in kind.settings}


def _settings(settings: Any) -> Any:
    return say(settings, _setting_labels())


_KEY: Final = (_("Key"), None)
_LABEL: Final = (_("Label"), None)
#: Where it stands among others; a contact's position is what the person does.
_PLACE: Final = (_("Place in the list"), None)

WORDINGS: Final[Mapping[str, Wording]] = {
    "ab_user": Wording(_("User"), {
        "username": (_("User name"), None), "name": (_("Full name"), None), "email": (_("E-mail"), None),
        "active": (_("May sign in"), None), "roles": (_("Roles"), _roles), "password": (_("Password"), None),
        "token": (_("Token"), None),
    }),
    "ab_role": Wording(_("Role"), {
        "name": (_("Name"), _role), "scope": (_("Reaches"), _scope),
        "taken": (_("Rights taken"), _rights), "given": (_("Rights given"), _rights),
    }),
    "role_scope": Wording(_("Role"), {"role_name": (_("Role"), _role), "scope": (_("Reaches"), _scope)}),
    "field_definition": Wording(_("Field definition"), {
        "key": _KEY, "type": (_("Type"), _type), "labels": _LABEL, "help": (_("Help"), None),
        "options": (_("Options"), None), "settings": (_("Settings"), _settings), "indexed": (_("Indexed"), None),
    }),
    "ticket_template": Wording(_("Template"), {
        "key": _KEY, "labels": _LABEL, "description": (_("Description"), None), "icon": (_("Icon"), None),
        "color": (_("Colour"), None), "position": _PLACE, "withdrawn": (_("Withdrawn"), None),
    }),
    "saved_view": Wording(_("View of tickets"), {
        "name": (_("Name"), None), "audience": (_("Who sees it"), _audience), "team_id": (_("Team"), None),
        "query": (_("What it shows"), None), "position": _PLACE,
        "default_roles": (_("Begins with it"), _roles), "owner_id": (_("Owner"), None), "version": (_("Version"), None),
    }),
    "template_version": Wording(_("Version"), {"checksum": (_("Content"), _fingerprint)}),
}  # fmt: skip
