"""What an evidence bundle claims to be about, held against the entries in it.

A claim of being whole is never taken at its word: a consignment's entries must link from its registration on,
a period's must follow one upon the other, and of an incident no entry between two of one item may be missing.
What came before the first or after the last cannot be seen from inside. Format:
docs/formats/evidence-bundle.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, Never

from audit.bag_rides import Ride, find_rides
from audit.entry import Entry, ItemLine
from audit.errors import BadEntry
from audit.evidence_bundle import MANIFEST, entry_name
from crypto.errors import CryptoError
from crypto.timestamps import parse_at

MAX_CHOSEN = 200
# The names beside `kind`. A consignment is its whole story, or those of its entries that may be shown. An
# incident is either of items, for all time or a period, or of single entries.
_FORMS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "consignment": tuple(
        frozenset({"code", *more}) for more in ((), ("entries",), ("bags",), ("bags", "entries"))
    ),
    "period": (frozenset({"from", "until"}),),
    "incident": (
        frozenset({"reference", "codes"}),
        frozenset({"reference", "codes", "from", "until"}),
        frozenset({"reference", "entries"}),
    ),
}


def check_scope(scope: Mapping[str, str], entries: Sequence[Entry]) -> int:
    """Return the links of items' own chains that were checked; raises BadEntry. `entries` rise by index."""
    if scope.keys() - {"kind"} not in _FORMS.get(scope.get("kind", ""), ()):
        _refuse(f"no kind of scope has just these fields: {', '.join(sorted(scope))}")
    _check_period(scope, entries)
    if scope["kind"] == "period":
        _check_gapless(entries)
        return 0
    if "entries" in scope and ",".join(str(entry.index) for entry in entries) != scope["entries"]:
        _refuse("the entries are not those of the scope")
    if "entries" in scope and "code" not in scope:
        return 0
    codes = [scope["code"]] if "code" in scope else _rising(scope["codes"])
    bags = _rising(scope["bags"]) if "bags" in scope else []
    for entry in entries:
        if not any(line.code in codes or line.code in bags for line in entry.items):
            raise BadEntry(
                entry.index, "scope", f"does not name {', '.join(codes[:5])}", entry_name(entry.index)
            )
    if "entries" in scope:
        return 0
    links = sum(_check_story(code, entries, from_start="from" not in scope) for code in codes)
    return links + (_check_rides(scope["code"], bags, entries) if bags else 0)


def _rising(joined: str) -> list[str]:
    codes = joined.split(",")
    if codes != sorted(set(codes)) or not 1 <= len(codes) <= MAX_CHOSEN:
        _refuse("the codes of a scope rise, and there are not too many")
    return codes


def _check_rides(code: str, bags: Sequence[str], entries: Sequence[Entry]) -> int:
    """Return the links of bags' chains that were checked: of every bag it lay in, for as long as it did."""

    def naming(one: str) -> list[Entry]:
        return [entry for entry in entries if any(line.code == one for line in entry.items)]

    rides = find_rides(code, naming)
    if sorted({ride.bag for ride in rides}) != bags:
        _refuse(f"the bags are not those that {code} lay in")
    for entry in entries:
        during = any(ride.covers(entry.index) and _line(ride.bag, entry) is not None for ride in rides)
        if not during and _line(code, entry) is None:
            raise BadEntry(entry.index, "scope", f"{code} did not lie in the bag", entry_name(entry.index))
    return sum(
        _check_ride(ride, [one for one in naming(ride.bag) if ride.covers(one.index)]) for ride in rides
    )


def _check_ride(ride: Ride, entries: Sequence[Entry]) -> int:
    # Both ends stand in the item's own chain, so nothing of the bag's between them can be left out.
    for before, entry in pairwise(entries):
        line = _line(ride.bag, entry)
        if line is None or line.prev != before.leaf.hex():
            raise BadEntry(entry.index, "bag chain", f"an entry of {ride.bag} before this one is left out")
    return len(entries) - 1


def _line(code: str, entry: Entry) -> ItemLine | None:
    return next((line for line in entry.items if line.code == code), None)


def _check_period(scope: Mapping[str, str], entries: Iterable[Entry]) -> None:
    if "from" not in scope:
        return
    first, until = _moment(scope["from"]), _moment(scope["until"])
    for entry in entries:
        if not first <= entry.at < until:
            raise BadEntry(entry.index, "scope", "was not recorded in this period", entry_name(entry.index))


def _check_gapless(entries: Sequence[Entry]) -> None:
    # The time of the log never goes back, so what was recorded in a period stands together.
    for number, entry in enumerate(entries):
        if entry.index != entries[0].index + number:
            raise BadEntry(entry.index, "scope", "an entry of the period before this one is left out")


def _check_story(code: str, entries: Iterable[Entry], *, from_start: bool) -> int:
    prev, links = "", 0
    for entry in entries:
        line = _line(code, entry)
        if line is None:
            continue
        if line.prev != prev and (links or from_start):
            raise BadEntry(entry.index, "item chain", f"an entry of {code} before this one is left out")
        prev, links = entry.leaf.hex(), links + 1
    if not links:
        _refuse(f"no entry here names {code}")
    return links


def _moment(text: str) -> datetime:
    try:
        return parse_at(text)
    except CryptoError:
        _refuse(f"{text!r} is no time")


def _refuse(why: str) -> Never:
    raise BadEntry(None, "scope", why, MANIFEST)
