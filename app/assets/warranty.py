"""How long a unit is under warranty: by the product's months, since it was installed, delivered or else sold."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from app.core.work import Work


@dataclass(frozen=True, slots=True)
class Warranty:
    """The last day of a unit's warranty, and whether it has not passed."""

    until: date
    holds: bool


def today_of(work: Work) -> date:
    """Return the company's day."""
    return work.company.day_of(work.now)


def warranty_of(
    today: date, months: int | None, *, installed_on: date | None, delivered_on: date | None, sold_on: date | None
) -> Warranty | None:
    """Return the warranty of a unit with these days; None where it cannot be known."""
    since = installed_on or delivered_on or sold_on
    if since is None or months is None:
        return None
    until = months_after(since, months)
    return Warranty(until, today <= until)


def months_after(day: date, months: int) -> date:
    """Return the day so many months later; the month's last one where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
