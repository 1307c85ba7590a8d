"""Links between tickets."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket_link",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("source_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("target_id", _KEY, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["ticket.id"], name=op.f("fk_ticket_link_source_id_ticket")),
        sa.ForeignKeyConstraint(["target_id"], ["ticket.id"], name=op.f("fk_ticket_link_target_id_ticket")),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_ticket_link_by_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
    )
    op.create_index("uq_ticket_link", "ticket_link", ["source_id", "kind", "target_id"], unique=True)
    op.create_index("ix_ticket_link_target", "ticket_link", ["target_id", "kind"])
    parent = sa.text("kind = 'parent'")
    op.create_index(
        "uq_ticket_link_parent", "ticket_link", ["target_id"], unique=True,
        sqlite_where=parent, postgresql_where=parent,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("ticket_link")
