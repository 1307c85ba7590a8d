"""The logo as it was uploaded, made small and harmless: one PNG without anything but pixels."""

import hashlib
from io import BytesIO
from typing import BinaryIO, Final
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import DomainError
from app.core.i18n import _

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_PIXELS: Final = 25_000_000
#: Enough for print: 60 mm at 400 dots per inch.
BOX: Final = (960, 400)
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


def prepared(stream: BinaryIO) -> tuple[str, bytes]:
    """Return the name (by content) and the PNG of an uploaded logo; DomainError at ``logo`` when it is no picture."""
    raw = stream.read(MOST_BYTES + 1)
    if not raw:
        raise DomainError(_("The file is empty."), field="logo", code="empty_file")
    if len(raw) > MOST_BYTES:
        limit = MOST_BYTES // (1024 * 1024)
        raise DomainError(_("A file may have at most %(limit)s MB.", limit=limit), field="logo", code="too_large")
    try:
        with catch_warnings():
            # Pillow only warns at its own limit; ours is checked before a pixel is decoded.
            simplefilter("ignore", Image.DecompressionBombWarning)
            data = _drawn(raw)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError, EOFError):
        raise DomainError(
            _("This is no picture we can print. Use PNG or JPEG."), field="logo", code="broken_image"
        ) from None
    return f"{hashlib.sha256(data).hexdigest()[:16]}.png", data


def _drawn(raw: bytes) -> bytes:
    with Image.open(BytesIO(raw), formats=_FORMATS) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            limit = MOST_PIXELS // 1_000_000
            raise DomainError(
                _("The image has more than %(limit)s million pixels.", limit=limit),
                field="logo",
                code="too_many_pixels",
            )
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    # A margin of nothing around a logo would make it small on paper.
    seen = image.getchannel("A").getbbox()
    if seen is None:
        raise DomainError(_("This picture is empty: all of it is transparent."), field="logo", code="broken_image")
    image = image.crop(seen)
    image.thumbnail(BOX, Image.Resampling.LANCZOS)
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
