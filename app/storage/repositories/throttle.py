"""Attempts to log in, counted by account, by address and overall. How long to wait is not decided here."""

from datetime import datetime

from sqlalchemy import case, delete, func, insert, select, update

from app.storage.records import Failures
from app.storage.statements import Statements
from app.storage.tables.base import UtcTime
from app.storage.tables.people import LOGIN_ATTEMPTS

A = LOGIN_ATTEMPTS.c


class Throttle:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def record(self, username: str, address: str, *, succeeded: bool, tried_at: datetime) -> int:
        """Write one attempt and return its id."""
        values = {"username": username, "address": address, "succeeded": succeeded, "tried_at": tried_at}
        return self._statements.insert(insert(LOGIN_ATTEMPTS).values(values).returning(A.id))

    def mark_succeeded(self, attempt: int) -> None:
        """Take back a failure that turned out to be a success; raises NotFound."""
        self._statements.update_one(update(LOGIN_ATTEMPTS).where(A.id == attempt).values(succeeded=True))

    def count_failures(self, username: str, address: str, *, since: datetime, until: datetime) -> Failures:
        """Count failures between two times, in one question.

        What lies after `until` was noted by a clock that has been put back since: it must not make people
        wait for a time that is far away.
        """
        account, origin = A.username == username, A.address == address
        row = self._statements.first(
            select(
                func.sum(case((account, 1), else_=0)),
                func.sum(case((origin, 1), else_=0)),
                func.count(),
                func.max(case((account, A.tried_at)), type_=UtcTime()),
                func.max(case((origin, A.tried_at)), type_=UtcTime()),
                func.max(A.tried_at, type_=UtcTime()),
            ).where(A.tried_at >= since, A.tried_at <= until, A.succeeded == False)  # noqa: E712  # SQL, not Python
        )
        by_account, by_address, overall, account_at, address_at, overall_at = row or (
            0,
            0,
            0,
            None,
            None,
            None,
        )
        return Failures(
            account=int(by_account or 0),
            address=int(by_address or 0),
            overall=int(overall),
            account_latest_at=account_at,
            address_latest_at=address_at,
            overall_latest_at=overall_at,
        )

    def forget(self, *, before: datetime) -> int:
        """Delete attempts that no longer count."""
        return self._statements.write(delete(LOGIN_ATTEMPTS).where(A.tried_at < before)).rowcount
