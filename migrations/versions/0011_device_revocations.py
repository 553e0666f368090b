"""Find the entries that revoke a device without reading the log: every trust file is made from them.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

REVOKED = sa.text("kind = 'device_revoked'")


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_audit_log_device_revoked", "audit_log", ["idx"], sqlite_where=REVOKED, postgresql_where=REVOKED
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_audit_log_device_revoked", table_name="audit_log")
