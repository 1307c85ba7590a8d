"""What an .xlsx file must be like before a parser may see it: a zip archive that is no bomb and carries no code."""

import zlib
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.core.errors import DomainError
from app.core.i18n import _

MOST_ENTRIES: Final = 2_000
MOST_BYTES: Final = 200 * 1024 * 1024
#: Repeated texts are held in memory as a whole, so they have a limit of their own.
MOST_SHARED: Final = 64 * 1024 * 1024
#: Unpacked to packed; real sheets reach 30.
MOST_RATIO: Final = 150
#: Below this, a ratio says nothing.
SMALL: Final = 1024 * 1024
_PROLOGUE: Final = 64 * 1024
_ENCRYPTED: Final = 0x1

_CODE: Final = ("vbaproject", "vbadata", "macrosheets/", "activex/")
_EMBEDDED: Final = ("embeddings/", "oleobject")
_EXTERNAL: Final = ("externallinks/",)


def check_archive(path: Path) -> None:
    """Raise a DomainError that tells what to do about an archive that is broken, dangerous or no workbook."""
    try:
        with ZipFile(path) as archive:
            _check_entries(archive.infolist())
            for entry in archive.infolist():
                if entry.filename.lower().endswith((".xml", ".rels")):
                    _check_prologue(archive, entry)
            types = archive.read("[Content_Types].xml")
    except (BadZipFile, zlib.error, EOFError, KeyError, OSError, NotImplementedError, ValueError):
        raise broken() from None
    if b"macroEnabled" in types:
        raise _refused_code()


def broken() -> DomainError:
    """Return the refusal of a file that begins like a workbook and is none, or not a whole one."""
    return DomainError(
        _("The workbook is damaged or not an .xlsx file. Open it in Excel and save it as .xlsx again."), code="broken"
    )


def _check_entries(entries: list[ZipInfo]) -> None:
    names = [entry.filename.lower().replace("\\", "/") for entry in entries]
    total = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    shared = sum(entry.file_size for entry in entries if entry.filename.lower().endswith("sharedstrings.xml"))
    if len(entries) > MOST_ENTRIES or total > MOST_BYTES or shared > MOST_SHARED:
        raise DomainError(_("The workbook is too large when unpacked. Split it, or save it as CSV."), code="too_large")
    if total > SMALL and total / packed > MOST_RATIO:
        raise DomainError(
            _("The workbook unpacks to far more than its size, so it is not opened. Save it as CSV."), code="bomb"
        )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise DomainError(_("The file is protected by a password. Save it without one."), code="encrypted")
    if any(part in name for name in names for part in _CODE):
        raise _refused_code()
    if any(part in name for name in names for part in _EMBEDDED):
        raise DomainError(_("The workbook holds embedded files. Copy the table into a new workbook."), code="embedded")
    if any(part in name for name in names for part in _EXTERNAL):
        raise DomainError(
            _("The workbook refers to other workbooks. Copy the table into a new one as values."), code="external"
        )
    if not any(name.startswith("xl/") for name in names):
        raise DomainError(_("This archive is not an Excel workbook. Upload an .xlsx or CSV file."), code="not_a_table")


def _check_prologue(archive: ZipFile, entry: ZipInfo) -> None:
    """Refuse document type declarations: they are how XML attacks begin, and no spreadsheet program writes one."""
    with archive.open(entry) as file:
        head = file.read(_PROLOGUE)
    if b"<!doctype" in head.replace(b"\x00", b"").lower():
        raise broken()


def _refused_code() -> DomainError:
    return DomainError(_("The workbook contains macros. Save it as .xlsx, which has none."), code="macros")
