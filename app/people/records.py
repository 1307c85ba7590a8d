"""What may be written to the people room's tables: attributes, reach and laws of each record."""

from collections.abc import Mapping
from typing import Final

from app.core.i18n import Message, _
from app.core.records.attributes import Choice, Code, Day, Degrees, Email, Flag, Labels, Text, Whole
from app.core.records.references import Many, One, Sibling
from app.core.records.service import RecordType
from app.people import checks, doubts, lookups, scope, tags, uses
from app.people.attributes import PhoneText
from app.people.models import (
    Contact,
    Customer,
    CustomerLevel,
    Outlet,
    Phone,
    Region,
    Site,
    Skill,
    StaffProfile,
    StaffSkill,
    Tag,
    Team,
)

#: Imported for what they register.
_REGISTER: Final = (lookups, uses)

COLORS: Final = {
    "secondary": _("Grey"), "blue": _("Blue"), "azure": _("Azure"), "indigo": _("Indigo"), "purple": _("Purple"),
    "pink": _("Pink"), "red": _("Red"), "orange": _("Orange"), "yellow": _("Yellow"), "lime": _("Lime"),
    "green": _("Green"), "teal": _("Teal"), "cyan": _("Cyan"),
}  # fmt: skip

LANGUAGES: Final[Mapping[str, Message]] = {
    "zh_Hans": _("Simplified Chinese"), "zh_Hant": _("Traditional Chinese"), "en": _("English"),
}  # fmt: skip

_ACTIVE: Final = Flag(
    name="active", label=_("Active"), help=_("Inactive ones stay on record and are no longer offered.")
)
_CUSTOMER: Final = One(name="customer_id", label=_("Customer"), kind="customer", shown="customer", required=True)
_OUTLET: Final = One(name="outlet_id", label=_("Outlet"), kind="outlet", shown="outlet")

_CONTACT_LINE: Final = (
    Text(name="name", label=_("Full name"), limit=80, required=True),
    Text(name="position", label=_("Position"), limit=80),
    Email(name="email", label=_("E-mail"), personal=True),
    Flag(name="is_primary", label=_("Main contact")),
)
_NUMBER: Final = PhoneText(name="raw", label=_("Phone"), required=True, personal=True)
_PHONE_LINE: Final = (
    _NUMBER,
    Sibling(name="contact_id", label=_("Contact"), kind="contact", shown="contact", lines="contacts"),
)
_SITE_LINE: Final = (
    One(name="region_code", label=_("Region"), kind="region", shown="region"),
    Text(name="address_line", label=_("Address"), limit=200, personal=True, help=_("Street, number, building, room.")),
    Text(name="name", label=_("Name of the site"), limit=80, help=_("Home, shop, warehouse … if there are several.")),
    Degrees(name="latitude", label=_("Latitude"), bound=90),
    Degrees(name="longitude", label=_("Longitude"), bound=180),
)
_SKILL_LINE: Final = (
    One(name="skill_id", label=_("Skill"), kind="skill", shown="skill", required=True),
    Whole(
        name="level", label=_("Level"), minimum=1, maximum=5, required=True, help=_("From 1, beginner, to 5, expert.")
    ),
    Text(name="certificate_no", label=_("Certificate number"), limit=80),
    Day(name="valid_until_on", label=_("Certificate valid until")),
)


