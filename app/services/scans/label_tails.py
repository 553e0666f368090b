"""Counts the wrong tails keyed for a code, so that the few characters of a tail cannot be found by trying.

The log is the count: every wrong tail is a recorded refusal. After `MOST_WRONG` within `WINDOW` no tail is
looked at, whoever keys it, until the code has been left alone for that long; scanning the label goes on. A
scan without a tail asks the database nothing here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.decision import Refusal
from app.services.scans.scan_opening import ReadLine
from app.storage.uow import UnitOfWork
from audit.entry import Entry, EntryDraft, parse_entry

# One try in thirty-three million is right, and nobody needs six to read five characters.
MOST_WRONG: Final = 5
WINDOW: Final = timedelta(hours=1)
# An item has some tens of entries in its whole life; what is beyond is noise that somebody makes.
_MOST_READ: Final = 500
_WRONG: Final = frozenset({Refusal.TAIL_WRONG, Refusal.TAIL_LOCKED})


def lock_guessed(uow: UnitOfWork, lines: tuple[ReadLine, ...], *, now: datetime) -> tuple[ReadLine, ...]:
    """Return the lines, those refused unread whose code had too many wrong tails."""
    keyed = {read.code for read in lines if read.keyed}
    if not keyed:
        return lines
    wrong = list(_list_wrong(uow, keyed, now))
    return tuple(
        lock(read) if read.keyed and wrong.count(read.code) >= MOST_WRONG else read for read in lines
    )


def lock(read: ReadLine) -> ReadLine:
    """Return a line whose tail is not looked at."""
    return replace(read, forged=True, forgery=Refusal.TAIL_LOCKED)


def _list_wrong(uow: UnitOfWork, codes: set[str], now: datetime) -> Iterator[str]:
    """Yield a code for every wrong tail keyed for it, those that wait for the same commit too."""
    stored = uow.audit.list_since(now - WINDOW, codes, limit=_MOST_READ)
    entries: list[Entry | EntryDraft] = [parse_entry(row.data) for row in stored]
    entries += uow.audit.list_waiting()
    for entry in entries:
        yield from (item.code for item in entry.items if item.refusal in _WRONG)
