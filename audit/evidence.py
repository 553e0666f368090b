"""What a scan says: the statement a device signs where the handover happens.

An offer by the giver, the taker's answer over the same nonce, a recall, a failed attempt; and acts, which are
done to a subject and have one form for all their kinds (:mod:`audit.acts`). Parsing is strict: an unknown or
missing field is an error that names field and line. Whether a statement is allowed is never decided here
(that is `app/domain/custody.py`). Format: docs/formats/evidence.md.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, TypedDict

from audit import acts, fields
from audit.errors import MalformedEvidence
from audit.statements import (
    Act,
    ActLine,
    Addressee,
    Attempt,
    AttemptAction,
    AttemptLine,
    AttemptReason,
    Checklist,
    CoverMark,
    EntryMode,
    Evidence,
    EvidenceKind,
    Giver,
    Handover,
    HandoverLine,
    KeyInReason,
    LegMark,
    Line,
    Mark,
    Offer,
    OfferLine,
    Purpose,
    Recall,
    RecallLine,
    Recipient,
    SealReason,
    SealState,
    Take,
    TakeLine,
    TakeReason,
    Verdict,
    named_code,
)
from crypto import canonical, envelope, timestamps
from crypto.canonical import JsonValue
from crypto.envelope import EVIDENCE_TYPE, Envelope
from crypto.errors import NotCanonical
from crypto.keys import PublicKey
from crypto.signer import Signer

__all__ = [
    "FORMAT",
    "MAX_EVIDENCE_BYTES",
    "MAX_LINES",
    "Act",
    "ActLine",
    "Addressee",
    "Attempt",
    "AttemptAction",
    "AttemptLine",
    "AttemptReason",
    "Checklist",
    "CoverMark",
    "EntryMode",
    "Evidence",
    "EvidenceKind",
    "Giver",
    "Handover",
    "HandoverLine",
    "KeyInReason",
    "LegMark",
    "Line",
    "Mark",
    "Offer",
    "OfferLine",
    "Purpose",
    "Recall",
    "RecallLine",
    "Recipient",
    "SealReason",
    "SealState",
    "Take",
    "TakeLine",
    "TakeReason",
    "Verdict",
    "evidence_payload",
    "named_code",
    "open_evidence",
    "parse_evidence",
    "read_evidence",
    "sign_evidence",
]

FORMAT = "kt1/evidence/1"
MAX_LINES = 200
# 200 lines of this much still leave room for 200 items in one entry of 65,535 bytes.
MAX_EVIDENCE_BYTES = 25_000

_COMMON = {"format", "log", "kind", "scan", "at", "device", "actor", "place", "seq", "nonce", "lines"}
_FIELDS = {
    EvidenceKind.OFFER: _COMMON | {"purpose", "to"},
    EvidenceKind.TAKE: _COMMON,
    EvidenceKind.RECALL: _COMMON,
    EvidenceKind.ATTEMPT: _COMMON | {"reason", "action"},
} | dict.fromkeys(acts.FORMS, _COMMON | acts.NAMES)
# What a statement may leave out: left out, it says what it said before there was such a field.
_OPTIONAL = {EvidenceKind.TAKE: frozenset({"witness", "from"})}
_LINE_FIELDS = {"code", "entry"}
_TAKE_LINE_FIELDS = {"code", "entry", "verdict", "reason", "seal"}
_CHECK: Final = "check"
_CHECK_FIELDS = {"mark", "pieces", "addressee"}


class _Common(TypedDict):
    log: str
    scan: str
    at: datetime
    device: str
    actor: int
    place: str
    seq: int
    nonce: str


def evidence_payload(evidence: Evidence) -> bytes:
    """Return the canonical bytes a device signs; the time is cut to milliseconds."""
    value: dict[str, JsonValue] = {
        "format": FORMAT,
        "log": evidence.log,
        "kind": evidence.kind,
        "scan": evidence.scan,
        "at": timestamps.format_at(evidence.at),
        "device": evidence.device,
        "actor": evidence.actor,
        "place": evidence.place,
        "seq": evidence.seq,
        "nonce": evidence.nonce,
        "lines": [_line_value(line) for line in evidence.lines],
    }
    if isinstance(evidence, Offer):
        value |= {"purpose": evidence.purpose, "to": {"unit": evidence.to.unit, "user": evidence.to.user}}
    elif isinstance(evidence, Attempt):
        value |= {"reason": evidence.reason, "action": evidence.action}
    elif isinstance(evidence, Take):
        value |= {} if evidence.witness is None else {"witness": evidence.witness}
        value |= {} if evidence.giver is None else {"from": _giver_value(evidence.giver)}
    elif isinstance(evidence, Act):
        value |= acts.act_value(evidence)
    return canonical.encode(value)


def sign_evidence(evidence: Evidence, signer: Signer) -> Envelope:
    """Sign a statement; raises MalformedEvidence when it is not in its form or names another device."""
    payload = evidence_payload(evidence)
    parse_evidence(payload)
    if evidence.device != signer.key_id:
        raise MalformedEvidence("device", reason="names another key than the one that signs")
    return envelope.sign(payload, EVIDENCE_TYPE, signer)


def open_evidence(untrusted: Envelope, public_key: PublicKey, *, log: str) -> Evidence:
    """Verify an envelope and read what it says to the log of this origin.

    Raises `crypto.errors.BadSignature` before anything is parsed, then MalformedEvidence: also when the type
    is not evidence, the statement names another device than the key that signed it, or it was made for
    another log: one key may be enrolled in several, and each believes only what was said to it.
    """
    envelope.verify(untrusted, public_key)
    return read_evidence(untrusted, log=log)


def read_evidence(verified: Envelope, *, log: str) -> Evidence:
    """Read an envelope whose signature was verified before; raises MalformedEvidence like `open_evidence`."""
    if verified.payload_type != EVIDENCE_TYPE:
        raise MalformedEvidence("payloadType", reason="not evidence")
    evidence = parse_evidence(verified.payload)
    if evidence.device != verified.key_id:
        raise MalformedEvidence("device", reason="names another key than the one that signed")
    if evidence.log != log:
        raise MalformedEvidence("log", reason="was said to another log")
    return evidence


def parse_evidence(untrusted_payload: bytes) -> Evidence:
    """Read a statement's canonical bytes; raises MalformedEvidence with field and line."""
    if len(untrusted_payload) > MAX_EVIDENCE_BYTES:
        raise MalformedEvidence("lines", reason="too long for one entry")
    try:
        untrusted = canonical.parse(untrusted_payload)
    except NotCanonical as error:
        raise MalformedEvidence("payload", reason=str(error)) from None
    return _build(fields.as_object(untrusted, "payload"))


