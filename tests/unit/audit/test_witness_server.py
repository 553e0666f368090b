"""The witness over HTTP: the protocol's two addresses, its statuses, and callers who mean no good."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.witness import MAX_REQUEST_BYTES
from audit.witnessing.memory import origin_name
from audit.witnessing.server import Address, Serving, WitnessServer
from tests.support import tlog
from tests.support.witnesses import office, request

PREFIX = "/witness"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WitnessServer]:
    with Serving(WitnessServer(office(tmp_path), Address(port=0, prefix=PREFIX))) as serving:
        yield serving.server


def ask(
    server: WitnessServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()


def post(server: WitnessServer, body: bytes) -> tuple[int, str, bytes]:
    return ask(server, "POST", f"{PREFIX}/add-checkpoint", body)


def test_the_statuses_of_the_protocol(server: WitnessServer) -> None:
    status, kind, body = post(server, request(0, 7))
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert body.decode().startswith("— witness1.test ")
    assert post(server, b"what?")[0] == 400
    assert post(server, request(8, 7))[0] == 400
    stranger = request(0, 7).replace(b"kt1.test/24\n7", b"kt1.test/25\n7")
    assert post(server, stranger)[0] == 404
    assert post(server, request(7, 7).replace(b"\n7\n", b"\n8\n"))[0] == 403
    assert post(server, request(3, 9)) == (409, "text/x.tlog.size", b"7\n")
    assert post(server, request(7, 7, "fork"))[0] == 422
    assert post(server, request(7, 9))[0] == 200


def test_monitors_are_shown_what_was_cosigned(server: WitnessServer) -> None:
    path = f"{PREFIX}/{origin_name(tlog.ORIGIN)}/checkpoint"
    assert ask(server, "GET", path)[0] == 404
    _, _, line = post(server, request(0, 7))
    status, kind, body = ask(server, "GET", path)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert body == tlog.note(7) + line


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{PREFIX}/add-checkpoint", 404),
        ("GET", "/", 404),
        ("GET", f"{PREFIX}/../../etc/passwd/checkpoint", 404),
        ("GET", f"{PREFIX}/{'.' * 64}/checkpoint", 404),
        ("GET", f"/{origin_name(tlog.ORIGIN)}/checkpoint", 404),
        ("POST", "/add-checkpoint", 404),
        ("PUT", f"{PREFIX}/add-checkpoint", 501),
    ],
)
def test_other_addresses(server: WitnessServer, method: str, path: str, status: int) -> None:
    assert ask(server, method, path, b"" if method != "GET" else None)[0] == status


def test_a_body_is_bounded_before_it_is_read(server: WitnessServer) -> None:
    for given, status in (
        ({"Content-Length": str(MAX_REQUEST_BYTES + 1)}, 413),
        ({"Content-Length": "1e6"}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=60)
        connection.putrequest("POST", f"{PREFIX}/add-checkpoint")
        for name, value in given.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_who_hangs_up_half_way_costs_nobody_else(server: WitnessServer) -> None:
    for part in (b"", b"POST ", b"POST /witness/add-checkpoint HTTP/1.0\r\nContent-Length: 900\r\n\r\nold 0"):
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=60) as connection:
            connection.sendall(part)
    assert post(server, request(0, 7))[0] == 200


def test_a_witness_that_cannot_store_answers_500_and_says_nothing(
    server: WitnessServer, tmp_path: Path
) -> None:
    assert post(server, request(0, 3))[0] == 200
    (tmp_path / "logs" / origin_name(tlog.ORIGIN)).write_bytes(b"damaged")
    assert post(server, request(3, 7)) == (
        500,
        "text/plain; charset=utf-8",
        b"the witness cannot answer now\n",
    )
