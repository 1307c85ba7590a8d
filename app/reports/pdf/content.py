"""What a service report says, apart from how it looks: plain records between the ticket and the page."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it; ``wide`` ones take a whole line."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table within a section; columns of numbers are set right."""

    label: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file of the storage, and the name it was uploaded with."""

    path: Path
    caption: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The photos of one field."""

    label: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the image of the signature; None: a place to sign by pen."""

    label: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """A titled part of the report."""

    title: str
    parts: tuple[Fact | Grid | Gallery, ...]


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
class Report:
    """A whole service report, in one language."""

    locale: str
    company: str
    title: str
    number: str
    #: What the QR code leads to: the ticket's address, or its number.
    code: str
    subject: str
    facts: tuple[Fact, ...]
    sections: tuple[SectionBlock, ...]
    checklist: tuple[Check, ...] = ()
    notes: tuple[PublicNote, ...] = ()
    signatures: tuple[Signature, ...] = ()
    footer: str = ""
    printed: str = ""
