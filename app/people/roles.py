"""The nine roles every installation starts with, and the permissions there are.

`gongdan init` writes both into Flask-AppBuilder's tables; afterwards an administrator may change what a role
holds, and a second `init` adds what is missing and takes nothing away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.i18n import Label, Message, _
from app.core.permissions import Scope


@dataclass(frozen=True, slots=True)
class Thing:
    """Something permissions are about, with the verbs it knows: ``"ticket.change"``."""

    name: str
    label: Message
    verbs: tuple[str, ...]

    def permissions(self) -> Iterable[str]:
        """Return the permissions on this thing, by name."""
        return (f"{self.name}.{verb}" for verb in self.verbs)


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """A role as it is first made. ``name`` is stored and named by templates' workflows; never renamed."""

    name: str
    labels: Label
    scope: Scope
    permissions: frozenset[str]


VERBS: Final[Mapping[str, Message]] = {
    "read": _("See"),
    "create": _("Create"),
    "change": _("Change"),
    "delete": _("Delete"),
    "export": _("Export"),
    "import": _("Import"),
    "transition": _("Move through the workflow"),
    "transfer": _("Transfer to others"),
    "note": _("Write notes"),
    "merge": _("Merge and split"),
    "design": _("Design and publish"),
    "run": _("Start and cancel"),
    "share": _("Share views with the own team"),
    "publish": _("Share views with everybody"),
}

#: How far a role reaches, by the stored word.
SCOPE_LABELS: Final[Mapping[str, Message]] = {
    "own": _("Own records"),
    "team": _("Records of the own teams"),
    "outlet": _("Records of the own outlet"),
    "all": _("All records"),
}

#: Verbs that leave everything as it is.
READING_VERBS: Final = frozenset({"read", "export"})

_RECORD: Final = ("read", "create", "change", "delete", "export")

THINGS: Final[tuple[Thing, ...]] = (
    Thing("ticket", _("Tickets"),
          ("read", "create", "change", "transition", "transfer", "note", "merge", "export", "import", "share",
           "publish")),
    Thing("attachment", _("Attachments"), ("read", "create")),
    Thing("template", _("Templates"), ("read", "design", "export")),
    Thing("field", _("Field definitions"), ("read", "design", "export")),
    Thing("customer", _("Customers"), _RECORD),
    Thing("contact", _("Contacts"), _RECORD),
    Thing("site", _("Sites"), _RECORD),
    Thing("installed_product", _("Installed products"), _RECORD),
    Thing("product", _("Products"), _RECORD),
    Thing("product_category", _("Product categories"), _RECORD),
    Thing("customer_level", _("Customer levels"), _RECORD),
    Thing("tag", _("Tags"), _RECORD),
    Thing("outlet", _("Outlets"), _RECORD),
    Thing("team", _("Teams"), _RECORD),
    Thing("staff", _("Staff"), _RECORD),
    Thing("skill", _("Skills"), _RECORD),
    Thing("region", _("Regions"), _RECORD),
    Thing("personal_data", _("Personal data, unmasked"), ("read",)),
    Thing("audit", _("Audit records"), ("read", "export")),
    Thing("job", _("Jobs"), ("read", "run")),
    Thing("account", _("User accounts"), ("read", "create", "change", "export")),
    Thing("role", _("Roles"), ("read", "change", "export")),
    Thing("settings", _("Settings"), ("read", "change")),
    Thing("report", _("Reports"), ("read", "export")),
)  # fmt: skip

#: What the things are called, by name.
THING_LABELS: Final[Mapping[str, Message]] = {thing.name: thing.label for thing in THINGS}

#: Every permission there is, with what the role screen calls it.
PERMISSIONS: Final[Mapping[str, Message]] = {
    f"{thing.name}.{verb}": _("%(thing)s: %(verb)s", thing=thing.label, verb=VERBS[verb])
    for thing in THINGS
    for verb in thing.verbs
}


def _on(names: str, *verbs: str) -> frozenset[str]:
    """Return ``verbs`` on each thing named in ``names``; a verb a thing does not know is left out."""
    wanted = {f"{name}.{verb}" for name in names.split() for verb in verbs}
    return frozenset(wanted & PERMISSIONS.keys())


