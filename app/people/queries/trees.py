"""The tree of regions."""

from app.core.work import Work
from app.people.models import Region


def region_path(work: Work, code: str) -> list[Region]:
    """Return the regions from the province down to ``code``; empty when there is no such region."""
    path: list[Region] = []
    region = work.session.get(Region, code)
    while region is not None:
        path.insert(0, region)
        region = work.session.get(Region, region.parent_code) if region.parent_code else None
    return path
