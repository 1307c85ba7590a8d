"""What a record's page says of its attributes; the records they name are links to their own pages."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import url_for

from app.core.i18n import Message
from app.core.records.attributes import Attribute
from app.core.records.references import One
from app.core.records.service import RecordType
from app.core.records.showing import shown
from app.core.work import Work

#: Kind of record -> the page that shows one. Of these whoever reaches what names them reaches the page as well.
PAGES: Final[Mapping[str, str]] = {
    "customer": "CustomerView.show",
    "installed_product": "InstalledProductView.show",
    "product": "ProductView.show",
    "site": "SiteView.show",
}


class Linked(NamedTuple):
    """A value that leads to the page of what it names."""

    text: Any
    url: str


class Numbers(NamedTuple):
    """Phone numbers, each of which one can call."""

    numbers: list[str]


def page_of(kind: str, key: int | str) -> str:
    """Return the address of a record of one of the `PAGES`."""
    return url_for(PAGES[kind], pk=key)


def facts_of(work: Work, record: RecordType, row: Any) -> list[tuple[Message, Any]]:
    """Return each attribute's label and value."""
    return [(one.label, _value(work, one, row)) for one in record.attributes]


def _value(work: Work, attribute: Attribute, row: Any) -> Any:
    text = shown(work.actor, attribute, row)
    if not isinstance(attribute, One) or text is None or attribute.kind not in PAGES:
        return text
    may_read = attribute.lookup.allowed(work.actor)
    return Linked(text, page_of(attribute.kind, getattr(row, attribute.name))) if may_read else text