CUSTOMER: Final = RecordType(
    "customer", Customer, _("Customer"),
    (
        Choice(name="kind", label=_("Kind"), options={"person": _("Individual"), "company": _("Company")}),
        Text(name="name", label=_("Name"), limit=120, required=True),
        Code(name="code", label=_("Customer number"), limit=40, help=_("Left empty, the next number is given.")),
        One(name="level_id", label=_("Customer level"), kind="customer_level", shown="level"),
        _OUTLET,
        Text(name="id_number", label=_("ID or registration number"), limit=40, personal=True),
        Email(name="email", label=_("E-mail"), personal=True),
        Many(name="tags", label=_("Tags"), kind="tag"),
        Text(name="remark", label=_("Remark"), limit=2000, multiline=True),
        _ACTIVE,
    ),
    reach=scope.customers, yours=scope.customers_on_desk, check=checks.customer, doubts=doubts.customer,
    lines={
        "phones": RecordType("contact", Phone, _("Phone"), _PHONE_LINE, check=checks.phone),
        "sites": RecordType("site", Site, _("Site"), _SITE_LINE, check=checks.site),
        "contacts": RecordType("contact", Contact, _("Contact"), _CONTACT_LINE),
    },
)  # fmt: skip
CONTACT: Final = RecordType(
    "contact", Contact, _("Contact"), (_CUSTOMER, *_CONTACT_LINE),
    reach=scope.contacts, yours=scope.contacts_on_desk, check=checks.contact, doubts=doubts.contact,
    lines={"phones": RecordType("contact", Phone, _("Phone"), (_NUMBER,), check=checks.phone)},
)  # fmt: skip
PHONE: Final = RecordType(
    "contact", Phone, _("Phone"),
    (_CUSTOMER, _NUMBER, One(name="contact_id", label=_("Contact"), kind="contact", shown="contact")),
    reach=scope.phones, yours=scope.phones_on_desk, check=checks.phone, doubts=doubts.phone,
)  # fmt: skip
SITE: Final = RecordType(
    "site", Site, _("Site"), (_CUSTOMER, *_SITE_LINE),
    reach=scope.sites, yours=scope.sites_on_desk, check=checks.site,
)  # fmt: skip
CUSTOMER_LEVEL: Final = RecordType(
    "customer_level", CustomerLevel, _("Customer level"),
    (
        Code(name="key", label=_("Key"), limit=40, required=True),
        Labels(name="labels", label=_("Label"), required=True),
        Whole(name="rank", label=_("Rank"), minimum=0, maximum=1000, required=True,
              help=_("The highest rank is served first.")),
        Choice(name="color", label=_("Colour"), options=COLORS, required=True),
    ),
)  # fmt: skip
TAG: Final = RecordType(
    "tag", Tag, _("Tag"), (Text(name="name", label=_("Name"), limit=tags.LONGEST, unique=True, required=True),),
    check=checks.tag, instead=_("Take it off those first; its page does so for all of them."),
)  # fmt: skip
OUTLET: Final = RecordType(
    "outlet", Outlet, _("Outlet"),
    (
        Code(name="code", label=_("Code"), limit=40, required=True),
        Text(name="name", label=_("Name"), limit=120, required=True),
        One(name="region_code", label=_("Region"), kind="region", shown="region"),
        Text(name="address", label=_("Address"), limit=200),
        PhoneText(name="phone", label=_("Phone")),
        _ACTIVE,
    ),
    reach=scope.outlets,
)  # fmt: skip
TEAM: Final = RecordType(
    "team", Team, _("Team"),
    (
        Code(name="code", label=_("Code"), limit=40, required=True),
        Text(name="name", label=_("Name"), limit=120, required=True),
        _OUTLET,
        _ACTIVE,
    ),
    reach=scope.teams,
)  # fmt: skip
SKILL: Final = RecordType(
    "skill", Skill, _("Skill"),
    (
        Code(name="key", label=_("Key"), limit=40, required=True),
        Labels(name="labels", label=_("Label"), required=True),
    ),
)  # fmt: skip
STAFF: Final = RecordType(
    "staff", StaffProfile, _("Staff profile"),
    (
        One(name="user_id", label=_("Account"), kind="user", shown="user", required=True),
        _OUTLET,
        Many(name="teams", label=_("Teams"), kind="team"),
        Many(name="regions", label=_("Service regions"), kind="region"),
        PhoneText(name="phone", label=_("Phone"), personal=True),
        Whole(name="capacity_per_day", label=_("Tickets a day"), minimum=0, maximum=500,
              help=_("How many this person can take; empty: no ceiling.")),
        Choice(name="locale", label=_("Language"), options=LANGUAGES),
    ),
    reach=scope.staff, check=checks.staff, pointers=uses.OF_STAFF,
    instead=_("Who no longer works here keeps the profile and may no longer sign in: switch off the user."),
    lines={"skills": RecordType("staff", StaffSkill, _("Skill"), _SKILL_LINE)},
)  # fmt: skip
REGION: Final = RecordType(
    "region", Region, _("Region"),
    (
        Code(name="code", label=_("Code"), limit=12, required=True),
        Text(name="name", label=_("Name"), limit=80, required=True),
        One(name="parent_code", label=_("Part of"), kind="region", shown="parent"),
    ),
    check=checks.region, follow=checks.region_follows,
)  # fmt: skip
