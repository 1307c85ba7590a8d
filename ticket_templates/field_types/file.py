"""Photos and files."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.i18n import Message, _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, FileFacts, Refused, Setting, listed
from ticket_templates.field_types.inputs import ListInput

_ACCEPTED: Final = {
    "image": ("image/",),
    "document": ("application/pdf", "application/vnd.", "application/msword", "text/"),
    "video": ("video/",),
}
_WANTED: Final[Mapping[str, Message]] = {
    "image": _("“%(name)s” is no photo. This field takes photos only."),
    "document": _("“%(name)s” is no document. This field takes PDF, Office documents and text only."),
    "video": _("“%(name)s” is no video. This field takes videos only."),
}
_ID: Final = re.compile(r"#(\d{1,18})", re.ASCII)
_MEGABYTE: Final = 1024 * 1024
MOST_FILES: Final = 50
MAX_ID: Final = 2**53


class Attached(FieldType):
    """Base of the types whose values are attachments, by id."""

    kind = "attachments"
    in_table = False

    def known(self, raw: Any, context: Context) -> tuple[int, FileFacts | None]:
        """Return the id of a file this person may attach here, and what is known of it."""
        key = read_id(raw)
        facts = context.references.file(key) if context.references else None
        if context.references and facts is None:
            raise FieldError(_("This file is no longer there. Please upload it again."), code="no_such_file")
        return key, facts

    def file_label(self, key: int, context: Context) -> str:
        """Return the name of a file, or its number."""
        return (context.references and context.references.label("file", key)) or f"#{key}"

    def references(self, value: Any) -> Sequence[tuple[str, int | str]]:
        return [("file", key) for key in self.files(value)]


@FIELD_TYPES.register
class File(Attached):
    """Several files. Canonical: the ids of the attachments, in the order they were added.

    In a spreadsheet they stand as ``#12 photo.jpg; #13 invoice.pdf``, to be read. An import offers no column for them:
    a file belongs to its ticket. A mapping file may name one; of the numbers there, those are taken whose files the
    person who imports has sent and no ticket has.
    """

    name = "file"
    label = _("Photos and files")
    purpose = _("Photos of the fault, an invoice, a video.")
    input = "files"
    icon = "paperclip"
    settings = (
        Setting("max", "int", _("Most files"), 10),
        Setting("max_megabytes", "int", _("Largest file in megabytes"), 20),
        Setting("accept", "choice", _("Which files"), "any", ("any", *_ACCEPTED)),
    )
    cases = (
        Case(["12", "13"], [12, 13], "photo.jpg, invoice.pdf"),
        Case([12, 12], [12], "photo.jpg"),
        Case("12", [12], "photo.jpg"),
        Case([], None, ""),
        Case([""], None, ""),
        Case(["12"], [12], "photo.jpg", {"accept": "image"}),
    )
    refused = (
        Refused(["99"], "no_such_file"),
        Refused(["x"], "not_file"),
        Refused([True], "not_file"),
        Refused([-1], "not_file"),
        Refused([10**30], "not_file"),
        Refused({"id": 12}, "not_file"),
        Refused(["12", "13"], "too_many", {"max": 1}),
        Refused(["12"] * 10**5, "too_many"),
        Refused(["13"], "wrong_kind", {"accept": "image"}),
        Refused(["13"], "too_big", {"max_megabytes": 1}),
    )

    def check_definition(self) -> None:
        super().check_definition()
        if not 1 <= self.setting("max") <= MOST_FILES:
            raise FieldError(_("Between 1 and %(most)s files.", most=MOST_FILES), field="max", code="bad_setting")

    def read(self, raw: Any, context: Context) -> list[int]:
        items = [raw] if isinstance(raw, str | int) else raw
        if not isinstance(items, list | tuple):
            raise not_file()
        if len(items) > 2 * MOST_FILES:
            raise FieldError(_("At most %(limit)s files.", limit=self.setting("max")), code="too_many")
        stored = self.stored(context) or ()
        found: dict[int, None] = {}
        for item in items:
            key, facts = self.known(item, context)
            found[key] = None
            if facts is not None and key not in stored:
                self._check(facts)
        if len(found) > self.setting("max"):
            raise FieldError(_("At most %(limit)s files.", limit=self.setting("max")), code="too_many")
        return list(found)

    def _check(self, facts: FileFacts) -> None:
        if facts.size_bytes > self.setting("max_megabytes") * _MEGABYTE:
            raise FieldError(
                _("“%(name)s” is larger than %(limit)s MB.", name=facts.filename, limit=self.setting("max_megabytes")),
                code="too_big",
            )
        if unfit := not_wanted(self.setting("accept"), facts.filename, facts.media_type):
            raise FieldError(unfit, code="wrong_kind")

    def form_field(self) -> Any:
        return ListInput()

    def form_value(self, value: Any, context: Context) -> list[str]:
        del context
        return [str(key) for key in value or ()]

    def shown(self, value: Any, context: Context) -> str:
        return listed([self.file_label(key, context) for key in value or ()], context.locale)

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        named = [(f"#{key}", self.file_label(key, context)) for key in value]
        return "; ".join(number if label == number else f"{number} {label}" for number, label in named)

    def from_excel(self, cell: Any, context: Context) -> Any:
        if not isinstance(cell, str):
            return self.clean(cell, context)
        numbers = [_ID.match(part.strip()) for part in cell.split("; ")] if cell.strip() else []
        return self.clean([found[1] for found in numbers if found] or cell, context)

    def files(self, value: Any) -> Sequence[int]:
        return value or ()

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "minItems": 1,
            "maxItems": MOST_FILES,
            "uniqueItems": True,
        }

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        told = {"maxItems": self.setting("max"), "x-max-megabytes": self.setting("max_megabytes")}
        return told if self.setting("accept") == "any" else {**told, "x-accept": self.setting("accept")}


def read_id(raw: Any) -> int:
    """Return the positive whole number in ``raw``."""
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) <= 16:  # noqa: PLR2004 - MAX_ID
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < MAX_ID:
        raise not_file()
    return raw


def not_wanted(accept: str, filename: str, media_type: str) -> Message | None:
    """Return why a field that accepts these files does not take this one, None when it does."""
    if accept not in _ACCEPTED or media_type.startswith(_ACCEPTED[accept]):
        return None
    return _WANTED[accept].with_(name=filename)


def not_file() -> FieldError:
    """Return the refusal of what is no id of a file."""
    return FieldError(_("Upload the file here."), code="not_file")
