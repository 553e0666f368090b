"""Versions of the handover policy; insert only.

Every take asks which one is in force, so they are read once for all scans of one transaction. A version
counts only from later than it was published, so what is published meanwhile cannot be in force yet.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from app.domain.handover_policy import HandoverPolicy, from_table, policy_at, to_table, with_sample
from app.domain.ids import UserId
from app.storage.statements import Statements
from app.storage.tables.policies import HANDOVER_POLICIES

P = HANDOVER_POLICIES.c


class Policies:
    """Versions of the handover policy; what is published stays as it was."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._read: tuple[HandoverPolicy, ...] | None = None

    def list(self) -> tuple[HandoverPolicy, ...]:
        """Return every published version, newest first."""
        rows = self._statements.rows(select(HANDOVER_POLICIES).order_by(P.version.desc()))
        return tuple(_policy(row) for row in rows)

    def find_in_force(self, at: datetime) -> HandoverPolicy:
        """Return the version in force at a time, the sample where nothing was published."""
        if self._read is None:
            self._read = with_sample(self.list())
        return policy_at(self._read, at)

    def next_version(self) -> int:
        """Return the number that the next version gets; the database refuses one given twice."""
        row = self._statements.first(select(func.max(P.version)))
        return 1 if row is None or row[0] is None else int(row[0]) + 1

    def add(self, policy: HandoverPolicy, *, published_by: UserId, now: datetime) -> None:
        """Write one version."""
        values = {
            "version": policy.version,
            "valid_from_at": policy.valid_from_at,
            "source": policy.source,
            "body": json.dumps(to_table(policy), sort_keys=True),
            "published_by_id": published_by,
            "published_at": now,
        }
        self._statements.write(insert(HANDOVER_POLICIES), values)


def _policy(row: Row[*tuple[Any, ...]]) -> HandoverPolicy:
    return from_table(
        json.loads(row.body), version=int(row.version), valid_from_at=row.valid_from_at, source=row.source
    )
