"""What a stranger, a broken device or a careless program sends: a clear answer, nothing stored, no trace."""

import json
import logging

import pytest
from werkzeug.test import TestResponse

from app.domain.register import Direction
from tests.support.device import Device
from tests.support.installation import Installation

GOOD = {"recipient_unit": "24.H02", "weight_g": 10}


def send(device: Device, path: str, body: bytes, **headers: str) -> TestResponse:
    """Send raw bytes as JSON."""
    sent = {"Content-Type": "application/json", **device.headers, **headers}
    return device.client.post(path, data=body, headers=sent)


def code_of(answer: TestResponse) -> str:
    """Read the code of an error, and see that the body has its one shape."""
    assert answer.json is not None
    assert answer.json.keys() == {"error"}
    error = answer.json["error"]
    assert error.keys() == {"code", "message", "problems"}
    assert "Traceback" not in answer.text
    return str(error["code"])


def problems_of(answer: TestResponse) -> list[tuple[str, str]]:
    """Read which fields are wrong, and how."""
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    return [(problem["field"], problem["code"]) for problem in answer.json["error"]["problems"]]


@pytest.mark.parametrize("path", ["/api/v1/scans", "/api/v1/consignments"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null x",
        b"\xff\xfe{}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1,"a":2}',
        b"[" * 100_000,
        b'{"weight_g":' + b"9" * 5000 + b"}",
        '{"a":"ế"'.encode(),
    ],
)
def test_what_is_not_json_with_one_meaning_is_refused(sender: Device, path: str, body: bytes) -> None:
    answer = send(sender, path, body)
    assert (answer.status_code, code_of(answer)) == (400, "malformed_json")


@pytest.mark.parametrize("path", ["/api/v1/scans", "/api/v1/consignments"])
@pytest.mark.parametrize("body", [b'{"a":"24\\u0000"}', b'{"a\\u0000":1}', b'[["\\u0000"]]'])
def test_a_text_with_a_nul_is_refused_before_any_database_is_asked(
    sender: Device, path: str, body: bytes
) -> None:
    assert problems_of(send(sender, path, body)) == [("body", "control_character")]


def test_a_backslash_before_u0000_is_no_nul(sender: Device) -> None:
    body = rb'{"envelopes":[{}],"a":"\\u0000"}'
    assert problems_of(send(sender, "/api/v1/scans", body)) == [("a", "unknown_field")]


def test_a_question_with_a_nul_is_refused(sender: Device) -> None:
    assert problems_of(sender.get("/api/v1/suspense?queue=%00")) == [("query", "control_character")]


@pytest.mark.parametrize("path", ["/api/v1/scans", "/api/v1/consignments"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_another_content_type_is_refused(sender: Device, path: str, kind: str) -> None:
    answer = send(sender, path, b"{}", **{"Content-Type": kind})
    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["/api/v1/scans", "/api/v1/consignments"])
def test_ten_megabytes_are_refused_with_a_text(sender: Device, path: str) -> None:
    answer = send(sender, path, b'{"a":"' + b"x" * 10_000_000 + b'"}')
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert answer.json is not None
    assert "quá lớn" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("envelopes", "required")),
        ({"envelopes": []}, ("envelopes", "required")),
        ({"envelopes": {}}, ("envelopes", "required")),
        ([], ("envelopes", "required")),
        ("text", ("envelopes", "required")),
        ({"envelopes": [{}] * 101}, ("envelopes", "too_many")),
        ({"envelopes": [{}], "extra": 1}, ("extra", "unknown_field")),
    ],
)
def test_a_request_that_is_no_list_of_scans_names_the_field(
    sender: Device, body: object, problem: tuple[str, str]
) -> None:
    assert problems_of(send(sender, "/api/v1/scans", json.dumps(body).encode())) == [problem]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"weight_g": "10"}, ("weight_g", "not_a_number")),
        ({"weight_g": 10.5}, ("weight_g", "not_a_number")),
        ({"weight_g": True}, ("weight_g", "not_a_number")),
        ({"weight_g": 0}, ("weight_g", "out_of_range")),
        ({"weight_g": 100_001}, ("weight_g", "out_of_range")),
        ({"pieces": 1000}, ("pieces", "out_of_range")),
        ({"secrecy": "D"}, ("secrecy", "not_a_choice")),
        ({"secrecy": "A", "inner_envelope": True, "abstract": "Về việc"}, ("abstract", "abstract_forbidden")),
        ({"recipient_unit": "99.X"}, ("recipient_unit", "unknown_unit")),
        ({"recipient_unit": "24.H01"}, ("recipient_unit", "same_unit")),
        ({"seal": "NP-ĐỎ"}, ("seal", "seal_not_plain")),
        ({"receiver_name": "Nguye\u0302\u0303n"}, ("receiver_name", "not_nfc")),
        ({"receiver_name": "Nguyễn\x1d"}, ("receiver_name", "control_character")),
        ({"receiver_name": "\ud800"}, ("receiver_name", "malformed")),
        ({"receiver_name": "x" * 121}, ("receiver_name", "too_long")),
        ({"named_only": True}, ("receiver_name", "named_receiver_required")),
        ({"named_only": "yes"}, ("named_only", "malformed")),
        ({"appointed_at": "soon"}, ("appointed_at", "not_a_time")),
        ({"appointed_at": "2020-01-01T00:00:00Z"}, ("appointed_at", "not_in_future")),
        ({"document_date": "2026-02-30"}, ("document_date", "not_a_date")),
        ({"document_date": "2027-01-01"}, ("document_date", "in_future")),
        ({"document_numbers": ["a;b"]}, ("document_numbers.0", "malformed")),
        ({"document_numbers": ["a"] * 21}, ("document_numbers", "too_many")),
        ({"sender_unit": "24.H02"}, ("sender_unit", "unknown_field")),
    ],
)
def test_each_wrong_field_of_a_registration_is_named(
    sender: Device, change: dict[str, object], problem: tuple[str, str]
) -> None:
    body = json.dumps({**GOOD, **change}).encode()
    assert problem in problems_of(send(sender, "/api/v1/consignments", body))


