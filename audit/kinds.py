"""The closed list of what a log entry can report, and the facts each kind must state.

A kind must never be renamed or removed: entries outlive programs. More facts than the required ones may be
stated; personal and classified values never are (they go into commitments).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from audit.evidence import EvidenceKind


class EntryKind(StrEnum):
    """What happened, in the past tense."""

    LOG_CREATED = "log_created"
    REGISTERED = "registered"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    LABEL_PRINTED = "label_printed"
    HANDOVER_OFFERED = "handover_offered"
    HANDOVER_TAKEN = "handover_taken"
    HANDOVER_RECALLED = "handover_recalled"
    ATTEMPT_FAILED = "attempt_failed"
    SCAN_CONFLICT = "scan_conflict"
    DEVICE_ENROLLED = "device_enrolled"
    DEVICE_REVOKED = "device_revoked"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CHANGED = "account_changed"
    KEY_ROTATED = "key_rotated"
    UNIT_ADDED = "unit_added"
    UNIT_CHANGED = "unit_changed"
    ITEMS_IMPORTED = "items_imported"
    LOG_EXPORTED = "log_exported"
    ERASURE_PROPOSED = "erasure_proposed"
    FIELD_ERASED = "field_erased"
    ERASURE_REFUSED = "erasure_refused"
    EVIDENCE_EXPORTED = "evidence_exported"
    STANDARD_PUBLISHED = "standard_published"
    POLICY_PUBLISHED = "policy_published"
    ACKNOWLEDGED = "acknowledged"
    TRACER_ISSUED = "tracer_issued"
    TRACER_ANSWERED = "tracer_answered"
    INVESTIGATION_OPENED = "investigation_opened"
    MANDATE_GRANTED = "mandate_granted"
    MANDATE_REVOKED = "mandate_revoked"
    AUTHORITY_ISSUED = "authority_issued"
    AUTHORITY_REVOKED = "authority_revoked"
    UNATTENDED_ASKED = "unattended_asked"
    UNATTENDED_ANSWERED = "unattended_answered"
    UNATTENDED_RAISED = "unattended_raised"
    REDIRECTED = "redirected"
    BAG_STARTED = "bag_started"
    BAG_PACKED = "bag_packed"
    BAG_UNPACKED = "bag_unpacked"
    BAG_CLOSED = "bag_closed"
    BAG_OPENED = "bag_opened"
    BAG_ANSWERED = "bag_answered"
    SEAL_CHECKED = "seal_checked"
    SEAL_CHANGED = "seal_changed"
    CODE_KEYED_IN = "code_keyed_in"
    SHIFT_OPENED = "shift_opened"
    SHIFT_COUNTED = "shift_counted"
    SHIFT_CLOSED = "shift_closed"
    VEHICLE_ADDED = "vehicle_added"
    VEHICLE_RETIRED = "vehicle_retired"
    LEG_PLANNED = "leg_planned"
    LEG_DEPARTED = "leg_departed"
    LEG_ARRIVED = "leg_arrived"
    LEG_CANCELLED = "leg_cancelled"
    RELIEF_LISTED = "relief_listed"
    MUSTER_DRAWN = "muster_drawn"
    MUSTER_OPENED = "muster_opened"
    MUSTER_COUNTED = "muster_counted"
    MUSTER_CLOSED = "muster_closed"
    MUSTER_WITHDRAWN = "muster_withdrawn"
    POUCHES_ENTERED = "pouches_entered"
    POUCHES_SENT = "pouches_sent"
    POUCHES_RECEIVED = "pouches_received"
    POUCHES_CANCELLED = "pouches_cancelled"
    POUCH_RETIREMENT_PROPOSED = "pouch_retirement_proposed"
    POUCH_RETIREMENT_REFUSED = "pouch_retirement_refused"
    POUCH_RETIRED = "pouch_retired"
    ACCESS_KEY_REGISTERED = "access_key_registered"
    ACCESS_KEY_HANDED = "access_key_handed"
    ACCESS_KEY_CHANGED = "access_key_changed"
    ACCESS_KEY_RETIRED = "access_key_retired"
    SECTION_CLOSED = "section_closed"
    SECTION_REOPENED = "section_reopened"
    SECTION_OVERDUE = "section_overdue"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_NOTED = "incident_noted"
    INCIDENT_REPORTED = "incident_reported"
    INCIDENT_RESOLVED = "incident_resolved"
    INCIDENT_REOPENED = "incident_reopened"
    INCIDENT_CLOSED = "incident_closed"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    SEALS_ISSUED = "seals_issued"
    SEAL_VOIDED = "seal_voided"
    CORRECTION_PROPOSED = "correction_proposed"
    ERROR_DECLARED = "error_declared"
    CORRECTION_REFUSED = "correction_refused"


# Of every table that an administrator publishes.
_PUBLISHED: Final[Mapping[str, type[int] | type[str]]] = {
    "actor": int,
    "version": int,
    "valid_from": str,
    "source": str,
    "digest": str,
}
# `actor` and `owner` are user ids, `device` is a device's key id, `public_key` is base64 of 32 bytes,
# `proof` base64 of the signature by which a key asked for its own enrolment (`audit.enrolment`),
# `sender` and `recipient` are unit codes. An act of the machine itself has no actor, so `actor` is required
# only of people's acts.
REQUIRED_FACTS: Final[Mapping[EntryKind, Mapping[str, type[int] | type[str]]]] = {
    EntryKind.LOG_CREATED: {"origin": str, "public_key": str},
    EntryKind.REGISTERED: {"actor": int, "sender": str, "recipient": str},
    EntryKind.AMENDED: {"actor": int},
    EntryKind.CANCELLED: {"actor": int, "reason": str},
    EntryKind.LABEL_PRINTED: {"actor": int, "copies": int, "reason": str},
    EntryKind.HANDOVER_OFFERED: {"actor": int, "scan": str},
    EntryKind.HANDOVER_TAKEN: {"actor": int, "scan": str},
    EntryKind.HANDOVER_RECALLED: {"actor": int, "scan": str},
    EntryKind.ATTEMPT_FAILED: {"actor": int, "scan": str},
    EntryKind.SCAN_CONFLICT: {"actor": int, "scan": str},
    EntryKind.DEVICE_ENROLLED: {"device": str, "public_key": str, "owner": int, "proof": str},
    EntryKind.DEVICE_REVOKED: {"device": str},
    EntryKind.ACCOUNT_CREATED: {"account": int, "role": str},
    EntryKind.ACCOUNT_CHANGED: {"account": int},
    EntryKind.KEY_ROTATED: {"key": str},
    EntryKind.UNIT_ADDED: {"count": int},
    EntryKind.UNIT_CHANGED: {"unit": str},
    EntryKind.ITEMS_IMPORTED: {"actor": int, "rows": int},
    EntryKind.LOG_EXPORTED: {"size": int},
    # `fields` are the erased labels joined by commas; the entry's commitments are the digests that stay.
    EntryKind.ERASURE_PROPOSED: {"actor": int, "fields": str, "reason": str, "decision": str},
    EntryKind.FIELD_ERASED: {"actor": int, "proposer": int, "fields": str, "reason": str, "decision": str},
    EntryKind.ERASURE_REFUSED: {"actor": int, "proposer": int, "fields": str},
    EntryKind.EVIDENCE_EXPORTED: {"scope": str, "fields": int},
    # `digest` is of the canonical JSON of the whole table, which the entry states too.
    EntryKind.STANDARD_PUBLISHED: _PUBLISHED,
    EntryKind.POLICY_PUBLISHED: _PUBLISHED,
    # `receipt` is which of the four slips came back.
    EntryKind.ACKNOWLEDGED: {"actor": int, "receipt": str, "entry_mode": str},
    # Raised by a person or by the installation's own command; `issuer` and `to` are codes of units.
    EntryKind.TRACER_ISSUED: {
        "clock": str,
        "issuer": str,
        "year": int,
        "number": int,
        "to": str,
        "answer_due": str,
    },
    EntryKind.TRACER_ANSWERED: {"actor": int, "issuer": str, "year": int, "number": int, "answer": str},
    # `mandate` numbers it in the installation, `user` is who may receive for `unit`.
    EntryKind.MANDATE_GRANTED: {
        "actor": int,
        "mandate": int,
        "unit": str,
        "user": int,
        "mandate_kind": str,
        "basis": str,
        "valid_from": str,
        "valid_until": str,
    },
    EntryKind.MANDATE_REVOKED: {"actor": int, "mandate": int},
    # `authority` numbers the paper in the installation; `number` is what is printed on it.
    EntryKind.AUTHORITY_ISSUED: {
        "actor": int,
        "authority": int,
        "number": str,
        "authority_kind": str,
        "unit": str,
        "holder": int,
        "valid_from": str,
        "valid_until": str,
    },
    EntryKind.AUTHORITY_REVOKED: {"actor": int, "authority": int, "reason": str},
    # `unit` is the place whose supervisor answers; custody stays with whoever has it.
    EntryKind.UNATTENDED_ASKED: {"reason": str, "since": str, "unit": str},
    EntryKind.UNATTENDED_ANSWERED: {
        "actor": int,
        "reason": str,
        "since": str,
        "unit": str,
        "answer": str,
        "note": str,
    },
    EntryKind.UNATTENDED_RAISED: {"reason": str, "since": str, "unit": str, "incident": str},
    EntryKind.REDIRECTED: {"actor": int, "from": str, "to": str, "reason": str},
    EntryKind.INVESTIGATION_OPENED: {"clock": str, "issuer": str, "year": int, "number": int, "to": str},
    # `from` and `to` are unit codes, `asset` is the number on the pouch itself.
    EntryKind.BAG_STARTED: {"actor": int, "from": str, "to": str, "asset": str},
    EntryKind.BAG_PACKED: {"actor": int, "scan": str},
    EntryKind.BAG_UNPACKED: {"actor": int, "scan": str},
    EntryKind.BAG_CLOSED: {"actor": int, "scan": str},
    EntryKind.BAG_OPENED: {"actor": int, "scan": str},
    EntryKind.BAG_ANSWERED: {"actor": int, "scan": str},
    EntryKind.SEAL_CHECKED: {"actor": int, "scan": str},
    EntryKind.SEAL_CHANGED: {"actor": int, "scan": str},
    # Why it was typed is in the device's own words; whose code it is stands in `items`.
    EntryKind.CODE_KEYED_IN: {"actor": int, "scan": str},
    # `shift` is the shift's own code, which names no item. `opening` and `closing` count what is listed,
    # `digest` is SHA-256 of the listed codes, sorted, each with a line feed.
    EntryKind.SHIFT_OPENED: {"actor": int, "shift": str, "unit": str, "opening": int, "digest": str},
    EntryKind.SHIFT_COUNTED: {"actor": int, "scan": str, "shift": str},
    EntryKind.SHIFT_CLOSED: {"actor": int, "shift": str, "supervisor": int, "closing": int, "digest": str},
    # Lists of numbers on pouches are joined by commas; `digest` is of them, sorted, each with a line feed.
    EntryKind.POUCHES_ENTERED: {"actor": int, "unit": str, "pouches": str, "count": int},
    EntryKind.POUCHES_SENT: {
        "actor": int,
        "list": str,
        "from": str,
        "to": str,
        "pouches": str,
        "digest": str,
    },
    EntryKind.POUCHES_RECEIVED: {
        "actor": int,
        "list": str,
        "received": int,
        "missing": str,
        "excess": str,
    },
    EntryKind.POUCHES_CANCELLED: {"actor": int, "list": str, "reason": str},
    EntryKind.POUCH_RETIREMENT_PROPOSED: {"actor": int, "pouch": str, "reason": str},
    EntryKind.POUCH_RETIREMENT_REFUSED: {"actor": int, "pouch": str, "proposer": int},
    # By the second person, or by one where a closed incident stands for the other.
    EntryKind.POUCH_RETIRED: {"actor": int, "pouch": str, "reason": str},
    # `vehicle` is its registration plate, `dedicated` whether it serves KT1 alone.
    EntryKind.VEHICLE_ADDED: {"actor": int, "unit": str, "vehicle": str, "dedicated": bool},
    EntryKind.VEHICLE_RETIRED: {"actor": int, "vehicle": str},
    # `leg` is the leg's own code, which names no item; what is aboard stands in `items`.
    EntryKind.LEG_PLANNED: {
        "actor": int,
        "leg": str,
        "from": str,
        "to": str,
        "courier": int,
        "vehicle": str,
        "departs_at": str,
        "arrives_at": str,
    },
    EntryKind.LEG_DEPARTED: {"actor": int, "scan": str, "leg": str},
    EntryKind.LEG_ARRIVED: {"actor": int, "scan": str, "leg": str},
    EntryKind.LEG_CANCELLED: {"actor": int, "leg": str, "reason": str},
    # `digest` is of the codes that the leaver hands over, `lines` how many.
    EntryKind.RELIEF_LISTED: {"actor": int, "shift": str, "successor": int, "lines": int, "digest": str},
    # `seed` is the leaf hash of entry `size - 1`, `digest` of the names that were drawn from.
    EntryKind.MUSTER_DRAWN: {
        "actor": int,
        "of": str,
        "seed": str,
        "size": int,
        "pool": int,
        "digest": str,
        "drawn": str,
    },
    # `muster` is the muster's own code; `digest` of what was frozen, at the closing of the result.
    EntryKind.MUSTER_OPENED: {"actor": int, "muster": str, "unit": str, "expected": int, "digest": str},
    EntryKind.MUSTER_COUNTED: {"actor": int, "scan": str, "muster": str},
    # By its opener, or by an auditor once it has been open too long.
    EntryKind.MUSTER_WITHDRAWN: {"actor": int, "muster": str, "reason": str},
    EntryKind.MUSTER_CLOSED: {
        "actor": int,
        "muster": str,
        "partner": int,
        "missing": int,
        "unexpected": int,
        "digest": str,
    },
    # `access_key` numbers a key or code of an office in the installation; what opens the lock is nowhere.
    EntryKind.ACCESS_KEY_REGISTERED: {
        "actor": int,
        "access_key": int,
        "unit": str,
        "access_key_kind": str,
        "name": str,
        "seal": str,
        "due": str,
    },
    EntryKind.ACCESS_KEY_HANDED: {"actor": int, "access_key": int, "partner": int},
    EntryKind.ACCESS_KEY_CHANGED: {"actor": int, "access_key": int, "partner": int, "seal": str, "due": str},
    EntryKind.ACCESS_KEY_RETIRED: {"actor": int, "access_key": int, "partner": int},
    # `things` lie in the safe as the section closes, `digest` is of their codes. A late one has no actor.
    EntryKind.SECTION_CLOSED: {
        "actor": int,
        "closing": str,
        "unit": str,
        "reason": str,
        "expected": str,
        "things": int,
        "digest": str,
        "closed_at": str,
    },
    EntryKind.SECTION_REOPENED: {"actor": int, "closing": str, "seal_state": str, "reopened_at": str},
    EntryKind.SECTION_OVERDUE: {"closing": str, "incident": str, "raised_at": str},
    # `incident` is the number in full. What the machine opened has no actor. One that a scan raised stands in
    # the scan's own entry, under `incidents`.
    EntryKind.INCIDENT_OPENED: {"incident": str, "kind": str, "severity": str},
    EntryKind.INCIDENT_NOTED: {"actor": int, "incident": str, "step": str},
    EntryKind.INCIDENT_REPORTED: {"actor": int, "incident": str, "to": str},
    EntryKind.INCIDENT_RESOLVED: {"actor": int, "incident": str, "cause": str},
    EntryKind.INCIDENT_REOPENED: {"actor": int, "incident": str, "resolver": int},
    EntryKind.INCIDENT_CLOSED: {"actor": int, "incident": str, "resolver": int},
    # `code` is what is held back, whether or not it is an item of this log; an item is named in `items` too.
    EntryKind.HOLD_PLACED: {"actor": int, "hold": str, "code": str, "reason": str, "in_force": str},
    # `entry` and `leaf` name the entry that is wrong; nothing of it is ever changed.
    EntryKind.CORRECTION_PROPOSED: {"actor": int, "entry": int, "leaf": str, "reason": str},
    EntryKind.ERROR_DECLARED: {"actor": int, "declarer": int, "entry": int, "leaf": str, "reason": str},
    EntryKind.CORRECTION_REFUSED: {"actor": int, "declarer": int, "entry": int, "leaf": str},
    EntryKind.HOLD_LIFTED: {"actor": int, "hold": str, "code": str, "placer": int, "in_force": str},
    EntryKind.SEALS_ISSUED: {"actor": int, "unit": str, "first": str, "last": str, "count": int},
    EntryKind.SEAL_VOIDED: {"actor": int, "seal": str, "reason": str},
}

# Entries of these kinds report a scan, so they carry a device's envelope that says so.
REQUIRED_EVIDENCE: Final[Mapping[EntryKind, EvidenceKind]] = {
    EntryKind.HANDOVER_OFFERED: EvidenceKind.OFFER,
    EntryKind.HANDOVER_TAKEN: EvidenceKind.TAKE,
    EntryKind.HANDOVER_RECALLED: EvidenceKind.RECALL,
    EntryKind.ATTEMPT_FAILED: EvidenceKind.ATTEMPT,
    EntryKind.BAG_PACKED: EvidenceKind.PACK,
    EntryKind.BAG_UNPACKED: EvidenceKind.UNPACK,
    EntryKind.BAG_CLOSED: EvidenceKind.CLOSE,
    EntryKind.BAG_OPENED: EvidenceKind.OPEN,
    EntryKind.BAG_ANSWERED: EvidenceKind.ANSWER,
    EntryKind.SEAL_CHECKED: EvidenceKind.CHECK_SEAL,
    EntryKind.SEAL_CHANGED: EvidenceKind.CHANGE_SEAL,
    EntryKind.SHIFT_COUNTED: EvidenceKind.COUNT,
    EntryKind.LEG_DEPARTED: EvidenceKind.DEPART,
    EntryKind.LEG_ARRIVED: EvidenceKind.ARRIVE,
    EntryKind.CODE_KEYED_IN: EvidenceKind.KEY_IN,
    EntryKind.MUSTER_COUNTED: EvidenceKind.COUNT,
}


def find_missing_fact(kind: EntryKind, facts: Mapping[str, object]) -> str | None:
    """Return the first required fact that is absent or of the wrong type, or None."""
    for name, expected in REQUIRED_FACTS[kind].items():
        # An exact type, because in Python a bool is an int; StrEnum members are text.
        value = facts.get(name)
        if type(value) is not expected and not (expected is str and isinstance(value, str)):
            return name
    return None
