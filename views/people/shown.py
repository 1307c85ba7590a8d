"""How people's values read in the cells of their lists: labels in one's language, personal data masked."""

from collections.abc import Callable
from typing import Any

from app.core.i18n import label_in
from app.core.pinyin import by_pinyin
from app.core.sql import label_text
from app.people import phones as numbers
from app.people import privacy, queries
from app.people.models import Phone, Skill
from views.base import current_actor, current_locale


def labels(row: Any) -> str:
    """Return the label of a row, or of the labels themselves."""
    return label_in(row.labels if hasattr(row, "labels") else row, current_locale())


def by_label(column: Any) -> Callable[[], Any]:
    """Return what orders a list by the labels people read."""
    return lambda: by_pinyin(label_text(column, current_locale()))


def skills(rows: list[Skill]) -> list[str]:
    """Return the skills of somebody in the order of their labels."""
    return sorted(labels(row) for row in rows)


def phones(rows: list[Phone]) -> str:
    """Return all numbers of a customer."""
    plain = privacy.may_see(current_actor())
    return ", ".join(queries.phone_text(row, plain=plain) for row in rows)


def first_phone(rows: list[Phone]) -> str:
    """Return the number one calls first."""
    return phones(rows[:1])


def staff_phone(number: str) -> str:
    """Return the number of a colleague."""
    return numbers.as_written(number) if privacy.may_see(current_actor()) else privacy.masked_phone(number[-4:])


def email(address: str) -> str:
    """Return an e-mail address."""
    return address if privacy.may_see(current_actor()) else privacy.masked_email(address)


def personal(text: str) -> str:
    """Return a text that says where somebody lives or who somebody is."""
    return text if privacy.may_see(current_actor()) else privacy.masked_text(text)
