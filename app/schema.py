"""Every table of the installation: importing this module makes all of them known to `METADATA`."""

from typing import Final

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla import models as _fab_security
from sqlalchemy import MetaData

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
