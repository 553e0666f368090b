"""The verifier's quick look at a statement sees nothing the strict parser would refuse or read otherwise."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from audit.acts import FORMS
from audit.errors import MalformedEvidence
from audit.evidence import EvidenceKind, evidence_payload, parse_evidence
from audit.fields import FIRST_YEAR, LAST_YEAR
from audit.glance import _look, _of
from audit.statements import AttemptAction, AttemptReason, EntryMode, Purpose, TakeReason
from crypto import canonical
from crypto.errors import NotCanonical
from tests.support import logs

OFFER = evidence_payload(logs.offer(["RT000000005VN", "RT000000019VN|k1|ABCDEFGHIJKLMNOP"]))
TAKE = evidence_payload(logs.take(["RT000000005VN", "rt 00000001 9 vn"]))
ATTEMPT = OFFER.replace(b'{"actor"', b'{"action":"retry","actor"').replace(
    b'"kind":"offer"', b'"kind":"attempt"'
)
ATTEMPT = ATTEMPT.replace(b'"purpose":"transfer"', b'"reason":"unsafe"').partition(b',"to"')[0] + b"}"
RECALL = OFFER.replace(b'"kind":"offer"', b'"kind":"recall"').replace(b'"purpose":"transfer",', b"")
RECALL = RECALL.partition(b',"to"')[0] + b"}"
STATEMENTS = (OFFER, TAKE, RECALL, ATTEMPT)
WORDS = [
    *EvidenceKind, *Purpose, *TakeReason, *AttemptReason, *AttemptAction, *EntryMode,
    "", "accept", "refuse", "0", "ab" * 16, "x" * 33, "é", '"', "\\", "2026-02-30T07:43:06.123Z",
    f"{FIRST_YEAR - 1}-01-01T00:00:00.000Z", f"{LAST_YEAR + 1}-01-01T00:00:00.000Z",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(WORDS), st.integers(-2, 2**53), st.none(), st.booleans(), st.text(max_size=3), st.just([])
)


def agrees(payload: bytes) -> None:
    """Demand that a look which sees anything sees what the strict parser reads."""
    seen = _look(payload)
    if seen is not None:
        assert _of(parse_evidence(payload)) == seen


def test_usual_handovers_are_read_at_a_glance() -> None:
    # An act is never read so: there are few of them, and the strict parser knows their forms.
    handovers = [kind for kind in EvidenceKind if kind not in FORMS]
    for payload, kind in zip(STATEMENTS, handovers, strict=True):
        seen = _look(payload)
        assert seen is not None
        assert seen.kind is kind
        agrees(payload)


@given(payload=st.sampled_from(STATEMENTS), data=st.data())
def test_changed_bytes(payload: bytes, data: st.DataObject) -> None:
    changed = bytearray(payload)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        piece = data.draw(
            st.sampled_from([b"", b" ", b",", b'"', b"\\", b"0", b"-", b"{}", b"\x7f", b"\n", b"a"])
        )
        changed[at : at + data.draw(st.integers(0, 2))] = piece
    agrees(bytes(changed))


@given(payload=st.sampled_from(STATEMENTS), data=st.data())
def test_changed_values(payload: bytes, data: st.DataObject) -> None:
    value: Any = canonical.parse(payload)
    for _ in range(data.draw(st.integers(1, 3))):
        target: Any = data.draw(
            st.sampled_from([value, *value["lines"], *([value["to"]] if "to" in value else [])])
        )
        name = data.draw(st.sampled_from([*target, "reason", "action", "colour"]))
        if name in target and data.draw(st.booleans()):
            del target[name]
        else:
            target[name] = data.draw(VALUES)
        if (
            not isinstance(value.get("lines"), list)
            or not value["lines"]
            or not isinstance(value.get("to", {}), dict)
        ):
            break
    try:
        changed = canonical.encode(value)
    except NotCanonical:
        return
    agrees(changed)


@given(payload=st.sampled_from(STATEMENTS), code=st.text(min_size=1, max_size=66), year=st.integers(1, 9999))
@example(payload=OFFER, code="a" * 64, year=2000)
@example(payload=TAKE, code="RT000000005VN", year=2200)
def test_changed_codes_and_years(payload: bytes, code: str, year: int) -> None:
    value: Any = canonical.parse(payload)
    value["lines"][1]["code"] = code
    value["at"] = f"{year:04d}" + value["at"][4:]
    try:
        changed = canonical.encode(value)
    except NotCanonical:
        return
    agrees(changed)


def test_what_the_look_leaves_the_strict_parser_names() -> None:
    for payload in (b"", OFFER + b"\n", OFFER.replace(b"scan", b"scam"), OFFER[:-1]):
        assert _look(payload) is None
        try:
            parse_evidence(payload)
        except MalformedEvidence:
            continue
        raise AssertionError(payload)
