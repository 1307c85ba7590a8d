"""Every table of the installation: importing this module makes all of them known to `METADATA`."""

from typing import Final

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla import models as _fab_security
from sqlalchemy import Connection, MetaData, inspect

# ruff: noqa: F401 - imported for their tables
import app.assets.models
import app.company.models
import app.core.audit
import app.core.installation
import app.core.jobs.models
import app.core.outbox.models
import app.core.records.submissions
import app.core.repeats
import app.desk.models
import app.people.models
import app.people.security_models
import app.people.tokens.models
import app.tickets.links.models
import app.tickets.models
import app.tickets.search
import ticket_templates.models
from app.core.db import Base

#: Flask-AppBuilder's own tables first: ours refer to its accounts.
METADATA: Final[tuple[MetaData, ...]] = (Model.metadata, Base.metadata)
__all__ = ["METADATA", "_fab_security"]


def lacking(connection: Connection) -> list[str]:
    """Return the tables, and the columns (``table.column``), that the program needs and the database has not."""
    found = {
        name: {column["name"] for column in columns}
        for (_schema, name), columns in inspect(connection).get_multi_columns().items()
    }
    lost = []
    for table in sorted((one for known in METADATA for one in known.tables.values()), key=lambda one: one.name):
        if table.name not in found:
            lost.append(table.name)
        else:
            lost += [f"{table.name}.{column.name}" for column in table.columns if column.name not in found[table.name]]
    return lost
