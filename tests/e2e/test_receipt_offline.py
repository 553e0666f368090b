"""The receipt of a real handover, cosigned by three witnesses in processes of their own, believed offline.

Whoever checks it has the packed verifier, the two files and the trust file. Server and witnesses are gone
by then.
"""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import monotonic

from app.factory import build_runtime
from app.runtime import Runtime
from app.services.log.log import TrustBeside, make_trust
from app.services.log.receipts import ReceiptState, find_receipt
from audit.entry import Entry, parse_entry
from audit.pack import pack
from audit.trust import CheckpointKey
from audit.trust_file import format_trust, parse_witnesses
from tests.e2e.test_witnesses import append, publish_round, witness
from tests.support.installation import Installation, installed
from tests.support.publishing import keys_of
from tests.web.test_receipts import hand_over

NAMES = ("dost.test", "office.test", "ministry.test")
# The target of the log: from a committed entry to its receipt, with three witnesses on this machine.
SECONDS = 2


def newest(runtime: Runtime, code: str) -> Entry:
    return parse_entry(runtime.read(lambda uow: uow.audit.list_for_code(code))[-1].data)


def issue(runtime: Runtime, entry: Entry) -> tuple[bytes, float]:
    """Publish, ask the witnesses, make the receipt; return it and the seconds that all of it took."""
    assert find_receipt(entry, log=runtime.published).state is ReceiptState.UNPUBLISHED
    begun = monotonic()
    publish_round(runtime)
    found = find_receipt(entry, log=runtime.published)
    took = monotonic() - begun
    assert found.state is ReceiptState.READY
    return found.proof, took


def write_trust(path: Path, runtime: Runtime, policy: bytes) -> None:
    keys = tuple(CheckpointKey(key=key) for key in runtime.published.keys)
    beside = TrustBeside(checkpoint_keys=keys, witnesses=parse_witnesses(policy))
    path.write_bytes(format_trust(runtime.read(make_trust, beside=beside)))


def collect(house: Installation, code: str, folder: Path) -> float:
    """Fill the folder with what the checker gets; return the seconds of the fastest of three receipts."""
    with ExitStack() as stack:
        log_keys = [key.to_text() for key in keys_of(house.config)]
        bodies = [stack.enter_context(witness(folder.parent, name, log_keys)) for name in NAMES]
        lines = [f"witness w{number} {body.vkey} {body.url}" for number, body in enumerate(bodies)]
        policy = "\n".join([*lines, "group all-three all w0 w1 w2", "quorum all-three", ""])
        (folder.parent / "policy").write_text(policy)
        config = replace(house.config, witness_policy=folder.parent / "policy")
        runtime = build_runtime(config, clock=house.clock)
        stack.callback(runtime.close)
        entry = newest(runtime, code)
        proof, first = issue(runtime, entry)
        times = [first]
        for number in (1, 2):
            append(runtime, [number])
            head = runtime.read(lambda uow: uow.audit.find(uow.audit.head().size - 1))
            assert head is not None
            times.append(issue(runtime, parse_entry(head.data))[1])
        (folder / "receipt.tlog-proof").write_bytes(proof)
        (folder / "entry.json").write_bytes(entry.data)
        write_trust(folder / "trust.json", runtime, policy.encode())
    return min(times)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the packed verifier as the auditor does, outside this project."""
    words = ["verify-receipt", "receipt.tlog-proof", "--entry", "entry.json", "--trust", "trust.json"]
    return subprocess.run(
        [sys.executable, "-I", "kt1-verify.pyz", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_receipt_of_a_handover_is_issued_in_time_and_believed_offline(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "kt1-verify.pyz").write_bytes(pack())
    with installed(tmp_path / "log") as house:
        seconds = collect(house, hand_over(house), folder)
    assert seconds < SECONDS, f"a receipt took {seconds:.2f} s"
    shutil.rmtree(tmp_path / "log")
    good = check(folder)
    assert (good.returncode, good.stderr) == (0, "")
    assert all(name in good.stdout or f"w{number}" in good.stdout for number, name in enumerate(NAMES))
    assert "handover_taken" in good.stdout
    entry = folder / "entry.json"
    entry.write_bytes(entry.read_bytes().replace(b'"accepted"', b'"refused"', 1))
    bad = check(folder)
    assert bad.returncode == 1
    assert "inclusion" in bad.stdout + bad.stderr


def test_nothing_is_issued_while_one_of_the_quorum_is_silent(tmp_path: Path) -> None:
    with installed(tmp_path / "log") as house:
        code = hand_over(house)
        log_keys = [key.to_text() for key in keys_of(house.config)]
        with witness(tmp_path, "dost.test", log_keys) as there:
            with witness(tmp_path, "office.test", log_keys) as silent:
                pass
            lines = [f"witness w{n} {body.vkey} {body.url}" for n, body in enumerate((there, silent))]
            (tmp_path / "policy").write_text("\n".join([*lines, "group both all w0 w1", "quorum both", ""]))
            runtime = build_runtime(
                replace(house.config, witness_policy=tmp_path / "policy"), clock=house.clock
            )
            try:
                publish_round(runtime)
                found = find_receipt(newest(runtime, code), log=runtime.published)
            finally:
                runtime.close()
    assert (found.state, found.proof) == (ReceiptState.WAITING, b"")
