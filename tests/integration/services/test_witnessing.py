"""Witnesses that answer over real HTTP: quorum, silence, old sizes, rollback, impostors."""

import http.client
import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.domain.errors import CheckpointsLost, LogBehind
from app.services.log.checkpoint_restore import restore_checkpoint
from app.services.log.published_log import PublishedLog, open_for
from app.services.log.publishing import Published, publish, rebuild
from app.services.log.witness_transport import MAX_ANSWER_BYTES, HttpTransport, WitnessSilent
from app.services.log.witnessing import WitnessRound, judge, publish_witnessed
from app.storage.checkpoint_store import LATEST
from app.storage.witness_sizes import SIZES, WitnessSizes
from audit.checkpoint import keep_signatures
from audit.cosign import CheckpointSigner
from audit.errors import NoteRefused
from audit.guilt import verify_guilt
from audit.policy_file import parse_policy
from audit.witnessing.memory import Memory, origin_name
from audit.witnessing.office import Office as WitnessOffice
from audit.witnessing.server import Address, Serving, WitnessServer
from tests.support import tlog
from tests.support.office import Office
from tests.support.publishing import append, publish_now, published_log, signed, stored, true_head


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[WitnessServer]]:
    """Run two witnesses of other bodies."""
    with ExitStack() as stack:
        started = []
        for number, key in enumerate((tlog.W1, tlog.W2), 1):
            memory = Memory(tmp_path / f"w{number}")
            memory.make_folders()
            memory.add_logs([tlog.LOG.key.to_text(), tlog.LOG_PQ.key.to_text()])
            office = WitnessOffice(memory=memory, signers=(key,), clock=lambda: tlog.NOW)
            started.append(stack.enter_context(Serving(WitnessServer(office, Address(port=0)))).server)
        yield started


def round_of(
    log: PublishedLog, urls: list[str], *, quorum: str = "all", keys: tuple[CheckpointSigner, ...] = ()
) -> WitnessRound:
    keys = keys or (tlog.W1, tlog.W2)
    lines = [f"log {tlog.LOG.key.to_text()}", f"log {tlog.LOG_PQ.key.to_text()}"]
    lines += [
        f"witness w{n} {key.key.to_text()} {url}"
        for n, (key, url) in enumerate(zip(keys, urls, strict=True), 1)
    ]
    names = " ".join(f"w{n}" for n in range(1, len(urls) + 1))
    lines += [f"group g {quorum} {names}", "quorum g"]
    policy = parse_policy("".join(f"{line}\n" for line in lines).encode())
    return WitnessRound(
        log=log, policy=policy, sizes=WitnessSizes(log.store.path), transport=HttpTransport(timeout=60)
    )


