"""A customer is found by a serial however its letters are typed."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_installed_product_serial_lower", "installed_product", [sa.text("lower(serial)")])


def downgrade() -> None:
    op.drop_index("ix_installed_product_serial_lower", "installed_product")
