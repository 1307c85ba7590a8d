"""Ways to use a record that no foreign key tells of: an answer of a ticket, a default of a template."""

from app.core.records.usages.base import Usage
from app.core.registry import Registry

USAGES: Registry[Usage] = Registry(Usage, __name__)
