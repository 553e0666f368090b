"""Agencies, post offices, departments and committees: found by code, added and changed by an administrator.

A unit is never deleted, only closed: old entries keep naming it. Its code never changes, because the log and
the labels already say it. Every change is an entry: whoever moves an address moves the mail.

For the surfaces:
    list_units(uow, *, actor, now, tools) -> tuple[Unit, ...]  everybody logged in (pick lists)
    add_unit(uow, AddUnit, *, actor, now, tools) -> UnitId  actor None: the operator's console
    add_units(uow, [AddUnit], *, actor, now, tools) -> int  a whole list, one transaction, few entries
    amend_unit(uow, AmendUnit, *, actor, now, tools) -> None
    unit_ids(uow) -> dict[code, UnitId]                                        open units, for the import
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Permission, may
from app.domain.errors import Conflict, ConflictCode, NotFound, ProblemCode
from app.domain.ids import UnitId
from app.domain.text import search_key
from app.services.fields import Fields
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import Unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue, encode
from crypto.digest import sha256_hex

_CODE = re.compile(r"[A-Z0-9][A-Z0-9.-]{1,15}", re.ASCII)
_PROVINCE = re.compile(r"[0-9]{2}", re.ASCII)
_COMMUNE = re.compile(r"[0-9]{5}", re.ASCII)
# Ten times the communes, departments and post offices of a province.
_EVERY = 5_000
# Bytes of one entry, of its at most 65,535, that a list of units may fill.
_ROOM = 50_000
_FIELDS = frozenset({"code", "kind", "name", "short_name", "province", "commune", "address", "parent"})


class UnitKind(StrEnum):
    """What a unit is; `point` is a post office or another place where items change hands."""

    AGENCY = "agency"
    POINT = "point"
    DEPARTMENT = "department"
    COMMITTEE = "committee"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnit:
    """An untrusted form: code, kind, name, short_name, province, commune, address, parent (code)."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendUnit:
    """An untrusted form for an existing unit; its code stays what it is."""

    unit: UnitId
    untrusted: Mapping[str, str]
    active: bool


def find_open_unit(uow: UnitOfWork, untrusted_code: str) -> UnitId | None:
    """Return the id of an active unit by the code people write, None when there is none."""
    unit = uow.units.find_by_code(untrusted_code.strip().upper())
    return unit.id if unit is not None and unit.active else None


def unit_ids(
    uow: UnitOfWork, *, now: datetime | None = None, tools: Tools | None = None
) -> dict[str, UnitId]:
    """Return every open unit by code."""
    del now, tools
    return {unit.code: unit.id for unit in uow.units.list(active=True, limit=_EVERY)}


def list_units(uow: UnitOfWork, *, actor: Actor | None, now: datetime, tools: Tools) -> tuple[Unit, ...]:
    """Return every unit, closed ones only to administrators and the operator's console (actor None)."""
    del now, tools
    if actor is not None:
        require(actor, Permission.VIEW_HOME)
    only_open = None if actor is None or may(actor.role, Permission.MANAGE_UNITS) else True
    return uow.units.list(active=only_open, limit=_EVERY)


def add_unit(
    uow: UnitOfWork, command: AddUnit, *, actor: Actor | None, now: datetime, tools: Tools
) -> UnitId:
    """Add a unit; raises InvalidInput with every problem, Conflict when the code is taken."""
    del now, tools
    identity, unit = _add(uow, command, actor)
    _log(uow, EntryKind.UNIT_ADDED, {"count": 1, **_values(uow, unit)}, actor)
    return identity


def add_units(
    uow: UnitOfWork, commands: Sequence[AddUnit], *, actor: Actor | None, now: datetime, tools: Tools
) -> int:
    """Add a list, parents before their children, all or none; its entries state every value."""
    del now, tools
    added = [_values(uow, _add(uow, command, actor)[1]) for command in commands]
    for part in _parts(added):
        facts: dict[str, JsonValue] = {"count": len(part), "digest": sha256_hex(encode(part)), "units": part}
        _log(uow, EntryKind.UNIT_ADDED, facts, actor)
    return len(added)


