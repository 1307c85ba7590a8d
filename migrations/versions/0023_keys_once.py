"""No key of a record is given again on SQLite, as PostgreSQL's sequences never do.

SQLite gives the key of its last row, once that is deleted, to the next one, which all that still names the former
would be told of: histories, answers, forms that are open. A table cannot learn AUTOINCREMENT; it is made anew, with
the rows, indexes and triggers it has. `app.migrate` has switched the checks of foreign keys off meanwhile.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = (
    "customer_level", "tag", "customer", "contact", "phone", "site", "outlet", "team", "skill", "staff_profile",
    "staff_skill", "product_category", "product", "installed_product", "saved_view", "field_definition",
    "ticket_template", "company_profile", "ab_user", "attachment", "job", "api_token",
)  # fmt: skip
_PLAIN, _ONCE, _END = "\tid INTEGER NOT NULL,", "\tid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,", "\n)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in _TABLES:
        _remake(table, [(_key(table), ""), (_PLAIN, _ONCE)])
        # The journal of changes knows of keys that were given to rows which are gone.
        op.execute(
            f"""UPDATE sqlite_sequence SET seq = max(seq, coalesce(
                (SELECT max(CAST(row_id AS INTEGER)) FROM audit_event WHERE table_name = '{table}'), 0))
            WHERE name = '{table}'"""  # noqa: S608 - names of ours
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in _TABLES:
        _remake(table, [(_ONCE, _PLAIN), (_END, f"{_key(table)}{_END}")])


def _key(table: str) -> str:
    return f", \n\tCONSTRAINT pk_{table} PRIMARY KEY (id)"


def _remake(table: str, changes: list[tuple[str, str]]) -> None:
    """Make a table anew whose definition differs by ``changes``, each of which must be found in it."""
    bind = op.get_bind()
    (made,) = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).one()
    beside = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND tbl_name = ? AND sql IS NOT NULL",
        (table,),
    ).scalars().all()  # fmt: skip
    made = f"CREATE TABLE {table}_anew ({made.partition('(')[2]}"
    for before, after in changes:
        if made.count(before) != 1:
            raise ValueError(f"the table {table} is not defined as expected: {before!r} in {made}")
        made = made.replace(before, after)
    for statement in (
        made,
        f"INSERT INTO {table}_anew SELECT * FROM {table}",  # noqa: S608 - names of ours
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_anew RENAME TO {table}",
        *beside,
    ):
        bind.exec_driver_sql(statement)
