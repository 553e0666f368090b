"""Signed lists in the browser's outbox: sent in portions, forgotten only when the server names them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.test_station_modules import call

BIG = 40_000
RECORDS = """(async () => {
  const store = await import('/js/store.js');
  const records = given.sizes.map((size, index) => ({
    scan: `s${index}`, user: 7, at: `2026-11-22T07:00:${String(index % 60).padStart(2, '0')}.000Z`,
    envelope: {payload: 'x'.repeat(size), payloadType: 't', signatures: []},
  }));
  for (const record of records) await store.queue(record);
  const answers = [];
  let failure = '';
  try {
    for await (const results of m.send(records, {url: '/submit', csrf: 'token'})) answers.push(...results);
  } catch (error) { failure = error.message; }
  const short = ({scan, rejected}) => ({scan, rejected});
  const list = async (name) => (await store[name](7)).map(short);
  return {answers, failure, queued: await list('listQueued'), rejected: await list('listRejected')};
})()"""
Answer = Callable[[list[str]], tuple[int, dict[str, Any]]]


def _named(scans: list[str]) -> tuple[int, dict[str, Any]]:
    return 200, {
        "results": [{"scan": scan, "status": "accepted", "lines": [], "entry": None} for scan in scans]
    }


def _send(page: Page, sizes: list[int], answer: Answer) -> tuple[dict[str, Any], list[int]]:
    """Send that many lists to a server that answers as it likes; returns what became of them."""
    portions: list[int] = []

    def serve(route: Route) -> None:
        envelopes = json.loads(route.request.post_data or "")["envelopes"]
        begin = sum(portions)
        status, body = answer([f"s{begin + index}" for index in range(len(envelopes))])
        if status == 200:
            portions.append(len(envelopes))
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.route("**/submit", serve)
    return call(page, "outbox", RECORDS, {"sizes": sizes}), portions


def test_a_long_outbox_goes_in_portions_by_number_and_by_size(workbench: Page) -> None:
    found, portions = _send(workbench, [100] * 45, _named)
    assert portions == [20, 20, 5]
    assert len(found["answers"]) == 45
    assert found["queued"] == found["rejected"] == []


def test_large_lists_stay_below_the_servers_limit(workbench: Page) -> None:
    found, portions = _send(workbench, [BIG] * 9, _named)
    assert portions == [4, 4, 1]
    assert found["queued"] == []


def test_what_the_server_would_not_record_is_kept_with_its_reason(workbench: Page) -> None:
    def answer(scans: list[str]) -> tuple[int, dict[str, Any]]:
        status, body = _named(scans)
        body["results"][1] = {"scan": None, "status": "error", "message": "Chữ ký không đúng."}
        return status, body

    found, _ = _send(workbench, [10, 10, 10], answer)
    assert found["queued"] == []
    assert found["rejected"] == [{"scan": "s1", "rejected": "Chữ ký không đúng."}]


def test_an_answer_about_another_list_settles_nothing(workbench: Page) -> None:
    found, _ = _send(workbench, [10, 10], lambda scans: _named(scans[::-1]))
    assert [one["scan"] for one in found["rejected"]] == ["s0", "s1"]


def test_what_the_answer_does_not_speak_of_keeps_waiting(workbench: Page) -> None:
    found, _ = _send(workbench, [10, 10], lambda scans: _named(scans[:1]))
    assert [one["scan"] for one in found["queued"]] == ["s1"]
    assert found["rejected"] == []


def test_one_list_that_cannot_be_sent_does_not_hold_back_the_others(workbench: Page) -> None:
    refused = {"error": {"message": "quá lớn"}}
    taken: list[str] = []

    def serve(route: Route) -> None:
        envelopes = json.loads(route.request.post_data or "")["envelopes"]
        if any(len(one["payload"]) == 13 for one in envelopes):
            route.fulfill(status=413, content_type="application/json", body=json.dumps(refused))
            return
        scans = {11: "s0", 12: "s1", 14: "s3"}
        names = [scans[len(one["payload"])] for one in envelopes]
        taken.extend(names)
        _, body = _named(names)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    workbench.route("**/submit", serve)
    found = call(workbench, "outbox", RECORDS, {"sizes": [11, 12, 13, 14]})
    assert taken == ["s0", "s1", "s3"]
    assert found["rejected"] == [{"scan": "s2", "rejected": "quá lớn"}]
    assert found["queued"] == []


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_server_that_cannot_now_gets_them_all_again(workbench: Page, status: int) -> None:
    found, _ = _send(workbench, [10] * 21, lambda _scans: (status, {"error": {"message": "chờ"}}))
    assert found["failure"] == "chờ"
    assert len(found["queued"]) == 21


def test_the_export_holds_the_signed_bytes_and_the_answer(workbench: Page) -> None:
    record = {"scan": "s", "user": 7, "at": "t", "rejected": "why", "envelope": {"payload": "x"}, "size": 1}
    kept = json.loads(call(workbench, "outbox", "m.exportText([given])", record))
    assert kept["format"] == "kt1/rejected/1"
    assert kept["records"] == [{name: value for name, value in record.items() if name != "size"}]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"seal": "NP-01 B", "sealed": True, "verdict": "accept"}, ""),
        ({"seal": "", "sealed": True, "verdict": "accept"}, "missing"),
        ({"seal": "", "sealed": True, "verdict": "refuse"}, ""),
        ({"seal": "", "sealed": False, "verdict": "accept"}, ""),
        ({"seal": "ĐẠI-01", "sealed": False, "verdict": "accept"}, "letters"),
        ({"seal": "N" * 33, "sealed": True, "verdict": "refuse"}, "letters"),
    ],
)
def test_a_seal_that_evidence_cannot_carry_stops_the_signature(
    workbench: Page, line: dict[str, Any], fault: str
) -> None:
    assert call(workbench, "scan_rules", "m.sealFault(given)", line) == fault
    session = {"mode": "take", "lines": [{"code": "A", "status": "ready", "reason": "damaged", **line}]}
    assert call(workbench, "scan_rules", "m.mayCommit(given)", session) is (fault == "")


def test_the_seal_is_read_in_one_form(workbench: Page) -> None:
    assert call(workbench, "scan_rules", "m.readSeal(given)", "  ｎｐ０１ ") == "NP01"