def _parts(added: Iterable[dict[str, JsonValue]]) -> Iterator[list[JsonValue]]:
    """Cut a list so that each part has room in one entry."""
    part: list[JsonValue] = []
    room = _ROOM
    for values in added:
        length = len(encode(values)) + 1
        if part and length > room:
            yield part
            part, room = [], _ROOM
        part.append(values)
        room -= length
    if part:
        yield part


def amend_unit(
    uow: UnitOfWork, command: AmendUnit, *, actor: Actor | None, now: datetime, tools: Tools
) -> None:
    """Change everything but the code, close or reopen."""
    del tools
    if actor is not None:
        require(actor, Permission.MANAGE_UNITS)
    before = uow.units.find(command.unit)
    if before is None:
        raise NotFound
    after = _read(uow, command.untrusted, unit=before.id, code=before.code, active=command.active)
    after = replace(after, closed_at=None if command.active else before.closed_at or now)
    old, new = _values(uow, before), _values(uow, after)
    uow.units.amend(after)
    changed = [name for name in sorted(new) if new[name] != old[name]]
    facts: dict[str, JsonValue] = {"unit": before.code, "changed": list(changed)}
    facts |= {f"old_{name}": old[name] for name in changed} | {f"new_{name}": new[name] for name in changed}
    _log(uow, EntryKind.UNIT_CHANGED, facts, actor)


def _add(uow: UnitOfWork, command: AddUnit, actor: Actor | None) -> tuple[UnitId, Unit]:
    if actor is not None:
        require(actor, Permission.MANAGE_UNITS)
    unit = _read(uow, command.untrusted, unit=UnitId(0), code=None, active=True)
    if uow.units.find_by_code(unit.code) is not None:
        raise Conflict(ConflictCode.UNIT_TAKEN)
    return uow.units.add(unit), unit


def _values(uow: UnitOfWork, unit: Unit) -> dict[str, JsonValue]:
    """Return what the log says of a unit: nothing in it is personal, and the labels print most of it."""
    parent = None if unit.parent_id is None else uow.units.find(unit.parent_id)
    return {
        "unit": unit.code,
        "kind": unit.kind,
        "name": unit.name,
        "short_name": unit.short_name,
        "province": unit.province,
        "commune": unit.commune,
        "address": unit.address,
        "parent": "" if parent is None else parent.code,
        "active": unit.active,
    }


def _log(uow: UnitOfWork, kind: EntryKind, facts: dict[str, JsonValue], actor: Actor | None) -> None:
    said = facts if actor is None else {**facts, "actor": int(actor.user)}
    uow.audit.append(EntryDraft(kind=kind, facts=said))


def _read(
    uow: UnitOfWork, untrusted: Mapping[str, str], *, unit: UnitId, code: str | None, active: bool
) -> Unit:
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(_FIELDS)
    name = fields.line("name", longest=200, required=True)
    short_name = fields.line("short_name", longest=60) or name[:60]
    read = Unit(
        id=unit,
        code=code or _read_pattern(fields, "code", _CODE),
        kind=_read_kind(fields),
        name=name,
        short_name=short_name,
        search_name=search_key(f"{name} {short_name} {code or untrusted.get('code', '')[:32]}"),
        province=_read_pattern(fields, "province", _PROVINCE),
        commune=_read_pattern(fields, "commune", _COMMUNE, required=False),
        address=fields.line("address", longest=300),
        parent_id=_read_parent(uow, fields),
        active=active,
    )
    fields.raise_problems()
    return read


def _read_pattern(fields: Fields, name: str, pattern: re.Pattern[str], *, required: bool = True) -> str:
    text = fields.untrusted.get(name, "").strip().upper()
    if not text and required:
        fields.refuse(name, ProblemCode.REQUIRED)
    elif text and not pattern.fullmatch(text):
        fields.refuse(name, ProblemCode.MALFORMED)
    return text


def _read_kind(fields: Fields) -> str:
    try:
        return UnitKind(fields.untrusted.get("kind", "")).value
    except ValueError:
        fields.refuse("kind", ProblemCode.NOT_A_CHOICE)
        return UnitKind.AGENCY.value


def _read_parent(uow: UnitOfWork, fields: Fields) -> UnitId | None:
    code = fields.untrusted.get("parent", "").strip()
    parent = find_open_unit(uow, code) if code else None
    if code and parent is None:
        fields.refuse("parent", ProblemCode.UNKNOWN_UNIT)
    return parent
