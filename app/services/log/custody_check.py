"""Compares who answers for every item with a replay of the whole log. Verify the log first.

compare_custody(uow, *, progress) -> CustodyReport                  read; names the first item that differs
list_replayed(uow) -> tuple[tuple[str, Custody], ...]               read; what the log alone says
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import itemgetter

from app.domain.held import Custody
from app.domain.replay import replay
from app.storage.uow import UnitOfWork
from audit.entry import Entry, parse_entry

Progress = Callable[[int, int], None]
_AT_ONCE = 500


class Differs(StrEnum):
    """How an item differs."""

    STATE = "state"
    CUSTODIAN = "custodian"
    CONTENTS = "contents"
    HOLD = "hold"
    NOT_STORED = "not_stored"
    NOT_IN_LOG = "not_in_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item that is not as the log says; None where one of the two knows nothing of it."""

    code: str
    differs: Differs
    logged: Custody | None
    stored: Custody | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyReport:
    """How many items were compared, and the first that differs."""

    items: int
    first: Difference | None


def compare_custody(uow: UnitOfWork, *, progress: Progress | None = None) -> CustodyReport:
    """Replay the log as it streams by and compare each item once, some hundred in one question.

    Raises audit's errors for entries that no verified log contains.
    """
    with uow.snapshot():
        compared = 0
        replayed = replay(_entries(uow, progress))
        while batch := tuple(islice(replayed, _AT_ONCE)):
            codes = [code for code, _ in batch]
            stored = uow.consignments.list_custody(codes) | uow.bags.list_custody(codes)
            for code, custody in batch:
                compared += 1
                difference = _compare(code, custody, stored.get(code))
                if difference is not None:
                    return CustodyReport(items=compared, first=difference)
        return CustodyReport(items=compared, first=_find_unlogged(uow, compared))


def list_replayed(uow: UnitOfWork) -> tuple[tuple[str, Custody], ...]:
    """Return what the log alone says of every item and bag, in order of code."""
    return tuple(sorted(replay(_entries(uow, None)), key=itemgetter(0)))


def _entries(uow: UnitOfWork, progress: Progress | None) -> Iterator[Entry]:
    size = uow.audit.head().size
    for number, data in enumerate(uow.audit.stream(), 1):
        yield parse_entry(data)
        if progress is not None and (number % _AT_ONCE == 0 or number == size):
            progress(number, size)


def _compare(code: str, logged: Custody, stored: Custody | None) -> Difference | None:
    if stored is None:
        return Difference(code=code, differs=Differs.NOT_STORED, logged=logged, stored=None)
    if stored == logged:
        return None
    if stored.state is not logged.state:
        differs = Differs.STATE
    elif stored.hold != logged.hold:
        differs = Differs.HOLD
    else:
        differs = Differs.CONTENTS if stored.inside != logged.inside else Differs.CUSTODIAN
    return Difference(code=code, differs=differs, logged=logged, stored=stored)


def _find_unlogged(uow: UnitOfWork, logged: int) -> Difference | None:
    """Every item of the log is stored; so if there are more, one was never registered in the log."""
    if uow.consignments.count_all() + uow.bags.count_all() == logged:
        return None
    code = uow.consignments.find_unlogged() or uow.bags.find_unlogged() or "?"
    return Difference(code=code, differs=Differs.NOT_IN_LOG, logged=None, stored=None)
