"""The parts of a report that are drawn, not set: head, cards, headings, photos, signatures. None is ever cut."""

from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.units import mm

from app.core.i18n import _
from app.reports.pdf import qr
from app.reports.pdf.blocks import Block
from app.reports.pdf.content import Card, Picture, Report, Signature
from app.reports.pdf.pictures import picture
from app.reports.pdf.sheet import WIDTH
from app.reports.pdf.text import (
    ACCENT,
    BODY,
    CAPTION,
    CELL_HEAD,
    COMPANY,
    HEADING,
    LABEL,
    LINE,
    SHADE,
    SMALL,
    TICKET,
    TITLE,
    Pen,
    Text,
    laid,
    one_line,
    single,
)

_QR: Final = 22 * mm
_GAP: Final = 4 * mm
_LOGO: Final = (70 * mm, 14 * mm)
_PAD: Final = 6.0
_CARD_LABEL: Final = 18 * mm
_FACT_GAP: Final = 2.0
_SIGNATURE: Final = 22 * mm
#: Lines of one value in a card.
_MOST_LINES: Final = 6


class Head(Block):
    """Logo, name and address of the company; the code of the ticket; title and number."""

    def __init__(self, report: Report) -> None:
        locale, company = report.locale, report.company
        room = WIDTH - _QR - _GAP
        self.code = report.code
        self.logo = picture(company.logo.path, *_LOGO, line_art=True) if company.logo else None
        self.words = [single(company.name, COMPANY, locale, room)]
        self.words += [laid(one_line(one), SMALL, locale, room).cut(2)[0] for one in company.lines]
        self.title = laid(one_line(report.title), TITLE, locale, WIDTH - 60 * mm).cut(3)[0]
        self.number = laid(report.number, TICKET, locale, 56 * mm)
        self.subject = laid(one_line(report.subject, 300), BODY, locale, WIDTH)
        above = (self.logo.drawHeight + 5 if self.logo else 0) + sum(one.height for one in self.words)
        self.above = max(above, _QR) + 7
        self.titles = max(self.title.height, self.number.height + TITLE.size - TICKET.size)
        super().__init__(WIDTH, self.above + 9 + self.titles + self.subject.height + 3)

    def draw(self) -> None:
        """Hook of reportlab."""
        top = self.height
        qr.draw(self.canv, self.code, WIDTH - _QR, top - _QR, _QR)
        if self.logo:
            self.logo.drawOn(self.canv, 0, top - self.logo.drawHeight)
            top -= self.logo.drawHeight + 5
        pen = Pen(self.canv)
        for one in self.words:
            pen.write(one, 0, top)
            top -= one.height
        top = self.height - self.above - 7
        pen.write(self.title, 0, top)
        # The number stands on the line of the title's first characters.
        pen.write(self.number, WIDTH - self.number.width, top - (TITLE.size - TICKET.size))
        pen.write(self.subject, 0, top - self.titles - 2)
        pen.done()
        self.canv.setStrokeColor(ACCENT)
        self.canv.setLineWidth(1.6)
        self.canv.line(0, self.height - self.above, WIDTH, self.height - self.above)


class Heading(Block):
    """The title of a section."""

    def __init__(self, title: str, locale: str) -> None:
        self.text = laid(one_line(title), HEADING, locale, WIDTH - 14).cut(3)[0]
        super().__init__(WIDTH, self.text.height + 5, before=4 * mm)

    def draw(self) -> None:
        """Hook of reportlab."""
        self.canv.setFillColor(SHADE)
        self.canv.rect(0, 0, WIDTH, self.height, stroke=0, fill=1)
        self.canv.setFillColor(ACCENT)
        self.canv.rect(0, 0, 2.6, self.height, stroke=0, fill=1)
        pen = Pen(self.canv)
        pen.write(self.text, 8, self.height - 2.5)
        pen.done()