#: What a right carries with it. A customer's form adds, changes and removes contacts, phones and sites; whoever may use
#: it may do the same at every other door.
_CARRIED: Final = {"customer.change": _on("contact site", "create", "change", "delete")}


def carried(permissions: Iterable[str]) -> frozenset[str]:
    """Return ``permissions`` with those they carry."""
    held = frozenset(permissions)
    return held.union(*(more for name, more in _CARRIED.items() if name in held))


_CUSTOMER_DATA: Final = "customer contact site installed_product"
_CATALOGUE: Final = "product product_category customer_level tag outlet team skill region"
_SEE_REFERENCE: Final = _on(f"{_CATALOGUE} staff template", "read")
_DESK: Final = carried(
    _SEE_REFERENCE
    | _on("ticket", "read", "create", "change", "transition", "transfer", "note", "merge", "export")
    | _on("attachment", "read", "create")
    | _on(_CUSTOMER_DATA, "read", "create", "change", "export")
    | _on("tag", "create")
    | _on("ticket", "share")
    | _on("personal_data report job", "read")
)

ROLES: Final[tuple[RoleSeed, ...]] = (
    RoleSeed(
        "administrator",
        {"zh_Hans": "管理员", "zh_Hant": "管理員", "en": "Administrator"},
        Scope.ALL,
        frozenset(PERMISSIONS),
    ),
    RoleSeed(
        "template_designer",
        {"zh_Hans": "模板设计师", "zh_Hant": "範本設計師", "en": "Template designer"},
        Scope.ALL,
        _SEE_REFERENCE
        | _on("template field", "read", "design", "export")
        | _on("ticket attachment report", "read")
        | _on(_CUSTOMER_DATA, "read"),
    ),
    RoleSeed(
        "dispatcher",
        {"zh_Hans": "调度员", "zh_Hant": "調度員", "en": "Dispatcher"},
        Scope.ALL,
        _DESK | _on("ticket", "publish"),
    ),
    RoleSeed(
        "clerk",
        {"zh_Hans": "客服", "zh_Hant": "客服", "en": "Clerk"},
        Scope.ALL,
        _DESK | _on("ticket", "import") | _on("job", "run"),
    ),
    RoleSeed(
        "technician",
        {"zh_Hans": "师傅", "zh_Hant": "師傅", "en": "Technician"},
        Scope.OWN,
        _on("ticket", "read", "change", "transition", "note")
        | _on("attachment", "read", "create")
        | _on(f"{_CUSTOMER_DATA} product product_category template skill region outlet team", "read")
        | _on("personal_data", "read"),
    ),
    RoleSeed(
        "outlet_manager",
        {"zh_Hans": "网点经理", "zh_Hant": "網點經理", "en": "Outlet manager"},
        Scope.OUTLET,
        _DESK
        | _on(_CUSTOMER_DATA, "delete")
        | _on("staff", "read", "change", "export")
        | _on("team", "create", "change")
        | _on("report", "export"),
    ),
    RoleSeed(
        "qa",
        {"zh_Hans": "质检员", "zh_Hant": "質檢員", "en": "Quality assurance"},
        Scope.ALL,
        _SEE_REFERENCE
        | _on("ticket", "read", "change", "transition", "note", "export")
        | _on("attachment", "read", "create")
        | _on(_CUSTOMER_DATA, "read")
        | _on("personal_data job", "read")
        | _on("report", "read", "export"),
    ),
    RoleSeed(
        "finance",
        {"zh_Hans": "财务", "zh_Hant": "財務", "en": "Finance"},
        Scope.ALL,
        _SEE_REFERENCE
        | _on("ticket", "read", "change", "transition", "note", "export")
        | _on("attachment", "read", "create")
        | _on(_CUSTOMER_DATA, "read", "export")
        | _on("job", "read")
        | _on("report", "read", "export"),
    ),
    RoleSeed(
        "auditor",
        {"zh_Hans": "审计员", "zh_Hant": "稽核員", "en": "Auditor"},
        Scope.ALL,
        frozenset(name for name in PERMISSIONS if name.split(".")[1] in READING_VERBS),
    ),
)

#: The seeds by stored name.
ROLE_BY_NAME: Final[Mapping[str, RoleSeed]] = {role.name: role for role in ROLES}
