"""The contract of a usage."""

from typing import Any, ClassVar

from sqlalchemy import inspect

from app.core.i18n import Message
from app.core.work import Work


class Usage:
    """Counts what names a record elsewhere than in a column; such a record is not deleted (`app.core.records.uses`)."""

    #: Stored name, equal to the file's name.
    name: ClassVar[str]
    #: What names the record, in a refusal: “Answers of tickets”.
    label: ClassVar[Message]
    #: Tables whose records may be named so.
    kinds: ClassVar[frozenset[str]]

    def count(self, work: Work, kind: str, key: int | str, most: int) -> int:
        """Return how many name the record ``key`` of ``kind``, the name of its table; counted no further than ``most``.

        Wherever they are: also out of the actor's reach.
        """
        raise NotImplementedError


def kind_and_key(row: Any) -> tuple[str, int | str]:
    """Return by what a record is asked about."""
    state = inspect(row)
    (key,) = state.mapper.primary_key_from_instance(row)
    return state.mapper.local_table.name, key
