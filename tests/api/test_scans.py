"""Scans over HTTP: the whole way of an item, lasting receipts, and one bad scan that stops no other."""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from app.services.people import accounts, devices
from app.storage.hot import Batch
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry, verify_entry
from audit.evidence import Purpose
from tests.support.device import Device, enrol
from tests.support.installation import Installation

_numbers = count(1)


def register(device: Device, **changes: object) -> str:
    """Register one item and return its code."""
    body = {
        "recipient_unit": "24.H02",
        "weight_g": 120,
        "document_numbers": [f"{next(_numbers)}/CV-UBND"],
        **changes,
    }
    answer = device.post("/api/v1/consignments", body)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    return str(answer.json["consignment"]["code"])  # type: ignore[index]


def results(answer: TestResponse) -> list[dict[str, object]]:
    """Read the results of an answered request."""
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json["results"])


def test_an_item_travels_from_sender_to_receiver(sender: Device, courier: Device, receiver: Device) -> None:
    code = register(sender)
    offer = sender.offer(code, to="24.P01")
    assert results(sender.send(offer))[0]["status"] == "accepted"
    waiting = courier.get("/api/v1/offers").json
    assert waiting is not None
    assert [(one["code"], one["offer"]["nonce"]) for one in waiting["offers"]] == [(code, offer.nonce)]
    assert (
        results(courier.send(courier.take(code, nonce=offer.nonce, place="24.H01")))[0]["status"]
        == "accepted"
    )
    delivery = courier.offer(code, to="24.H02", purpose=Purpose.DELIVERY, place="24.H02")
    assert results(courier.send(delivery))[0]["status"] == "accepted"
    assert results(receiver.send(receiver.take(code, nonce=delivery.nonce)))[0]["status"] == "accepted"
    found = receiver.get(f"/api/v1/consignments/{code}").json
    assert found is not None
    assert (found["state"], found["custodian_unit"], found["offer"]) == ("delivered", "24.H02", None)
    timeline = sender.get(f"/api/v1/consignments/{code}/timeline").json
    assert timeline is not None
    kinds = [event["kind"] for event in timeline["events"]]
    assert kinds == ["handover_taken", "handover_offered"] * 2 + ["registered"]
    assert timeline["verified"] is True


def test_a_receipt_is_the_entry_of_the_log(house: Installation, sender: Device) -> None:
    code = register(sender)
    entry = results(sender.send(sender.offer(code, to="24.P01")))[0]["entry"]
    assert isinstance(entry, dict)
    stored = house.runtime.read(lambda uow: uow.audit.find(entry["index"]))
    parsed = parse_entry(stored.data)
    verify_entry(parsed, house.runtime.tools.signer.public_key)
    assert entry["hash"] == stored.leaf.hex()
    assert f'"sig":"{entry["signature"]}"'.encode() in stored.data


def test_the_same_scan_gets_the_same_receipt(sender: Device) -> None:
    code = register(sender)
    body = {"envelopes": [sender.sign(sender.offer(code, to="24.P01")).to_json()]}
    first = results(sender.post("/api/v1/scans", body))[0]  # type: ignore[arg-type]
    again = results(sender.post("/api/v1/scans", body))[0]  # type: ignore[arg-type]
    assert (first["status"], again["status"]) == ("accepted", "duplicate")
    assert {**again, "status": "accepted"} == first


def test_a_scan_number_used_twice_is_recorded_as_a_conflict(sender: Device) -> None:
    first = sender.offer(register(sender), to="24.P01")
    other = replace(first, place="24.P01")
    assert results(sender.send(first))[0]["status"] == "accepted"
    conflict = results(sender.send(other))[0]
    assert conflict["status"] == "conflict"
    assert conflict["entry"] is not None
    assert conflict["error"]["code"] == "scan_conflict"  # type: ignore[index]


def test_a_refusal_is_recorded_and_answered_in_words(sender: Device, courier: Device) -> None:
    code = register(sender)
    scan = courier.offer(code, "ZK999999999VN", to="24.H02")
    for language, word in (("vi", "Bạn"), ("en", "You"), ("fr, en;q=0.5", "You"), ("fr", "Bạn")):
        result = results(courier.send(scan, **{"Accept-Language": language}))[0]
        lines = result["lines"]
        assert isinstance(lines, list)
        assert [line["refusal"] for line in lines] == ["wrong_custodian", "unknown_code"]
        assert lines[0]["message"].startswith(word)
        assert result["entry"] is not None


