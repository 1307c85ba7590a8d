"""Laws of people's records, asked by the write door after the attributes are clean."""

import re
from collections.abc import Iterator

from sqlalchemy import func, inspect, select

from app.core.db import folded
from app.core.errors import DomainError, Refusal
from app.core.i18n import _
from app.core.permissions import Scope
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.people import scope, tags
from app.people.models import Contact, Customer, Phone, Region, Site, StaffProfile, Tag, Team
from app.people.phones import parse_phone
from app.people.regions import UNSPOKEN

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def customer(work: Work, row: Customer) -> Iterator[Refusal]:
    """Fold the name, give a code and an outlet where none was named, and look at the ID number."""
    row.name_folded = folded(row.name)[:200]
    row.kind = row.kind or "person"
    if not row.code:
        row.code = next_code(work)
    yield from _outlet(work, row)
    if row.id_number and row.kind == "person" and not plausible_id(row.id_number):
        yield Refusal(_("This ID number cannot be right: its check digit does not fit."), "id_number", "not_an_id")
    _numbers_go(row)
    if sum(1 for one in row.contacts if one.is_primary) > 1:
        yield Refusal(_("Only one contact can be the main one."), "contacts", "several_primary")


def _numbers_go(row: Customer) -> None:
    """With a contact taken out of the form go its numbers, as where it is deleted; one given to nobody there stays."""
    if gone := inspect(row).attrs.contacts.history.deleted:
        row.phones = [one for one in row.phones if one.contact not in gone]


def _outlet(work: Work, row: Customer) -> Iterator[Refusal]:
    """Give a new customer to the outlet of whoever made it; a known one moves between one's own outlets alone.

    Whoever has a ticket of the customer on the desk may work on it, and would take it away with its outlet for ever.
    """
    actor, state = work.actor, inspect(row)
    if actor.is_system or actor.scope is Scope.ALL:
        return
    if not state.has_identity:
        if row.outlet_id is None and actor.scope is Scope.OUTLET and len(actor.outlet_ids) == 1:
            (row.outlet_id,) = actor.outlet_ids
        return
    moved = state.attrs.outlet_id.history
    before = moved.deleted[0] if moved.deleted else None
    if moved.has_changes() and row.outlet_id is None and before in actor.outlet_ids:
        # Of no outlet it would be out of the reach of all of them.
        row.outlet_id = before
    elif moved.has_changes() and not {before, row.outlet_id} <= actor.outlet_ids:
        message = _("This customer is not of your outlet, so you may not move it to another. Ask headquarters.")
        yield Refusal(message, "outlet_id", "not_allowed")


def next_code(work: Work) -> str:
    """Return the next free code, ``C000123``."""
    one_at_a_time(work, "customer code")
    number = (work.session.scalar(select(func.max(Customer.id))) or 0) + 1
    while work.session.scalar(select(Customer.id).where(Customer.code == f"C{number:06d}")) is not None:
        number += 1
    return f"C{number:06d}"


def plausible_id(number: str) -> bool:
    """Whether an 18-digit Chinese ID number has the right check digit; numbers of other kinds are not judged."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return True
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def contact(work: Work, row: Contact) -> Iterator[Refusal]:
    """A customer has one main contact, whose numbers are the customer's; one taken out of the form is gone."""
    state = inspect(row).attrs
    gone = state.phones.history.deleted or ()
    # A number is made and removed by who may at its own address, too.
    for done, permission in ((state.phones.history.added, "contact.create"), (gone, "contact.delete")):
        if done and not work.actor.may(permission):
            yield Refusal(_("You may not do this: %(permission)s.", permission=permission), "phones", "not_allowed")
            return
    for one in gone:
        work.session.delete(one)
    if state.phones.history.has_changes() or state.customer_id.history.has_changes():
        for one in row.phones:
            one.customer_id = row.customer_id
    if row.is_primary:
        own = inspect(row).identity
        others = select(Contact.id).where(Contact.customer_id == row.customer_id, Contact.is_primary.is_(True))
        if work.session.scalar(others.where(Contact.id != own[0]) if own else others) is not None:
            yield Refusal(_("Only one contact can be the main one."), "is_primary", "several_primary")


def phone(work: Work, row: Phone) -> Iterator[Refusal]:
    """Derive the forms a number is found and shown by."""
    number = parse_phone(row.raw)
    row.number, row.number_index, row.tail = number.number, number.index, number.tail
    if row.contact_id is not None:
        owner = work.session.scalar(select(Contact.customer_id).where(Contact.id == row.contact_id))
        if owner != (row.customer_id or (row.customer.id if row.customer else None)):
            yield Refusal(_("This contact belongs to another customer."), "contact_id", "other_customer")


