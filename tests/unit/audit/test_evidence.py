"""A device's statement is read strictly, and an error names its field and line."""

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.errors import MalformedEvidence
from audit.evidence import (
    MAX_LINES,
    Addressee,
    Attempt,
    AttemptAction,
    AttemptLine,
    AttemptReason,
    Checklist,
    CoverMark,
    EntryMode,
    Evidence,
    Giver,
    Recall,
    RecallLine,
    TakeReason,
    Verdict,
    evidence_payload,
    open_evidence,
    parse_evidence,
    sign_evidence,
)
from crypto import canonical, envelope
from crypto.envelope import EVIDENCE_TYPE
from crypto.errors import BadSignature
from tests.support import logs

COMMON: dict[str, Any] = {
    "log": logs.ORIGIN,
    "scan": "00000000-0000-7000-b000-000000000001",
    "at": logs.STARTED_AT,
    "device": logs.GIVER.key_id,
    "actor": 1,
    "place": "24.BD",
    "seq": 3,
    "nonce": "ab" * 16,
}
RECALL = Recall(**COMMON, lines=(RecallLine(code="RT000000005VN", entry=EntryMode.TYPED),))
ATTEMPT = Attempt(
    **COMMON,
    reason=AttemptReason.CLOSED_OFFICE,
    action=AttemptAction.RETRY,
    lines=(AttemptLine(code="RT000000005VN", entry=EntryMode.SCAN),),
)
OFFER = logs.offer(["RT000000005VN", "RT000000019VN|k1|ABCDEFGHIJKLMNOP"])
TAKE = logs.take(["RT000000005VN", "RT000000019VN"])
CHECK = Checklist(mark=CoverMark.INTACT, pieces=2, addressee=Addressee.OURS)
# The second line from before the checklist, or of an item that only moves on.
RECEIVED = replace(TAKE, lines=(replace(TAKE.lines[0], check=CHECK), TAKE.lines[1]))


HANDED_IN = replace(TAKE, giver=Giver(unit="24.H01", user=7), witness=3)


@pytest.mark.parametrize(
    "evidence", [OFFER, TAKE, RECEIVED, HANDED_IN, RECALL, ATTEMPT], ids=lambda e: e.kind
)
def test_what_is_written_is_read_back(evidence: Evidence) -> None:
    assert parse_evidence(evidence_payload(evidence)) == evidence


def changed(evidence: Evidence, **changes: Any) -> bytes:
    value = json.loads(evidence_payload(evidence))
    for path, new in changes.items():
        *parents, name = path.split("__")
        target = value
        for parent in parents:
            target = target[int(parent) if parent.isdigit() else parent]
        if new is ...:
            del target[name]
        else:
            target[name] = new
    return canonical.encode(value)


