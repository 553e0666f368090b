"""Put entries back that were signed and published already, exactly as stored, into an older database.

The one road on which an entry reaches the log without being sealed here: its bytes come from tiles bound to
a signed checkpoint. Each goes through the same guards as every other (the next number, the head behind it),
with the state it made. It must never write an entry that does not continue the head.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.storage.errors import NotStored
from app.storage.uow import UnitOfWork
from audit.entry import Entry


class Refill:
    """Writes some entries in one transaction; what was committed stays when a later one fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put_back(self, entries: Sequence[Entry], act: Callable[[UnitOfWork, Entry], None]) -> None:
        """Let `act` do what each entry did and append its draft, then store all; raises NotStored."""
        try:
            with self._engine.connect() as connection:
                connection.begin()
                uow = UnitOfWork(connection, writable=True)
                for entry in entries:
                    with uow.savepoint():
                        act(uow, entry)
                        uow.check_claims()
                uow.store(uow.seal_as_stored(entries), connection)
        except SQLAlchemyError as error:
            raise NotStored(type(error).__name__) from error
