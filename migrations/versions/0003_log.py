"""Create the log, its head and the receipts of scans.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the tables, and the head of an empty log."""
    _audit_log()
    _audit_items()
    _audit_head()
    _scans()
    head = sa.table("audit_head", sa.column("id"), sa.column("size"), sa.column("leaf", sa.LargeBinary()))
    op.bulk_insert(head, [{"id": 1, "size": 0, "leaf": bytes(32)}])


def downgrade() -> None:
    """Drop the tables of an empty log; a log that says anything is never dropped by a migration."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM audit_log LIMIT 1")).first() is not None:
        raise RuntimeError("the log has entries: export it and begin a new database instead")
    for table in ("scans", "audit_head", "audit_items", "audit_log"):
        op.drop_table(table)


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("idx", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name=op.f("ck_audit_log_idx")),
        sa.CheckConstraint("length(data) BETWEEN 2 AND 65535", name=op.f("ck_audit_log_data")),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_audit_log_leaf")),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_audit_log")),
        sqlite_strict=True,
    )


def _audit_items() -> None:
    op.create_table(
        "audit_items",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("idx", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("code", "idx", name=op.f("pk_audit_items")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_audit_items_idx"), "audit_items", ["idx"], unique=False)


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_audit_head_leaf")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_audit_head_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        sqlite_strict=True,
    )


def _scans() -> None:
    op.create_table(
        "scans",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("envelope_digest", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("entry_idx", KEY, nullable=False),
        sa.CheckConstraint("length(envelope_digest) = 64", name=op.f("ck_scans_envelope_digest")),
        sa.CheckConstraint("length(scan_id) = 36", name=op.f("ck_scans_scan_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_scans")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
