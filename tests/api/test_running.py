"""The running server: what it says when it may not write or the database is gone, and how it starts."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import Client

import wsgi
from app.domain.errors import LogBehind, LogDisagrees, LogHalted
from app.factory import build_runtime, create_app
from app.http.ports import Unavailable
from app.http.surface import Surface
from app.http.texts import text
from app.keystore import KeysError, create_keys
from app.storage.errors import NotMigrated
from app.storage.uow import UnitOfWork
from config import Config
from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "house") as installation:
        yield installation


def _tamper(house: Installation, statement: str) -> None:
    """Change the database behind the server's back, as its owner could."""
    with sqlite3.connect(house.config.data_dir / "kt1.sqlite3") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(statement)
    connection.close()


def test_a_head_that_does_not_fit_stops_writing_and_keeps_reading(house: Installation) -> None:
    device = enrol(house, "an.nguyen")
    registered = device.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5})
    assert registered.json is not None
    code = registered.json["consignment"]["code"]
    _tamper(house, "UPDATE audit_head SET leaf = zeroblob(32)")
    answer = device.send(device.offer(code, to="24.P01"))
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["error"]["code"] == "log_halted"
    assert device.get("/api/v1/health").json == {
        "status": "read_only",
        "now": "2026-11-22T01:00:00.000Z",
        "why": "log_halted",
        "message": text("error.log_halted"),
    }
    assert device.get(f"/api/v1/consignments/{code}").status_code == 200


@pytest.mark.parametrize(
    ("reason", "what_to_do"),
    [(LogBehind("index 41"), "kt1 log recover"), (LogDisagrees("index 41"), "Giữ nguyên")],
)
def test_health_and_every_page_say_why_nothing_is_written_and_what_to_do(
    house: Installation, reason: LogHalted, what_to_do: str
) -> None:
    device, browser = enrol(house, "an.nguyen"), house.browser("an.nguyen")
    assert 'id="halted"' not in browser.get("/").text
    assert device.get("/api/v1/health").json == {"status": "ok", "now": "2026-11-22T01:00:00.000Z"}
    house.runtime.halt(reason)
    health = device.get("/api/v1/health").json
    assert health is not None
    assert (health["status"], health["why"]) == ("read_only", reason.code)
    assert what_to_do in health["message"]
    page = browser.get("/").text
    assert 'id="halted"' in page
    assert what_to_do in page
    # Whoever is not logged in learns no detail of what does not fit.
    assert "index 41" not in page + health["message"]
    assert 'id="halted"' not in house.browser().get("/login").text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET size = size - 1",
        "UPDATE audit_log SET data = x'7b7d' WHERE idx = (SELECT max(idx) FROM audit_log)",
        "DELETE FROM audit_log WHERE idx = (SELECT max(idx) FROM audit_log)",
    ],
)
def test_a_start_looks_at_the_end_of_the_log(house: Installation, statement: str) -> None:
    assert not house.runtime.is_halted
    guards = _guards(house)
    _tamper(house, statement)
    _restore(house, guards)
    again = build_runtime(house.config, clock=house.clock)
    try:
        assert again.is_halted
        health = create_app(house.config, Surface.DEVICES, again).test_client().get("/api/v1/health")
        assert health.json is not None
        assert health.json["status"] == "read_only"
    finally:
        again.close()


def test_finding_19_health_says_that_the_clock_went_back_and_scans_get_an_error_of_their_own(
    house: Installation,
) -> None:
    device = enrol(house, "an.nguyen")
    registered = device.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5})
    assert registered.json is not None
    code = registered.json["consignment"]["code"]
    offer = device.offer(code, to="24.P01")
    house.clock.forward(-timedelta(hours=25))
    answer = device.send(offer)
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["error"]["code"] == "clock_went_back"
    assert _health(device) == "clock_went_back"
    assert device.get(f"/api/v1/consignments/{code}").status_code == 200
    # A server that starts with such a clock says so before anybody scans.
    again = build_runtime(house.config, clock=house.clock)
    try:
        assert again.clock_went_back
    finally:
        again.close()
    house.clock.forward(timedelta(hours=25))
    assert _health(device) == "ok"
    assert device.send(offer).status_code == 200


def _health(device: Device) -> object:
    answer = device.get("/api/v1/health")
    assert answer.json is not None
    return answer.json["status"]


def _guards(house: Installation) -> list[str]:
    connection = sqlite3.connect(house.config.data_dir / "kt1.sqlite3")
    found = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    connection.close()
    return found


def _restore(house: Installation, guards: list[str]) -> None:
    with sqlite3.connect(house.config.data_dir / "kt1.sqlite3") as connection:
        for guard in guards:
            connection.execute(guard)
    connection.close()


def test_a_use_case_gets_the_clock_and_the_tools_it_asks_for(house: Installation) -> None:
    def asks(uow: UnitOfWork, word: str, *, now: object, tools: object) -> tuple[object, ...]:
        return word, now, tools, uow.audit.head().size > 0

    def asks_nothing(uow: UnitOfWork) -> int:
        return uow.audit.head().size

    expected = ("x", house.clock(), house.runtime.tools, True)
    assert house.runtime.read(asks, "x") == house.runtime.write(asks, "x") == expected
    assert house.runtime.read(asks_nothing) == house.runtime.write(asks_nothing)


def test_a_stopped_writer_is_unavailable_not_broken(house: Installation) -> None:
    device = enrol(house, "an.nguyen")
    house.runtime.close()
    with pytest.raises(Unavailable):
        house.runtime.write(lambda uow: uow.audit.head())
    answer = device.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5})
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["error"]["code"] == "unavailable"


def test_without_keys_or_database_nothing_starts(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    with pytest.raises(KeysError, match="kt1 init"):
        build_runtime(config)
    create_keys(config.keys_path)
    with pytest.raises(NotMigrated):
        build_runtime(config)


@pytest.mark.parametrize(
    ("name", "path"), [("people", "/login"), ("devices", "/api/v1/health"), ("combined", "/login")]
)
def test_a_wsgi_server_finds_each_surface(
    house: Installation, monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    monkeypatch.setenv("KT1_DATA_DIR", str(house.config.data_dir))
    assert Client(getattr(wsgi, name)).get(path).status_code == 200


def test_a_wsgi_server_is_told_about_a_wrong_name() -> None:
    with pytest.raises(AttributeError):
        _ = wsgi.peple
