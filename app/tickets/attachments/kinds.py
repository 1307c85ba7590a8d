"""What a file is, told from its content. Only kinds a service desk needs; nothing a browser would run."""

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import filetype
from PIL import Image

from app.core.errors import DomainError
from app.core.i18n import _

#: A photo of a good camera has 50 million pixels; more is an attack on memory.
MOST_PIXELS: Final = 100_000_000
#: Only JPEG can be decoded at an eighth of its size; other kinds lie in memory whole, with 4 bytes a pixel.
MOST_PIXELS_WHOLE: Final = 40_000_000
_HEAD: Final = 8_192
#: How the container of an iPhone's photos says what it holds.
_HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

#: Media type → the extensions it may have, the first where a name has none of them.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/bmp": ("bmp",),
    "application/pdf": ("pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
    "application/zip": ("zip",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov", "qt"),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "text/plain": ("txt", "log"),
    "text/csv": ("csv",),
}
_PILLOW: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif",
                  "WEBP": "image/webp", "BMP": "image/bmp"}  # fmt: skip
_ALIASES: Final = {"video/x-m4v": "video/mp4", "audio/m4a": "audio/mp4", "image/x-ms-bmp": "image/bmp"}
_OFFICE: Final = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP: Final = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<head", b"<body", b"<iframe", b"<?php")


def examined(path: Path, filename: str) -> tuple[str, int | None, int | None]:
    """Return media type, width and height of a file; DomainError when it is of a kind not taken."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    media_type = _told(path, head, filename)
    if media_type is None or media_type not in KINDS:
        raise _refused(head)
    if media_type.startswith("image/"):
        return _image(path)
    return media_type, None, None


def _refused(head: bytes) -> DomainError:
    """Return why a file is not taken, and what would be."""
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        message = _(
            "Photos in the format HEIC are not accepted. Send this one as JPEG; for the next ones, choose on the"
            " iPhone: Settings, Camera, Formats, Most Compatible."
        )
        return DomainError(message, code="unknown_kind")
    message = _(
        "Files of this kind are not accepted. Send photos (JPEG, PNG, WebP, GIF or BMP), PDF, Office documents, text,"
        " video (MP4 or MOV), audio (MP3 or M4A) or ZIP."
    )
    return DomainError(message, code="unknown_kind")


def _told(path: Path, head: bytes, filename: str) -> str | None:
    if head.startswith(_OLE):
        return _by_extension(filename, ("doc", "xls", "ppt"))
    found = filetype.guess_mime(head)
    if found is not None:
        found = _ALIASES.get(found, found)
        return _archive(path) if found == "application/zip" or "openxmlformats" in found else found
    return _text(path, head, filename)


def _by_extension(filename: str, allowed: tuple[str, ...]) -> str | None:
    extension = filename.rpartition(".")[2].lower()
    return next((kind for kind, several in KINDS.items() if extension in several and extension in allowed), None)


def _archive(path: Path) -> str | None:
    """Return whether a ZIP is an Office document, by what lies in it; one with macros is refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:5_000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    if "[Content_Types].xml" in names:
        extension = next((one for folder, one in _OFFICE.items() if any(n.startswith(folder) for n in names)), "")
        return _by_extension(f"x.{extension}", ("docx", "xlsx", "pptx"))
    return "application/zip"


def _text(path: Path, head: bytes, filename: str) -> str | None:
    """Return a plain-text type for what is readable text, in UTF-8 or the encodings of Chinese Windows."""
    if b"\x00" in head or head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return None
    size = path.stat().st_size
    # A cut at the end of the head may fall into a character.
    sample = head if size <= len(head) else head[:-4]
    for encoding in ("utf-8", "gb18030"):
        try:
            sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "text/csv" if filename.lower().endswith(".csv") else "text/plain"
    return None


def _image(path: Path) -> tuple[str, int, int]:
    """Return what Pillow says of an image that it can show: bounded first, then decoded to the last pixel."""
    try:
        with warnings.catch_warnings():
            # Pillow only warns at its own limit; ours is checked before a pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                kind = _PILLOW[image.format or ""]
                _check_pixels(image.width * image.height, kind)
                size = image.size
                # A head without its pixels would be stored, and fail when the report is printed.
                image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))
                image.load()
    except DomainError:
        raise
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever the bytes make them stumble over
        raise DomainError(_("This image is damaged. Take or save it again."), code="broken_image") from None
    return kind, *size


def _check_pixels(pixels: int, kind: str) -> None:
    most = MOST_PIXELS if kind == "image/jpeg" else MOST_PIXELS_WHOLE
    if pixels > most:
        raise DomainError(
            _("The image has more than %(limit)s million pixels.", limit=most // 1_000_000), code="too_many_pixels"
        )
