"""Which reader a file needs: its content decides, never its name."""

from pathlib import Path
from typing import Final

from app.core.errors import DomainError
from app.core.i18n import _
from app.exchange.reader.delimited import DelimitedTable
from app.exchange.reader.table import Table

#: How files begin that people mistake for tables, with what to do about each.
_MISTAKEN: Final = (
    (b"\xd0\xcf\x11\xe0",
     _("This is an old or protected Excel file. Open it in Excel and save it as .xlsx without a password.")),
    (b"%PDF", _("This is a PDF. Upload the Excel or CSV file it was made from.")),
    (b"\x89PNG", _("This is a picture. Upload an Excel or CSV file.")),
    (b"\xff\xd8\xff", _("This is a picture. Upload an Excel or CSV file.")),
    (b"\x1f\x8b", _("This is a compressed file. Unpack it and upload the Excel or CSV file inside.")),
)  # fmt: skip


def open_table(path: Path) -> Table:
    """Open an .xlsx or CSV file by its content; a DomainError tells what to do about one that cannot be read."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise DomainError(_("The file is empty. Upload an Excel or CSV file with a row of headings."), code="empty")
    for magic, message in _MISTAKEN:
        if head.startswith(magic):
            raise DomainError(message, code="not_a_table")
    if head.startswith(b"PK"):
        # openpyxl is a tenth of all that a start would load.
        from app.exchange.reader.spreadsheet import SpreadsheetTable  # noqa: PLC0415

        return SpreadsheetTable(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        message = _("This is a web page, not a table. Open it in Excel and save it as .xlsx or CSV.")
        raise DomainError(message, code="not_a_table")
    return DelimitedTable(path)
