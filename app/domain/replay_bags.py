"""Tell from the log's entries alone what becomes of bags and of what lies in them.

The part of :mod:`app.domain.replay` that knows acts. Only accepted lines change anything, and only in the way
their entry says.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.bag import BagState
from app.domain.held import Custody, Held
from audit.entry import Entry, Outcome
from audit.evidence import Act, Mark, parse_evidence
from audit.kinds import EntryKind

_ACTS = frozenset(
    {
        EntryKind.BAG_PACKED,
        EntryKind.BAG_UNPACKED,
        EntryKind.BAG_CLOSED,
        EntryKind.BAG_OPENED,
        EntryKind.BAG_ANSWERED,
    }
)
_STATES = {EntryKind.BAG_CLOSED: BagState.CLOSED, EntryKind.BAG_OPENED: BagState.OPENED}


def advance_bags(items: Mapping[str, Held], entry: Entry, actor: int) -> dict[str, Held]:
    """Return the bags and items that one entry about a bag changes, as they are after it."""
    if entry.kind is EntryKind.BAG_STARTED:
        begun = Custody(state=BagState.OPEN, user=actor, unit=str(entry.facts["from"]))
        return {entry.items[0].code: Held(custody=begun)}
    if entry.kind not in _ACTS or entry.items[0].outcome is not Outcome.ACCEPTED:
        return {}
    act = parse_evidence(entry.envelopes[0].payload)
    bag = items.get(entry.items[0].code)
    if not isinstance(act, Act) or bag is None:
        return {}
    state = _STATES.get(entry.kind)
    if entry.kind is EntryKind.BAG_ANSWERED and entry.facts["left"] == 0:
        state = BagState.EMPTIED
    changed = _lines(items, entry, act, actor)
    if state is not None:
        changed[entry.items[0].code] = replace(bag, custody=replace(bag.custody, state=state))
    return changed


def _lines(items: Mapping[str, Held], entry: Entry, act: Act, actor: int) -> dict[str, Held]:
    changed: dict[str, Held] = {}
    for item, line in zip(entry.items[1:], act.lines, strict=True):
        before = items.get(item.code)
        if before is None or item.outcome is not Outcome.ACCEPTED:
            continue
        custody, bag = before.custody, entry.items[0].code
        match entry.kind:
            case EntryKind.BAG_PACKED:
                changed[item.code] = replace(before, custody=replace(custody, inside=bag))
            case EntryKind.BAG_ANSWERED if line.mark != Mark.MISSING:
                # A bag is answered at its own destination, so the place is the answerer's unit.
                found = replace(custody, user=actor, unit=act.place, inside="")
                changed[item.code] = Held(custody=found)
            case _ if custody.inside != bag:
                # It was found in another bag meanwhile: off the list of this one, and nowhere else.
                changed[item.code] = before
            case _:
                changed[item.code] = Held(custody=replace(custody, inside=""))
    return changed
