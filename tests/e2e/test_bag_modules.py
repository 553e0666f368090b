"""The bag station's own modules, run in Chromium: what is judged and what is signed."""

from typing import Any

import pytest
from playwright.sync_api import Page

from app.domain.bag import contents_digest
from audit.evidence import Act, Mark, open_evidence
from crypto import envelope
from crypto.digest import b64decode
from crypto.keys import PublicKey
from tests.e2e.test_station_modules import call

ONE, TWO, THREE = "ZK123456785VN", "ZK000000005VN", "ZK473124829VN"
BAG = {
    "code": "ZT000000005VN", "state": "opened", "mine": True, "nested": False, "offered": False,
    "contents": [
        {"code": ONE, "mark": "", "listed": True},
        {"code": TWO, "mark": "received", "listed": True},
        {"code": THREE, "mark": "", "listed": True},
    ],
}  # fmt: skip
SIGN = """(async () => {
  const d = await import('/js/device.js');
  const e = await import('/js/evidence.js');
  const key = await d.makeKey(7);
  const who = {log: 'kt1.test/24', device: key.keyId, actor: 7, place: '24.P01', seq: 1, nonce: e.newNonce()};
  return {envelope: await e.seal(e.act(who, given), key), publicKey: key.publicKey};
})()"""


def signed(page: Page, act: dict[str, Any]) -> Act:
    made = call(page, "bag_rules", SIGN, act)
    key = PublicKey(raw=b64decode(made["publicKey"]))
    said = open_evidence(envelope.from_json(made["envelope"]), key, log="kt1.test/24")
    assert isinstance(said, Act)
    return said


def test_an_act_signed_in_the_browser_is_evidence_for_the_server(workbench: Page) -> None:
    said = signed(
        workbench,
        {
            "kind": "answer", "subject": BAG["code"], "entry": "scan",
            "lines": [
                {"raw": ONE, "entry": "scan", "mark": "received"},
                {"raw": TWO, "entry": "typed", "mark": "missing"},
            ],
        },
    )  # fmt: skip
    assert [(line.code, line.mark) for line in said.lines] == [(ONE, Mark.RECEIVED), (TWO, Mark.MISSING)]
    assert said.witness is None


def test_what_the_closer_signs_for_is_the_digest_the_server_makes(workbench: Page) -> None:
    given = {"contents": [{"code": code, "mark": "", "listed": True} for code in (ONE, TWO, THREE)]}
    text = call(workbench, "bag_rules", "m.contentsText(given)", given)
    digest = call(workbench, "bytes", "m.sha256Hex(new TextEncoder().encode(given))", text)
    assert digest == contents_digest([THREE, ONE, TWO])
    facts = call(
        workbench,
        "bag_rules",
        "m.facts('close', {seal: ' np-1 ', weight_g: '900', last: 'no'}, given)",
        {"digest": digest, "pieces": 3},
    )
    said = signed(workbench, {"kind": "close", "subject": BAG["code"], "entry": "scan", "facts": facts})
    assert said.facts == {"seal": "NP-1", "weight_g": 900, "last": "no", "contents": digest, "pieces": 3}


@pytest.mark.parametrize(
    ("code", "signal", "key"),
    [(ONE, "ok", "found"), (TWO, "stop", "answered"), ("ZK999999990VN", "warning", "excess")],
)
def test_an_answer_is_judged_by_the_manifest(workbench: Page, code: str, signal: str, key: str) -> None:
    verdict = call(
        workbench,
        "bag_rules",
        "m.judgeLine(m.emptySession('answer', 'P'), given.bag, {held: []}, {code: given.code})",
        {"bag": BAG, "code": code},
    )
    assert (verdict["signal"], verdict["key"]) == (signal, key)


@pytest.mark.parametrize(
    ("change", "task", "fault"),
    [
        ({}, "answer", ""),
        ({}, "pack", "bag_is_opened"),
        ({"state": "closed", "mine": False}, "open", "bag_not_mine"),
        ({"state": "closed", "mine": False}, "check_seal", ""),
        ({"state": "closed", "offered": True}, "open", "bag_offered"),
        ({"state": "closed", "nested": True}, "change_seal", "bag_nested"),
    ],
)
def test_a_bag_fits_a_task_or_the_screen_says_why_not(
    workbench: Page, change: dict[str, Any], task: str, fault: str
) -> None:
    asked = {"bag": {**BAG, **change}, "task": task}
    assert call(workbench, "bag_rules", "m.bagFault(given.task, given.bag)", asked) == fault


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("seal", "np 1001", ""),
        ("seal", "  ", "missing"),
        ("seal", "ấn-01", "letters"),
        ("weight_g", "1500", ""),
        ("weight_g", "0", "weight"),
        ("weight_g", "1,5", "weight"),
        ("found", "", "missing"),
    ],
)
def test_a_value_that_an_act_cannot_carry_is_named(
    workbench: Page, name: str, value: str, fault: str
) -> None:
    assert (
        call(workbench, "bag_rules", "m.fieldFault(given.name, given.value)", {"name": name, "value": value})
        == fault
    )
