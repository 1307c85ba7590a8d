"""Files made for one download."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from flask import Response

from app.core.i18n import Message, _
from views.base.person import house

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
#: What a list is taken away as.
FORMS: Final[Mapping[str, Message]] = {"csv": _("CSV file"), "xlsx": _("Excel workbook")}


def at_once() -> int:
    """Return how many rows of a list are exported while one waits; longer ones are made in the background."""
    return house().settings.export_at_once


def written(write: Callable[[Path], Any]) -> BinaryIO:
    """Return an open file that ``write`` filled by its path and that is gone when it is closed."""
    descriptor, name = tempfile.mkstemp(suffix=".xlsx", prefix="gongdan-")
    os.close(descriptor)
    path = Path(name)
    try:
        write(path)
        return path.open("rb")
    finally:
        path.unlink(missing_ok=True)


def sent(file: BinaryIO, content_type: str, name: str) -> Response:
    """Return an answer that sends ``file`` and closes it, also when nobody waits for the end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return Response(_pieces(file), content_type=content_type, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        yield from iter(lambda: file.read(1 << 16), b"")