def test_one_bad_scan_stops_no_other(sender: Device) -> None:
    codes = [register(sender) for _ in range(3)]
    envelopes = [sender.sign(sender.offer(code, to="24.P01")).to_json() for code in codes]
    forged = {**envelopes[1], "signatures": envelopes[0]["signatures"]}
    unknown_field = {**envelopes[1], "comment": "hello"}
    body = {"envelopes": [envelopes[0], forged, "text", unknown_field, None, {}, envelopes[2]]}
    found = results(sender.post("/api/v1/scans", body))  # type: ignore[arg-type]
    assert [one["status"] for one in found] == ["accepted", *["error"] * 5, "accepted"]
    assert found[1]["error"]["problems"][0]["code"] == "bad_signature"  # type: ignore[index]
    assert all(one["entry"] is None for one in found[1:6])


def test_two_scans_of_one_item_in_one_request_are_judged_in_order(sender: Device) -> None:
    code = register(sender)
    first = sender.offer(code, to="24.P01")
    found = results(
        sender.send(first, sender.recall(code, nonce=first.nonce), sender.offer(code, to="24.P01"))
    )
    assert [one["status"] for one in found] == ["accepted"] * 3
    indexes = [one["entry"]["index"] for one in found]  # type: ignore[index]
    assert indexes == list(range(indexes[0], indexes[0] + 3))


def test_the_scans_of_a_request_share_one_commit(sender: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    scans = [sender.offer(register(sender), to="24.P01") for _ in range(20)]
    commits: list[int] = []
    store = UnitOfWork.store

    def counted(uow: UnitOfWork, batch: Batch, connection: Connection) -> None:
        commits.append(len(batch.entries))
        store(uow, batch, connection)

    monkeypatch.setattr(UnitOfWork, "store", counted)
    assert {one["status"] for one in results(sender.send(*scans))} == {"accepted"}
    assert commits == [20]


def test_a_list_of_200_with_one_bad_line_is_taken_line_by_line(sender: Device) -> None:
    codes = [register(sender) for _ in range(4)]
    strangers = [f"ZK{number:08d}0VN" for number in range(196)]
    result = results(sender.send(sender.offer(*codes, *strangers, to="24.P01")))[0]
    assert result["status"] == "partly"
    lines = result["lines"]
    assert isinstance(lines, list)
    assert [line["outcome"] for line in lines[:5]] == ["accepted"] * 4 + ["refused"]


def test_a_revoked_device_is_a_stranger_at_the_next_request(house: Installation) -> None:
    device = enrol(house, "dung")
    assert device.get("/api/v1/offers").status_code == 200
    house.runtime.write(devices.revoke, device.key.public_key.key_id, actor=device.actor)
    answer = device.get("/api/v1/offers")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_device_revoked_after_its_last_scan_brings_no_more(house: Installation) -> None:
    device = enrol(house, "an.nguyen")
    scan = device.sign(device.offer(register(device), to="24.P01")).to_json()
    assert results(device.post("/api/v1/scans", {"envelopes": [scan]}))[0]["status"] == "accepted"
    house.runtime.write(devices.revoke, device.key.public_key.key_id, actor=device.actor)
    answer = device.post("/api/v1/scans", {"envelopes": [scan]})
    assert answer.status_code == 401


def test_a_person_whose_password_was_issued_anew_brings_nothing_until_it_is_replaced(
    house: Installation,
) -> None:
    device = enrol(house, "an.nguyen")
    scan = device.sign(device.offer(register(device), to="24.P01")).to_json()
    assert results(device.post("/api/v1/scans", {"envelopes": [scan]}))[0]["status"] == "accepted"
    issued = accounts.issue_password()
    house.runtime.write(accounts.reset_password, device.actor.user, issued=issued, actor=None)
    assert device.post("/api/v1/scans", {"envelopes": [scan]}).status_code == 401
    own = replace(issued, must_change=False)
    house.runtime.write(accounts.reset_password, device.actor.user, issued=own, actor=None)
    assert device.post("/api/v1/scans", {"envelopes": [scan]}).status_code == 200


def test_another_persons_device_cannot_speak_for_its_owner(sender: Device, courier: Device) -> None:
    code = register(sender)
    scan = sender.sign(sender.offer(code, to="24.P01")).to_json()
    found = results(courier.post("/api/v1/scans", {"envelopes": [scan]}))[0]
    assert found["status"] == "error"
    assert found["error"]["problems"][0]["code"] == "wrong_actor"  # type: ignore[index]