def url(server: WitnessServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def run(office: Office, log: PublishedLog, witnesses: WitnessRound) -> Published:
    return publish_witnessed(office, log, clock=office.town.clock, witnesses=witnesses)


def test_a_published_checkpoint_carries_the_quorum(
    office: Office, log: PublishedLog, servers: list[WitnessServer]
) -> None:
    witnesses = round_of(log, [url(server) for server in servers])
    for count in (1, 300, 0):
        append(office, count)
        published = run(office, log, witnesses)
        found = judge(witnesses.policy, open_for(log, published.checkpoint, witnesses.policy.witness_keys))
        assert (found.quorum_met, [item.name for item in found.by]) == (True, ["w1", "w2"])
        assert log.store.witnessed() == published.checkpoint
        assert log.folder.read_checkpoint() == published.checkpoint


def test_with_fewer_the_log_is_published_loudly_and_no_receipt_rests_on_it(
    office: Office, log: PublishedLog, servers: list[WitnessServer], caplog: pytest.LogCaptureFixture
) -> None:
    witnesses = round_of(log, [url(servers[0]), "http://127.0.0.1:1"])
    append(office, 3)
    with caplog.at_level(logging.WARNING, logger="kt1.witnessing"):
        published = run(office, log, witnesses)
    assert log.folder.read_checkpoint() == published.checkpoint
    assert log.store.witnessed() is None
    assert tlog.W1.key.name.encode() in published.checkpoint
    assert "witness w2 has not cosigned" in caplog.text
    assert "receipts wait" in caplog.text


def test_a_stale_size_is_learnt_from_the_answer(
    office: Office, log: PublishedLog, servers: list[WitnessServer]
) -> None:
    witnesses = round_of(log, [url(server) for server in servers])
    run(office, log, witnesses)
    append(office, 5)
    for stale in (b'{"a": 1}', b"no JSON", b"[]"):
        (log.store.path / SIZES).write_bytes(stale)
        append(office, 1)
        published = run(office, log, witnesses)
        assert log.store.witnessed() == published.checkpoint


def test_a_witness_that_has_seen_more_forbids_to_sign_and_to_publish(
    office: Office, log: PublishedLog, servers: list[WitnessServer], tmp_path: Path
) -> None:
    """The whole machine was restored from an image: nothing on it can know that it is old."""
    append(office, 5)
    witnesses = round_of(log, [url(server) for server in servers])
    run(office, log, witnesses)
    append(office, 5)
    run(office, log, witnesses)
    restored = published_log(tmp_path / "restored")
    elsewhere = round_of(restored, [url(server) for server in servers])
    restored.store.swap(None, signed(tlog.head(3)))
    latest = restored.store.latest()
    with pytest.raises(LogBehind, match="has seen"):
        publish_witnessed(office, restored, clock=office.town.clock, witnesses=elsewhere)
    assert restored.store.latest() == latest
    assert restored.folder.read_checkpoint() is None


def test_a_second_history_gets_no_cosignature_and_is_kept_as_guilt(
    office: Office, log: PublishedLog, servers: list[WitnessServer], tmp_path: Path
) -> None:
    append(office, 4)
    witnesses = round_of(log, [url(server) for server in servers])
    size = run(office, log, witnesses).head.size
    other = published_log(tmp_path / "other")
    fork = round_of(other, [url(server) for server in servers])
    shown = fork(signed(tlog.head(size, "fork")), lambda _old: ())
    assert not judge(fork.policy, open_for(other, shown, fork.policy.witness_keys)).by
    assert other.store.witnessed() is None
    for number in (1, 2):
        ((_, proof),) = Memory(tmp_path / f"w{number}").list_guilt()
        verify_guilt(proof, log_keys=[tlog.LOG.key])


def test_an_answer_under_another_witnesses_key_counts_for_nobody(
    office: Office, log: PublishedLog, servers: list[WitnessServer]
) -> None:
    witnesses = round_of(log, [url(servers[0]), url(servers[0])], keys=(tlog.W1, tlog.W3), quorum="any")
    append(office, 1)
    published = run(office, log, witnesses)
    found = judge(witnesses.policy, open_for(log, published.checkpoint, witnesses.policy.witness_keys))
    assert [item.name for item in found.by] == ["w1"]


class _Hostile(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.split("/")[1]
        if kind == "redirect":
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:1/add-checkpoint")
            self.end_headers()
            return
        body = {"endless": b"x" * (MAX_ANSWER_BYTES + 1), "smaller": b"0\n", "words": "— ả\n".encode()}[kind]
        self.send_response(409 if kind == "smaller" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def hostile() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hostile)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_hostile_witness_stops_nothing(
    office: Office, log: PublishedLog, servers: list[WitnessServer], hostile: str
) -> None:
    for kind in ("redirect", "endless", "smaller", "words"):
        witnesses = round_of(log, [url(servers[0]), f"{hostile}/{kind}"], quorum="any")
        append(office, 1)
        published = run(office, log, witnesses)
        assert log.store.witnessed() == published.checkpoint


def test_the_transport_is_bounded_and_follows_nobody(hostile: str) -> None:
    carry = HttpTransport(timeout=60)
    assert carry(f"{hostile}/redirect", b"x").status == http.client.TEMPORARY_REDIRECT
    for address in (
        f"{hostile}/endless",
        "http://127.0.0.1:1",
        "ftp://127.0.0.1",
        "http://127.0.0.1:x",
        "http:",
    ):
        with pytest.raises(WitnessSilent):
            carry(address, b"x")


def test_without_witnesses_the_log_is_published_as_before(office: Office, log: PublishedLog) -> None:
    published = publish_witnessed(office, log, clock=office.town.clock, witnesses=None)
    assert publish(office, log, clock=office.town.clock).checkpoint == published.checkpoint


def test_a_lost_checkpoint_store_is_noticed_before_anything_is_signed(
    office: Office, log: PublishedLog, servers: list[WitnessServer], tmp_path: Path
) -> None:
    """Store and tiles are gone; the database and the keys are there, and the witnesses remember."""
    append(office, 5)
    size = run(office, log, round_of(log, [url(server) for server in servers])).head.size
    append(office, 1)
    bare = published_log(tmp_path / "bare")
    for reachable in (2, 1):
        urls = [url(server) for server in servers[:reachable]] + ["http://127.0.0.1:1"] * (2 - reachable)
        with pytest.raises(CheckpointsLost, match=f"has seen {size} entries"):
            run(office, bare, round_of(bare, urls))
    assert bare.store.latest() is None
    assert bare.folder.read_checkpoint() is None
    assert [len(Memory(tmp_path / f"w{number}").list_guilt()) for number in (1, 2)] == [0, 0]


def test_a_lost_store_beside_an_old_database_is_an_old_copy(
    office: Office, log: PublishedLog, servers: list[WitnessServer], tmp_path: Path
) -> None:
    append(office, 5)
    witnesses = round_of(log, [url(server) for server in servers])
    size = run(office, log, witnesses).head.size
    bare = published_log(tmp_path / "bare")
    elsewhere = round_of(bare, [url(server) for server in servers])
    with pytest.raises(LogBehind, match=f"has seen {size} entries of this log, and it now shows {size - 1}"):
        elsewhere.check_not_behind(entries=size - 1, now=office.town.clock())
    assert bare.store.latest() is None


def test_what_a_witness_kept_is_put_back_and_the_log_goes_on(
    office: Office, log: PublishedLog, servers: list[WitnessServer], tmp_path: Path
) -> None:
    append(office, 5)
    witnesses = round_of(log, [url(server) for server in servers])
    published = run(office, log, witnesses)
    append(office, 1)
    bare = published_log(tmp_path / "bare")
    elsewhere = round_of(bare, [url(server) for server in servers])
    kept = Memory(tmp_path / "w1").find_checkpoint(origin_name(tlog.ORIGIN))
    assert kept is not None
    alone = signed(true_head(stored(office), 5))
    receipt = keep_signatures(
        open_for(log, published.checkpoint, witnesses.policy.witness_keys), [tlog.LOG.key, tlog.W1.key]
    )
    for refused, why in (
        (alone, "no witness of the policy has cosigned it"),
        (receipt, "lacks one of the log's two signatures"),
        (signed(tlog.head(3), (tlog.STRANGER_LOG,)), "which is not here"),
    ):
        with pytest.raises(NoteRefused, match=why):
            restore_checkpoint(bare, elsewhere.policy, refused)
    assert bare.store.latest() is None
    assert restore_checkpoint(bare, elsewhere.policy, kept).head == published.head
    with pytest.raises(NoteRefused, match="nothing is to be put back"):
        restore_checkpoint(bare, elsewhere.policy, kept)
    rebuild(office, bare)
    again = run(office, bare, elsewhere)
    assert again.head.size == published.head.size + 1
    assert bare.store.witnessed() == again.checkpoint


def test_an_older_checkpoint_than_the_published_one_is_not_put_back(
    office: Office, log: PublishedLog
) -> None:
    append(office, 2)
    older = publish_now(office, log).checkpoint
    append(office, 1)
    newer = publish_now(office, log).checkpoint
    (log.store.path / LATEST).unlink()
    with pytest.raises(NoteRefused, match="a newer checkpoint is published here"):
        restore_checkpoint(log, None, older)
    restore_checkpoint(log, None, newer)
    append(office, 1)
    assert publish_now(office, log).fresh == 1