def _build(value: fields.JsonObject) -> Evidence:
    if value.get("format") != FORMAT:
        raise MalformedEvidence("format", reason=f"must be {FORMAT}")
    kind = fields.choice(value, "kind", EvidenceKind)
    fields.check_names(value, _FIELDS[kind] | (_OPTIONAL.get(kind, frozenset()) & value.keys()))
    common: _Common = {
        "log": fields.text(value, "log", fields.LOG),
        "scan": fields.text(value, "scan", fields.SCAN_ID),
        "at": fields.moment(value, "at"),
        "device": fields.text(value, "device", fields.KEY_ID),
        "actor": fields.count(value, "actor"),
        "place": fields.text(value, "place", fields.UNIT_CODE),
        "seq": fields.count(value, "seq"),
        "nonce": fields.text(value, "nonce", fields.NONCE),
    }
    if kind in acts.FORMS:
        return _act(value, kind, common)
    lines = _lines(value, _TAKE_LINE_FIELDS if kind is EvidenceKind.TAKE else _LINE_FIELDS)
    match kind:
        case EvidenceKind.OFFER:
            purpose = fields.choice(value, "purpose", Purpose)
            offered = tuple(OfferLine(code=code, entry=entry) for code, entry, _ in lines)
            return Offer(**common, purpose=purpose, to=_recipient(value), lines=offered)
        case EvidenceKind.TAKE:
            answers = (_answer(line, code, entry, at) for at, (code, entry, line) in enumerate(lines, 1))
            witness = fields.count(value, "witness") if "witness" in value else None
            giver = _giver(value) if "from" in value else None
            return Take(**common, lines=tuple(answers), witness=witness, giver=giver)
        case EvidenceKind.RECALL:
            return Recall(
                **common, lines=tuple(RecallLine(code=code, entry=entry) for code, entry, _ in lines)
            )
        case EvidenceKind.ATTEMPT:
            reason = fields.choice(value, "reason", AttemptReason)
            action = fields.choice(value, "action", AttemptAction)
            failed = tuple(AttemptLine(code=code, entry=entry) for code, entry, _ in lines)
            return Attempt(**common, reason=reason, action=action, lines=failed)
        case _:
            raise MalformedEvidence("kind", reason="unknown code")


