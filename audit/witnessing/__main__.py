"""`kt1-witness`: remembers for somebody else what a log has said, and cosigns only what continues it.

Run by another body than the log's. Needs this package, `crypto/` and the `cryptography` library. Exit codes:
0 done, 1 refused or failed, 2 misuse. It must never print a private key or a passphrase.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from audit.checkpoint import read_head
from audit.errors import AuditError
from audit.guilt import parse_guilt, verify_guilt
from audit.parts import read_carried, split_parts
from audit.witness import MAX_REQUEST_BYTES
from audit.witnessing.memory import Memory, origin_name
from audit.witnessing.office import Office, create_keys, open_signers
from audit.witnessing.server import Address, WitnessServer
from crypto.errors import CryptoError
from crypto.keyfile import Passphrase

DONE: Final = 0
FAILED: Final = 1
_ABOUT: Final = """\
A witness for transparency logs (C2SP tlog-witness), run by another body than the log's.

First time:
  kt1-witness init --folder W --passphrase-file P --name dost.example
  kt1-witness add-log --folder W VKEY...          keys of the log, received on paper or by hand
Then, with a network:
  kt1-witness serve --folder W --passphrase-file P
Or without one, for each request that is carried here:
  kt1-witness sign-file --folder W --passphrase-file P REQUEST ANSWER

