"""Alembic's environment: one connection, handed over by `app.migrate`, and every table the program knows."""

from alembic import context
from sqlalchemy import MetaData

from app.schema import METADATA


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave to their own DDL what metadata cannot describe: full-text tables."""
    return not (kind == "table" and name and name.startswith("ticket_search"))


def known_tables() -> MetaData:
    """Return all tables in one metadata: Flask-AppBuilder's, and ours, which refer to them."""
    together = MetaData(naming_convention=METADATA[1].naming_convention)
    for metadata in METADATA:
        for table in metadata.sorted_tables:
            if table.name not in together.tables:
                table.to_metadata(together)
    return together


def render(kind: str, value: object, _context: object) -> str | bool:
    """Write our column types by their name; the rest is Alembic's business."""
    if kind == "type" and type(value).__module__ == "app.core.columns":
        return f"columns.{type(value).__name__}()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=known_tables(),
    include_object=include,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