class Cards(Block):
    """Boxes of facts side by side, of one height."""

    def __init__(self, cards: Sequence[Card], locale: str) -> None:
        self.box = (WIDTH - _GAP * (len(cards) - 1)) / len(cards)
        self.cards = [self._laid(card, locale) for card in cards]
        highest = max(
            sum(max(left.height, right.height) + _FACT_GAP for left, right in facts) for _title, facts in self.cards
        )
        super().__init__(WIDTH, CELL_HEAD.leading + 6 + highest + 2 * _PAD - _FACT_GAP, before=3 * mm)

    def _laid(self, card: Card, locale: str) -> tuple[Text, list[tuple[Text, Text]]]:
        room = self.box - 2 * _PAD
        return single(card.title, CELL_HEAD, locale, room), [
            (
                laid(one_line(fact.label, 40), LABEL, locale, _CARD_LABEL - 4).cut(_MOST_LINES)[0],
                laid(one_line(fact.value, 300), BODY, locale, room - _CARD_LABEL).cut(_MOST_LINES)[0],
            )
            for fact in card.facts
        ]

    def draw(self) -> None:
        """Hook of reportlab."""
        band = CELL_HEAD.leading + 6
        self.canv.setFillColor(SHADE)
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.7)
        for place in range(len(self.cards)):
            left = place * (self.box + _GAP)
            self.canv.rect(left, self.height - band, self.box, band, stroke=0, fill=1)
            self.canv.rect(left, 0, self.box, self.height, stroke=1, fill=0)
        pen = Pen(self.canv)
        for place, (title, facts) in enumerate(self.cards):
            left, top = place * (self.box + _GAP) + _PAD, self.height - band - _PAD
            pen.write(title, left, self.height - 3)
            for label, value in facts:
                pen.write(label, left, top - 0.4)
                pen.write(value, left + _CARD_LABEL, top)
                top -= max(label.height, value.height) + _FACT_GAP
        pen.done()


class Photos(Block):
    """A row of photos of one height, each with what it is called."""

    def __init__(
        self, pictures: Sequence[Picture], places: int, height: float, locale: str, label: Text | None
    ) -> None:
        self.label, self.place = label, WIDTH / places
        room = self.place - 8
        self.shown = [self._shown(one, room, height, locale) for one in pictures]
        self.image_height = max(getattr(image, "drawHeight", 12.0) for image, _caption in self.shown)
        captions = max(caption.height for _image, caption in self.shown)
        self.label_height = label.height + 3 if label else 0.0
        super().__init__(WIDTH, self.label_height + self.image_height + captions + 4, before=4)

    def _shown(self, one: Picture, room: float, height: float, locale: str) -> tuple[Any, Text]:
        image = picture(one.path, room, height)
        words = one.caption if image else f"{_('This picture cannot be shown.').in_(locale)} {one.caption}"
        return image, laid(one_line(words, 80), CAPTION, locale, room).cut(2)[0]

    def draw(self) -> None:
        """Hook of reportlab."""
        pen, top = Pen(self.canv), self.height - self.label_height
        if self.label:
            pen.write(self.label, 4, self.height - 1)
        for place, (image, caption) in enumerate(self.shown):
            left = place * self.place
            if image:
                image.drawOn(self.canv, left + (self.place - image.drawWidth) / 2, top - self.image_height)
            pen.write(caption, left + 4, top - self.image_height - 2)
        pen.done()


class Signatures(Block):
    """Two boxes side by side: who signed, or where to sign."""

    def __init__(self, signatures: Sequence[Signature], locale: str) -> None:
        self.box = (WIDTH - _GAP) / 2
        room = self.box - 2 * _PAD
        self.boxes = [
            (
                single(one.label, LABEL, locale, room),
                picture(one.picture.path, room, _SIGNATURE, line_art=True) if one.picture else None,
                single("  ".join(part for part in (one.name, one.signed) if part), BODY, locale, room),
            )
            for one in signatures
        ]
        super().__init__(WIDTH, LABEL.leading + _SIGNATURE + BODY.leading + 2 * _PAD + 4, before=2 * mm)

    def draw(self) -> None:
        """Hook of reportlab."""
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.7)
        pen = Pen(self.canv)
        for place, (label, image, signed) in enumerate(self.boxes):
            left = place * (self.box + _GAP)
            self.canv.rect(left, 0, self.box, self.height, stroke=1, fill=0)
            pen.write(label, left + _PAD, self.height - _PAD)
            if image:
                image.drawOn(self.canv, left + _PAD, _PAD + BODY.leading + 2)
            pen.write(signed, left + _PAD, _PAD + BODY.leading)
        pen.done()
