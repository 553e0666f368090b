"""Table of time stamps: each hour's checkpoint and the authority's answer over it. Insert only.

What a row says is proved by the token in it, so it needs no guard but its key.
"""

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

TIME_TOKENS = Table(
    "time_tokens",
    METADATA,
    Column("hour_at", UtcTime, primary_key=True),
    Column("size", KEY, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("token_at", UtcTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("length(checkpoint) BETWEEN 1 AND 1000000", name="checkpoint"),
    CheckConstraint("length(token) BETWEEN 1 AND 1000000", name="token"),
    sqlite_strict=True,
)
