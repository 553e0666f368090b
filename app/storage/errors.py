"""Errors of storage: what the database would not do, in words that do not depend on which database it is.

StorageError
├── NotMigrated          the schema is not the one this code was written for
├── UnsafeDatabase       a durability or append-only promise does not hold; the server must not start
├── NotStored            the transaction failed and nothing of it is on disk
│   └── HeadMoved        another process was faster behind the head that was taken for granted
├── OutcomeUnknown       the commit broke and the log could not be asked which way it went; try again
├── AlreadyThere         a unique key is taken
├── ReadOnly             a write was tried on a reading unit of work
├── StoreBusy            another process writes the tiles or the checkpoint store now
├── LostRace             the checkpoint store holds another checkpoint than was expected
└── WriterStopped        the writer no longer takes work

No exception of SQLAlchemy, sqlite3 or psycopg may leave this package.
"""


class StorageError(Exception):
    """The root of everything storage raises itself."""


class NotMigrated(StorageError):  # noqa: N818  # named after what it says, as in the domain's tree
    """The schema is not the one this code was written for."""


class UnsafeDatabase(StorageError):  # noqa: N818  # the same
    """A durability or append-only promise does not hold."""


class NotStored(StorageError):  # noqa: N818  # the same
    """The transaction failed; nothing of it is on disk."""


class HeadMoved(NotStored):
    """Another process has appended behind the head that was taken for granted; ask for it and do it again."""


class AlreadyThere(StorageError):  # noqa: N818  # the same
    """A unique key is taken."""


class OutcomeUnknown(StorageError):  # noqa: N818  # the same
    """The commit broke and the log could not be asked which way it went."""


class ReadOnly(StorageError):  # noqa: N818  # the same
    """A write was tried on a reading unit of work."""


class WriterStopped(StorageError):  # noqa: N818  # the same
    """The writer no longer takes work, or died with this work in hand."""


class StoreBusy(StorageError):  # noqa: N818  # the same
    """Another process writes the tiles or the checkpoint store now."""


class LostRace(StorageError):  # noqa: N818  # the same
    """The checkpoint store holds another checkpoint than was expected; nothing was stored."""
