"""Attributes only people have."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.records.attributes import Attribute, text_of
from app.core.work import Work
from app.people.phones import LONGEST, as_written, parse_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneText(Attribute):
    """A phone number as typed, once it is plausible."""

    input: ClassVar[str] = "phone"

    def value_of(self, work: Work, raw: Any) -> str | None:
        del work
        text = text_of(raw, LONGEST)
        return parse_phone(text).raw if text else None

    def read_as(self, value: str) -> str:
        return as_written(value)
