"""What an evidence bundle claims to be about, held against the entries in it.

A claim of being whole is never taken at its word: a consignment's entries must link from its registration on,
a period's must follow one upon the other, and of an incident no entry between two of one item may be missing.
What came before the first or after the last cannot be seen from inside. Format:
docs/formats/evidence-bundle.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Never

from audit.entry import Entry
from audit.errors import BadEntry
from audit.evidence_bundle import MANIFEST, entry_name
from crypto.errors import CryptoError
from crypto.timestamps import parse_at

MAX_CHOSEN = 200
# The names beside `kind`. A consignment is its whole story, or those of its entries that may be shown. An
# incident is either of items, for all time or a period, or of single entries.
_FORMS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "consignment": (frozenset({"code"}), frozenset({"code", "entries"})),
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
    codes = [scope["code"]] if "code" in scope else scope["codes"].split(",")
    if codes != sorted(set(codes)) or not 1 <= len(codes) <= MAX_CHOSEN:
        _refuse("the codes of a scope rise, and there are not too many")
    for entry in entries:
        if not any(line.code in codes for line in entry.items):
            raise BadEntry(
                entry.index, "scope", f"does not name {', '.join(codes[:5])}", entry_name(entry.index)
            )
    if "entries" in scope:
        return 0
    return sum(_check_story(code, entries, from_start="from" not in scope) for code in codes)


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
        line = next((item for item in entry.items if item.code == code), None)
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