def site(work: Work, row: Site) -> Iterator[Refusal]:
    """A place has a name, if only that of what it is; on the map it has both coordinates."""
    located = row.latitude is not None and not (row.address_line or row.region_code)
    row.name = row.name or (_("Location") if located else _("Address")).in_(work.company.locale)
    if (row.latitude is None) != (row.longitude is None):
        missing = "latitude" if row.latitude is None else "longitude"
        yield Refusal(_("Give both latitude and longitude, or neither."), missing, "half_a_place")


def staff(work: Work, row: StaffProfile) -> Iterator[Refusal]:
    """One profile an account; a skill once; and nobody widens what somebody reaches beyond what they reach."""
    yield from _reach_given(work, row)
    own = inspect(row).identity
    others = select(StaffProfile.id).where(StaffProfile.user_id == row.user_id)
    if work.session.scalar(others.where(StaffProfile.id != own[0]) if own else others) is not None:
        yield Refusal(_("This account has a staff profile already."), "user_id", "taken")
    seen = set()
    for index, line in enumerate(row.skills):
        if line.skill_id in seen:
            yield Refusal(_("This skill is listed twice."), f"skills-{index}-skill_id", "twice")
        seen.add(line.skill_id)


def _reach_given(work: Work, row: StaffProfile) -> Iterator[Refusal]:
    """Refuse what a profile would give away: whose it is and its teams say which tickets and customers one sees."""
    actor, state = work.actor, inspect(row)
    if actor.is_system or actor.scope is Scope.ALL:
        return
    if state.has_identity and state.attrs.user_id.history.has_changes():
        message = _("Whose profile this is does not change. Ask headquarters.")
        yield Refusal(message, "user_id", "not_allowed")
    given = {one.id for one in state.attrs.teams.history.added or ()}
    within = set(work.session.scalars(select(Team.id).where(Team.id.in_(sorted(given)), scope.teams(actor))))
    if given - within:
        yield Refusal(_("You can put people only into teams of your own outlet."), "teams", "not_allowed")


def region(work: Work, row: Region) -> Iterator[Refusal]:
    """Derive level and full name from the region it is part of."""
    if not re.fullmatch(r"[0-9A-Z]{2,12}", row.code):
        yield Refusal(_("A region's code has 2 to 12 digits or capital letters."), "code", "not_a_code")
    history = inspect(row).attrs.code.history
    if inspect(row).has_identity and history.has_changes():
        yield Refusal(_("A region's code cannot be changed: addresses refer to it."), "code", "fixed")
    one_at_a_time(work, "region tree")
    parent = work.session.get(Region, row.parent_code) if row.parent_code else None
    if parent and any(one is row for one in _upwards(work, parent, row)):
        yield Refusal(_("A region cannot be part of itself."), "parent_code", "cycle")
        return
    row.level = parent.level + 1 if parent else 1
    row.full_name = _full_name(parent, row.name)
    if len(row.full_name) > 200:  # noqa: PLR2004 - the column's length
        yield Refusal(_("The whole name is longer than 200 characters."), "name", "too_long")


def _upwards(work: Work, start: Region, last: Region) -> Iterator[Region]:
    """Yield the regions from ``start`` up, not beyond ``last``, whose new parent may already close the circle."""
    one: Region | None = start
    while one is not None:
        yield one
        if one is last:
            return
        one = work.session.get(Region, one.parent_code) if one.parent_code else None


def _full_name(parent: Region | None, name: str) -> str:
    whole = parent.full_name if parent else ""
    return whole if name in UNSPOKEN else whole + name


def region_follows(work: Work, row: Region) -> None:
    """Carry a new name or level on to the parts, level by level."""
    parents = [row]
    while parents:
        parts = list(work.session.scalars(select(Region).where(Region.parent_code.in_([one.code for one in parents]))))
        by_code = {one.code: one for one in parents}
        changed = []
        for part in parts:
            parent = by_code[str(part.parent_code)]
            full_name, level = _full_name(parent, part.name)[:200], parent.level + 1
            if (part.full_name, part.level) != (full_name, level):
                part.full_name, part.level = full_name, level
                changed.append(part)
        work.session.flush()
        parents = changed


def tag(work: Work, row: Tag) -> Iterator[Refusal]:
    """Keep the names of tags apart: no two differ in case or width alone."""
    try:
        row.name = tags.named(row.name)
    except DomainError as error:
        yield from (Refusal(one.message, "name", one.code) for one in error.refusals)
        return
    own = inspect(row).identity
    others = select(Tag.name).where(Tag.name_folded == row.name_folded)
    found = work.session.scalar(others.where(Tag.id != own[0]) if own else others)
    if found is not None:
        yield Refusal(_("“%(value)s” exists already.", value=found), "name", "taken")