The folder is the witness's memory. Never restore it from a backup and never run two copies of it:
a witness that forgets can be made to confirm two histories.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = build_parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (AuditError, CryptoError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or 'system'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _fail("stopped")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="kt1-witness", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--folder", type=Path, required=True, help="folder of this witness")
        command.set_defaults(run=run)
        return command

    def add_keyed(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = add(name, run, about)
        command.add_argument(
            "--passphrase-file", type=Path, required=True, help="its first line opens the keys; keep it apart"
        )
        return command

    init = add_keyed("init", _init, "Make the keys of a new witness and print their verifier keys (vkeys).")
    init.add_argument("--name", required=True, help="name of the witness for ever, e.g. witness.dost.example")
    init.add_argument("--ml-dsa", action="store_true", help="make a quantum-safe key (ML-DSA-44) as well")
    logs = add("add-log", _add_log, "Know a log by its verifier keys (vkeys), all of one origin or several.")
    logs.add_argument("vkey", nargs="+", help="as printed by `kt1 log vkeys`; compare it with the paper")
    drop = add("drop-log", _drop_log, "Cosign nothing more by keys that a log has changed for others.")
    drop.add_argument("vkey", nargs="+", help="the old keys, after the new ones were added and have signed")
    _add_serve(add_keyed("serve", _serve, "Answer add-checkpoint over HTTP or HTTPS until stopped."))
    sign = add_keyed("sign-file", _sign_file, "Answer one REQUEST carried as a file or as scanned codes.")
    sign.add_argument("request", type=Path, help="the request's file, or a text file of scanned codes")
    sign.add_argument("answer", type=Path, help="where to write the answer to be carried back")
    sign.add_argument("--codes", action="store_true", help="print the answer as texts for QR codes as well")
    add_keyed("show", _show, "Show the keys, the logs and what was cosigned last of each.")
    guilt = add("guilt", _guilt, "List or export proofs that a log showed two histories.")
    guilt.add_argument("--export", type=Path, metavar="DIR", help="copy every proof into this folder")
    guilt.add_argument("--verify", type=Path, metavar="FILE", help="check a proof with the logs known here")
    return parser


def _add_serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine)")
    command.add_argument("--port", type=int, default=8780, help="0 takes a free one and prints it")
    command.add_argument("--prefix", default="", help="path before /add-checkpoint, e.g. /witness")
    command.add_argument("--tls-cert", type=Path, help="PEM certificate chain: serves HTTPS")
    command.add_argument("--tls-key", type=Path, help="PEM private key of the certificate")


def _init(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    secret: Path = options.passphrase_file
    if not secret.exists():
        secret.touch(mode=0o600, exist_ok=False)
        secret.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
        _tell(f"passphrase made in {secret}: keep a copy on paper in a safe, apart from the folder")
    passphrase = Passphrase.read(secret)
    create_keys(folder, options.name, passphrase=passphrase, post_quantum=options.ml_dsa)
    for signer in open_signers(folder, passphrase):
        _say(signer.key.to_text())
    _tell("hand these verifier keys to the log's operator on paper; they go into the log's policy file")
    return DONE


def _add_log(options: argparse.Namespace) -> int:
    memory = Memory(options.folder)
    for key in memory.add_logs(options.vkey):
        _say(key.to_text())
    return DONE


def _drop_log(options: argparse.Namespace) -> int:
    for key in Memory(options.folder).drop_logs(options.vkey):
        _say(key.to_text())
    return DONE


def _serve(options: argparse.Namespace) -> int:
    if (options.tls_cert is None) != (options.tls_key is None):
        return _fail("--tls-cert and --tls-key go together")
    prefix = options.prefix.rstrip("/")
    if prefix and not prefix.startswith("/"):
        return _fail("--prefix begins with a slash")
    office = _open(options)
    address = Address(
        host=options.host, port=options.port, prefix=prefix, cert=options.tls_cert, key=options.tls_key
    )
    with WitnessServer(office, address) as server:
        scheme = "http" if options.tls_cert is None else "https"
        _say(f"{scheme}://{options.host}:{server.server_address[1]}{prefix}")
        server.serve_forever()
    return DONE


def _sign_file(options: argparse.Namespace) -> int:
    request: Path = options.request
    with request.open("rb") as stream:
        untrusted = stream.read(4 * MAX_REQUEST_BYTES + 1)
    answer = _open(options).answer(read_carried(untrusted))
    if answer.guilt is not None:
        _tell("THIS LOG SHOWED TWO HISTORIES: see kt1-witness guilt, and tell the auditor")
    if answer.status not in {HTTPStatus.OK, HTTPStatus.CONFLICT}:
        return _fail(f"refused ({answer.status.value}): {answer.body.decode().strip()}")
    written: Path = options.answer
    written.write_bytes(answer.body)
    if options.codes:
        for part in split_parts(answer.body):
            _say(part)
    if answer.status is HTTPStatus.CONFLICT:
        _tell(f"not cosigned (409): {written} carries back the size this witness has")
        return FAILED
    _tell(f"cosigned; carry {written} back")
    return DONE


def _show(options: argparse.Namespace) -> int:
    office = _open(options)
    for own in office.keys:
        _say(f"key        {own.to_text()}")
    known = office.memory.list_logs()
    for origin in dict.fromkeys(key.name for key in known):
        state = office.memory.find_state(origin, office.signers)
        _say(f"log        {origin}  {origin_name(origin)}")
        for log_key in known:
            if log_key.name == origin:
                _say(f"known by   {log_key.to_text()}")
        if state is None:
            _say("cosigned   nothing yet")
            continue
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(state.cosigned_at))
        _say(f"cosigned   {state.size} entries, root {state.root.hex()}, at {at}")
    _say(f"guilt      {len(office.memory.list_guilt())} proofs")
    return DONE


def _guilt(options: argparse.Namespace) -> int:
    memory = Memory(options.folder)
    if options.verify is not None:
        proof = parse_guilt(options.verify.read_bytes())
        keys = {*memory.list_logs(), *memory.list_former_logs()}
        first, second = verify_guilt(proof, log_keys=keys)
        _say(f"GUILTY: {first.head.origin} signed two roots for {first.head.size} entries:")
        _say(f"{first.head.root.hex()}\n{second.head.root.hex()}")
        return DONE
    for name, proof in memory.list_guilt():
        head = read_head(proof.first)
        _say(f"{name}  {head.origin}  two roots for {head.size} entries")
        if options.export is not None:
            options.export.mkdir(parents=True, exist_ok=True)
            (options.export / f"{name}.kt1-guilt").write_bytes(proof.to_bytes())
    return DONE


def _open(options: argparse.Namespace) -> Office:
    signers = open_signers(options.folder, Passphrase.read(options.passphrase_file))
    return Office(memory=Memory(options.folder), signers=signers, clock=lambda: int(time.time()))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(f"kt1-witness: {text}\n")


def _fail(text: str) -> int:
    _tell(text)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
