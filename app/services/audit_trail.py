"""What happened to a consignment, from the log's own bytes, with a mark for what was checked just now.

Nothing is told from the tables that change: a timeline is parsed from entries. A list handover names other
people's items too; only the one asked about is shown. An entry that no longer parses is shown as bad, not
hidden.

For the surfaces:
    get_timeline(uow, code, *, before, limit, actor, now, tools) -> Timeline            newest first
    get_entry(uow, index, *, actor, now, tools) -> EntryView
The whole log (list, export, verify): `log.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import Actor, Permission, may
from app.domain.consignment import Consignment
from app.domain.errors import NotFound
from app.domain.ids import KeyId, UserId
from app.services.access import get_consignment
from app.services.custody_marks import find_mismatches
from app.services.evidence_access import may_have_bytes
from app.services.log_keys import list_log_keys
from app.services.marks import Marks, check_entry
from app.services.permissions import require
from app.services.tools import Tools
from app.storage.records import Device, LogRow, User
from app.storage.uow import UnitOfWork
from audit.entry import Entry, ItemLine, parse_entry
from audit.errors import AuditError
from audit.evidence import Evidence, parse_evidence
from audit.kinds import EntryKind
from audit.trust import Trust
from crypto.digest import leaf_hash

TIMELINE_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry as a timeline shows it. `entry` is None when the stored bytes are no entry any more.

    `recorded_at` is the server's time, `device_at` the device's. `evidence` is what the actor's device
    signed.
    """

    index: int
    kind: EntryKind | None
    recorded_at: datetime
    device_at: datetime | None
    hash_hex: str
    entry: Entry | None
    item: ItemLine | None
    evidence: tuple[Evidence, ...]
    signer: User | None
    device_names: tuple[str, ...]
    marks: Marks | None

    @property
    def is_verified(self) -> bool:
        """Whether everything about it was checked now and held."""
        return self.marks is not None and self.marks.is_verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Events of one item, newest first; `next_before` continues with older ones, None at the beginning.

    `fits_log` is False when the item's custodian or state are not what was recorded when they changed.
    """

    consignment: Consignment
    fits_log: bool
    events: tuple[Event, ...]
    next_before: int | None

    @property
    def is_verified(self) -> bool:
        """Whether there are events here, every one held, and the item is as they left it."""
        return self.fits_log and bool(self.events) and all(event.is_verified for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry for a page of its own; `data` is given only to those who may have its bytes."""

    event: Event
    codes: tuple[str, ...]
    data: bytes | None


def get_timeline(
    uow: UnitOfWork,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    before: int | None = None,
    limit: int = TIMELINE_PAGE,
) -> Timeline:
    """Return one page of the events of an item this person may know about; raises NotFound otherwise.

    Pages, because refused scans are entries too: whoever scans a code all day must not make its page slow.
    """
    consignment = get_consignment(uow, code, actor=actor, now=now, tools=tools)
    rows = uow.audit.list_for_code(consignment.code, before=before, limit=limit + 1)
    earlier, rows = (rows[:1], rows[1:]) if len(rows) > limit else ((), rows)
    events, item_prev = [], leaf_hash(earlier[0].data).hex() if earlier else ""
    context = _load_context(uow, rows, tools)
    for row in rows:
        events.append(_read_event(row, context, item_prev={consignment.code: item_prev}, tools=tools))
        item_prev = leaf_hash(row.data).hex()
    # A head that names another entry than the last one means that the end of this item's chain was cut off.
    if before is None and consignment.item_head != item_prev:
        events[-1:] = [_as_cut(event) for event in events[-1:]]
    next_before = rows[0].index if earlier else None
    return Timeline(
        consignment=consignment,
        fits_log=not find_mismatches(uow, (consignment,)),
        events=tuple(reversed(events)),
        next_before=next_before,
    )


