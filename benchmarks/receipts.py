"""Measures what a receipt costs in a large log: from the commit of an entry to the file in hand, and a proof.

    python -m benchmarks.receipts [--entries 1000000] [--quick]

The log is a real one, appended through the writer and published. Three witnesses with Ed25519 keys, all of
which must cosign, serve over HTTP on this machine, each with a folder of its own that it syncs. A receipt is
issued in one go: publish what is new (tiles, syncs, both checkpoint signatures), ask all witnesses, remember
the quorum, prove the entry, write the file. Each receipt and each proof is verified.
"""

import argparse
import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from app.services.log.published_log import PublishedLog, open_latest
from app.services.log.publishing import publish
from app.services.log.receipts import ReceiptState, find_receipt
from app.services.log.witness_transport import HttpTransport
from app.services.log.witnessing import WitnessRound, publish_witnessed
from app.storage import migrate
from app.storage.engine import make_engines
from app.storage.reader import Reader
from app.storage.witness_sizes import WitnessSizes
from app.storage.writer import Writer
from audit.cosign import CheckpointSigner, make_signer
from audit.entry import EntryDraft, parse_entry
from audit.kinds import EntryKind
from audit.merkle import inclusion_proof, verify_inclusion
from audit.policy import Policy
from audit.policy_file import parse_policy
from audit.proof import parse_proof, verify_proof
from audit.vkey import SignatureType
from audit.witnessing.memory import Memory
from audit.witnessing.office import Office
from audit.witnessing.server import Address, WitnessServer
from benchmarks.publishing import Door, append_all, now, published_log
from benchmarks.synthetic_log import LOG, ORIGIN
from benchmarks.table import promise, quantile, say
from config import Config
from crypto.keys import SigningKey
from crypto.signer import FileSigner

DRAFT = EntryDraft(kind=EntryKind.LABEL_PRINTED, facts={"actor": 1, "copies": 1, "reason": ""})
BATCH = 500
RECEIPTS, COLD, WARM = 15, 60, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A log, how to write and read it, and whom to ask."""

    writer: Writer
    door: Door
    log: PublishedLog
    witnesses: WitnessRound


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a look: a log of 30,000")
    options = parser.parse_args()
    size = 30_000 if options.quick else options.entries
    with TemporaryDirectory(prefix="kt1-bench-") as folder, ExitStack() as stack:
        began = time.perf_counter()
        made = stack.enter_context(_installation(Path(folder)))
        append_all(made.writer, ([DRAFT] * min(BATCH, size - at) for at in range(0, size, BATCH)))
        publish(made.door, made.log, clock=now)
        say(f"  a log of {size:,} entries appended and published in {time.perf_counter() - began:.0f} s")
        # The witnesses write a line about each request.
        with redirect_stderr(StringIO()):
            seconds, lengths = receipts(made)
        promise("a receipt with three local cosignatures, seconds", seconds, at_most=2)
        promise("its size, KB", [length / 1000 for length in lengths], at_most=1.6)
        print_proofs(made)


def receipts(made: Installation) -> tuple[list[float], list[int]]:
    """Issue receipts of new entries one after the other; return seconds and bytes of each."""
    seconds: list[float] = []
    lengths: list[int] = []
    for _ in range(RECEIPTS):
        pending = made.writer.submit(lambda uow: uow.audit.append(DRAFT))
        began = time.perf_counter()
        publish_witnessed(made.door, made.log, clock=now, witnesses=made.witnesses)
        receipt = find_receipt(parse_entry(pending.data), log=made.log)
        seconds.append(time.perf_counter() - began)
        if receipt.state is not ReceiptState.READY:
            raise RuntimeError(f"no receipt: {receipt.state}")
        proven = verify_proof(parse_proof(receipt.proof), pending.data, made.witnesses.policy)
        if len(proven.witnesses) != len(made.witnesses.policy.witnesses):
            raise RuntimeError("a witness is missing in the receipt")
        lengths.append(len(receipt.proof))
    return seconds, lengths


def print_proofs(made: Installation) -> None:
    """Prove entries all over the log by readers that remember nothing, the files cached or not."""
    size = 0 if (latest := open_latest(made.log)) is None else latest.head.size
    for text, count, cold in (("files cached", WARM, False), ("files not cached", COLD, True)):
        found, cpu = proofs(made, count, cold=cold)
        name = f"a proof at {size:,}, ms, {text}"
        promise(f"{name}: median", found, at_most=5)
        promise(f"{name}: 99th percentile", found, at_most=5, middle=quantile(found, 0.99))
        say(f"    of that processor time: 99th percentile {quantile(cpu, 0.99):.2f}, highest {max(cpu):.2f}")


def proofs(made: Installation, count: int, *, cold: bool) -> tuple[list[float], list[float]]:
    """Return milliseconds for each proof, and of its processor; `cold`: every file is forgotten before."""
    latest = open_latest(made.log)
    if latest is None:
        raise RuntimeError("nothing was published")
    head, chosen = latest.head, random.Random(1)  # noqa: S311  # the same entries in every run
    found, cpu = list[float](), list[float]()
    for _ in range(count):
        index = chosen.randrange(head.size)
        if cold:
            _forget(made.log.folder.path)
        began, worked = time.perf_counter(), time.thread_time()
        path = inclusion_proof(index, head.size, made.log.folder.reader(size=head.size, root=head.root).node)
        cpu.append((time.thread_time() - worked) * 1000)
        found.append((time.perf_counter() - began) * 1000)
        row = made.door.read(lambda uow, index=index: uow.audit.find(index))
        if row is None:
            raise RuntimeError("an entry is missing")
        verify_inclusion(row.leaf, index, head.size, path, head.root)
    return found, cpu


def _forget(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


@contextmanager
def _installation(folder: Path) -> Iterator[Installation]:
    config = Config(data_dir=folder / "log", origin=ORIGIN)
    config.data_dir.mkdir()
    migrate.upgrade(config.database_url)
    engines = make_engines(config)
    log = published_log(config)
    with _witnesses(folder, log) as policy:
        sizes = WitnessSizes(config.checkpoints_path)
        asked = WitnessRound(log=log, policy=policy, sizes=sizes, transport=HttpTransport())
        writer = Writer(engines.write, LOG, now)
        try:
            yield Installation(writer=writer, door=Door(Reader(engines.read)), log=log, witnesses=asked)
        finally:
            writer.stop()
            engines.dispose()


@contextmanager
def _witnesses(folder: Path, log: PublishedLog) -> Iterator[Policy]:
    """Serve three witnesses and yield the policy that demands them all."""
    lines = [f"log {key.to_text()}" for key in log.keys]
    with ExitStack() as stack:
        for number in (1, 2, 3):
            signer = _cosigner(number)
            memory = Memory(folder / f"witness-{number}")
            memory.make_folders()
            memory.add_logs([key.to_text() for key in log.keys])
            office = Office(memory=memory, signers=(signer,), clock=lambda: int(time.time()))
            port = stack.enter_context(_serving(WitnessServer(office, Address(port=0))))
            lines.append(f"witness w{number} {signer.key.to_text()} http://127.0.0.1:{port}")
        lines += ["group all all w1 w2 w3", "quorum all"]
        yield parse_policy("".join(f"{line}\n" for line in lines).encode())


@contextmanager
def _serving(server: WitnessServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _cosigner(number: int) -> CheckpointSigner:
    seed = hashlib.sha256(f"witness {number}".encode()).digest()
    signer = FileSigner(SigningKey.from_seed(seed))
    return make_signer(f"witness{number}.bench", SignatureType.ED25519_COSIGNATURE, signer)


if __name__ == "__main__":
    main()
