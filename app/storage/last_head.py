"""Remember the end of the log as this process left it, so that a lone process need not ask for it.

Locking the head is a round trip of its own to a database server. Where nobody else has written lately, the
group is sealed behind the remembered head instead, and the database is told in the same message as the
entries to refuse all of it unless the head is still that one. So the memory may be wrong at any time: then
nothing is stored, and the next try asks. What it must never do is let anything be stored without that check.
"""

from datetime import datetime

from app.storage.hot import Batch, Head
from audit.entry import SealedEntry

OFTEN = 8
"""So many times in a row the head must have been found as it was left before it is taken for granted."""


class LastHead:
    """See the module."""

    def __init__(self) -> None:
        self._last: SealedEntry | None = None
        self._at: datetime | None = None
        self._found = 0

    def assume(self) -> Head | None:
        """Return the head to seal behind without asking, or None: ask."""
        last = self._last
        if last is None or self._found < OFTEN:
            return None
        return Head(
            size=last.index + 1,
            leaf=last.leaf,
            last_index=last.index,
            last_leaf=last.leaf,
            last_at=self._at,
            last_end=last.data,
        )

    def see(self, batch: Batch) -> None:
        """Learn from a sealed batch whether its head was found as it was left."""
        if batch.behind is None or not batch.locked:
            return
        last, found = self._last, batch.behind
        same = last is not None and (last.index + 1, last.leaf) == (found.size, found.leaf)
        self._found = self._found + 1 if same else 0

    def leave(self, batch: Batch) -> None:
        """Remember what was committed."""
        if batch.last is not None:
            self._last, self._at = batch.last, batch.at

    def doubt(self) -> None:
        """Ask again: something did not go as it should."""
        self._last, self._found = None, 0
