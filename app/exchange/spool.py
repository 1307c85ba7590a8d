"""Uploaded tables, read once and kept as plain rows: what the wizard previews, the job imports and the result shows.

A spool is a folder of the storage named by a random token. The file itself is not kept: its rows are, a line each,
with the place where each chunk begins, so that a worker reads its chunk without reading the rest. All of it is sealed.
"""

import errno
import logging
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from app.core import sealed
from app.core.errors import DomainError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.exchange.cells import kept, told
from app.exchange.mapping import ImportMapping, mapping_from_json
from app.exchange.reader import SourceRow, open_table
from app.exchange.repeats import Repeat, repeats_in
from app.exchange.tally import Tally, Tallying, tallies
from app.exchange.ticket_import import CHUNK, file_source

log = logging.getLogger(__name__)

FOLDER: Final = "imports"
KEPT: Final = timedelta(days=30)
#: What a process that died left half read.
_HALF_KEPT: Final = timedelta(hours=1)
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Spool:
    """An uploaded table; a `Table` for everybody who reads one."""

    folder: Path
    filename: str
    sheet: str
    headings: tuple[str, ...]
    total: int
    #: Where each chunk of `CHUNK` rows begins in the file of rows.
    offsets: tuple[int, ...]
    source: str
    owner_id: int | None
    #: What each column holds, by its place.
    tallies: tuple[Tally, ...] = ()

    @property
    def token(self) -> str:
        """Return the name it is known by."""
        return self.folder.name

    def rows(self) -> Iterator[SourceRow]:
        """Yield all rows."""
        with self._opened_rows() as file:
            for line in file:
                yield _row(line)

    def chunk(self, number: int) -> list[SourceRow]:
        """Return the rows of one chunk, counted from 0."""
        with self._opened_rows() as file:
            file.seek(self.offsets[number])
            return [_row(line) for line, _place in zip(file, range(CHUNK), strict=False)]

    def _opened_rows(self) -> BinaryIO:
        try:
            return sealed.unsealed(self.folder / "rows")
        except FileNotFoundError:
            raise _gone() from None


@dataclass(frozen=True, slots=True)
class Draft:
    """What was chosen for an upload so far."""

    template: str
    mapping: ImportMapping | None
    #: The file whose import the mapping was taken over from.
    taken_from: str = ""
    #: The job that checks the rows with that mapping.
    check_job: int | None = None


def store(work: Work, filename: str, stream: BinaryIO) -> Spool:
    """Read an upload through to its last row and keep the rows; a DomainError tells what to do about a bad file."""
    folder = work.company.storage / FOLDER / secrets.token_hex(16)
    with _writing():
        try:
            sealed.make_folder(folder)
            with sealed.unnamed(folder) as upload:
                _save(stream, upload, work.company.upload_max_bytes)
                meta = _spooled(work, folder, upload) | {"filename": filename[:200]}
            sealed.seal(folder / "meta", orjson.dumps(meta))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return opened(work, folder.name)


def opened(work: Work, token: str) -> Spool:
    """Return the actor's own upload of that token; NotFoundError when there is none."""
    table = of_job(work, token)
    if not work.actor.is_system and table.owner_id != work.actor.user_id:
        raise _gone()
    return table


def of_job(work: Work, token: str) -> Spool:
    """Return the upload a job names, for who may see that job."""
    meta = work.company.storage / FOLDER / token / "meta"
    if not _TOKEN.fullmatch(token) or not meta.is_file():
        raise _gone()
    told = orjson.loads(sealed.content(meta))
    headings, offsets = tuple(told.pop("headings")), tuple(told.pop("offsets"))
    counted = tallies(told.pop("tallies", ()), len(headings))
    return Spool(meta.parent, headings=headings, offsets=offsets, tallies=counted, **told)


def is_kept(work: Work, token: str) -> bool:
    """Whether an upload is still there."""
    return bool(_TOKEN.fullmatch(token)) and (work.company.storage / FOLDER / token / "meta").is_file()


