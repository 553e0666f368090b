"""A receipt is issued after inclusion and quorum, never before, and holds for the auditor's own command."""

from pathlib import Path

import pytest

from app.services.log import log as log_services
from app.services.log.log import TrustBeside
from app.services.log.published_log import PublishedLog
from app.services.log.receipts import ReceiptState, find_receipt
from audit.checkpoint import read_head
from audit.entry import Entry, parse_entry
from audit.receipt import verify_receipt
from audit.trust import CheckpointKey, Trust
from audit.trust_file import parse_witnesses
from tests.support import tlog
from tests.support.office import Office
from tests.support.publishing import append, publish_now, published_log

QUORUM = "".join(f"witness w{n} {one.key.to_text()}\n" for n, one in enumerate(tlog.WITNESSES, 1))
QUORUM += "group g 2 w1 w2 w3\nquorum g\n"


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path / "log")


def handed_over(office: Office) -> Entry:
    """Let a courier take an item; return the entry of the taking."""
    code = office.register()
    office.town.post([code])
    return parse_entry(office.read(lambda uow: uow.audit.list_for_code(code))[-1].data)


def witness(log: PublishedLog) -> None:
    """Let three witnesses cosign what is published, and the store keep it."""
    shown = log.folder.read_checkpoint()
    assert shown is not None
    lines = "".join(one.sign(read_head(shown), time=tlog.NOW).to_line() for one in tlog.WITNESSES)
    log.store.keep_witnessed(shown + lines.encode())


def trust_of(office: Office) -> Trust:
    keys = tuple(CheckpointKey(key=one.key) for one in (tlog.LOG, tlog.LOG_PQ))
    beside = TrustBeside(checkpoint_keys=keys, witnesses=parse_witnesses(QUORUM.encode()))
    return office.read(log_services.make_trust, beside=beside)


def test_an_entry_waits_for_publication_then_for_witnesses_then_has_its_receipt(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    entry = handed_over(office)
    assert find_receipt(entry, log=log).state is ReceiptState.UNPUBLISHED
    publish_now(office, log)
    waiting = find_receipt(entry, log=log)
    assert (waiting.state, waiting.proof) == (ReceiptState.WAITING, b"")
    witness(log)
    ready = find_receipt(entry, log=log)
    assert ready.state is ReceiptState.READY
    proof, stored = tmp_path / "a.tlog-proof", tmp_path / "entry"
    proof.write_bytes(ready.proof)
    stored.write_bytes(entry.data)
    report = verify_receipt(proof, stored, trust_of(office))
    assert (report.index, report.kind) == (entry.index, "handover_taken")
    assert set(report.cosignatures) == {"w1", "w2", "w3"}


def test_what_came_after_the_witnessed_checkpoint_waits(office: Office, log: PublishedLog) -> None:
    first = handed_over(office)
    publish_now(office, log)
    witness(log)
    second = handed_over(office)
    assert find_receipt(second, log=log).state is ReceiptState.UNPUBLISHED
    append(office, 300)
    publish_now(office, log)
    assert find_receipt(second, log=log).state is ReceiptState.WAITING
    # The earlier receipt is still issued, from the tiles of its own size.
    assert find_receipt(first, log=log).state is ReceiptState.READY


def test_a_receipt_is_small_enough_for_a_qr_code(office: Office, log: PublishedLog) -> None:
    entry = handed_over(office)
    publish_now(office, log)
    witness(log)
    receipt = find_receipt(entry, log=log)
    # 20 hashes of a log of a million entries instead of the few here.
    hashes = receipt.proof.split(b"\n\n")[0].count(b"\n") - 1
    assert len(receipt.proof) + (20 - hashes) * 45 <= 1_600


def test_an_entry_that_was_changed_in_the_database_gets_none(office: Office, log: PublishedLog) -> None:
    entry = handed_over(office)
    publish_now(office, log)
    witness(log)
    first = parse_entry(office.read(lambda uow: uow.audit.find(0)).data)
    moved = Entry(**{name: getattr(first, name) for name in Entry.__slots__} | {"index": entry.index})
    found = find_receipt(moved, log=log)
    assert (found.state, found.proof) == (ReceiptState.BROKEN, b"")
