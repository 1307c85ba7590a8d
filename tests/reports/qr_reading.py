"""Reading a QR code out of a PDF, as a phone reads it off the paper: dark cells → bits → code words → text."""

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise

from pypdf import PdfReader
from pypdf.generic import ContentStream
from reportlab.graphics.barcode import qrencoder

Cells = list[list[bool]]

MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, _column: row % 2 == 0,
    lambda _row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def cells_of(pdf: bytes) -> Cells:
    """Return the dark cells of the first page's code: bars one cell high in a square of their own."""
    page = PdfReader(BytesIO(pdf)).pages[0]
    contents = ContentStream(page.get_contents(), page.pdf)
    squares: list[list[tuple[int, int, int]]] = [[]]
    for operands, operator in contents.operations:
        if operator == b"cm":
            squares.append([])
        elif operator == b"re" and float(operands[3]) == 1:
            squares[-1].append(tuple(int(float(one)) for one in operands[:3]))
    bars = max(squares, key=len)
    size = max(bottom for _left, bottom, _width in bars) + 1
    rows = [[False] * size for _row in range(size)]
    for left, bottom, width in bars:
        rows[size - 1 - bottom][left : left + width] = [True] * width
    return rows


def text_of(rows: Cells) -> str:
    """Return what the code says; AssertionError where it is damaged or no code at all."""
    size = len(rows)
    version = (size - 17) // 4
    level, mask = _format(rows)
    bits = "".join(str(int(rows[row][column] ^ MASKS[mask](row, column))) for row, column in _path(size, version))
    words = [int(bits[place : place + 8], 2) for place in range(0, len(bits) - 7, 8)]
    return _spoken("".join(f"{word:08b}" for word in _data(words, version, level)), version)


def _format(rows: Cells) -> tuple[int, int]:
    places = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    found = int("".join(str(int(rows[row][column])) for row, column in places), 2) ^ 0x5412
    level, mask = found >> 13, found >> 10 & 7
    assert qrencoder.QRUtil.getBCHTypeInfo(found >> 10) == found ^ 0x5412
    return level, mask


def _path(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Yield the cells that hold data, two columns at a time, from the right, up and down in turn."""
    centres = qrencoder.QRUtil.getPatternPosition(version)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    middles = [(row, column) for row in centres for column in centres if (row, column) not in corners]

    def is_drawn(row: int, column: int) -> bool:
        in_corner = (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9)
        in_version = version >= 7 and ((row < 6 and column >= size - 11) or (column < 6 and row >= size - 11))
        aligned = any(abs(row - one) <= 2 and abs(column - other) <= 2 for one, other in middles)
        return in_corner or in_version or aligned or 6 in (row, column)

    rights = [*range(size - 1, 6, -2), 5, 3, 1]
    for turn, right in enumerate(rights):
        for row in range(size) if turn % 2 else reversed(range(size)):
            for column in (right, right - 1):
                if not is_drawn(row, column):
                    yield row, column


def _data(words: list[int], version: int, level: int) -> list[int]:
    blocks = qrencoder.QRRSBlock.getRSBlocks(version, level)
    parts: list[list[int]] = [[] for _block in blocks]
    stream = iter(words)
    for counts in ([one.dataCount for one in blocks], [one.totalCount - one.dataCount for one in blocks]):
        for place in range(max(counts)):
            for part, count in zip(parts, counts, strict=True):
                if place < count:
                    part.append(next(stream))
    for part, block in zip(parts, blocks, strict=True):
        for power in range(block.totalCount - block.dataCount):
            assert _remainder(part, power) == 0, "the words do not match their check words"
    return [word for part, block in zip(parts, blocks, strict=True) for word in part[: block.dataCount]]


def _remainder(words: list[int], power: int) -> int:
    """Return the value of the words as a polynomial at a root of the check words' generator."""
    total, point = 0, qrencoder.QRMath.gexp(power)
    for word in words:
        product = qrencoder.QRMath.gexp(qrencoder.QRMath.glog(total) + qrencoder.QRMath.glog(point)) if total else 0
        total = product ^ word
    return total


def _spoken(bits: str, version: int) -> str:
    mode, wide = bits[:4], version >= 10
    if mode == "0100":
        length = 4 + (16 if wide else 8)
        count = int(bits[4:length], 2)
        return bytes(int(bits[length + 8 * one :][:8], 2) for one in range(count)).decode()
    assert mode == "0010", mode
    length = 4 + (11 if wide else 9)
    count = int(bits[4:length], 2)
    ends = [length + 11 * one for one in range(count // 2 + 1)]
    pairs = [divmod(int(bits[start:end], 2), 45) for start, end in pairwise(ends)]
    last = [int(bits[ends[-1] :][:6], 2)] if count % 2 else []
    return "".join(ALPHANUMERIC[one] for pair in pairs for one in pair) + "".join(ALPHANUMERIC[one] for one in last)
