"""Leave no copy of an erased value in SQLite's write-ahead log.

The page that held the value is overwritten by `secure_delete`, but frames of the page as it was stay in the
WAL until it is used again from the beginning. This copies everything into the database file and cuts the WAL
to nothing. PostgreSQL keeps old rows until VACUUM and its own WAL for replicas; there, and in backups, the
value dies with the vault's old key (docs/operations.md). Must never change a row.
"""

import sqlite3
from contextlib import closing

from sqlalchemy import Engine

_WAIT_SECONDS = 10.0


def scrub(engine: Engine) -> bool:
    """Empty the WAL and tell whether nothing stood in the way; a reader that stays longer makes it False."""
    if engine.dialect.name != "sqlite":
        return True
    # The engine's own connections may not change the journal (sqlite_guard), and that stays so.
    with closing(sqlite3.connect(str(engine.url.database), timeout=_WAIT_SECONDS)) as connection:
        blocked, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not blocked