@pytest.mark.parametrize(
    ("evidence", "changes", "field", "line"),
    [
        (OFFER, {"colour": "red"}, "colour", None),
        (OFFER, {"purpose": ...}, "purpose", None),
        (OFFER, {"purpose": "gift"}, "purpose", None),
        (OFFER, {"format": "kt1/evidence/2"}, "format", None),
        (OFFER, {"log": ...}, "log", None),
        (OFFER, {"log": ""}, "log", None),
        (OFFER, {"log": "x" * 201}, "log", None),
        (OFFER, {"kind": "steal"}, "kind", None),
        (OFFER, {"kind": "take"}, "purpose", None),
        (OFFER, {"scan": "00000000-0000-1000-8000-000000000001"}, "scan", None),
        (OFFER, {"scan": "00000000-0000-4000-8000-00000000000A"}, "scan", None),
        (OFFER, {"at": "2026-11-22T07:43:06Z"}, "at", None),
        (OFFER, {"at": 5}, "at", None),
        (OFFER, {"device": "0" * 15}, "device", None),
        (OFFER, {"actor": 0}, "actor", None),
        (OFFER, {"actor": True}, "actor", None),
        (OFFER, {"actor": "1"}, "actor", None),
        (OFFER, {"place": ""}, "place", None),
        (OFFER, {"place": "Bắc Ninh"}, "place", None),
        (OFFER, {"seq": -1}, "seq", None),
        (OFFER, {"nonce": "AB" * 16}, "nonce", None),
        (OFFER, {"to": "24.BD"}, "to", None),
        (OFFER, {"to__user": 0}, "user", None),
        (OFFER, {"to__fax": 1}, "fax", None),
        (OFFER, {"lines": []}, "lines", None),
        (OFFER, {"lines": {}}, "lines", None),
        (OFFER, {"lines": [{"code": "A", "entry": "scan"}, 7]}, "lines", 2),
        (OFFER, {"lines__1__code": "RT000000005VN"}, "code", 2),
        (OFFER, {"lines__1__code": "RT\t000"}, "code", 2),
        (OFFER, {"lines__1__code": "Đ"}, "code", 2),
        (OFFER, {"lines__1__code": ""}, "code", 2),
        (OFFER, {"lines__0__entry": "guessed"}, "entry", 1),
        (OFFER, {"lines__0__note": "x"}, "note", 1),
        (TAKE, {"lines__1__verdict": "maybe"}, "verdict", 2),
        (TAKE, {"lines__1__reason": "damaged"}, "reason", 2),
        (TAKE, {"lines__1__verdict": "refuse"}, "reason", 2),
        (TAKE, {"lines__1__reason": "ugly", "lines__1__verdict": "refuse"}, "reason", 2),
        (TAKE, {"lines__1__seal": "x" * 33}, "seal", 2),
        (TAKE, {"lines__1__seal": ...}, "seal", 2),
        (RECEIVED, {"lines__0__check": None}, "check", 1),
        (RECEIVED, {"lines__0__check__mark": "fine"}, "mark", 1),
        (RECEIVED, {"lines__0__check__pieces": 0}, "pieces", 1),
        (RECEIVED, {"lines__0__check__pieces": True}, "pieces", 1),
        (RECEIVED, {"lines__0__check__addressee": ...}, "addressee", 1),
        (RECEIVED, {"lines__0__check__seal": "NP-1"}, "seal", 1),
        (OFFER, {"lines__0__check": {}}, "check", 1),
        (HANDED_IN, {"from": None}, "from", None),
        (HANDED_IN, {"from__unit": ""}, "unit", None),
        (HANDED_IN, {"from__user": None}, "user", None),
        (HANDED_IN, {"from__user": 0}, "user", None),
        (HANDED_IN, {"from__letter": "15/GGT"}, "letter", None),
        (OFFER, {"from": {"unit": "24.H01", "user": 7}}, "from", None),
        (ATTEMPT, {"action": "burn"}, "action", None),
        (ATTEMPT, {"reason": ""}, "reason", None),
    ],
)
def test_an_error_names_field_and_line(
    evidence: Evidence, changes: dict[str, Any], field: str, line: int | None
) -> None:
    with pytest.raises(MalformedEvidence) as caught:
        parse_evidence(changed(evidence, **changes))
    assert (caught.value.field, caught.value.line) == (field, line)


def test_a_refused_line_keeps_its_reason() -> None:
    payload = changed(TAKE, lines__0__verdict="refuse", lines__0__reason="seal_differs", lines__0__seal="")
    line = parse_evidence(payload).lines[0]
    assert (getattr(line, "verdict", None), getattr(line, "reason", None)) == (
        Verdict.REFUSE,
        TakeReason.SEAL_DIFFERS,
    )


def test_a_list_holds_200_lines_and_not_one_more() -> None:
    codes = [f"RT{number:09d}VN" for number in range(MAX_LINES + 1)]
    full = logs.take([f"{code}|k1|ABCDEFGHIJKLMNOP" for code in codes[:MAX_LINES]])
    assert len(parse_evidence(evidence_payload(full)).lines) == MAX_LINES
    with pytest.raises(MalformedEvidence, match="1 to 200"):
        parse_evidence(evidence_payload(logs.offer(codes)))


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'{"a":1,"a":2}', b"{ }", b"\xff", b"x" * 30_000])
def test_what_is_not_a_statement_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedEvidence):
        parse_evidence(payload)


def test_opening_verifies_before_it_reads() -> None:
    signed = sign_evidence(OFFER, logs.GIVER)
    assert open_evidence(signed, logs.GIVER.public_key, log=logs.ORIGIN) == OFFER
    with pytest.raises(BadSignature):
        open_evidence(signed, logs.TAKER.public_key, log=logs.ORIGIN)


def test_a_statement_must_name_the_device_that_signs_it() -> None:
    with pytest.raises(MalformedEvidence, match="device"):
        sign_evidence(OFFER, logs.TAKER)
    borrowed = envelope.sign(evidence_payload(OFFER), EVIDENCE_TYPE, logs.TAKER)
    with pytest.raises(MalformedEvidence, match="device"):
        open_evidence(borrowed, logs.TAKER.public_key, log=logs.ORIGIN)


def test_another_type_is_no_evidence() -> None:
    other = envelope.sign(evidence_payload(OFFER), "text/plain", logs.GIVER)
    with pytest.raises(MalformedEvidence, match="payloadType"):
        open_evidence(other, logs.GIVER.public_key, log=logs.ORIGIN)


def test_finding_10_a_statement_said_to_another_log_is_refused() -> None:
    signed = sign_evidence(OFFER, logs.GIVER)
    with pytest.raises(MalformedEvidence, match="log: was said to another log"):
        open_evidence(signed, logs.GIVER.public_key, log="kt1.test/25")
