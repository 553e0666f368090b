"""Whether an entry about a scan says what the device signed, and nothing else.

The log's key signs what the server wrote; only the envelope is the device's. So who, which scan and which
lines are held against it one by one. Signatures were verified before. It must never ask whether the scan was
allowed: that is the server's decision, recorded as outcome and refusal.
"""

from collections.abc import Mapping
from typing import NamedTuple

from audit.acts import FORMS
from audit.device_keys import Device
from audit.entry import Entry, Outcome
from audit.errors import BadEntry, MalformedEvidence
from audit.evidence import EvidenceKind
from audit.glance import Glance, glance
from audit.kinds import REQUIRED_EVIDENCE, EntryKind
from audit.statements import named_code
from crypto.envelope import EVIDENCE_TYPE, Envelope

# A conflict carries the second statement of a scan's name, whatever its kind.
SCAN_KINDS = {*REQUIRED_EVIDENCE, EntryKind.SCAN_CONFLICT}


class Said(NamedTuple):
    """What other entries are held against: the scan's name, the offer's nonce, and that there was none.

    `handed_in`: somebody without a device gave at the taker's counter, so that no offer stands open.
    """

    scan: str
    nonce: bytes
    handed_in: bool = False


def read_scan(entry: Entry, devices: Mapping[str, Device], origin: str) -> Said:
    """Hold an entry against its one envelope, whose signature is good; raises BadEntry."""
    position = entry.index
    if entry.kind not in SCAN_KINDS or len(entry.envelopes) != 1:
        raise BadEntry(position, "evidence", "a scan's entry carries one envelope, and no other entry any")
    (signed,) = entry.envelopes
    evidence = _read(signed, position, origin)
    needed = REQUIRED_EVIDENCE.get(entry.kind)
    if needed is not None and evidence.kind is not needed:
        raise BadEntry(position, "evidence", f"reports another kind than the signed {evidence.kind}")
    if not evidence.actor == devices[signed.key_id].owner == entry.facts["actor"]:
        raise BadEntry(position, "evidence", "scanned, signed and enrolled by different people")
    _check_giver(entry, evidence)
    if evidence.scan != entry.facts["scan"]:
        raise BadEntry(position, "evidence", "names another scan than the device signed")
    if needed is not None and evidence.about and evidence.about != _stated_subject(entry, needed):
        raise BadEntry(position, "evidence", "is about another thing than the device signed for")
    if needed is not None:
        _compare_lines(entry, evidence)
    elif entry.items:
        raise BadEntry(position, "evidence", "a conflict of scans does nothing to any item")
    return Said(evidence.scan, bytes.fromhex(evidence.nonce), evidence.giver != 0)


def _check_giver(entry: Entry, evidence: Glance) -> None:
    """Demand the log's own word, wherever a line stands, that whom the device names as giver was there."""
    stands = any(item.outcome is Outcome.ACCEPTED for item in entry.items)
    stated = entry.facts.get("giver", 0)
    if stated != evidence.giver and (stated or stands):
        raise BadEntry(entry.index, "evidence", "names another giver than the device signed")


def _stated_subject(entry: Entry, kind: EvidenceKind) -> object:
    """Return what an entry says its act was about, where that has no chain of its own."""
    # A count is of a shift or of a muster.
    about = "muster" if entry.kind is EntryKind.MUSTER_COUNTED else FORMS[kind].about
    return entry.facts.get(about)


def _read(signed: Envelope, position: int, origin: str) -> Glance:
    """Read a verified envelope as `audit.evidence.read_evidence` does, down to the same refusals."""
    try:
        evidence = glance(signed.payload)
    except MalformedEvidence as error:
        raise BadEntry(position, "evidence", str(error)) from None
    if signed.payload_type != EVIDENCE_TYPE:
        raise BadEntry(position, "evidence", "payloadType: not evidence")
    if evidence.device != signed.key_id:
        raise BadEntry(position, "evidence", "device: names another key than the one that signed")
    if evidence.log != origin:
        raise BadEntry(position, "evidence", "log: was said to another log")
    return evidence


def _compare_lines(entry: Entry, evidence: Glance) -> None:
    """Demand every signed line, in its order, and no other: a line left out would hide a refusal."""
    if len(entry.items) != len(evidence.codes):
        raise BadEntry(entry.index, "evidence", "reports other lines than the device signed")
    for item, code in zip(entry.items, evidence.codes, strict=True):
        if item.code != code and _plain(item.code) != _plain(code):
            raise BadEntry(entry.index, "evidence", "reports an item no device signed for")


def _plain(code: str) -> str:
    # A device signs what it read: perhaps a whole QR text or a hidden tail, perhaps spaces or lower case.
    text = named_code(code).upper()
    return text if text.isalnum() else "".join(filter(str.isalnum, text))
