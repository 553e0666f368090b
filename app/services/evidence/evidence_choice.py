"""Which entries an evidence bundle shows: those of its scope that are published and that may be shown.

Only published entries, because the newest signed checkpoint bounds what can be proven. Whoever may not have
the bytes of some of an item's entries gets the others, and the scope says so. Nothing is read that would not
fit: what is too much is counted first and refused with the number.

    choose(uow, scope, *, size, actor) -> Chosen      read; raises NotFound, Conflict, InvalidInput
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.access import Actor, Permission, may
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.services.evidence.evidence_access import may_have_bytes
from app.services.evidence.evidence_scope import IncidentScope, ItemScope, Period, PeriodScope, Scope
from app.services.people.access import get_consignment
from app.services.people.permissions import require
from app.storage.records import LogRow
from app.storage.uow import UnitOfWork
from audit.bag_rides import Ride, find_rides
from audit.entry import Entry, parse_entry
from audit.errors import MalformedEntry
from audit.evidence_scope import MAX_CHOSEN

# Some days of a province, five seconds to make and 50 MB to carry; the whole log leaves by `kt1 log export`.
MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The entries, rising, the scope they bear out, and the items whose sealed values are its business."""

    scope: Scope
    entries: tuple[Entry, ...]
    codes: tuple[str, ...] = ()


def choose(uow: UnitOfWork, scope: Scope, *, size: int, actor: Actor | None) -> Chosen:
    """Return what of the first `size` entries the bundle shows to this person; None is the console."""
    match scope:
        case ItemScope():
            return _choose_item(uow, scope, size=size, actor=actor)
        case PeriodScope(period=period):
            _require_everything(actor)
            return Chosen(scope=scope, entries=_within(uow, period, size))
        case IncidentScope(codes=()):
            _require_everything(actor)
            rows = sorted(uow.audit.list_rows(scope.entries), key=lambda row: row.index)
            if len(rows) != len(scope.entries):
                raise NotFound
            if rows[-1].index >= size:
                raise Conflict(ConflictCode.NOT_PUBLISHED)
            return Chosen(scope=scope, entries=parse_rows(rows))
        case IncidentScope():
            return _choose_incident(uow, scope, size=size, actor=actor)


def _choose_item(uow: UnitOfWork, scope: ItemScope, *, size: int, actor: Actor | None) -> Chosen:
    if uow.consignments.find(scope.code) is None:
        raise NotFound
    if actor is not None:
        require(actor, Permission.EXPORT_EVIDENCE)
        get_consignment(uow, scope.code, actor=actor)
    _check_count(uow.audit.count_for_code(scope.code, before=size))
    rows = uow.audit.list_for_code(scope.code, before=size)
    if not rows:
        raise Conflict(ConflictCode.NOT_PUBLISHED)
    own = parse_rows(rows)
    rides, entries = _with_bags(uow, scope.code, own, size)
    bags = frozenset(ride.bag for ride in rides)
    shown = entries
    if actor is not None:
        shown = tuple(one for one in entries if may_have_bytes(uow, one, actor=actor, travelled=bags))
    if not any(line.code == scope.code for one in shown for line in one.items):
        raise Conflict(ConflictCode.ENTRIES_OF_OTHERS)
    named = {line.code for one in shown for line in one.items}
    scope = replace(scope, bags=tuple(sorted(bags & named)))
    if len(shown) < len(entries):
        scope = replace(scope, entries=tuple(entry.index for entry in shown))
    return Chosen(scope=scope, entries=shown, codes=(scope.code,))


def _with_bags(
    uow: UnitOfWork, code: str, own: tuple[Entry, ...], size: int
) -> tuple[tuple[Ride, ...], tuple[Entry, ...]]:
    """Add to an item's entries those of each bag it lay in, for as long as it did: they tell who had it."""
    read: dict[str, tuple[Entry, ...]] = {code: own}

    def entries_of(one: str) -> tuple[Entry, ...]:
        if one not in read:
            _check_count(len(own) + uow.audit.count_for_code(one, before=size))
            read[one] = parse_rows(uow.audit.list_for_code(one, before=size))
        return read[one]

    rides = find_rides(code, entries_of)
    during = {one.index: one for ride in rides for one in entries_of(ride.bag) if ride.covers(one.index)}
    everything = during | {one.index: one for one in own}
    _check_count(len(everything))
    return rides, tuple(everything[index] for index in sorted(everything))


def _choose_incident(uow: UnitOfWork, scope: IncidentScope, *, size: int, actor: Actor | None) -> Chosen:
    """Show everything of its items to whoever reads the whole log; to a party what it may have of its own."""
    if actor is None or may(actor.role, Permission.EXPORT_LOG):
        return Chosen(scope=scope, entries=_of_codes(uow, scope, size), codes=scope.codes)
    require(actor, Permission.EXPORT_EVIDENCE)
    for code in scope.codes:
        get_consignment(uow, code, actor=actor)
    entries = _of_codes(uow, scope, size)
    shown = tuple(entry for entry in entries if may_have_bytes(uow, entry, actor=actor))
    if not shown:
        raise Conflict(ConflictCode.ENTRIES_OF_OTHERS)
    # Chosen entries claim nothing of what lies between them, and so does the scope then.
    partly = IncidentScope(reference=scope.reference, entries=tuple(entry.index for entry in shown))
    if len(partly.entries) > MAX_CHOSEN:
        raise InvalidInput("codes", ProblemCode.TOO_MANY, params={"most": MAX_CHOSEN})
    return Chosen(scope=partly, entries=shown, codes=scope.codes)


def _within(uow: UnitOfWork, period: Period, size: int) -> tuple[Entry, ...]:
    first, until = uow.audit.find_between(period.first_at, period.until_at, size=size)
    _check_count(until - first)
    if first == until:
        raise Conflict(ConflictCode.NOT_PUBLISHED)
    return parse_rows(uow.audit.list_range(first, until))


def _of_codes(uow: UnitOfWork, scope: IncidentScope, size: int) -> tuple[Entry, ...]:
    for code in scope.codes:
        if uow.consignments.find(code) is None and uow.bags.find(code) is None:
            raise InvalidInput("codes", ProblemCode.UNKNOWN_ITEM, params={"value": code})
    _check_count(sum(uow.audit.count_for_code(code, before=size) for code in scope.codes))
    rows = {row.index: row for code in scope.codes for row in uow.audit.list_for_code(code, before=size)}
    entries = parse_rows([rows[index] for index in sorted(rows)])
    if scope.period is not None:
        period = scope.period
        entries = tuple(one for one in entries if period.first_at <= one.at < period.until_at)
    for code in scope.codes:
        # A verifier takes no silence for an answer: of every item named something must be shown.
        if not any(line.code == code for one in entries for line in one.items):
            raise InvalidInput("codes", ProblemCode.NOTHING_TO_SHOW, params={"value": code})
    return entries


def _check_count(count: int) -> None:
    if count > MOST_ENTRIES:
        raise InvalidInput(
            "last_day", ProblemCode.TOO_MANY_ENTRIES, params={"count": count, "most": MOST_ENTRIES}
        )


def _require_everything(actor: Actor | None) -> None:
    if actor is not None:
        require(actor, Permission.EXPORT_LOG)


def parse_rows(rows: Sequence[LogRow]) -> tuple[Entry, ...]:
    """Parse entries; what is none any more proves nothing, and `kt1 log verify` says which one it is."""
    return tuple(_parse(rows))


def _parse(rows: Iterable[LogRow]) -> Iterable[Entry]:
    for row in rows:
        try:
            yield parse_entry(row.data)
        except MalformedEntry:
            raise NotFound from None
