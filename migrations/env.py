"""Alembic's environment: one connection, handed over by `app.migrate`."""

from alembic import context

from migrations import known


def render(kind: str, value: object, _context: object) -> str | bool:
    """Write our column types by their name; the rest is Alembic's business."""
    if kind == "type" and type(value).__module__ == "app.core.columns":
        return f"columns.{type(value).__name__}()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=known.tables(),
    include_object=known.include,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
