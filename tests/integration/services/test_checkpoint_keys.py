"""The checkpoints' keys change by one entry: before it the old ones count, behind it the new ones alone."""

import logging
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from io import BytesIO
from pathlib import Path

import pytest

from app.domain.errors import LogDisagrees
from app.domain.ids import ConsignmentCode
from app.http import texts
from app.services.evidence import evidence_export
from app.services.evidence.evidence_export import EvidenceRequest
from app.services.evidence.evidence_files import Sources
from app.services.evidence.evidence_scope import ItemScope
from app.services.log import checkpoint_keys
from app.services.log.checkpoint_keys import is_begun, look, rotate
from app.services.log.key_ring import KeyRing
from app.services.log.log import TrustBeside, make_trust
from app.services.log.published_log import PublishedLog, open_own
from app.services.log.publishing import publish
from app.services.log.receipts import ReceiptState, find_receipt
from app.services.log.witness_transport import HttpTransport
from app.services.log.witnessing import WitnessRound, publish_witnessed
from app.storage.engine import Engines
from app.storage.errors import NotStored
from app.storage.uow import UnitOfWork
from app.storage.witness_sizes import WitnessSizes
from audit.checkpoint import read_head
from audit.checkpoint_rotation import draft_checkpoint_rotation
from audit.cosign import CheckpointSigner
from audit.entry import EntryDraft, parse_entry
from audit.errors import BadEntry
from audit.kinds import EntryKind
from audit.policy_file import parse_policy
from audit.receipt import verify_receipt
from audit.trust import Trust
from audit.trust_file import format_trust, parse_trust, parse_witnesses
from audit.verify import Depth, Report
from audit.verify_evidence import verify_evidence
from audit.verify_tree import TreeJob, verify_tree
from audit.witness import WitnessRequest
from audit.witnessing.memory import Memory
from audit.witnessing.office import Office as WitnessOffice
from audit.witnessing.server import Address, Serving, WitnessServer
from crypto.errors import MalformedKey
from crypto.signer import Algorithm, AnySigner
from tests.support import tlog, trees
from tests.support.cabinets import HeldKeys
from tests.support.faults import broken_commits
from tests.support.logs import write
from tests.support.office import Office
from tests.support.publishing import append, publish_now, published_log, signed, stored, true_head
from tests.support.tlog import LOG, LOG_PQ, ORIGIN, W1

OLD, NEW = (LOG, LOG_PQ), (trees.NEXT_ED, trees.NEXT_PQ)
WITNESSED = f"witness w1 {W1.key.to_text()}\nquorum w1\n"


@pytest.fixture
def log(tmp_path: Path, office: Office) -> PublishedLog:
    """Return a log that has its next keys at hand, and reads its rotations from the database."""
    return process_of(tmp_path, office, (*OLD, *NEW))


def process_of(folder: Path, office: Office, held: tuple[CheckpointSigner, ...]) -> PublishedLog:
    """Return the log as another process of the installation sees it, with the keys it can reach."""
    return published_log(folder, signers=held, view=lambda: office.read(partial(look, origin=ORIGIN)))


def hand_over(office: Office, log: PublishedLog) -> int:
    """Hand over to the next keys; returns the size from which they count."""
    return office.write(rotate, log.ring.make_next(), log=log).index + 1


def trust_of(office: Office, log: PublishedLog, *, quorum: str = "quorum none\n") -> Trust:
    """Return the trust file, as read back from its bytes."""
    witnesses = parse_witnesses(quorum.encode())
    beside = TrustBeside(checkpoint_keys=log.ring.ranges, witnesses=witnesses)
    return parse_trust(format_trust(office.read(make_trust, beside=beside)))


def verify(log: PublishedLog, trust: Trust, *earlier: Path, depth: Depth = Depth.FULL) -> Report:
    return verify_tree(TreeJob(folder=log.folder.path, trust=trust, depth=depth, earlier=earlier, jobs=1))


def signers_of(log: PublishedLog, checkpoint: bytes) -> list[str]:
    return [item.key.key_id.hex() for item in open_own(log, checkpoint).log_signatures]


def names(keys: tuple[CheckpointSigner, ...]) -> list[str]:
    return [item.key.key_id.hex() for item in keys]