def keep_draft(work: Work, token: str, draft: Draft) -> None:
    """Remember what was chosen for an upload."""
    chosen = {
        "template": draft.template, "mapping": draft.mapping.as_json() if draft.mapping else None,
        "taken_from": draft.taken_from, "check_job": draft.check_job,
    }  # fmt: skip
    file = opened(work, token).folder / "draft"
    with _writing():
        sealed.seal(file, orjson.dumps(chosen))


def draft(work: Work, token: str) -> Draft:
    """Return what was chosen for an upload; NotFoundError when it is gone."""
    file = opened(work, token).folder / "draft"
    if not file.is_file():
        raise _gone()
    chosen = orjson.loads(sealed.content(file))
    mapping = mapping_from_json(chosen["mapping"]) if chosen["mapping"] else None
    return Draft(chosen["template"], mapping, chosen.get("taken_from", ""), chosen.get("check_job"))


def repeats(table: Spool, mapping: ImportMapping) -> Mapping[int, Repeat]:
    """Return the rows that repeat the external number of an earlier one; found once, and kept for the other chunks."""
    if mapping.get("external_id") is None:
        return {}
    file = table.folder / f"repeats.{sha256(orjson.dumps(mapping.as_json())).hexdigest()[:16]}"
    if file.is_file():
        return {number: Repeat(first, same=same) for number, first, same in orjson.loads(sealed.content(file))}
    found = repeats_in(mapping, table.headings, table.rows())
    with _writing():
        sealed.seal(file, orjson.dumps([[number, one.first, one.same] for number, one in found.items()]))
    return found


def sweep(work: Work) -> int:
    """Remove what is past its keeping; return how many uploads that were."""
    swept = 0
    for folder in (work.company.storage / FOLDER).glob("*"):
        # What is chosen for an upload later makes it no younger. Another process may sweep at the same time.
        with suppress(FileNotFoundError):
            meta = folder / "meta"
            since, most = (meta, KEPT) if meta.is_file() else (folder, _HALF_KEPT)
            if datetime.fromtimestamp(since.stat().st_mtime, tz=work.now.tzinfo) < work.now - most:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


def _spooled(work: Work, folder: Path, upload: Path) -> dict[str, Any]:
    table = open_table(upload)
    written = _write_rows(folder, table.rows(), len(table.headings))
    if not written["total"]:
        raise DomainError(_("The table has headings and no rows."), code="no_rows")
    facts = {"sheet": table.sheet, "headings": table.headings, "source": file_source(upload)}
    return facts | written | {"owner_id": work.actor.user_id}


def _gone() -> NotFoundError:
    return NotFoundError(_("This upload is no longer there. Upload the file again."), code="not_found")


@contextmanager
def _writing() -> Iterator[None]:
    """Turn what a disk refuses into a refusal that says what to do."""
    try:
        yield
    except OSError as error:
        log.exception("an upload could not be kept")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = _("The server's disk is full, so the file was not kept. Free some space, then upload it again.")
        else:
            message = _(
                "The server cannot write to its data folder, so the file was not kept. Ask who runs this"
                " installation, then upload it again."
            )
        raise DomainError(message, code="storage") from error


def _save(stream: BinaryIO, target: Path, most: int) -> None:
    size = 0
    with target.open("wb") as file:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > most:
                message = _("The file is larger than %(limit)s MB. Split it into several.", limit=most // 2**20)
                raise DomainError(message, code="too_large")
            file.write(block)


def _write_rows(folder: Path, rows: Iterator[SourceRow], width: int) -> dict[str, Any]:
    total, offsets, tallying = 0, [], Tallying(width)
    with sealed.sealing(folder / "rows") as file:
        for row in rows:
            if total % CHUNK == 0:
                offsets.append(file.tell())
            file.write(kept([row.number, row.overlong, *row.cells]) + b"\n")
            tallying.add(row.cells)
            total += 1
    return {"total": total, "offsets": offsets, "tallies": tallying.as_json()}


def _row(line: bytes) -> SourceRow:
    number, overlong, *cells = told(line)
    return SourceRow(number, tuple(cells), overlong)