def get_entry(uow: UnitOfWork, index: int, *, actor: Actor, now: datetime, tools: Tools) -> EntryView:
    """Return one entry, if it names an item this person may know about or the person reads the whole log."""
    require(actor, Permission.VIEW_ENTRY)
    row = uow.audit.find(index)
    if row is None:
        raise NotFound
    reads_all = may(actor.role, Permission.VIEW_LOG)
    named = uow.audit.list_codes(index)
    codes = named if reads_all else _visible_codes(uow, named, actor, now)
    if not codes and not reads_all:
        raise NotFound
    item_prev = {code: _find_item_prev(uow, code, index) for code in codes}
    event = _read_event(row, _load_context(uow, (row,), tools), item_prev=item_prev, tools=tools)
    entry = event.entry
    given = reads_all or (entry is not None and may_have_bytes(uow, entry, actor=actor))
    return EntryView(event=event, codes=codes, data=row.data if given else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    before: dict[int, LogRow]
    devices: dict[str, Device]
    users: dict[UserId, User]
    trust: Trust


def _load_context(uow: UnitOfWork, rows: tuple[LogRow, ...], tools: Tools) -> _Context:
    """Read once what the checks of all rows need."""
    entries = [entry for row in rows if (entry := _parse(row)) is not None]
    keys = {envelope.key_id for entry in entries for envelope in entry.envelopes}
    return _Context(
        before={row.index: row for row in uow.audit.list_rows({row.index - 1 for row in rows})},
        devices={device.key_id: device for device in uow.devices.list_by_keys({KeyId(key) for key in keys})},
        users=uow.users.list_by_ids(_actors(entries)) if entries else {},
        trust=Trust(origin=tools.origin, log_keys=list_log_keys(uow, tools=tools)),
    )


def _read_event(row: LogRow, context: _Context, *, item_prev: dict[str, str], tools: Tools) -> Event:
    entry = _parse(row)
    if entry is None:
        return _broken_event(row)
    evidence = _parse_evidence(entry)
    item = next((item for item in entry.items if item.code in item_prev), None)
    known = [context.devices[one.key_id] for one in entry.envelopes if one.key_id in context.devices]
    return Event(
        index=row.index,
        kind=entry.kind,
        recorded_at=entry.at,
        device_at=evidence[0].at if evidence else None,
        hash_hex=leaf_hash(row.data).hex(),
        entry=entry,
        item=item,
        evidence=evidence,
        signer=context.users.get(_actor_of(entry)),
        device_names=tuple(device.name for device in known),
        marks=check_entry(
            row,
            entry,
            log_key=context.trust.find_key(entry.key, row.index),
            before=context.before.get(row.index - 1),
            item_prev=item_prev,
            devices=context.devices,
            origin=tools.origin,
        ),
    )


def _broken_event(row: LogRow) -> Event:
    return Event(
        index=row.index,
        kind=None,
        recorded_at=row.at,
        device_at=None,
        hash_hex=leaf_hash(row.data).hex(),
        entry=None,
        item=None,
        evidence=(),
        signer=None,
        device_names=(),
        marks=None,
    )


def _as_cut(event: Event) -> Event:
    marks = event.marks
    if marks is None:
        return event
    return replace(event, marks=replace(marks, item_link=False))


def _visible_codes(uow: UnitOfWork, codes: Iterable[str], actor: Actor, now: datetime) -> tuple[str, ...]:
    found = []
    for code in codes:
        try:
            get_consignment(uow, code, actor=actor, now=now)
        except NotFound:
            continue
        found.append(code)
    return tuple(found)


def _find_item_prev(uow: UnitOfWork, code: str, index: int) -> str:
    earlier = uow.audit.list_for_code(code, before=index, limit=1)
    return leaf_hash(earlier[0].data).hex() if earlier else ""


def _parse(row: LogRow) -> Entry | None:
    try:
        return parse_entry(row.data)
    except AuditError:
        return None


def _parse_evidence(entry: Entry) -> tuple[Evidence, ...]:
    try:
        return tuple(parse_evidence(envelope.payload) for envelope in entry.envelopes)
    except AuditError:
        return ()


def _actor_of(entry: Entry) -> UserId:
    actor = entry.facts.get("actor")
    return UserId(actor if isinstance(actor, int) else 0)


def _actors(entries: Iterable[Entry]) -> set[UserId]:
    return {_actor_of(entry) for entry in entries}
