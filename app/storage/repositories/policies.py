"""Versions of the handover policy; insert only.

Every take asks which one is in force, so they are read once for all scans of one transaction. A version
counts only from later than it was published, so what is published meanwhile cannot be in force yet.
"""

from datetime import datetime

from app.domain.handover_policy import HandoverPolicy, from_table, policy_at, to_table, with_sample
from app.storage.repositories.published import PublishedVersions
from app.storage.statements import Statements
from app.storage.tables.policies import HANDOVER_POLICIES


class Policies(PublishedVersions[HandoverPolicy]):
    """Versions of the handover policy; what is published stays as it was."""

    def __init__(self, statements: Statements) -> None:
        super().__init__(statements, HANDOVER_POLICIES, write=to_table, read=from_table)
        self._known: tuple[HandoverPolicy, ...] | None = None

    def find_in_force(self, at: datetime) -> HandoverPolicy:
        """Return the version in force at a time, the sample where nothing was published."""
        if self._known is None:
            self._known = with_sample(self.list())
        return policy_at(self._known, at)
