"""What a story is told about: a machine, whose it is, and when things happen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from app.seeding.appliances import APPLIANCES, BY_CODE, SHARES, Appliance
from app.tickets.origins import months_after

PAYMENTS: Final = ("wechat_pay",) * 6 + ("alipay",) * 3 + ("cash", "card")
STARS: Final = ("5",) * 12 + ("4",) * 5 + ("3",) * 2 + ("2",)
SHOPS: Final = ("jd", "jd", "tmall", "tmall", "douyin", "store", "store", "mini_program", "project")
_YEAR: Final = 365
#: Days a machine has been in use when something is asked about it.
SETTLED: Final = 20
#: When a step is taken of which nobody knows yet when.
SOME_DAY: Final = datetime(2020, 1, 1)  # noqa: DTZ001 - local, as all of a story


@dataclass(frozen=True, slots=True)
class AtStep:
    """An answer that says when the step it comes with was taken: so much later, to the minute, or the day alone."""

    later: timedelta = timedelta()
    day: bool = False

    def on(self, moment: datetime) -> datetime | date:
        """Return the answer, given when the step is taken."""
        told = (moment + self.later).replace(second=0, microsecond=0)
        return told.date() if self.day else told


@dataclass(frozen=True, slots=True)
class Machine:
    """An installed product, with whose it is and where it stands."""

    id: int | None
    customer_id: int
    site_id: int | None
    outlet_id: int | None
    category: str
    brand: str = ""
    model: str = ""
    serial: str = ""
    sold_on: date | None = None
    installed_on: date | None = None
    warranty_months: int | None = None
    #: Of whom it is: ``person`` or ``company``.
    owner: str = ""

    def known_on(self, day: date) -> bool:
        """Whether it had been in use for some weeks on ``day``."""
        begun = self.installed_on or self.sold_on
        return begun is None or begun <= day - timedelta(days=SETTLED)

    def unknown(self) -> "Machine":
        """Return another machine of the same customer, of which nothing is written down."""
        return Machine(None, self.customer_id, self.site_id, self.outlet_id, "", owner=self.owner)


def suits(machine: Machine, sorts: Sequence[Appliance]) -> bool:
    """Whether it is, or may be, of one of these sorts."""
    known = BY_CODE.get(machine.category)
    return known is None or known in sorts


@dataclass(slots=True)
class Scene:
    """What a story is told about: the dice, the machine, and when things happen (local times)."""

    dice: Random
    machine: Machine
    created: datetime
    visit: datetime
    appliance: Appliance = APPLIANCES[0]
    brand: str = ""
    model: str = ""
    #: What it can be about, where the machine does not say.
    sorts: Sequence[Appliance] = APPLIANCES
    #: What is written with a step, by its key, where the story knows better than anybody.
    words: dict[str, str] = field(default_factory=dict)
    #: Whether it is about a machine that stands nowhere yet, or no more.
    elsewhere: bool = False
    #: When somebody is there: not quite when it was agreed.
    arrival: datetime = field(init=False)
    _bought: date | None = None

    def __post_init__(self) -> None:
        known = BY_CODE.get(self.machine.category)
        if known is None:
            shares = SHARES if self.sorts is APPLIANCES else [one.share for one in self.sorts]
            self.appliance = self.dice.choices(self.sorts, shares)[0]
        else:
            self.appliance = known
        self.arrival = self.visit + timedelta(minutes=self.dice.choice((-10, -5, 0, 0, 5, 10, 15, 25, 40)))
        drawn = self.dice.choice(self.appliance.models)
        self.brand, self.model = (self.machine.brand, self.machine.model) if known and self.machine.model else drawn

    @property
    def bought(self) -> date:
        """Return when it was bought, which is before the ticket."""
        if self._bought is None:
            latest = self.created.date() - timedelta(days=SETTLED)
            self._bought = self.machine.sold_on or latest - timedelta(days=self.dice.randrange(9 * _YEAR))
        return self._bought

    @property
    def covered_until(self) -> date:
        """Return the last day of the warranty, as the product says it or as the trade has it."""
        months = self.machine.warranty_months
        begun = self.machine.installed_on or self.bought
        return months_after(begun, self.appliance.warranty if months is None else months)

    def product(self) -> dict[str, Any]:
        """Return what names the machine."""
        told = {"product_category_text": self.appliance.name, "brand": self.brand, "model_no": self.model}
        return told | ({"serial_no": self.machine.serial} if self.machine.serial else {})

    def times(self) -> dict[str, Any]:
        """Return the appointment, and when the technician was there."""
        return {"appointment_at": self.visit, "arrived_at": AtStep(timedelta(minutes=-self.dice.randrange(4)))}

    def digits(self, number: int) -> str:
        """Return so many digits: the number of an order, a parcel or a payment."""
        return "".join(self.dice.choices("0123456789", k=number))

    def paid(self, *amounts: object) -> dict[str, Any]:
        """Return how a bill of these amounts was settled, to the last fen."""
        total = sum((Decimal(str(one)) for one in amounts), Decimal(0))
        return {"payment_method": self.dice.choice(PAYMENTS), "amount_received": str(total)} if total else {}


def rows(names: tuple[str, ...], told: tuple[tuple[str, ...], ...]) -> list[Mapping[str, str]]:
    """Return the rows of a table; equal ones are one object, which is cleaned once."""
    if (names, told) not in _TABLES:
        _TABLES[names, told] = [dict(zip(names, row, strict=True)) for row in told]
    return _TABLES[names, told]


_TABLES: Final[dict[tuple[Any, Any], list[Mapping[str, str]]]] = {}
