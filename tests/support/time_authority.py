"""A time-stamp authority on this machine: `openssl ts` with its own root and signer, over loopback HTTP."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_SETTINGS = """
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[signer]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = main
[main]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha512
ess_cert_id_alg = {cert_id}
"""


_CURVE = "ec -pkeyopt ec_paramgen_curve:prime256v1"


class TimeAuthority:
    """Root, signer and `openssl ts` in a folder; `keys` are what `openssl req` is told to make."""

    def __init__(self, folder: Path, *, keys: str = _CURVE, cert_id: str = "sha256") -> None:
        folder.mkdir()
        self.folder = folder
        self.settings = folder / "openssl.cnf"
        self.settings.write_text(_SETTINGS.format(folder=folder, cert_id=cert_id))
        (folder / "serial").write_text("01\n")
        request = f"openssl req -config {self.settings} -newkey {keys} -nodes"
        self._run(f"{request} -x509 -days 30 -subj /CN=root -extensions root -keyout root.key -out root.pem")
        self._run(f"{request} -subj /CN=stamps -keyout signer.key -out signer.csr")
        self._run(
            "openssl x509 -req -in signer.csr -CA root.pem -CAkey root.key -set_serial 2 -days 30"
            f" -extfile {self.settings} -extensions signer -out signer.pem"
        )
        self.root = folder / "root.pem"
        self.both = folder / "both.pem"
        self.both.write_bytes(self.root.read_bytes() + (folder / "signer.pem").read_bytes())

    def reply(self, request: bytes, *, chain: bool = False) -> bytes:
        """Answer a request; with `chain` both certificates are sent along."""
        (self.folder / "request").write_bytes(request)
        extra = "-chain both.pem" if chain else ""
        self._run(
            f"openssl ts -reply -config {self.settings} -section main -queryfile request -out reply {extra}"
        )
        return (self.folder / "reply").read_bytes()

    def verifies(self, message: Path, token: Path) -> bool:
        """Ask `openssl ts -verify`, which knows nothing of us."""
        command = ["openssl", "ts", "-verify", "-data", str(message), "-in", str(token)]
        command += ["-CAfile", str(self.root), "-untrusted", str(self.folder / "signer.pem")]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it on loopback and yield its address."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != "/tsa":
                    self.send_error(404)
                    return
                body = authority.reply(request)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _run(self, command: str) -> None:
        subprocess.run(command.split(), check=True, capture_output=True, cwd=self.folder)
