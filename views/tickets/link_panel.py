"""The tickets that stand beside a ticket: those it is linked with, and others of its unit."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from app.core.i18n import Message
from app.core.work import Work
from app.tickets import queries
from app.tickets.links import merges, reading
from app.tickets.links.kinds import ENDS
from app.tickets.queries import TicketDetail
from views.base import current_actor
from views.tickets.customers import brief
from views.tickets.desk import ticket_url


def linked_facts(
    work: Work, detail: TicketDetail, typed: Mapping[str, str] | None = None, refusals: Sequence[Message] = ()
) -> dict[str, Any]:
    """Return what the panel of links shows; ``typed`` is a refused wish, shown again."""
    found = reading.linked(work, detail)
    page = ticket_url(detail.number)
    groups = [
        {
            "label": end.label,
            "tickets": [
                brief(one.ticket) | {"id": one.ticket.id, "kind": end.name, "removable": one.removable}
                for one in several
            ],
        }
        for end, several in groupby(found, key=lambda one: one.end)
    ]
    return {
        "links": groups,
        "links_full": len(found) >= reading.MOST_SHOWN,
        "link_url": f"{page}/links",
        "link_candidates_url": f"{page}/links/candidates",
        "link_kinds": list(ENDS.values()),
        "link_refusals": refusals,
        "link_typed": typed or {},
        "may_link": current_actor().may("ticket.change") and detail.yours and not detail.is_merged,
        "merge_url": f"{page}/merge" if _may_merge(detail) and not detail.is_merged else "",
        "split_url": f"{page}/split" if may_split(detail) else "",
    }


def merged_facts(work: Work, detail: TicketDetail) -> dict[str, Any] | None:
    """Return where a merged ticket goes on, and how that is undone; None: it is not merged."""
    if not detail.is_merged:
        return None
    merge = merges.of_sources(work, [detail.id]).get(detail.id)
    undone = merge is not None and work.now - merge.at <= merges.UNDONE_WITHIN and _may_merge(detail)
    return {
        "why": merges.gone_on(merge),
        "url": ticket_url(merge.number) if merge and merge.number else "",
        "number": merge.number if merge else "",
        "undo_url": f"{ticket_url(detail.number)}/unmerge" if undone and merge and merge.number else "",
    }


def may_split(detail: TicketDetail) -> bool:
    """Whether this person may split the ticket: that makes a new one."""
    return _may_merge(detail) and not detail.is_merged and current_actor().may("ticket.create")


def _may_merge(detail: TicketDetail) -> bool:
    return current_actor().may("ticket.merge") and detail.yours


def related_facts(work: Work, detail: TicketDetail, *, listed: bool) -> list[dict[str, Any]]:
    """Return other tickets of the same unit, where no customer's panel lists them (``listed``)."""
    if detail.columns["installed_product_id"] is None or listed:
        return []
    return [brief(one) for one in queries.related(work, detail).of_unit]
