"""Which part of the recovery does an entry of each kind again: all of them, or a gap could not be filled.

A kind that is in neither table stops a restored installation for ever, so a test of the house walks every
kind. Nothing here may decide anything.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from app.services.recovery import (
    access_keys,
    authorities,
    corrections,
    holds,
    incidents,
    items,
    legs,
    musters,
    people,
    pouches,
    receiving,
    seals,
    sections,
    shifts,
    suspense,
    tracers,
    unattended,
)
from app.services.recovery.facts import Replay, draft_of
from app.services.recovery.scans import scan_again
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import REQUIRED_EVIDENCE, EntryKind

Act = Callable[[UnitOfWork, Entry, Replay], None]


class _NeedsTools(Protocol):
    def __call__(self, uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None: ...


class _MayLose(Protocol):
    def __call__(self, uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None: ...


def _plainly(act: Callable[[UnitOfWork, Entry], None]) -> Act:
    """Let an act be done that needs nothing but its entry, and of which nothing is lost."""
    return lambda uow, entry, replay: act(uow, entry)  # noqa: ARG005  # one form for all


def _with_tools(act: _NeedsTools) -> Act:
    return lambda uow, entry, replay: act(uow, entry, tools=replay.tools)


def _telling(act: _MayLose) -> Act:
    """Let an act be done that may have to tell what is lost."""
    return lambda uow, entry, replay: act(uow, entry, replay=replay)


def _append_alone(uow: UnitOfWork, entry: Entry) -> None:
    """Put back what changed nothing but the log."""
    uow.audit.append(draft_of(entry))


# Why a gap behind a backup never holds an entry of these kinds.
NEVER_IN_A_GAP: Final[Mapping[EntryKind, str]] = {
    EntryKind.LOG_CREATED: "it is written with the database itself, before there is anything to back up",
}
_ONE_BY_ONE: Final[Mapping[EntryKind, Act]] = {
    EntryKind.REGISTERED: _telling(items.register),
    EntryKind.AMENDED: _telling(items.amend),
    EntryKind.CANCELLED: _plainly(items.cancel),
    EntryKind.LABEL_PRINTED: _plainly(items.print_label),
    EntryKind.ITEMS_IMPORTED: _telling(items.take_list_in),
    EntryKind.ERASURE_PROPOSED: _plainly(items.propose_erasure),
    EntryKind.FIELD_ERASED: _plainly(items.decide_erasure),
    EntryKind.ERASURE_REFUSED: _plainly(items.decide_erasure),
    EntryKind.BAG_STARTED: _with_tools(items.start_bag),
    EntryKind.ACKNOWLEDGED: _plainly(suspense.file_receipt),
    EntryKind.STANDARD_PUBLISHED: _plainly(suspense.publish_standard),
    EntryKind.POLICY_PUBLISHED: _plainly(suspense.publish_policy),
    EntryKind.ACCOUNT_CREATED: _telling(people.create_account),
    EntryKind.ACCOUNT_CHANGED: _telling(people.change_account),
    EntryKind.DEVICE_ENROLLED: _telling(people.enrol_device),
    EntryKind.DEVICE_REVOKED: _plainly(people.revoke_device),
    EntryKind.UNIT_ADDED: _plainly(people.add_units),
    EntryKind.UNIT_CHANGED: _plainly(people.change_unit),
    EntryKind.SEALS_ISSUED: _plainly(seals.issue_seals),
    EntryKind.SEAL_VOIDED: _plainly(seals.void_seal),
    EntryKind.SCAN_CONFLICT: _plainly(_append_alone),
    EntryKind.LOG_EXPORTED: _plainly(_append_alone),
    EntryKind.EVIDENCE_EXPORTED: _plainly(_append_alone),
    EntryKind.KEY_ROTATED: _plainly(_append_alone),
}
# All that can be done again; a gap with an entry of another kind is refused before anything is changed.
ACTS: Final[Mapping[EntryKind, Act]] = {
    **_ONE_BY_ONE,
    **dict.fromkeys(REQUIRED_EVIDENCE, _with_tools(scan_again)),
    **dict.fromkeys(access_keys.KINDS, _plainly(access_keys.act_again)),
    **dict.fromkeys(authorities.KINDS, _plainly(authorities.act_again)),
    **dict.fromkeys(corrections.KINDS, _telling(corrections.act_again)),
    **dict.fromkeys(holds.KINDS, _telling(holds.act_again)),
    **dict.fromkeys(incidents.KINDS, _telling(incidents.act_again)),
    **dict.fromkeys(legs.KINDS, _plainly(legs.act_again)),
    **dict.fromkeys(musters.KINDS, _with_tools(musters.act_again)),
    **dict.fromkeys(pouches.KINDS, _with_tools(pouches.act_again)),
    **dict.fromkeys(receiving.KINDS, _plainly(receiving.act_again)),
    **dict.fromkeys(sections.KINDS, _plainly(sections.act_again)),
    **dict.fromkeys(shifts.KINDS, _with_tools(shifts.act_again)),
    **dict.fromkeys(tracers.KINDS, _plainly(tracers.act_again)),
    **dict.fromkeys(unattended.KINDS, _plainly(unattended.act_again)),
}
RESTORED: Final = frozenset(ACTS)
# What looks back at entries and at states that must be stored before it.
LOOKS_BACK: Final = corrections.KINDS | unattended.KINDS
