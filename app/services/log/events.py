"""Read entries of the log as events: parsed from their own bytes and checked just now.

What of an entry a person may know about is decided by the callers; nothing here may show a second code of a
list. An entry that no longer parses is returned as bad, not left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.correction import Correction
from app.domain.ids import KeyId, UserId
from app.services.items.marks import Marks, check_entry
from app.services.log.log_keys import list_log_keys
from app.services.tools import Tools
from app.storage.records import Device, LogRow, User
from app.storage.uow import UnitOfWork
from audit.entry import Entry, ItemLine, parse_entry
from audit.errors import AuditError
from audit.evidence import Evidence, parse_evidence
from audit.kinds import EntryKind
from audit.trust import Trust
from crypto.digest import leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry as a timeline shows it. `entry` is None when the stored bytes are no entry any more.

    `error` is the confirmed declaration that it is wrong; the entry itself is shown as it was written.

    `recorded_at` is the server's time, `device_at` the device's. `evidence` is what the actor's device
    signed; `witness` is the second person of an act, `giver` whoever handed in at a counter.
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
    witness: User | None
    device_names: tuple[str, ...]
    marks: Marks | None
    error: Correction | None = None
    giver: User | None = None

    @property
    def is_verified(self) -> bool:
        """Whether everything about it was checked now and held."""
        return self.marks is not None and self.marks.is_verified


def read_chain(
    uow: UnitOfWork, code: str, *, head: str, before: int | None, limit: int, tools: Tools
) -> tuple[tuple[Event, ...], int | None]:
    """Return one page of the events of a code, newest first, and where older ones begin.

    `head` is what its row calls its last entry: another one means that the end of its chain was cut off.
    """
    rows = uow.audit.list_for_code(code, before=before, limit=limit + 1)
    earlier, rows = (rows[:1], rows[1:]) if len(rows) > limit else ((), rows)
    events = _read_linked(uow, code, earlier, rows, tools)
    if before is None and head != (events[-1].hash_hex if events else ""):
        events[-1:] = [_as_cut(event) for event in events[-1:]]
    return tuple(reversed(events)), rows[0].index if earlier else None


def read_stretch(
    uow: UnitOfWork, code: str, *, after: int, before: int, limit: int, tools: Tools
) -> tuple[Event, ...]:
    """Return the events of a code between two entries, newest first: the last `limit` of them."""
    rows = uow.audit.list_for_code(code, before=before, limit=limit + 1)
    begin = next((place for place, row in enumerate(rows) if row.index > after), len(rows))
    begin = max(begin, len(rows) - limit)
    if begin == len(rows):
        return ()
    return tuple(reversed(_read_linked(uow, code, rows[:begin], rows[begin:], tools)))


def _read_linked(
    uow: UnitOfWork, code: str, earlier: tuple[LogRow, ...], rows: tuple[LogRow, ...], tools: Tools
) -> list[Event]:
    """Read rows of one chain, oldest first, each held against the one before it."""
    events, item_prev = [], leaf_hash(earlier[-1].data).hex() if earlier else ""
    context = _load_context(uow, rows, tools)
    for row in rows:
        events.append(_read_event(row, context, item_prev={code: item_prev}, tools=tools))
        item_prev = leaf_hash(row.data).hex()
    return events


def read_one(uow: UnitOfWork, row: LogRow, codes: Iterable[str], *, tools: Tools) -> Event:
    """Return one entry as an event, its links checked for these codes."""
    item_prev = {code: _find_item_prev(uow, code, row.index) for code in codes}
    return _read_event(row, _load_context(uow, (row,), tools), item_prev=item_prev, tools=tools)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    before: dict[int, LogRow]
    devices: dict[str, Device]
    users: dict[UserId, User]
    trust: Trust
    errors: dict[int, Correction]


def _load_context(uow: UnitOfWork, rows: tuple[LogRow, ...], tools: Tools) -> _Context:
    """Read once what the checks of all rows need."""
    entries = [entry for row in rows if (entry := _parse(row)) is not None]
    keys = {envelope.key_id for entry in entries for envelope in entry.envelopes}
    return _Context(
        before={row.index: row for row in uow.audit.list_rows({row.index - 1 for row in rows})},
        devices={device.key_id: device for device in uow.devices.list_by_keys({KeyId(key) for key in keys})},
        users=uow.users.list_by_ids(_people(entries)) if entries else {},
        trust=Trust(origin=tools.origin, log_keys=list_log_keys(uow, tools=tools)),
        errors=uow.corrections.list_confirmed([row.index for row in rows]),
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
        signer=context.users.get(_person_of(entry, "actor")),
        witness=context.users.get(_person_of(entry, "witness")),
        giver=context.users.get(_person_of(entry, "giver")),
        device_names=tuple(device.name for device in known),
        error=context.errors.get(row.index),
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
        witness=None,
        device_names=(),
        marks=None,
    )


def _as_cut(event: Event) -> Event:
    marks = event.marks
    if marks is None:
        return event
    return replace(event, marks=replace(marks, item_link=False))


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


def _person_of(entry: Entry, fact: str) -> UserId:
    person = entry.facts.get(fact)
    return UserId(person if isinstance(person, int) else 0)


def _people(entries: Iterable[Entry]) -> set[UserId]:
    return {_person_of(entry, fact) for entry in entries for fact in ("actor", "witness", "giver")}
