"""In which bags an item lay, and from which entry to which: told by what packed it and took it out.

Whoever has a bag answers for what is in it, and its entries name the bag alone. So an item's way is whole
only with the entries of each bag between the two ends of a stay. Nothing here may ask whether an entry is
genuine: that is checked before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from audit.entry import Entry, Outcome
from audit.evidence import ActLine, Mark, parse_evidence
from audit.kinds import EntryKind

_OUT = frozenset({EntryKind.BAG_UNPACKED, EntryKind.BAG_ANSWERED})
# A bag lies in one other bag and no deeper.
_DEPTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """One stay in a bag: the indexes of the entries that put it in and took it out, None while inside."""

    bag: str
    first: int
    last: int | None = None

    def covers(self, index: int) -> bool:
        """Tell whether an entry was made during the stay, its two ends included."""
        return self.first <= index and (self.last is None or index <= self.last)


def find_rides(code: str, entries_of: Callable[[str], Iterable[Entry]]) -> tuple[Ride, ...]:
    """Return every stay of an item, in bags and in the bags that these lay in, by index.

    `entries_of` gives the entries that name a code, rising.
    """
    found = list(_stays(code, entries_of(code)))
    level = found
    for _ in range(_DEPTH - 1):
        level = [inner for ride in level for inner in _within(ride, entries_of(ride.bag))]
        found += level
    return tuple(sorted(found, key=lambda ride: (ride.first, ride.bag)))


def _within(ride: Ride, entries: Iterable[Entry]) -> Iterator[Ride]:
    """Return the stays of the bag itself while the item lay in it."""
    during = (entry for entry in entries if ride.covers(entry.index))
    for stay in _stays(ride.bag, during):
        yield stay if stay.last is not None else replace(stay, last=ride.last)


def _stays(code: str, entries: Iterable[Entry]) -> Iterator[Ride]:
    inside: Ride | None = None
    for entry in entries:
        # An act's entry names its subject first: the bag.
        bag = entry.items[0].code if entry.items else ""
        if bag == code or not _is_done(code, entry):
            continue
        if entry.kind is EntryKind.BAG_PACKED and inside is None:
            inside = Ride(bag=bag, first=entry.index)
        elif entry.kind in _OUT and inside is not None and (inside.bag == bag or _is_found(code, entry)):
            yield replace(inside, last=entry.index)
            inside = None
    if inside is not None:
        yield inside


def _is_found(code: str, entry: Entry) -> bool:
    """Tell whether somebody had a thing before them: then it lay in no other bag any more."""
    if entry.kind is not EntryKind.BAG_ANSWERED or not entry.envelopes:
        return False
    said = parse_evidence(entry.envelopes[0].payload)
    answers = zip(entry.items[1:], said.lines, strict=False)
    return any(
        item.code == code and isinstance(line, ActLine) and line.mark != Mark.MISSING
        for item, line in answers
    )


def _is_done(code: str, entry: Entry) -> bool:
    return any(line.code == code and line.outcome is Outcome.ACCEPTED for line in entry.items)
