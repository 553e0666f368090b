"""The witness on a network: the two addresses of C2SP tlog-witness, over the standard library's server.

Nothing is believed of whoever calls: bodies are bounded, each connection has one request and a deadline, and
a fault of ours is a 500 that says nothing more. It must never answer before `Office.answer` has returned.
"""

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self

from audit.errors import AuditError
from audit.witness import MAX_REQUEST_BYTES, TEXT_TYPE
from audit.witnessing.office import Office

DEADLINE_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen; `prefix` is "" or begins with a slash. With `cert` and `key` (PEM) it is TLS."""

    host: str = "127.0.0.1"
    port: int = 8780
    prefix: str = ""
    cert: Path | None = None
    key: Path | None = None


class WitnessServer(ThreadingHTTPServer):
    """Serves one office. `serve_forever` and `shutdown` are the standard library's."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, office: Office, address: Address) -> None:
        self.office = office
        self.prefix = address.prefix
        self._slots = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._tls: ssl.SSLContext | None = None
        if address.cert is not None:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._tls.load_cert_chain(address.cert, address.key)
        super().__init__((address.host, address.port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; the TLS handshake waits for the thread, so that no caller holds up the others."""
        connection, peer = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # socketserver's types
        """Start a thread, unless too many are at work: then hang up at once."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # the same
        """Answer under a deadline for the whole connection: a byte now and then keeps no thread."""
        deadline = threading.Timer(DEADLINE_SECONDS, _hang_up, (request,))
        deadline.daemon = True
        deadline.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            deadline.cancel()
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  # the same
        """Say in one line that a connection broke: a caller's doing, never a stack trace."""
        sys.stderr.write(f"kt1-witness: connection of {client_address[0]}: {sys.exc_info()[1]}\n")


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    server_version = "kt1-witness"
    sys_version = ""
    timeout = 10.0

    def do_POST(self) -> None:  # named by the standard library
        """Answer add-checkpoint."""
        if self.path != f"{self.server.prefix}/add-checkpoint":
            self._send(HTTPStatus.NOT_FOUND, b"no such address\n")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 12):
            self._send(HTTPStatus.LENGTH_REQUIRED, b"say how long the body is\n")
            return
        if int(length) > MAX_REQUEST_BYTES:
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"the body is too large\n")
            return
        untrusted = self.rfile.read(int(length))
        if len(untrusted) == int(length):
            self._guard(lambda: self._answer(untrusted))

    def do_GET(self) -> None:  # the same
        """Show monitors what was cosigned last."""
        name, slash, rest = self.path.removeprefix(f"{self.server.prefix}/").partition("/")
        if not self.path.startswith(f"{self.server.prefix}/") or slash + rest != "/checkpoint":
            self._send(HTTPStatus.NOT_FOUND, b"no such address\n")
            return
        self._guard(lambda: self._show(name))

    def _answer(self, untrusted: bytes) -> None:
        answer = self.server.office.answer(untrusted)
        if answer.guilt is not None:
            sys.stderr.write("kt1-witness: A LOG SHOWED TWO HISTORIES: see kt1-witness guilt\n")
        self._send(answer.status, answer.body, answer.content_type)

    def _show(self, name: str) -> None:
        checkpoint = self.server.office.memory.find_checkpoint(name)
        if checkpoint is None:
            self._send(HTTPStatus.NOT_FOUND, b"nothing was cosigned of such a log\n")
        else:
            self._send(HTTPStatus.OK, checkpoint)

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (AuditError, OSError) as error:
            sys.stderr.write(f"kt1-witness: refused to answer: {error}\n")
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"the witness cannot answer now\n")

    def _send(self, status: HTTPStatus, body: bytes, content_type: str = TEXT_TYPE) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # Whoever asked is gone. What was decided is stored, and the same question gets 409 and the size.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  # named by the standard library
        """Write one line for each request, with nothing of its body."""
        sys.stderr.write(f"kt1-witness: {self.address_string()} {format % args}\n")


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class Serving:
    """Runs a server in a thread of its own, for whoever has other things to do; stops it at the end."""

    def __init__(self, server: WitnessServer) -> None:
        self.server = server
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()
