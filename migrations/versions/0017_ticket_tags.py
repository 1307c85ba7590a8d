"""Tickets have tags; of tags that differ in case or width alone the first stays, and takes the others' customers."""

import unicodedata

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tag", sa.Column("name_folded", sa.String(length=200), server_default="", nullable=False))
    _unite()
    op.create_index("uq_tag_name_folded", "tag", ["name_folded"], unique=True)
    op.add_column("ticket", sa.Column("tags", columns.Json(), nullable=True))
    op.create_table(
        "ticket_tag",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_ticket_tag_tag_id_tag")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_tag_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("tag_id", "ticket_id", name=op.f("pk_ticket_tag")),
    )


def downgrade() -> None:
    op.drop_table("ticket_tag")
    op.drop_column("ticket", "tags")
    op.drop_index("uq_tag_name_folded", "tag")
    op.drop_column("tag", "name_folded")


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:200]


def _unite() -> None:
    bind = op.get_bind()
    kept: dict[str, int] = {}
    for tag_id, name in bind.execute(sa.text("SELECT id, name FROM tag ORDER BY id")).all():
        first = kept.setdefault(_folded(name), tag_id)
        both = {"tag": tag_id, "first": first}
        if first == tag_id:
            bind.execute(sa.text("UPDATE tag SET name_folded = :folded WHERE id = :tag"),
                         {"folded": _folded(name), "tag": tag_id})  # fmt: skip
            continue
        bind.execute(
            sa.text(
                "UPDATE customer_tag SET tag_id = :first WHERE tag_id = :tag AND NOT EXISTS (SELECT 1 FROM customer_tag"
                " AS other WHERE other.tag_id = :first AND other.customer_id = customer_tag.customer_id)"
            ),
            both,
        )
        bind.execute(sa.text("DELETE FROM customer_tag WHERE tag_id = :tag"), both)
        bind.execute(sa.text("DELETE FROM tag WHERE id = :tag"), both)
