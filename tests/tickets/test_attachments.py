"""Files: what is taken, under which name, who may have it, and what becomes of it."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageColor
from sqlalchemy import select, update

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.tickets import attachments, queries, service
from app.tickets.attachments import kinds, storage
from app.tickets.models import Attachment
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from app.tickets.references import DatabaseReferences
from tests.conftest import NOW
from tests.factories import tickets


def picture(size=(640, 480), kind="JPEG"):
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind)
    return stream.getvalue()


def archive(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return stream.getvalue()


def upload(work, content, name="photo.jpg"):
    return attachments.upload(work, name, io.BytesIO(content))


@pytest.mark.parametrize(
    ("accept", "content", "name", "wanted"),
    [
        ("image", b"%PDF-1.7\n%%EOF", "b.pdf", "“b.pdf” is no photo. This field takes photos only."),
        ("document", picture(), "a.jpg",
         "“a.jpg” is no document. This field takes PDF, Office documents and text only."),
        ("video", picture(), "a.jpg", "“a.jpg” is no video. This field takes videos only."),
        # A kind that no field takes: what this one takes is said, not what some do.
        ("image", b"<html>x", "a.png", "“a.png” is no photo. This field takes photos only."),
    ],
)  # fmt: skip
def test_a_field_says_at_the_upload_which_files_it_takes(clerk, accept, content, name, wanted):
    with pytest.raises(DomainError) as caught:
        attachments.upload(clerk, name, io.BytesIO(content), accept=accept)
    (refusal,) = caught.value.refusals
    assert (refusal.field, refusal.code, str(refusal.message)) == ("file", "wrong_kind", wanted)
    assert not [one for one in clerk.company.storage.rglob("*") if one.is_file()]
    assert attachments.upload(clerk, "c.jpg", io.BytesIO(picture()), accept="image").media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "given", "kept", "media_type"),
    [
        (picture(), "照片 1.JPG", "照片 1.jpg", "image/jpeg"),
        (picture(kind="PNG"), "photo.jpg", "photo.jpg.png", "image/png"),
        (b"%PDF-1.7\n%%EOF", "../../etc/发票.pdf", "发票.pdf", "application/pdf"),
        (b"%PDF-1.7\n%%EOF", "C:\\temp\\a.pdf", "a.pdf", "application/pdf"),
        ("你好".encode(), "笔记.txt", "笔记.txt", "text/plain"),
        ("型号,数量\n空调,1".encode("gb18030"), "a.csv", "a.csv", "text/csv"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "表.xlsx", "表.xlsx",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (archive("a.txt"), "a.zip", "a.zip", "application/zip"),
        (b"plain", "evil\u202egpj.exe", "evilgpj.exe.txt", "text/plain"),
        (b"plain", "", "file.txt", "text/plain"),
        (b"plain", "con.txt", "_con.txt", "text/plain"),
        (b"plain", "x" * 500 + ".txt", "x" * 116 + ".txt", "text/plain"),
    ],
)  # fmt: skip
def test_the_content_says_what_it_is_and_the_name_is_made_safe(clerk, *, content, given, kept, media_type):
    file = upload(clerk, content, given)
    assert (file.filename, file.media_type, file.size_bytes) == (kept, media_type, len(content))
    stored = attachments.open_file(clerk, file.id)
    assert stored.path.read_bytes() == content
    assert stored.path.is_relative_to(clerk.company.storage)
    # Nobody else of the machine looks into it.
    assert [one.stat().st_mode & 0o777 for one in (stored.path, *stored.path.parents[:3])] == [0o600, *[0o700] * 3]
    assert stored.path.name.isalnum()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("size", [(1, 1), (3, 700)])
def test_every_kind_of_picture_is_decoded_and_measured(clerk, kind, size):
    file = upload(clerk, picture(size, kind), "a")
    assert (file.width, file.height) == size


@pytest.mark.parametrize(
    ("content", "told"),
    [
        *((b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 60, "Most Compatible") for brand in (b"heic", b"mif1", b"hevc")),
        (b"\x00\x00\x00\x18ftypavif" + b"\x00" * 60, "(JPEG, PNG, WebP, GIF or BMP)"),
    ],
)
def test_a_photo_that_is_not_taken_is_told_what_would_be(clerk, content, told):
    with pytest.raises(DomainError, match=re.escape(told)):
        upload(clerk, content, "IMG_0001.HEIC")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.txt", "empty_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "unknown_kind"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><script>", "a.txt", "unknown_kind"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 60, "a.jpg", "unknown_kind"),
        (b"MZ" + b"\x00" * 100, "a.pdf", "unknown_kind"),
        (picture()[:500], "a.jpg", "broken_image"),
        # The head is well: what is missing shows when the last pixel is decoded.
        (picture()[:-400], "a.jpg", "broken_image"),
        (picture(kind="PNG")[:-400], "a.png", "broken_image"),
        (picture(kind="WEBP")[:-100], "a.webp", "broken_image"),
        (picture(kind="PNG").replace(b"IDAT", b"IDAT\x00\x00\x00", 1), "a.png", "broken_image"),
        (b"\xff\xd8\xff\xe0 no picture at all", "a.jpg", "broken_image"),
        (b"PK\x03\x04 no archive", "a.docx", "unknown_kind"),
        (archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsm", "unknown_kind"),
        (b"x" * (20 * 1024 * 1024 + 1), "a.txt", "too_large"),
        (b"\x00\x01\x02", "a.txt", "unknown_kind"),
    ],
)
def test_what_is_not_taken_leaves_nothing(clerk, content, name, code):
    with pytest.raises(DomainError) as caught:
        upload(clerk, content, name)
    assert (caught.value.refusals[0].field, caught.value.refusals[0].code) == ("file", code)
    assert [path for path in clerk.company.storage.rglob("*") if path.is_file()] == []
    assert clerk.session.scalars(select(Attachment)).all() == []


def test_a_bomb_is_refused_before_it_is_unpacked(clerk, monkeypatch):
    monkeypatch.setattr(kinds, "MOST_PIXELS", 1_000)
    with pytest.raises(DomainError, match="pixels"):
        upload(clerk, picture())
    monkeypatch.undo()
    monkeypatch.setattr(kinds, "MOST_PIXELS_WHOLE", 1_000)
    with pytest.raises(DomainError, match="pixels"):
        upload(clerk, picture(kind="PNG"))


def test_a_full_disk_is_said_in_words(clerk, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.tickets.attachments.storage.os.fsync", full)
    with pytest.raises(DomainError, match="disk is full"):
        upload(clerk, b"plain")


def test_a_file_is_claimed_by_the_ticket_that_names_it(work, make_work, clerk, key):
    first, second = upload(clerk, picture()), upload(clerk, b"%PDF-1.7", "a.pdf")
    order = OpenTicket(key, {}, {"fault": "x", "photos": [first.id]}, note=NoteOrder("", files=(second.id,)))
    ticket = service.open_ticket(clerk, order).ticket_id
    rows = {one.id: one for one in work.session.scalars(select(Attachment))}
    assert (rows[first.id].ticket_id, rows[first.id].field_key) == (ticket, "photos")
    assert (rows[second.id].ticket_id, rows[second.id].note_id is not None) == (ticket, True)
    (note,) = queries.timeline(clerk, ticket, kinds=["note"])
    assert [card.filename for card in note.files] == ["a.pdf"]
    assert [file.filename for file in attachments.files_of(clerk, ticket)] == ["photo.jpg", "a.pdf"]
    colleague = make_work(tickets.actor(work))
    assert attachments.open_file(colleague, first.id).filename == "photo.jpg"


def test_a_file_of_somebody_else_or_of_another_ticket_cannot_be_taken(work, make_work, clerk, key):
    stranger = make_work(tickets.actor(work))
    file = upload(clerk, picture())
    for answers, note in (({"photos": [file.id]}, None), ({}, NoteOrder("x", files=(file.id,)))):
        with pytest.raises(DomainError) as caught:
            service.open_ticket(stranger, OpenTicket(key, {}, {"fault": "x"} | answers, note=note))
        assert caught.value.refusals[0].field in ("photos", "note")
    orders = [OpenTicket(key, {}, {"fault": "x", "photos": [file.id]})] * 2
    assert [one.status for one in service.open_tickets(clerk, orders).outcomes] == ["changed", "refused"]
    ticket = tickets.ticket(work, key)
    with pytest.raises(DomainError):
        service.change_ticket(clerk, ChangeTicket(ticket, answers={"photos": [file.id]}))


def test_nobody_sees_another_persons_upload_or_a_ticket_out_of_scope(work, make_work, clerk, key):
    file = upload(clerk, picture())
    for role in ("clerk", "technician"):
        with pytest.raises(NotFoundError):
            attachments.open_file(make_work(tickets.actor(work, role)), file.id)
    service.open_ticket(clerk, OpenTicket(key, {}, {"fault": "x", "photos": [file.id]}))
    with pytest.raises(NotFoundError):
        attachments.open_file(make_work(tickets.actor(work, "technician")), file.id)
    with pytest.raises(NotFoundError):
        attachments.thumbnail(make_work(tickets.actor(work, "technician")), file.id)
    with pytest.raises(NotAllowedError):
        attachments.open_file(make_work(tickets.actor(work, without=["attachment.read"])), file.id)
    with pytest.raises(NotAllowedError):
        upload(make_work(tickets.actor(work, without=["attachment.create"])), b"x")
    for wrong in (0, -1, 10**30, 999_999):
        with pytest.raises(NotFoundError):
            attachments.open_file(clerk, wrong)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_a_thumbnail_is_made_when_asked_for(clerk, kind):
    file = upload(clerk, picture((1200, 300), kind))
    assert (file.width, file.height) == (1200, 300)
    small = attachments.thumbnail(clerk, file.id)
    with Image.open(small.path) as image:
        assert (image.format, image.size) == ("JPEG", (320, 80))
    again = attachments.thumbnail(clerk, file.id)
    assert again.path == small.path
    assert small.media_type == "image/jpeg"


#: What an image's corners are, clockwise from the left one at the top, and how each orientation of EXIF shows them.
CORNERS = {"R": "red", "G": "lime", "W": "white", "B": "blue"}
SHOWN = ("RGWB", "GRBW", "WBRG", "BWGR", "RBWG", "BRGW", "WGRB", "GWBR")


def photo(orientation):
    """A photo that is twice as wide as high, of a camera that says how it was held."""
    image = Image.new("RGB", (1200, 600))
    for corner, place in zip("RGWB", ((0, 0), (600, 0), (600, 300), (0, 300)), strict=True):
        image.paste(CORNERS[corner], (*place, place[0] + 600, place[1] + 300))
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = orientation
    image.save(stream := io.BytesIO(), "JPEG", exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize(("orientation", "shown"), [*enumerate(SHOWN, start=1)])
def test_a_thumbnail_stands_as_the_camera_was_held(clerk, orientation, shown):
    small = attachments.thumbnail(clerk, upload(clerk, photo(orientation)).id)
    with Image.open(small.path) as image:
        wide, high = (320, 160) if orientation < 5 else (160, 320)
        assert image.size == (wide, high)
        # Were it said again, a browser would turn it once more.
        assert not image.getexif()
        for corner, place in zip(shown, ((9, 9), (wide - 9, 9), (wide - 9, high - 9), (9, high - 9)), strict=True):
            seen, meant = image.getpixel(place), ImageColor.getrgb(CORNERS[corner])
            assert all(abs(one - other) < 60 for one, other in zip(seen, meant, strict=True)), (shown, place, seen)


def test_what_is_no_image_has_no_thumbnail(clerk):
    with pytest.raises(NotFoundError):
        attachments.thumbnail(clerk, upload(clerk, b"plain", "a.txt").id)


def test_nobody_guesses_where_a_file_lies(clerk):
    names = [attachments.open_file(clerk, upload(clerk, picture()).id).path.name for _one in range(8)]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    # Of one content eight names, that have no half in common and are not counted.
    for part in (slice(8), slice(8, 16), slice(16, 24), slice(24, 32)):
        assert len({name[part] for name in names}) == len(names)
    for key in ("../../../etc/passwd", "ab/cd/photo.jpg", "", "/etc/passwd"):
        with pytest.raises(ValueError, match="not a storage key"):
            storage.path_of(Path("/tmp"), key)  # noqa: S108 - nothing is opened


def test_unclaimed_uploads_are_swept_after_a_day(transactions, company):
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        old, new = upload(work, picture()), upload(work, picture())
        attachments.thumbnail(work, old.id)
        longer_ago = NOW - timedelta(days=1, seconds=1)
        work.session.execute(update(Attachment).where(Attachment.id == old.id).values(uploaded_at=longer_ago))
    with transactions.unit_of_work(SYSTEM, Cause("schedule")) as work:
        assert attachments.sweep_unclaimed(work) == 1
        assert len([path for path in company.storage.rglob("*") if path.is_file()]) == 3
    with transactions.unit_of_work(SYSTEM, Cause("schedule")) as work:
        assert attachments.sweep_unclaimed(work) == 0
        assert attachments.open_file(work, new.id).size_bytes == new.size_bytes
    assert len([path for path in company.storage.rglob("*") if path.is_file()]) == 1


def test_a_name_of_a_file_is_for_whom_may_have_the_file(work, make_work, clerk):
    file = upload(clerk, picture())
    assert DatabaseReferences(clerk).file(file.id).filename == "photo.jpg"
    assert DatabaseReferences(make_work(tickets.actor(work))).file(file.id) is None


def test_an_id_no_column_can_hold_is_an_unknown_file(clerk, key):
    assert DatabaseReferences(clerk).file(10**23 - 1) is None
    for order in (
        OpenTicket(key, {}, {"fault": "x", "photos": [str(10**23 - 1)]}),
        OpenTicket(key, {}, {"fault": "x"}, note=NoteOrder("x", files=(10**23 - 1,))),
    ):
        with pytest.raises(DomainError):
            service.open_ticket(clerk, order)


def test_the_timeline_is_narrowed_to_what_brought_files(work, clerk, key):
    photo, paper = upload(clerk, picture()), upload(clerk, b"%PDF-1.7", "a.pdf")
    ticket = tickets.ticket(work, key)
    for order in (
        ChangeTicket(ticket, note=NoteOrder("没有附件，只写 photos")),
        ChangeTicket(ticket, answers={"quantity": 2}),
        ChangeTicket(ticket, answers={"photos": [photo.id]}),
        ChangeTicket(ticket, note=NoteOrder("见合同", files=(paper.id,))),
    ):
        service.change_ticket(clerk, order)
    note, change = queries.timeline(clerk, ticket, kinds=["file"])
    assert (note.body, [card.filename for card in note.files]) == ("见合同", ["a.pdf"])
    assert [one.field for one in change.changes] == ["values.photos"]
    assert queries.timeline(clerk, ticket, kinds=["file"], before=note.cursor) == [change]
    # Whoever may read all of it reads it once.
    assert len(queries.timeline(clerk, ticket)) == 5