def test_every_wrong_field_is_named_at_once_in_the_callers_language(sender: Device) -> None:
    body = json.dumps({"recipient_unit": "99.X", "weight_g": 0, "pieces": 0, "document_date": "x"}).encode()
    for language, word in (("vi", "Hãy"), ("en", "Enter it again")):
        answer = send(sender, "/api/v1/consignments", body, **{"Accept-Language": language})
        assert len(problems_of(answer)) == 4
        assert answer.headers["Content-Language"] == language
        assert word in answer.text


def test_what_was_refused_left_nothing_behind(house: Installation, sender: Device) -> None:
    before = house.runtime.read(
        lambda uow: (uow.audit.head(), uow.registers.list(sender.actor.unit, 2026, Direction.OUT))
    )
    for change in ({"weight_g": 0}, {"secrecy": "A", "abstract": "x"}, {"extra": 1}):
        assert (
            send(sender, "/api/v1/consignments", json.dumps({**GOOD, **change}).encode()).status_code == 422
        )
    send(sender, "/api/v1/scans", json.dumps({"envelopes": [{"payload": "e30="}]}).encode())
    after = house.runtime.read(
        lambda uow: (uow.audit.head(), uow.registers.list(sender.actor.unit, 2026, Direction.OUT))
    )
    assert after == before


def test_the_same_document_again_asks_for_confirmation(sender: Device) -> None:
    body = json.dumps({**GOOD, "document_numbers": ["77/KH"], "document_date": "2026-11-20"}).encode()
    assert send(sender, "/api/v1/consignments", body).status_code == 201
    again = send(sender, "/api/v1/consignments", body)
    assert (again.status_code, code_of(again)) == (409, "duplicate")
    confirmed = json.dumps({**json.loads(body), "confirm_duplicate": True}).encode()
    assert send(sender, "/api/v1/consignments", confirmed).status_code == 201


def test_not_yours_and_not_there_are_the_same_answer(sender: Device, courier: Device) -> None:
    code = json.loads(send(sender, "/api/v1/consignments", json.dumps(GOOD).encode()).text)["consignment"][
        "code"
    ]
    for suffix in ("", "/timeline"):
        hidden = courier.get(f"/api/v1/consignments/{code}{suffix}")
        absent = courier.get(f"/api/v1/consignments/ZK000000005VN{suffix}")
        assert (hidden.status_code, hidden.data) == (absent.status_code, absent.data)
        assert code_of(hidden) == "not_found"


def test_a_role_that_never_registers_is_refused_as_such(courier: Device) -> None:
    answer = send(courier, "/api/v1/consignments", json.dumps(GOOD).encode())
    assert (answer.status_code, code_of(answer)) == (403, "not_permitted")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "bearer " + "A" * 43, "Bearer " + "A" * 42, "Bearer " + "Ā" * 43, "Basic YTpi"],
)
def test_strangers_are_refused_and_counted_but_not_quoted(
    house: Installation, sender: Device, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="kt1.security"):
        sent = {"Authorization": header.encode("utf-8").decode("latin-1")}
        answer = sender.client.get("/api/v1/offers", headers=sent)
    assert (answer.status_code, code_of(answer)) == (401, "unknown_device_token")
    assert not any("AAAA" in message or "YTpi" in message for message in caplog.messages)
    assert house.runtime.read(lambda uow: uow.audit.head().size) > 0


def test_unknown_addresses_and_methods_have_the_same_body(sender: Device) -> None:
    assert code_of(sender.get("/api/v1/nothing")) == "not_found"
    wrong = sender.client.put("/api/v1/scans", headers=sender.headers)
    assert (wrong.status_code, code_of(wrong)) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
