"""Where what names a record is listed: below its page, and from a refusal to delete it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flask import url_for
from markupsafe import Markup

from app.core.i18n import Message, spoken
from app.core.records.lookups import LOOKUPS, Found
from app.core.records.related import SHOWN, related
from app.core.records.uses import MOST_COUNTED, InUseError, Use, named_by
from app.core.work import Work
from app.tickets import queries
from app.tickets.queries import TicketQuery
from views.base import current_actor, current_locale
from views.tickets.customers import brief


class _List(NamedTuple):
    """A list of records of the kind `LOOKUPS` knows, and its filter for what they name."""

    view: str
    filter: str
    kind: str


#: The column that names a record -> where those are listed, in the order of their sections.
_LISTS: Final[Mapping[str, _List]] = {
    "region.parent_code": _List("RegionView", "parent", "region"),
    "team.outlet_id": _List("TeamView", "outlet", "team"),
    "outlet.region_code": _List("OutletView", "region", "outlet"),
    "staff_profile.outlet_id": _List("StaffView", "outlet", "staff"),
    "staff_region.region_code": _List("StaffView", "regions", "staff"),
    "staff_skill.skill_id": _List("StaffView", "known_skills", "staff"),
    "staff_team.team_id": _List("StaffView", "teams", "staff"),
    "customer.level_id": _List("CustomerView", "level", "customer"),
    "customer.outlet_id": _List("CustomerView", "outlet", "customer"),
    "customer_tag.tag_id": _List("CustomerView", "tags", "customer"),
    "contact.customer_id": _List("ContactView", "customer", "contact"),
    "site.region_code": _List("SiteView", "region", "site"),
    "product_category.parent_id": _List("ProductCategoryView", "parent", "product_category"),
    "product.category_id": _List("ProductView", "category", "product"),
    "installed_product.customer_id": _List("InstalledProductView", "customer", "installed_product"),
    "installed_product.product_id": _List("InstalledProductView", "product", "installed_product"),
    "installed_product.replaced_by_id": _List("InstalledProductView", "replaced_by", "installed_product"),
    "installed_product.site_id": _List("InstalledProductView", "site", "installed_product"),
}


class _Tickets(NamedTuple):
    """The same of tickets: the argument of their list, and the part of its query."""

    argument: str
    part: str


_TICKETS: Final[Mapping[str, _Tickets]] = {
    "ticket.assignee_id": _Tickets("assignee", "assignee"),
    "ticket.customer_id": _Tickets("customer", "customer_id"),
    "ticket.installed_product_id": _Tickets("product", "installed_product_id"),
    "ticket.outlet_id": _Tickets("outlet", "outlet_id"),
    "ticket.team_id": _Tickets("team", "team_id"),
    "ticket_tag.tag_id": _Tickets("tag", "tag_id"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A list below a record's page: its first rows (or tickets), how many there are, and where all of them stand."""

    label: Message | str
    rows: list[tuple[str, Found]]
    tickets: list[dict[str, Any]]
    count: int | str
    url: str


def list_url(by: str, key: int | str) -> str:
    """Return the address of the list of what names a record; empty where there is none for this person."""
    if by in _TICKETS and current_actor().may("ticket.read"):
        # Of no view, so that the one the person's role begins with does not hide some.
        return url_for("TicketView.index", view="all", **{_TICKETS[by].argument: key})  # type: ignore[arg-type]
    if by not in _LISTS or not LOOKUPS[_LISTS[by].kind].allowed(current_actor()):
        return ""
    return url_for(f"{_LISTS[by].view}.list", **{f"_flt_0_{_LISTS[by].filter}": key})  # type: ignore[arg-type]


def sections(work: Work, row: Any, pointers: Any) -> Iterator[Section]:
    """Yield the lists of what names ``row``, within the person's reach."""
    ways = {use.by: use for use in named_by(row, pointers)}
    for by in (*_LISTS, *_TICKETS):
        if by in ways and (url := list_url(by, ways[by].own)):
            yield (_tickets if by in _TICKETS else _records)(work, ways[by], url)


def _records(work: Work, use: Use, url: str) -> Section:
    view, relation, kind = _LISTS[use.by]
    found = related(work, LOOKUPS[kind], relation, use.own)
    rows = [(url_for(f"{view}.show", pk=one.id), one) for one in found.found]
    exact = found.count <= MOST_COUNTED
    return Section(use.label, rows, [], _count(min(found.count, MOST_COUNTED), exact=exact), url)


def _tickets(work: Work, use: Use, url: str) -> Section:
    asked: dict[str, Any] = {_TICKETS[use.by].part: use.own}
    page = queries.ticket_page(work, TicketQuery(**asked, size=SHOWN))
    count = _count(page.count.number, exact=page.count.exact)
    return Section(use.label, [], [brief(one) for one in page.rows], count, url)


def _count(number: int, *, exact: bool) -> int | str:
    return number if exact else f"{number}+"


def with_ways(error: InUseError) -> Markup:
    """Return a refusal in words, with links to where what uses the record is listed."""
    said = Markup("{}").format(spoken(error.refusals[0].message, current_locale()))
    return Markup(" ").join([said, *filter(None, map(_way, error.uses))])


def _way(use: Use) -> Markup:
    url = list_url(use.by, use.own)
    if not url:
        return Markup()
    return Markup('<a class="alert-link" href="{}">{}</a>').format(url, spoken(use.said, current_locale()))
