"""What a service report says, apart from how it looks: plain records between the ticket and the page."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it; ``wide`` ones take a whole line. Amounts stand one below the other."""

    label: str
    value: str
    wide: bool = False
    amount: bool = False
    #: An amount that sums up others; it stands out where it is the last.
    total: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table within a section; columns of numbers are set right."""

    label: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file, and what stands below it."""

    path: Path | BytesIO
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The photos of one field."""

    label: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs and when; without a picture there is a place to sign by pen."""

    label: str
    picture: Picture | None = None
    name: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """A titled part of the report."""

    title: str
    parts: tuple[Fact | Grid | Gallery, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Facts in a box at the head: whom it is for, what it is about."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One item of the closing checklist; ``done`` says when, empty: not done."""

    label: str
    done: str


@dataclass(frozen=True, slots=True)
class PublicNote:
    """A note the customer may read."""

    head: str
    body: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The company: its name, the lines below it, its logo."""

    name: str
    lines: tuple[str, ...] = ()
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole service report, in one language."""

    locale: str
    company: Letterhead
    title: str
    number: str
    #: What the QR code leads to: the ticket's address, or its number.
    code: str
    subject: str
    cards: tuple[Card, ...] = ()
    sections: tuple[SectionBlock, ...] = ()
    checklist: tuple[Check, ...] = ()
    notes: tuple[PublicNote, ...] = ()
    signatures: tuple[Signature, ...] = ()
    footer: str = ""
    printed: str = ""
