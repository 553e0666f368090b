"""The scan station's own modules, run in Chromium and checked against the server's code."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from audit.evidence import Addressee, Checklist, CoverMark, Offer, Take, open_evidence, parse_evidence
from crypto import canonical, envelope
from crypto.digest import b64decode
from crypto.keys import PublicKey

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
GOOD = "ZK123456785VN"


def call(page: Page, module: str, expression: str, argument: Any = None) -> Any:
    return page.evaluate(
        f"async (given) => {{ const m = await import('/js/{module}.js'); return await ({expression}); }}",
        argument,
    )


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": [True, False, None, 'Bắc Ninh "đ" \\ \n\t\u0001 / 😀'], "Z": -(2**53 - 1)},
        {},
        [],
        "",
        {"scan": "x", "Scan": "y", "_": {"nested": [[], {}]}},
        "\u2028\u2029\u007f",
    ],
)
def test_the_browser_writes_the_same_canonical_bytes_as_the_server(workbench: Page, value: Any) -> None:
    written = call(workbench, "canonical", "m.encodeText(JSON.parse(given))", json.dumps(value))
    assert written.encode() == canonical.encode(value)


@pytest.mark.parametrize(
    "expression",
    [
        "1.5",
        "2 ** 53",
        "-0",
        "NaN",
        "'\\ud800'",
        "'e\\u0301'",
        "({'é': 1})",
        "undefined",
        "new Date()",
        "[1, , 2]",
    ],
)
def test_the_browser_refuses_what_has_no_canonical_form(workbench: Page, expression: str) -> None:
    with pytest.raises(Error):
        call(workbench, "canonical", f"m.encodeText({expression})")


SIGN = """(async () => {
  const d = await import('/js/device.js');
  const key = await d.makeKey(7);
  await d.remember(key);
  const found = await d.find(7);
  let exported = 'no';
  try { await crypto.subtle.exportKey('pkcs8', found.privateKey); exported = 'yes'; }
  catch { exported = 'refused'; }
  const who = {log: 'kt1.test/24', device: found.keyId, actor: 7, place: 'SKHCN', seq: 1,
               nonce: m.newNonce()};
  const said = m[given.kind](who, given.details);
  return {public_key: found.publicKey, key_id: found.keyId, exported,
          envelope: m.envelopeText(await m.seal(said, found))};
})()"""


def test_an_offer_signed_in_the_browser_is_evidence_for_the_server(workbench: Page) -> None:
    details = {
        "purpose": "transfer",
        "toUnit": "BCVHX",
        "toUser": None,
        "lines": [{"raw": GOOD, "entry": "scan"}],
    }
    signed = call(workbench, "evidence", SIGN, {"kind": "offer", "details": details})
    key = PublicKey(raw=b64decode(signed["public_key"]))
    assert key.key_id == signed["key_id"]
    evidence = open_evidence(envelope.parse(signed["envelope"].encode()), key, log="kt1.test/24")
    assert isinstance(evidence, Offer)
    assert [line.code for line in evidence.lines] == [GOOD]


def test_a_take_signed_in_the_browser_keeps_each_verdict(workbench: Page) -> None:
    lines = [
        {"raw": GOOD, "entry": "typed", "verdict": "accept", "reason": "left over", "seal": "NP01"},
        {"raw": "ZK000000011VN", "entry": "scan", "verdict": "refuse", "reason": "damaged", "seal": ""},
    ]
    signed = call(workbench, "evidence", SIGN, {"kind": "take", "details": {"lines": lines}})
    evidence = parse_evidence(envelope.parse(signed["envelope"].encode()).payload)
    assert isinstance(evidence, Take)
    assert [(line.verdict, line.reason or "", line.seal) for line in evidence.lines] == [
        ("accept", "", "NP01"),
        ("refuse", "damaged", ""),
    ]


def test_a_take_names_its_witness_and_is_the_scan_that_was_confirmed(workbench: Page) -> None:
    line = {"raw": f"{GOOD}-7KQ2X", "entry": "typed", "verdict": "accept", "reason": "", "seal": ""}
    for witness in (None, 7):
        details = {"lines": [line], "witness": witness}
        signed = call(workbench, "evidence", SIGN, {"kind": "take", "details": details})
        evidence = parse_evidence(envelope.parse(signed["envelope"].encode()).payload)
        assert isinstance(evidence, Take)
        assert evidence.witness == witness


SECRET = {"code": GOOD, "sealed": False, "demands": ["authority", "possession", "witness"]}
ONE_SECRET = {"held": [], "outgoing": [], "incoming": [{"nonce": "ab" * 16, "lines": [SECRET]}]}


@pytest.mark.parametrize(
    ("raw", "entry", "expected"),
    [
        (GOOD, "typed", "stop"),
        (GOOD, "scan", "ok"),
        (f"{GOOD}-7KQ2X", "typed", "ok"),
        (f"{GOOD}|k1|ABCDEFGHIJKLMNOP", "typed", "ok"),
    ],
)
def test_the_station_takes_what_is_secret_only_from_whoever_has_it(
    workbench: Page, raw: str, entry: str, expected: str
) -> None:
    given = {"desk": ONE_SECRET, "reading": {"kind": "code", "code": GOOD, "raw": raw, "entry": entry}}
    judged = "m.judge(m.emptySession('take'), given.desk, given.reading)"
    verdict = call(workbench, "scan_rules", judged, given)
    assert verdict["signal"] == expected


@pytest.mark.parametrize("verdict", ["accept", "refuse"])
def test_a_witness_is_called_only_for_what_changes_hands(workbench: Page, verdict: str) -> None:
    given = {"desk": ONE_SECRET, "lines": [{"code": GOOD, "verdict": verdict}]}
    needed = call(workbench, "scan_rules", "m.needsWitness(given.lines, given.desk)", given)
    assert needed is (verdict == "accept")


def test_the_private_key_cannot_be_taken_out_of_the_browser(workbench: Page) -> None:
    details = {"lines": [{"raw": GOOD, "entry": "scan"}]}
    assert call(workbench, "evidence", SIGN, {"kind": "recall", "details": details})["exported"] == "refused"


MAC = "ABCDEFGHIJKLMNOP"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (GOOD, GOOD),
        (GOOD + "\r\n", GOOD),
        (GOOD.lower(), GOOD),
        ("]C0" + GOOD, GOOD),
        ("ZK 12345678 5 VN", GOOD),
        ("ＺＫ１２３４５６７８５ＶＮ", GOOD),
        # VNI turned the first digit after a vowel into a tone mark: only one reading has this check digit.
        ("BÁ23456785VN", "BA123456785VN"),
        # Telex made one letter of a doubled D.
        ("Đ123456785VN", "DD123456785VN"),
    ],
)
def test_a_damaged_reading_is_repaired_only_to_its_one_meaning(
    workbench: Page, typed: str, code: str
) -> None:
    assert call(workbench, "codes", "m.read(given)", typed)["code"] == code


@pytest.mark.parametrize(
    ("typed", "raw"),
    [
        (f"{GOOD}|k1|{MAC}", f"{GOOD}|k1|{MAC}"),
        (f"{GOOD.lower()}|K1|{MAC.lower()}", f"{GOOD}|k1|{MAC}"),
        (f"{GOOD}~k1~{MAC}", f"{GOOD}|k1|{MAC}"),
        (f"{GOOD}-7KQ2X", f"{GOOD}-7KQ2X"),
        (f"{GOOD[:2]} {GOOD[2:11]} vn - 7kq2x", f"{GOOD}-7KQ2X"),
    ],
)
def test_a_label_keeps_its_proof_through_caps_lock_and_layout(workbench: Page, typed: str, raw: str) -> None:
    assert call(workbench, "codes", "m.read(given)", typed)["raw"] == raw


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("ZK123456784VN", "check_digit"),
        ("ZK12345\u001b6785VN", "control"),
        ("ZK1234\u200b56785VN", "control"),
        ("<script>alert(1)</script>", "format"),
        ("ZK12345678ềVN", "input_method"),
        ("A" * 65, "long"),
        (f"{GOOD}-7KQ2", "format"),
        (f"{GOOD}-7KQUX", "format"),
        ("   ", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(workbench: Page, typed: str, reason: str) -> None:
    assert call(workbench, "codes", "m.read(given)", typed) == {"kind": "bad", "reason": reason}


@pytest.mark.parametrize(
    ("gap", "jitter", "entry"), [(10, 2, "scan"), (90, 5, "scan"), (90, 60, "typed"), (180, 20, "typed")]
)
def test_typing_is_told_from_scanning_by_its_rhythm(
    workbench: Page, gap: int, jitter: int, entry: str
) -> None:
    times = [index * gap + (jitter if index % 2 else 0) for index in range(13)]
    assert call(workbench, "codes", "m.enteredBy(given)", times) == entry
    assert call(workbench, "codes", "m.enteredBy(given, {pasted: true})", times) == "typed"
    assert call(workbench, "codes", "m.enteredBy(given, {framed: true})", times) == "scan"


def test_a_second_reading_must_be_the_first(workbench: Page) -> None:
    given = {
        "code": GOOD,
        "same": f" {GOOD[:2].lower()} {GOOD[2:]}",
        "other": "ZK000000005VN",
        "torn": GOOD[:-1],
    }
    expression = "[given.same, given.other, given.torn].map((typed) => m.againFault(given.code, typed))"
    assert call(workbench, "key_in", expression, given) == ["", "differs", "unreadable"]


def test_a_key_in_is_asked_again_when_it_is_old_and_never_for_a_scan(workbench: Page) -> None:
    minute = 60_000
    given = [
        {"entry": "scan"},
        {"entry": "typed"},
        {"entry": "typed", "keyed": 99 * minute},
        {"entry": "typed", "keyed": 80 * minute},
    ]
    asked = call(workbench, "key_in", f"given.map((one) => m.needsKeyIn(one, {100 * minute}))", given)
    assert asked == [False, True, False, True]


COUNTER = {"mode": "offer", "place": "O", "counter": True}
DESK = {
    "me": {"user": 7, "unit_code": "A"},
    "held": [
        {"code": "H1", "to_unit": "B", "from_unit": "A", "attempts": 0, "offered": False},
        {"code": "H2", "to_unit": "C", "from_unit": "A", "attempts": 1, "offered": False},
        {"code": "H3", "to_unit": "B", "from_unit": "A", "attempts": 0, "offered": True},
    ],
    "incoming": [
        {"nonce": "n1", "lines": [{"code": "I1"}]},
        {"nonce": "n2", "lines": [{"code": "I2", "sealed": True}]},
        {
            "nonce": "n4",
            "purpose": "delivery",
            "lines": [{"code": "D1", "mark": "B", "sealed": True}, {"code": "D2", "mark": "none"}],
        },
    ],
    "outgoing": [{"nonce": "n3", "lines": [{"code": "H3"}]}],
}


@pytest.mark.parametrize(
    ("session", "code", "signal", "key"),
    [
        ({"mode": "offer", "place": "A", "toUnit": "P"}, "H1", "ok", "added"),
        ({"mode": "offer", "place": "A"}, "H1", "stop", "choose_taker"),
        ({"mode": "offer", "toUnit": "P"}, "H1", "stop", "choose_place"),
        ({"mode": "offer", "place": "A", "toUnit": "P"}, "H3", "stop", "already_offered"),
        ({"mode": "offer", "place": "A", "toUnit": "P"}, "X", "stop", "not_held"),
        ({"mode": "offer", "purpose": "delivery", "place": "B"}, "H1", "ok", "added"),
        ({"mode": "offer", "purpose": "delivery", "place": "B"}, "H2", "stop", "not_for_here"),
        ({"mode": "offer", "purpose": "return", "place": "A"}, "H2", "ok", "added"),
        ({"mode": "offer", "purpose": "return", "place": "A"}, "H1", "stop", "no_attempt_yet"),
        (
            {"mode": "offer", "purpose": "delivery", "place": "A", "counter": True},
            "H1",
            "stop",
            "choose_counter",
        ),
        ({**COUNTER, "purpose": "delivery", "toUnit": "B"}, "H1", "ok", "added"),
        ({**COUNTER, "purpose": "delivery", "toUnit": "C"}, "H1", "stop", "not_for_unit"),
        ({**COUNTER, "purpose": "return", "toUnit": "A"}, "H2", "ok", "added"),
        ({**COUNTER, "purpose": "return", "toUnit": "A"}, "H1", "stop", "no_attempt_yet"),
        ({**COUNTER, "toUnit": "P"}, "H1", "ok", "added"),
        ({"mode": "take"}, "I1", "ok", "added"),
        ({"mode": "take"}, "I2", "ok", "added_seal"),
        ({"mode": "take", "nonce": "n1", "lines": [{"code": "I1"}]}, "I2", "stop", "other_offer"),
        ({"mode": "take", "nonce": "n1", "lines": [{"code": "I1"}]}, "I1", "warning", "already"),
        ({"mode": "take"}, "D1", "ok", "added_check"),
        ({"mode": "take"}, "D2", "ok", "added"),
        (
            {"mode": "take", "nonce": "n4", "lines": [{"code": str(n)} for n in range(100)]},
            "D1",
            "stop",
            "list_full",
        ),
        ({"mode": "recall"}, "H3", "ok", "added"),
        ({"mode": "recall"}, "H1", "stop", "not_mine_to_recall"),
        ({"mode": "attempt", "place": "B", "reason": "refused", "action": "retry"}, "H1", "ok", "added"),
        ({"mode": "attempt", "place": "B", "reason": "refused"}, "H1", "stop", "choose_action"),
    ],
)
def test_each_scan_gets_its_verdict_before_the_network_answers(
    workbench: Page, session: dict[str, Any], code: str, signal: str, key: str
) -> None:
    given = {"session": session, "desk": DESK, "reading": {"kind": "code", "code": code}}
    expression = (
        "m.judge({...m.emptySession(given.session.mode), ...given.session}, given.desk, given.reading)"
    )
    verdict = call(workbench, "scan_rules", expression, given)
    assert (verdict["signal"], verdict["key"]) == (signal, key)


def test_the_list_cannot_be_signed_while_a_problem_is_in_it(workbench: Page) -> None:
    lines = [{"code": "H1", "status": "ready"}, {"code": "X", "status": "problem"}]
    given = {"mode": "offer", "place": "A", "toUnit": "P", "lines": lines}
    assert (
        call(workbench, "scan_rules", "m.mayCommit({...m.emptySession('offer'), ...given})", given) is False
    )
    given["lines"] = lines[:1]
    assert call(workbench, "scan_rules", "m.mayCommit({...m.emptySession('offer'), ...given})", given) is True


@pytest.mark.parametrize(
    ("check", "verdict", "fault", "signed"),
    [
        ({"mark": "", "pieces": 0, "addressee": ""}, "accept", "missing", False),
        ({"mark": "intact", "pieces": 1, "addressee": ""}, "accept", "missing", False),
        ({"mark": "intact", "pieces": 2, "addressee": "ours"}, "accept", "", True),
        ({"mark": "damaged", "pieces": 0, "addressee": ""}, "accept", "differs", False),
        ({"mark": "intact", "pieces": 1, "addressee": "other"}, "accept", "differs", True),
        ({"mark": "intact", "pieces": 1, "addressee": "other"}, "refuse", "", True),
        ({"mark": "", "pieces": 0, "addressee": ""}, "refuse", "", False),
    ],
)
def test_the_checklist_is_whole_before_a_line_is_signed_for(
    workbench: Page, check: dict[str, Any], verdict: str, fault: str, *, signed: bool
) -> None:
    line = {"code": "D1", "verdict": verdict, "check": check}
    assert call(workbench, "scan_check", "m.checkFault(given)", line) == fault
    expected = {"check": check} if signed else {}
    assert call(workbench, "scan_check", "m.signedCheck(given)", line) == expected


def test_what_was_ticked_off_is_signed_with_the_line(workbench: Page) -> None:
    check = {"mark": "intact", "pieces": 3, "addressee": "ours"}
    lines = [{"raw": GOOD, "entry": "scan", "verdict": "accept", "reason": "", "seal": "", "check": check}]
    signed = call(workbench, "evidence", SIGN, {"kind": "take", "details": {"lines": lines}})
    evidence = parse_evidence(envelope.parse(signed["envelope"].encode()).payload)
    assert isinstance(evidence, Take)
    assert evidence.lines[0].check == Checklist(mark=CoverMark.INTACT, pieces=3, addressee=Addressee.OURS)