def _act(value: fields.JsonObject, kind: EvidenceKind, common: _Common) -> Act:
    lines = tuple(
        ActLine(code=code, entry=entry, mark=fields.text(line, "mark", fields.MARK, number))
        for number, (code, entry, line) in enumerate(_lines(value, acts.LINE_NAMES, least=0), 1)
    )
    act = Act(
        **common,
        kind=kind,
        subject=fields.text(value, "subject", fields.CODE),
        entry=fields.choice(value, "entry", EntryMode),
        witness=acts.read_witness(value),
        facts=acts.read_facts(value),
        lines=lines,
    )
    acts.check_act(act)
    return act


def _lines(
    value: fields.JsonObject, names: AbstractSet[str], *, least: int = 1
) -> list[tuple[str, EntryMode, fields.JsonObject]]:
    untrusted = value["lines"]
    if not isinstance(untrusted, list) or not least <= len(untrusted) <= MAX_LINES:
        raise MalformedEvidence("lines", reason=f"must be a list of {least} to {MAX_LINES}")
    found: list[tuple[str, EntryMode, fields.JsonObject]] = []
    seen: set[str] = set()
    for number, item in enumerate(untrusted, 1):
        line = fields.as_object(item, "lines", number)
        has_check = names is _TAKE_LINE_FIELDS and _CHECK in line
        fields.check_names(line, names | {_CHECK} if has_check else names, number)
        code = fields.text(line, "code", fields.CODE, number)
        if code in seen:
            raise MalformedEvidence("code", number, "named twice in one list")
        seen.add(code)
        found.append((code, fields.choice(line, "entry", EntryMode, number), line))
    return found


def _answer(line: fields.JsonObject, code: str, entry: EntryMode, number: int) -> TakeLine:
    verdict = fields.choice(line, "verdict", Verdict, number)
    reason = None if line["reason"] == "" else fields.choice(line, "reason", TakeReason, number)
    if (reason is None) != (verdict is Verdict.ACCEPT):
        raise MalformedEvidence("reason", number, "is given exactly when the line is refused")
    seal = fields.text(line, "seal", fields.SEAL, number)
    return TakeLine(
        code=code, entry=entry, verdict=verdict, reason=reason, seal=seal, check=_checklist(line, number)
    )


def _checklist(line: fields.JsonObject, number: int) -> Checklist | None:
    """Read what the receiver ticked off; None where the statement says nothing about it."""
    if _CHECK not in line:
        return None
    check = fields.as_object(line[_CHECK], _CHECK, number)
    fields.check_names(check, _CHECK_FIELDS, number)
    return Checklist(
        mark=fields.choice(check, "mark", CoverMark, number),
        pieces=fields.count(check, "pieces", number),
        addressee=fields.choice(check, "addressee", Addressee, number),
    )


def _recipient(value: fields.JsonObject) -> Recipient:
    to = fields.as_object(value["to"], "to")
    fields.check_names(to, {"unit", "user"})
    user = None if to["user"] is None else fields.count(to, "user")
    return Recipient(unit=fields.text(to, "unit", fields.UNIT_CODE), user=user)


def _giver(value: fields.JsonObject) -> Giver:
    giver = fields.as_object(value["from"], "from")
    fields.check_names(giver, {"unit", "user"})
    return Giver(unit=fields.text(giver, "unit", fields.UNIT_CODE), user=fields.count(giver, "user"))


def _giver_value(giver: Giver) -> JsonValue:
    return {"unit": giver.unit, "user": giver.user}


def _line_value(line: Line) -> JsonValue:
    if isinstance(line, ActLine):
        return acts.line_value(line)
    if not isinstance(line, TakeLine):
        return {"code": line.code, "entry": line.entry}
    value: dict[str, JsonValue] = {
        "code": line.code,
        "entry": line.entry,
        "verdict": line.verdict,
        "reason": "" if line.reason is None else line.reason,
        "seal": line.seal,
    }
    if line.check is not None:
        ticked = line.check
        value[_CHECK] = {"mark": ticked.mark, "pieces": ticked.pieces, "addressee": ticked.addressee}
    return value