def test_both_ranges_are_found_and_the_trust_file_holds_for_the_whole_log(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    append(office, 3)
    before = publish_now(office, log)
    assert signers_of(log, before.checkpoint) == names(OLD)
    first = hand_over(office, log)
    append(office, 2)
    after = publish_now(office, log)
    assert signers_of(log, after.checkpoint) == names(NEW)
    assert [(item.key, item.first, item.last) for item in log.ring.ranges] == [
        *((item.key, 0, first - 1) for item in OLD),
        *((item.key, first, None) for item in NEW),
    ]
    assert first == before.head.size + 1
    kept = write(tmp_path / "kept", before.checkpoint)
    for depth in Depth:
        report = verify(log, trust_of(office, log), kept, depth=depth)
        assert (report.first_bad, report.rotations, report.checkpoints) == (None, 1, 2)


def test_a_process_that_slept_through_the_handover_goes_on_with_the_right_keys(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    append(office, 1)
    asleep, reading = process_of(tmp_path, office, (*OLD, *NEW)), process_of(tmp_path, office, OLD)
    publish_now(office, asleep)
    assert reading.ring.current == tuple(item.key for item in OLD)
    hand_over(office, log)
    published = publish_now(office, asleep)
    assert signers_of(asleep, published.checkpoint) == names(NEW)
    assert open_own(reading, published.checkpoint).head == published.head


def test_without_the_new_keys_nothing_is_signed_and_entries_go_on(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    append(office, 1)
    before = publish_now(office, log)
    first = hand_over(office, log)
    elsewhere = process_of(tmp_path, office, OLD)
    with pytest.raises(MalformedKey, match=NEW[0].key.public_key.key_id):
        publish_now(office, elsewhere)
    append(office, 1)
    assert log.store.latest() == before.checkpoint
    assert publish_now(office, log).head.size == first + 1


def test_what_the_wrong_keys_sign_is_refused_and_the_reason_named(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    append(office, 2)
    first = hand_over(office, log)
    append(office, 2)
    publish_now(office, log)
    entries, trust = stored(office), trust_of(office, log)
    for size, by in ((first, OLD), (first + 2, OLD), (first - 1, NEW), (1, NEW)):
        forged = signed(true_head(entries, size), by)
        told = f"{by[0].key.key_id.hex()} counts under trees of .* not under one of {size}$"
        with pytest.raises(LogDisagrees, match=told):
            open_own(log, forged)
        report = verify(log, trust, write(tmp_path / "kept", forged))
        assert report.first_bad is not None
        assert report.first_bad.check == "checkpoint key"
    assert open_own(log, signed(true_head(entries, first - 1), OLD)).head.size == first - 1


def test_a_key_of_this_log_that_is_nowhere_here_is_named(office: Office, log: PublishedLog) -> None:
    append(office, 1)
    with pytest.raises(
        LogDisagrees, match=f"{tlog.STRANGER_LOG.key.key_id.hex()} of this log, which is not here"
    ):
        open_own(log, signed(true_head(stored(office)), (tlog.STRANGER_LOG,)))


def test_old_receipts_and_evidence_stay_good_and_later_ones_by_old_keys_fail(
    office: Office, log: PublishedLog, tmp_path: Path
) -> None:
    code = office.register()
    old = publish(office, log, clock=office.town.clock, witnessing=cosigned)
    log.store.keep_witnessed(old.checkpoint)
    entry = parse_entry(stored(office)[-1])
    receipt, evidence = find_receipt(entry, log=log), make_evidence(office, log, code)
    first = hand_over(office, log)
    assert find_receipt(entry, log=log) == receipt
    new = publish(office, log, clock=office.town.clock, witnessing=cosigned)
    assert new.head.size == first
    trust = trust_of(office, log, quorum=WITNESSED)
    assert receipt.state is ReceiptState.READY
    data = write(tmp_path / "entry", entry.data)
    assert verify_receipt(write(tmp_path / "old.tlog-proof", receipt.proof), data, trust).size == first - 1
    assert verify_evidence(write(tmp_path / "old.zip", evidence), trust).size == first - 1
    later = make_evidence(office, log, code)
    assert verify_evidence(write(tmp_path / "new.zip", later), trust).size == first
    log.folder.publish_checkpoint(cosigned(signed(true_head(stored(office)), OLD), None))
    thief = published_log(tmp_path, signers=OLD)
    with pytest.raises(BadEntry, match="counts under trees of") as found:
        verify_evidence(write(tmp_path / "thief.zip", make_evidence(office, thief, code)), trust)
    assert found.value.check == "checkpoint key"


def cosigned(checkpoint: bytes, _: object) -> bytes:
    """Let one witness cosign whatever it is shown."""
    head = read_head(checkpoint)
    return checkpoint + W1.sign(head, time=tlog.NOW).to_line().encode()


def make_evidence(office: Office, log: PublishedLog, code: ConsignmentCode) -> bytes:
    witnesses = parse_witnesses(WITNESSED.encode()).witnesses
    stream = BytesIO()
    office.read(
        evidence_export.make_evidence,
        EvidenceRequest(scope=ItemScope(code=code), with_fields=False),
        stream,
        sources=Sources(log=log, words=texts.text, witnesses=witnesses),
    )
    return stream.getvalue()


def test_the_entry_stands_where_its_statement_says_or_is_not_stored(office: Office) -> None:
    """Another process appends between the statement and the entry: the statement would be nobody's."""
    size = len(stored(office))
    draft = draft_checkpoint_rotation(ORIGIN, first=size, old=OLD, new=NEW)
    with pytest.raises(NotStored, match="another entry came before"):
        office.write(append_draft, draft)
    assert len(stored(office)) == size


def append_draft(uow: UnitOfWork, draft: EntryDraft) -> None:
    uow.audit.append(draft)


def test_entries_of_the_same_transaction_are_counted(office: Office, log: PublishedLog) -> None:
    def both(uow: UnitOfWork) -> None:
        uow.audit.append(EntryDraft(kind=EntryKind.LOG_EXPORTED, facts={"size": 1}))
        rotate(uow, NEW, log=log)

    office.write(both)
    publish_now(office, log)
    assert verify(log, trust_of(office, log)).first_bad is None


class InterruptedCabinet(HeldKeys):
    """Loses the power while the ML-DSA key is made: before it is there, or after."""

    def __init__(self, *, stored: bool) -> None:
        super().__init__(OLD)
        self.stored = stored
        self.is_down = False

    def make_signer(self, algorithm: Algorithm) -> AnySigner:
        if algorithm is Algorithm.ML_DSA_44 and not self.is_down:
            self.is_down = True
            if self.stored:
                super().make_signer(algorithm)
            raise ConnectionResetError
        return super().make_signer(algorithm)


@pytest.mark.parametrize("stored_too", [False, True])
def test_a_handover_interrupted_while_keys_are_made_goes_on_with_them(
    office: Office, *, stored_too: bool
) -> None:
    cabinet = InterruptedCabinet(stored=stored_too)
    ring = KeyRing(ORIGIN, cabinet, lambda: office.read(partial(look, origin=ORIGIN)))
    with pytest.raises(ConnectionResetError):
        ring.make_next()
    made = {key.public_key for key in ring.list_next()}
    new = ring.make_next()
    assert made <= {item.key.public_key for item in new}
    assert len(cabinet.held) == len(OLD) + 2
    assert ring.make_next() == new


@pytest.mark.parametrize("stored_too", [False, True])
def test_a_handover_whose_commit_broke_is_made_exactly_once(
    office: Office, log: PublishedLog, engines: Engines, *, stored_too: bool
) -> None:
    append(office, 1)
    publish_now(office, log)
    with broken_commits(engines.write, stored=stored_too):
        try:
            hand_over(office, log)
        except NotStored:
            assert not stored_too
    log.ring.refresh()
    if not is_begun(log):
        hand_over(office, log)
        log.ring.refresh()
    assert is_begun(log)
    publish_now(office, log)
    assert not is_begun(log)
    assert len(office.read(partial(look, origin=ORIGIN)).rotations) == 1
    assert verify(log, trust_of(office, log)).first_bad is None


def test_between_several_new_keys_nobody_chooses(office: Office, tmp_path: Path) -> None:
    log = process_of(tmp_path, office, (*OLD, trees.NEXT_ED, tlog.STRANGER_LOG))
    with pytest.raises(MalformedKey, match="take all but one of them away"):
        log.ring.make_next()


def test_what_somebody_writes_into_the_database_hands_nothing_over(office: Office) -> None:
    """Whoever has the entries' key but not the old checkpoint keys."""
    append(office, 1)
    size = len(stored(office))
    office.write(
        append_draft,
        draft_checkpoint_rotation(ORIGIN, first=size + 1, old=(tlog.STRANGER_LOG, LOG_PQ), new=NEW),
    )
    first = size + 1
    forged = draft_checkpoint_rotation(ORIGIN, first=first + 1, old=OLD, new=NEW)
    office.write(
        append_draft, EntryDraft(kind=forged.kind, facts={**forged.facts, "old": forged.facts["new"]})
    )
    view = office.read(partial(checkpoint_keys.look, origin=ORIGIN))
    assert [rotation.first for rotation in view.rotations] == [first]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[tuple[Memory, WitnessServer]]:
    """Run a witness that knows the log by its old keys."""
    memory = Memory(tmp_path / "w1")
    memory.make_folders()
    memory.add_logs([item.key.to_text() for item in OLD])
    office = WitnessOffice(memory=memory, signers=(W1,), clock=lambda: tlog.NOW)
    with Serving(WitnessServer(office, Address(port=0))) as serving:
        yield memory, serving.server


def round_of(log: PublishedLog, server: WitnessServer) -> WitnessRound:
    address = f"http://127.0.0.1:{server.server_address[1]}"
    policy = parse_policy(f"witness w1 {W1.key.to_text()} {address}\nquorum w1\n".encode())
    transport = HttpTransport(timeout=60)
    return WitnessRound(log=log, policy=policy, sizes=WitnessSizes(log.store.path), transport=transport)


def test_a_witness_that_knows_both_keys_cosigns_across_the_handover(
    office: Office, log: PublishedLog, witness: tuple[Memory, WitnessServer]
) -> None:
    memory, server = witness
    witnesses = round_of(log, server)
    append(office, 3)
    publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    memory.add_logs([key.to_text() for key in log.ring.list_next()])
    hand_over(office, log)
    after = publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    assert log.store.witnessed() == after.checkpoint
    memory.drop_logs([item.key.to_text() for item in OLD])
    append(office, 1)
    last = publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    assert log.store.witnessed() == last.checkpoint
    assert verify(log, trust_of(office, log, quorum=WITNESSED)).witnessed


def test_a_witness_that_knows_only_the_old_keys_answers_403_until_it_is_told(
    office: Office, log: PublishedLog, witness: tuple[Memory, WitnessServer], caplog: pytest.LogCaptureFixture
) -> None:
    memory, server = witness
    witnesses = round_of(log, server)
    append(office, 3)
    before = publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    next_keys = log.ring.list_next()
    hand_over(office, log)
    with caplog.at_level(logging.ERROR, logger="kt1.witnessing"):
        after = publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    assert "witness w1 has not cosigned: 403" in caplog.text
    assert log.folder.read_checkpoint() == after.checkpoint
    assert log.store.witnessed() == before.checkpoint
    memory.add_logs([key.to_text() for key in next_keys])
    told = publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)
    assert log.store.witnessed() == told.checkpoint
    assert told.head == after.head


def test_a_witness_that_dropped_the_old_keys_cosigns_no_fork_by_their_thief(
    office: Office, log: PublishedLog, witness: tuple[Memory, WitnessServer]
) -> None:
    memory, server = witness
    append(office, 3)
    memory.add_logs([key.to_text() for key in log.ring.list_next()])
    hand_over(office, log)
    size = publish_witnessed(office, log, clock=office.town.clock, witnesses=round_of(log, server)).head.size
    memory.drop_logs([item.key.to_text() for item in OLD])
    append(office, 1)
    stolen = WitnessRequest(old=size, proof=(), checkpoint=signed(true_head(stored(office)), OLD))
    answer = HttpTransport(timeout=60)(f"http://127.0.0.1:{server.server_address[1]}", stolen.to_bytes())
    assert answer.status == HTTPStatus.FORBIDDEN
