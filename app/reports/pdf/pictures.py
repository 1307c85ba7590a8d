"""Photos for a page: turned as the camera says, no larger than print needs, never a reason to fail."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.platypus import Image as Flowable

#: Pixels of the longer side: 8 cm at 260 dots per inch.
LONGEST_SIDE: Final = 820
QUALITY: Final = 82
#: Points a pixel may become: 72 dots per inch.
_LARGEST_PIXEL: Final = 1.0


def picture(source: Path | BytesIO, most_width: float, most_height: float, *, line_art: bool = False) -> Any | None:
    """Return the image scaled into a box (points), or None when the file cannot be drawn.

    ``line_art``: a logo or a signature, whose edges must stay clean.
    """
    try:
        with catch_warnings():
            simplefilter("error", Image.DecompressionBombWarning)
            data, size = _prepared(source, "PNG" if line_art else "JPEG")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning,
            ValueError, SyntaxError):  # fmt: skip
        return None
    # A small picture stays small: enlarged, its pixels would show.
    scale = min(most_width / size[0], most_height / size[1], _LARGEST_PIXEL)
    return Flowable(data, width=size[0] * scale, height=size[1] * scale)


def _prepared(source: Path | BytesIO, kind: str) -> tuple[BytesIO, tuple[int, int]]:
    """Return the picture and its size in pixels; what was transparent is white."""
    with Image.open(source) as opened:
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image: Image.Image = ImageOps.exif_transpose(opened)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image.convert("RGBA"))
        image = image.convert("RGB")
    data = BytesIO()
    image.save(data, kind, quality=QUALITY)
    data.seek(0)
    return data, image.size
