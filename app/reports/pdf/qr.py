"""A QR code, drawn as one path: sharp at any size, and small."""

from typing import Any, Final

from reportlab.graphics.barcode import qrencoder

#: Which cells are turned over. Any pattern is read back by any reader; trying all eight costs more than the page.
_MASK: Final = 0
#: A quarter of the code may be covered or torn and it still reads.
_LEVEL: Final = qrencoder.QRErrorCorrectLevel.M


def modules(text: str) -> list[list[bool]]:
    """Return the rows of dark and light cells."""
    code = qrencoder.QRCode(None, _LEVEL)
    code.addData(text)
    code.version = code.calculate_version()
    code.makeImpl(False, _MASK)
    rows: list[list[bool]] = code.modules
    return rows


def draw(canvas: Any, text: str, left: float, bottom: float, size: float) -> None:
    """Draw the code of ``text`` into a square."""
    rows = modules(text)
    canvas.saveState()
    canvas.translate(left, bottom)
    canvas.scale(size / len(rows), size / len(rows))
    path = canvas.beginPath()
    for place, cells in enumerate(rows):
        start = None
        for column, dark in enumerate([*cells, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(start, len(rows) - 1 - place, column - start, 1)
                start = None
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
