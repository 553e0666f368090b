"""A witness in a folder, with the fixed keys of the tests, and the requests it is asked."""

from pathlib import Path

from audit.merkle import consistency_proof
from audit.witness import WitnessRequest
from audit.witnessing.disk import Disk
from audit.witnessing.memory import Memory
from audit.witnessing.office import Office
from tests.support import tlog


def request(old: int, new: int, story: str = "entry") -> bytes:
    """Ask for a cosignature over that log at `new`, with the proof from `old`."""
    proof = consistency_proof(min(old, new), new, tlog.node_of(new, story))
    return WitnessRequest(old=old, proof=proof, checkpoint=tlog.note(new, story)).to_bytes()


def office(folder: Path, *, disk: Disk | None = None, now: int = tlog.NOW) -> Office:
    """Open a witness that knows the log of the tests."""
    memory = Memory(folder, disk=disk)
    if not (folder / "known-logs").exists():
        Memory(folder).make_folders()
        Memory(folder).add_logs([tlog.LOG.key.to_text(), tlog.LOG_PQ.key.to_text()])
    return Office(memory=memory, signers=(tlog.W1,), clock=lambda: now)
