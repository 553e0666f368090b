"""Open a scan: find its device, verify it once, and read each line's code.

Everything here happens before the scan counts. What fails is unauthenticated or malformed input: it raises,
nothing is recorded, and the security log of the surface counts it. A line with a forged or unknown code is
something else: the scan is authentic, so the line is decided, refused and recorded by
:mod:`app.services.scans.handover`.
"""

from dataclasses import dataclass
from functools import lru_cache

from app.domain.access import Actor, Role
from app.domain.decision import Refusal
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import parse_code
from app.services.tools import Tools
from app.storage.hot import Wanted
from app.storage.records import Owner
from app.storage.uow import UnitOfWork
from audit.errors import MalformedEvidence
from audit.evidence import Act, ActLine, EntryMode, Evidence, Line, Offer, Take, named_code, parse_evidence
from crypto.envelope import EVIDENCE_TYPE, Envelope, verify
from crypto.errors import BadSignature, ForgedLabel
from crypto.keys import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One line beside the code it names; `code` is as read where it is not one of ours.

    `forged`: what was read with the code is on no label of ours; `forgery` says what it was. `keyed`: a
    hidden tail was keyed behind the code.
    """

    line: Line
    code: str
    is_ours: bool
    forged: bool
    forgery: Refusal = Refusal.FORGED_LABEL
    keyed: bool = False

    @property
    def proves_possession(self) -> bool:
        """Tell whether the label was before the eyes of whoever read it: scanned, or its secret keyed."""
        genuine = named_code(self.line.code) != self.line.code
        return not self.forged and (self.line.entry is EntryMode.SCAN or genuine)


def read_ahead(untrusted: Envelope) -> Wanted:
    """Say what a scan will need from the database, so that a group of scans is read in one go.

    Nothing is verified: whoever calls may only read ahead by it. Raises InvalidInput for a malformed one.
    """
    scan = _parse(untrusted)
    codes = {named_code(line.code) for line in _lines_of(scan)}
    return Wanted(codes=codes, scans={scan.scan}, devices={untrusted.key_id}, units=unit_codes(scan))


def read_claim(untrusted: Envelope) -> Evidence:
    """Read what an envelope claims, before anything is verified; raises InvalidInput for a malformed one."""
    return _parse(untrusted)


def open_scan(uow: UnitOfWork, untrusted: Envelope, *, actor: Actor, tools: Tools) -> tuple[Evidence, Actor]:
    """Return what the device said to this log, verified, and its person as this transaction sees them.

    Role, unit and standing may have changed since the request was let in, so they are taken from here. Raises
    InvalidInput unless the device is `actor`'s own.
    """
    found = uow.devices.find_signer(untrusted.key_id)
    if found is None:
        raise InvalidInput("device", ProblemCode.UNKNOWN_DEVICE)
    device, owner = found
    if device.revoked_at is not None:
        raise InvalidInput("device", ProblemCode.REVOKED_DEVICE)
    if device.user_id != actor.user:
        raise InvalidInput("device", ProblemCode.WRONG_ACTOR)
    try:
        verify(untrusted, _public_key(device.public_key))
    except BadSignature:
        raise InvalidInput("signature", ProblemCode.BAD_SIGNATURE) from None
    scan = _parse(untrusted)
    if scan.device != untrusted.key_id:
        raise InvalidInput("device", ProblemCode.WRONG_ACTOR)
    if scan.actor != actor.user:
        raise InvalidInput("actor", ProblemCode.WRONG_ACTOR)
    if scan.log != tools.origin:
        raise InvalidInput("log", ProblemCode.WRONG_LOG)
    return scan, owner_as_actor(owner)


def owner_as_actor(owner: Owner) -> Actor:
    """Return a device's person as the rules know them."""
    return Actor(
        user=owner.user, unit=owner.unit, role=Role(owner.role), active=owner.active, name_key=owner.name_key
    )


def read_lines(scan: Evidence, tools: Tools) -> tuple[ReadLine, ...]:
    """Read every line's code, an act's subject first; raises InvalidInput where two name one thing."""
    found = tuple(_read_line(line, tools) for line in _lines_of(scan))
    seen: set[str] = set()
    for row, read in enumerate(found, 1):
        if read.code in seen:
            raise InvalidInput("lines", ProblemCode.REPEATED, row=row)
        seen.add(read.code)
    return found


@lru_cache(maxsize=4096)
def _public_key(raw: bytes) -> PublicKey:
    """Keep the library's handles of busy devices: building one costs as much as half a verification."""
    return PublicKey(raw)


def unit_codes(scan: Evidence) -> set[str]:
    """Return the codes of the units that a scan names."""
    if isinstance(scan, Take) and scan.giver is not None:
        return {scan.place, scan.giver.unit}
    return {scan.place, scan.to.unit} if isinstance(scan, Offer) else {scan.place}


def _lines_of(scan: Evidence) -> tuple[Line, ...]:
    if isinstance(scan, Act):
        return (ActLine(code=scan.subject, entry=scan.entry), *scan.lines)
    return scan.lines


def _read_line(line: Line, tools: Tools) -> ReadLine:
    claimed = named_code(line.code)
    rest = line.code[len(claimed) :]
    try:
        code = parse_code(claimed, country=tools.country)
    except InvalidInput:
        return ReadLine(line=line, code=line.code, is_ours=False, forged=rest.startswith("|"))
    keyed = rest.startswith("-")
    try:
        if keyed:
            tools.label_keys.verify_tail(code, rest[1:].strip())
        elif rest:
            tools.label_keys.verify(line.code)
    except ForgedLabel:
        forgery = Refusal.TAIL_WRONG if keyed else Refusal.FORGED_LABEL
        return ReadLine(line=line, code=code, is_ours=True, forged=True, forgery=forgery, keyed=keyed)
    return ReadLine(line=line, code=code, is_ours=True, forged=False, keyed=keyed)


def _parse(untrusted: Envelope) -> Evidence:
    if untrusted.payload_type != EVIDENCE_TYPE:
        raise InvalidInput("payloadType", ProblemCode.MALFORMED)
    try:
        return _parsed(untrusted.payload)
    except MalformedEvidence as error:
        raise InvalidInput(error.field, ProblemCode.MALFORMED, row=error.line) from None


@lru_cache(maxsize=2048)
def _parsed(untrusted_payload: bytes) -> Evidence:
    """Keep what reading ahead has parsed for the moment when the same bytes are received and verified."""
    return parse_evidence(untrusted_payload)
