"""Create consignments with everything that hangs on them, and the gapless series.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, parents first."""
    _consignments()
    _holdings()
    _deliveries()
    _label_prints()
    _import_batches()
    _register_series()
    _register_entries()
    _code_series()


def downgrade() -> None:
    """Drop the tables, children first."""
    for table in (
        "code_series",
        "register_entries",
        "register_series",
        "import_batches",
        "label_prints",
        "deliveries",
        "holdings",
        "consignments",
    ):
        op.drop_table(table)


def _consignments() -> None:
    op.create_table(
        "consignments",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sender_unit_id", KEY, nullable=False),
        sa.Column("recipient_unit_id", KEY, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("express", FLAG, nullable=False),
        sa.Column("appointed_at", TIME, nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("custodian_user_id", KEY, nullable=False),
        sa.Column("custodian_unit_id", KEY, nullable=False),
        sa.Column("offer_nonce", sa.Text(), nullable=True),
        sa.Column("offer_purpose", sa.Text(), nullable=True),
        sa.Column("offer_to_unit_id", KEY, nullable=True),
        sa.Column("offer_to_user_id", KEY, nullable=True),
        sa.Column("offer_place_id", KEY, nullable=True),
        sa.Column("offer_by_id", KEY, nullable=True),
        sa.Column("offered_at", TIME, nullable=True),
        sa.Column("named_only", FLAG, nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("first_attempt_at", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("item_head", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_by_id", KEY, nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("document_date", DAY, nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("inner_envelope", FLAG, nullable=False),
        sa.Column("outer_envelope", FLAG, nullable=False),
        sa.Column("attested_sealed", FLAG, nullable=False),
        sa.Column("register_number", sa.Integer(), nullable=False),
        sa.Column("register_year", sa.Integer(), nullable=False),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_numbers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_index", sa.LargeBinary(), nullable=True),
        sa.Column("abstract_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("commitments", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('delivered', 'returned', 'cancelled')) = (closed_at IS NOT NULL)",
            name=op.f("ck_consignments_closed"),
        ),
        sa.CheckConstraint("scope IN ('intra', 'inter')", name=op.f("ck_consignments_scope")),
        sa.CheckConstraint(
            "secrecy <> 'A' OR abstract_sealed IS NULL", name=op.f("ck_consignments_no_abstract")
        ),
        sa.CheckConstraint("secrecy IN ('none', 'A', 'B', 'C')", name=op.f("ck_consignments_secrecy")),
        sa.CheckConstraint(
            "state IN ('registered', 'in_custody', 'delivered', 'returned', 'cancelled')",
            name=op.f("ck_consignments_state"),
        ),
        sa.CheckConstraint(
            "(offer_nonce IS NULL) = (offer_purpose IS NULL)"
            " AND (offer_nonce IS NULL) = (offer_to_unit_id IS NULL)"
            " AND (offer_nonce IS NULL) = (offer_place_id IS NULL)"
            " AND (offer_nonce IS NULL) = (offer_by_id IS NULL)"
            " AND (offer_nonce IS NULL) = (offered_at IS NULL)"
            " AND (offer_nonce IS NOT NULL OR offer_to_user_id IS NULL)",
            name=op.f("ck_consignments_offer_whole"),
        ),
        sa.CheckConstraint(
            "CAST(named_only AS INTEGER) = 0 OR receiver_sealed IS NOT NULL",
            name=op.f("ck_consignments_named_receiver"),
        ),
        sa.CheckConstraint("length(item_head) IN (0, 64)", name=op.f("ck_consignments_item_head")),
        sa.CheckConstraint(
            "pieces >= 1 AND weight_g >= 0 AND attempts >= 0", name=op.f("ck_consignments_amounts")
        ),
        sa.CheckConstraint("sender_unit_id <> recipient_unit_id", name=op.f("ck_consignments_two_parties")),
        sa.ForeignKeyConstraint(
            ["custodian_unit_id"], ["units.id"], name=op.f("fk_consignments_custodian_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["custodian_user_id"], ["users.id"], name=op.f("fk_consignments_custodian_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_unit_id"], ["units.id"], name=op.f("fk_consignments_recipient_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["users.id"], name=op.f("fk_consignments_registered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["sender_unit_id"], ["units.id"], name=op.f("fk_consignments_sender_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignments")),
        sa.UniqueConstraint("code", name=op.f("uq_consignments_code")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_consignments_custodian_user_id_state"),
        "consignments",
        ["custodian_user_id", "state"],
        unique=False,
    )
    op.create_index(op.f("ix_consignments_document_index"), "consignments", ["document_index"], unique=False)
    op.create_index(
        op.f("ix_consignments_offer_to_unit_id"), "consignments", ["offer_to_unit_id"], unique=False
    )
    op.create_index(
        op.f("ix_consignments_recipient_unit_id_registered_at"),
        "consignments",
        ["recipient_unit_id", "registered_at"],
        unique=False,
    )
    op.create_index(op.f("ix_consignments_registered_at"), "consignments", ["registered_at"], unique=False)
    op.create_index(
        op.f("ix_consignments_sender_unit_id_registered_at"),
        "consignments",
        ["sender_unit_id", "registered_at"],
        unique=False,
    )


def _holdings() -> None:
    op.create_table(
        "holdings",
        sa.Column("consignment_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("consignment_id", "entry_idx", name=op.f("pk_holdings")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_holdings_user_id_consignment_id"), "holdings", ["user_id", "consignment_id"], unique=False
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("entry_idx", KEY, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("giver_id", KEY, nullable=False),
        sa.Column("taker_id", KEY, nullable=True),
        sa.Column("place_id", KEY, nullable=False),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("device_at", TIME, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('delivered', 'returned', 'failed', 'refused')", name=op.f("ck_deliveries_outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_deliveries_consignment_id"), "deliveries", ["consignment_id"], unique=False)


def _label_prints() -> None:
    op.create_table(
        "label_prints",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("printed_by_id", KEY, nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.CheckConstraint("number = 1 OR reason <> ''", name=op.f("ck_label_prints_reprint_reason")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_label_prints_consignment_id")
        ),
        sa.ForeignKeyConstraint(["printed_by_id"], ["users.id"], name=op.f("fk_label_prints_printed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_prints")),
        sa.UniqueConstraint("consignment_id", "number", name=op.f("uq_label_prints_consignment_id_number")),
        sqlite_strict=True,
    )


def _import_batches() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("imported_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_import_batches_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_import_batches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        sa.UniqueConstraint("unit_id", "digest", name=op.f("uq_import_batches_unit_id_digest")),
        sqlite_strict=True,
    )


def _register_series() -> None:
    op.create_table(
        "register_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_register_series_direction")),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_register_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_register_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", "direction", name=op.f("pk_register_series")),
        sqlite_strict=True,
    )


def _register_entries() -> None:
    op.create_table(
        "register_entries",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_register_entries_direction")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_register_entries_number")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_register_entries_consignment_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_register_entries_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", "direction", "number", name=op.f("pk_register_entries")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_register_entries_consignment_id"), "register_entries", ["consignment_id"], unique=False
    )


def _code_series() -> None:
    op.create_table(
        "code_series",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("next_serial", KEY, nullable=False),
        sa.CheckConstraint("next_serial BETWEEN 0 AND 100000000", name=op.f("ck_code_series_next_serial")),
        sa.PrimaryKeyConstraint("indicator", name=op.f("pk_code_series")),
        sqlite_strict=True,
    )
