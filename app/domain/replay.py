"""Tell from the log's entries alone who answers for every item and bag, and in which state it is.

A fold over entries, oldest first: the same answer on any machine, whatever the tables say. It must never ask
whether something was allowed (the server decided that, and the entry says how), nor check a signature: verify
the log first. Only accepted lines change anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from app.domain.access import POST, Role
from app.domain.bag import BagState
from app.domain.consignment import State
from app.domain.held import Custody, Held
from app.domain.replay_bags import advance_bags
from audit.entry import Entry, Outcome
from audit.evidence import Offer, Purpose, Take, TakeLine, Verdict, parse_evidence
from audit.kinds import EntryKind

_HOLDS = frozenset({EntryKind.HOLD_PLACED, EntryKind.HOLD_LIFTED})
_SCANS = frozenset(
    {
        EntryKind.HANDOVER_OFFERED,
        EntryKind.HANDOVER_TAKEN,
        EntryKind.HANDOVER_RECALLED,
        EntryKind.ATTEMPT_FAILED,
    }
)


def replay(entries: Iterable[Entry]) -> Iterator[tuple[str, Custody]]:
    """Yield the last custody of every item after its code: closed ones as they close, the others at the end.

    Nothing happens to a closed item any more, so only open ones are kept in memory, however long the log is.
    Raises MalformedEvidence for an envelope that no verified log contains.
    """
    items: dict[str, Held] = {}
    roles: dict[int, Role] = {}
    for entry in entries:
        account, role = entry.facts.get("account"), entry.facts.get("role")
        if isinstance(account, int) and isinstance(role, str):
            roles[account] = Role(role)
        for code, held in advance(items, entry, roles=roles).items():
            if held.custody.state.is_final:
                items.pop(code, None)
                yield code, held.custody
            else:
                items[code] = held
    for code, held in items.items():
        yield code, held.custody


def advance(items: Mapping[str, Held], entry: Entry, *, roles: Mapping[int, Role]) -> dict[str, Held]:
    """Return the items that one entry changes, as they are after it; `roles` are people's at this entry."""
    accepted = [item.code for item in entry.items if item.outcome is Outcome.ACCEPTED]
    actor = entry.facts.get("actor")
    if not accepted or not isinstance(actor, int):
        return {}
    if entry.kind is EntryKind.REGISTERED:
        unit = str(entry.facts["sender"])
        registered = Held(custody=Custody(state=State.REGISTERED, user=actor, unit=unit))
        return dict.fromkeys(accepted, registered)
    if entry.kind is EntryKind.CANCELLED:
        known = {code: items[code].custody for code in accepted if code in items}
        return {
            code: Held(custody=replace(custody, state=State.CANCELLED, hold=""))
            for code, custody in known.items()
        }
    if entry.kind in _HOLDS:
        return _held_back(items, entry)
    if entry.kind in _SCANS:
        return _scanned(items, entry, user=actor, role=roles.get(actor))
    # What lies in a bag may be held back while the bag moves on.
    return {code: _as_held(items.get(code), held) for code, held in advance_bags(items, entry, actor).items()}


def _held_back(items: Mapping[str, Held], entry: Entry) -> dict[str, Held]:
    """Place or lift a hold; what counts of several afterwards, the entry says."""
    now = str(entry.facts["in_force"])
    known = {item.code: items[item.code] for item in entry.items if item.code in items}
    return {
        code: replace(held, custody=replace(held.custody, hold=now))
        for code, held in known.items()
        if isinstance(held.custody.state, State)
    }


def _as_held(before: Held | None, after: Held) -> Held:
    if before is None or after.custody.hold == before.custody.hold:
        return after
    return replace(after, custody=replace(after.custody, hold=before.custody.hold))


def _scanned(items: Mapping[str, Held], entry: Entry, *, user: int, role: Role | None) -> dict[str, Held]:
    scan = parse_evidence(entry.envelopes[0].payload)
    changed: dict[str, Held] = {}
    for item, line in zip(entry.items, scan.lines, strict=False):
        before = items.get(item.code)
        if before is None or item.outcome is not Outcome.ACCEPTED:
            continue
        if isinstance(scan, Offer):
            changed[item.code] = replace(before, offered=(scan.purpose, scan.to.unit))
        elif isinstance(scan, Take) and isinstance(line, TakeLine) and line.verdict is Verdict.ACCEPT:
            if scan.giver is not None:
                # Only at a post office is anything handed in, to its own clerk.
                before = replace(before, offered=(Purpose.TRANSFER, scan.place))
            changed[item.code] = _taken(before, user=user, role=role)
        else:
            # A recall, a failed attempt and a line that was turned down leave the item where it is.
            changed[item.code] = replace(before, offered=None)
    return changed


def _taken(before: Held, *, user: int, role: Role | None) -> Held:
    if before.offered is None:
        return before
    purpose, unit = before.offered
    match purpose:
        case Purpose.TRANSFER if isinstance(before.custody.state, BagState):
            state: State | BagState = before.custody.state
        case Purpose.TRANSFER:
            # Only colleagues take over without the post, and colleagues share a unit.
            by_post = role in POST or unit != before.custody.unit
            state = State.IN_CUSTODY if by_post else before.custody.state
        case Purpose.DELIVERY:
            state = State.DELIVERED
        case Purpose.RETURN:
            state = State.RETURNED
        case _:
            assert_never(purpose)
    return Held(custody=Custody(state=state, user=user, unit=unit))
