"""Create units, people, sessions, devices and the login throttle.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, parents first."""
    _units()
    _users()
    _sessions()
    _devices()
    _login_attempts()


def downgrade() -> None:
    """Drop the tables, children first."""
    for table in ("login_attempts", "devices", "sessions", "users", "units"):
        op.drop_table(table)


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("search_name", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("active", FLAG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('agency', 'point', 'department', 'committee')", name=op.f("ck_units_kind")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
        sqlite_strict=True,
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("active", FLAG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("locale IN ('vi', 'en')", name=op.f("ck_users_locale")),
        sa.CheckConstraint(
            "role IN ('focal_point', 'courier', 'clerk', 'auditor', 'ministry_reader', 'administrator')",
            name=op.f("ck_users_role"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_users_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_users_unit_id"), "users", ["unit_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("enrolled_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("enrolled_index", KEY, nullable=False),
        sa.CheckConstraint("length(key_id) = 16", name=op.f("ck_devices_key_id")),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_devices_public_key")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_devices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("key_id", name=op.f("uq_devices_key_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_devices_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_devices_user_id"), "devices", ["user_id"], unique=False)


def _login_attempts() -> None:
    op.create_table(
        "login_attempts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("succeeded", FLAG, nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_login_attempts_address_tried_at"), "login_attempts", ["address", "tried_at"], unique=False
    )
    op.create_index(op.f("ix_login_attempts_tried_at"), "login_attempts", ["tried_at"], unique=False)
    op.create_index(
        op.f("ix_login_attempts_username_tried_at"), "login_attempts", ["username", "tried_at"], unique=False
    )
