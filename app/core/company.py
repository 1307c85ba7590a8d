"""What every service may need to know of the company that runs the installation."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Company:
    """The site's own facts, from the settings. ``storage`` is the folder of uploaded files."""

    name: str
    zone: ZoneInfo
    currency: str
    locale: str
    storage: Path
    upload_max_bytes: int

    def day_of(self, moment: datetime) -> date:
        """Return the day it is where the company is."""
        return moment.astimezone(self.zone).date()
