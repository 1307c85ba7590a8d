"""Whether what somebody names in a wish is there: an empty list would look like an answer."""

from app.core.work import Work
from app.tickets.merged import MERGED
from ticket_templates import queries as templates


def is_template(work: Work, key: str) -> bool:
    """Whether there is such a template; one that was withdrawn may have tickets."""
    return key in {one.key for one in templates.catalogue(work).cards} or bool(templates.versions_of(work, key))


def is_state(work: Work, key: str) -> bool:
    """Whether some version of a template has such a state; older ones are read only for that."""
    if key == MERGED.key or any(key in version.states for version in templates.catalogue(work).versions):
        return True
    return any(key in version.states for version in templates.every_version(work))
