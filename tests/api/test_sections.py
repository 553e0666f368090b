"""Closed sections through the API: closed and reopened by a clerk, told to whoever comes, printed."""

from datetime import timedelta

import pytest

from crypto.canonical import JsonValue
from crypto.timestamps import format_at
from tests.api.test_scans import register, results
from tests.support.device import Device, enrol
from tests.support.installation import Installation
from tests.unit.reports.paper import text_of

PATH = "/api/v1/sections"


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Device:
    return enrol(house, "dung")


def body(house: Installation, **changes: JsonValue) -> dict[str, JsonValue]:
    """Word a closing for two hours."""
    expected = format_at(house.clock() + timedelta(hours=2))
    return {"reason": "break", "expected_at": expected, **changes}


def test_control_8_a_closed_section_is_told_to_whoever_brings_a_scan_there(
    house: Installation, clerk: Device, courier: Device, sender: Device
) -> None:
    made = clerk.post(PATH, body(house, note="Nghỉ trưa"))
    assert made.status_code == 201, made.text
    closing = made.json
    assert closing is not None
    assert (closing["office"], closing["state"], closing["things"]) == ("24.P01", "closed", 0)
    listed = sender.get(PATH).json
    assert listed is not None
    assert [one["closing"] for one in listed["closed"]] == [closing["closing"]]
    assert (listed["closed"][0]["things"], listed["ended"]) == (None, [])
    code = register(sender)
    offer = sender.offer(code, to="24.P01")
    results(sender.send(offer))
    taken = results(courier.send(courier.take(code, nonce=offer.nonce, place="24.H01")))
    assert taken[0]["status"] == "accepted"
    [refused] = results(courier.send(courier.offer(code, to="24.P01", place="24.P01")))
    assert refused["status"] == "refused"
    lines, closed = refused["lines"], refused["closed"]
    assert isinstance(lines, list)
    assert isinstance(closed, dict)
    assert lines[0]["refusal"] == "section_closed"
    assert "nghỉ giữa ca" in lines[0]["message"]
    assert closed["expected_at"] == closing["expected_at"]
    printed = courier.get(f"{PATH}/{closing['closing']}/notice")
    assert printed.mimetype == "application/pdf"
    assert "GIẤY BÁO ĐÓNG QUẦY KT1" in text_of(printed.data)
    reopened = clerk.post(f"{PATH}/{closing['closing']}/reopen", {})
    assert (reopened.status_code, reopened.json and reopened.json["state"]) == (200, "reopened")
    [again] = results(courier.send(courier.offer(code, to="24.P01", place="24.P01")))
    assert (again["status"], again["closed"]) == ("accepted", None)
    assert clerk.post(f"{PATH}/{closing['closing']}/reopen", {}).status_code == 409
    assert courier.get(f"{PATH}/{closing['closing']}").status_code == 404


def test_who_may_not_close_is_refused_and_so_is_a_form_that_does_not_fit(
    house: Installation, clerk: Device, courier: Device
) -> None:
    assert courier.post(PATH, body(house)).status_code == 403
    wrong = clerk.post(PATH, body(house, instead="24.XXX"))
    assert (wrong.status_code, wrong.json and wrong.json["error"]["problems"][0]["field"]) == (422, "instead")
    assert clerk.post(PATH, body(house, access_key=1, seal="NP-1")).status_code == 422
    assert clerk.post(f"{PATH}/DQ-24.P01-2026-999/reopen", {}).status_code == 404
