"""Tables of units, people, their sessions and their enrolled devices.

Secrets lie here only as digests: a stolen copy of these tables opens no session and signs nothing.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, false

from app.storage.tables.base import KEY, METADATA, Flag, UtcTime

UNITS = Table(
    "units",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("search_name", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("commune", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("parent_id", KEY, ForeignKey("units.id")),
    Column("active", Flag, nullable=False),
    # Since when it is closed: what its people hold lies there unattended from then on.
    Column("closed_at", UtcTime),
    CheckConstraint("kind IN ('agency', 'point', 'department', 'committee')", name="kind"),
    sqlite_strict=True,
)

USERS = Table(
    "users",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("username", Text, nullable=False, unique=True),
    Column("full_name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("active", Flag, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("must_change_password", Flag, nullable=False, server_default=false()),
    Column("closed_at", UtcTime),
    CheckConstraint(
        "role IN ('focal_point', 'courier', 'clerk', 'auditor', 'ministry_reader', 'administrator')",
        name="role",
    ),
    CheckConstraint("locale IN ('vi', 'en')", name="locale"),
    sqlite_strict=True,
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id_hash", Text, primary_key=True),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    sqlite_strict=True,
)

DEVICES = Table(
    "devices",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("key_id", Text, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, unique=True),
    Column("enrolled_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("enrolled_index", KEY, nullable=False),
    CheckConstraint("length(key_id) = 16", name="key_id"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
    sqlite_strict=True,
)

LOGIN_ATTEMPTS = Table(
    "login_attempts",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("succeeded", Flag, nullable=False),
    Column("tried_at", UtcTime, nullable=False, index=True),
    Index(None, "username", "tried_at"),
    Index(None, "address", "tried_at"),
    sqlite_strict=True,
)
