"""The witness's memory: decided and stored as one step, durable before the answer, whatever breaks."""

import multiprocessing
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import pytest

from audit.checkpoint import open_checkpoint
from audit.errors import ClockWentBack, MalformedNote, WitnessBroken
from audit.guilt import make_guilt, verify_guilt
from audit.witnessing.__main__ import main as command
from audit.witnessing.disk import LocalDisk
from audit.witnessing.memory import Memory, origin_name
from audit.witnessing.office import Office, create_keys, open_signers
from crypto.keyfile import Passphrase
from tests.support import tlog
from tests.support.witnesses import office, request

LOG_KEYS = (tlog.LOG.key, tlog.LOG_PQ.key)
STEPS = ("write", "sync", "rename", "sync_folder")


@dataclass
class FailingDisk(LocalDisk):
    """Fails at one step: before it was done, or after it was done and reported as failed."""

    step: str
    done: bool
    broken: list[str] = field(default_factory=list)

    def write(self, path: Path, content: bytes) -> None:
        self._fail("write", lambda: super(FailingDisk, self).write(path, content))

    def sync(self, path: Path) -> None:
        self._fail("sync", lambda: super(FailingDisk, self).sync(path))

    def rename(self, draft: Path, path: Path) -> None:
        self._fail("rename", lambda: super(FailingDisk, self).rename(draft, path))

    def sync_folder(self, folder: Path) -> None:
        self._fail("sync_folder", lambda: super(FailingDisk, self).sync_folder(folder))

    def _fail(self, step: str, work: object) -> None:
        assert callable(work)
        if step != self.step:
            work()
            return
        if self.done:
            work()
        self.broken.append(step)
        raise OSError(5, "the power went")


@dataclass
class WatchedDisk(LocalDisk):
    steps: list[str] = field(default_factory=list)

    def write(self, path: Path, content: bytes) -> None:
        self.steps.append("write")
        super().write(path, content)

    def sync(self, path: Path) -> None:
        self.steps.append("sync")
        super().sync(path)

    def rename(self, draft: Path, path: Path) -> None:
        self.steps.append("rename")
        super().rename(draft, path)

    def sync_folder(self, folder: Path) -> None:
        self.steps.append("sync_folder")
        super().sync_folder(folder)


def stored_size(folder: Path) -> int:
    state = Memory(folder).find_state(tlog.ORIGIN, (tlog.W1,))
    return 0 if state is None else state.size


def test_an_answer_rests_on_four_durable_steps(tmp_path: Path) -> None:
    disk = WatchedDisk()
    assert office(tmp_path, disk=disk).answer(request(0, 7)).status == HTTPStatus.OK
    assert disk.steps == list(STEPS)
    assert stored_size(tmp_path) == 7


@pytest.mark.parametrize("done", [False, True], ids=["not stored", "stored but reported as failed"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("story", ["entry", "fork"])
def test_a_power_cut_at_any_step_gives_no_answer_and_no_second_history(
    tmp_path: Path, *, step: str, done: bool, story: str
) -> None:
    assert office(tmp_path).answer(request(0, 3)).status == HTTPStatus.OK
    disk = FailingDisk(step=step, done=done)
    with pytest.raises(OSError, match="the power went"):
        office(tmp_path, disk=disk).answer(request(3, 7))
    assert disk.broken == [step]
    # The machine comes back with either the old state or the new one, each whole.
    kept = stored_size(tmp_path)
    assert kept in {3, 7}
    if step in {"write", "sync"}:
        assert kept == 3
    again = office(tmp_path).answer(request(3, 7, story))
    if story == "fork":
        assert again.status in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
        assert stored_size(tmp_path) == kept
    elif again.status == HTTPStatus.CONFLICT:
        assert (kept, again.body) == (7, b"7\n")
        assert office(tmp_path).answer(request(7, 7)).status == HTTPStatus.OK
    else:
        assert (kept, again.status) == (3, HTTPStatus.OK)
    if story == "entry":
        assert stored_size(tmp_path) == 7


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_while_guilt_is_kept_lets_no_answer_out(tmp_path: Path, *, step: str, done: bool) -> None:
    office(tmp_path).answer(request(0, 7))
    with pytest.raises(OSError, match="the power went"):
        office(tmp_path, disk=FailingDisk(step=step, done=done)).answer(request(7, 7, "fork"))
    assert office(tmp_path).answer(request(7, 7, "fork")).status == HTTPStatus.UNPROCESSABLE_ENTITY
    ((_, proof),) = Memory(tmp_path).list_guilt()
    verify_guilt(proof, log_keys=LOG_KEYS)


def _race(folder: Path, story: str, answers: "list[tuple[str, int, int]]") -> None:
    at = 0
    for new in range(1, 9):
        answer = office(folder).answer(request(at, new, story))
        answers.append((story, new, answer.status))
        if answer.status == HTTPStatus.CONFLICT:
            at = min(int(answer.body), new)
        elif answer.status == HTTPStatus.OK:
            at = new


def _race_process(
    folder: Path, story: str, queue: "multiprocessing.Queue[list[tuple[str, int, int]]]"
) -> None:
    answers: list[tuple[str, int, int]] = []
    _race(folder, story, answers)
    queue.put(answers)


def check_one_history(folder: Path, answers: list[tuple[str, int, int]]) -> None:
    """Whoever won the first size has won: the other story never got a cosignature."""
    cosigned = {story for story, _, status in answers if status == HTTPStatus.OK}
    assert len(cosigned) == 1
    data = Memory(folder).find_checkpoint(origin_name(tlog.ORIGIN))
    assert data is not None
    head = open_checkpoint(data, log_keys=LOG_KEYS, witness_keys=[tlog.W1.key]).head
    (story,) = cosigned
    assert head == tlog.head(head.size, story)
    assert head.size == max(size for _, size, status in answers if status == HTTPStatus.OK)


def test_racing_threads_never_fork_or_roll_back(tmp_path: Path) -> None:
    office(tmp_path)
    answers: list[tuple[str, int, int]] = []
    threads = [
        threading.Thread(target=_race, args=(tmp_path, story, answers)) for story in ("entry", "fork") * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_one_history(tmp_path, answers)


def test_racing_processes_never_fork_or_roll_back(tmp_path: Path) -> None:
    office(tmp_path)
    spawning = multiprocessing.get_context("spawn")
    queue = spawning.Queue()
    processes = [
        spawning.Process(target=_race_process, args=(tmp_path, story, queue)) for story in ("entry", "fork")
    ]
    for process in processes:
        process.start()
    answers = [answer for _ in processes for answer in queue.get(timeout=300)]
    for process in processes:
        process.join()
    queue.close()
    queue.join_thread()
    check_one_history(tmp_path, answers)


def test_a_cosignature_is_never_dated_before_the_last_one(tmp_path: Path) -> None:
    office(tmp_path).answer(request(0, 7))
    with pytest.raises(ClockWentBack):
        office(tmp_path, now=tlog.NOW - 1).answer(request(7, 8))
    assert stored_size(tmp_path) == 7


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        tlog.note(3),
        tlog.note(3) + tlog.W1.sign(tlog.head(2), time=tlog.NOW).to_line().encode(),
        tlog.note(3) + tlog.W2.sign(tlog.head(3), time=tlog.NOW).to_line().encode(),
    ],
)
def test_a_memory_that_cannot_be_believed_stops_the_witness(tmp_path: Path, damage: bytes) -> None:
    """Taken for an empty one it would let a log begin anew."""
    office(tmp_path).answer(request(0, 7))
    (tmp_path / "logs" / origin_name(tlog.ORIGIN)).write_bytes(damage)
    with pytest.raises(WitnessBroken):
        office(tmp_path).answer(request(0, 3))


def test_a_log_is_known_from_the_next_request_on(tmp_path: Path) -> None:
    Memory(tmp_path).make_folders()
    witness = Office(memory=Memory(tmp_path), signers=(tlog.W1,), clock=lambda: tlog.NOW)
    assert witness.answer(request(0, 7)).status == HTTPStatus.NOT_FOUND
    witness.memory.add_logs([tlog.LOG.key.to_text()])
    assert witness.memory.add_logs([tlog.LOG.key.to_text()]) == (tlog.LOG.key,)
    assert witness.answer(request(0, 7)).status == HTTPStatus.OK
    with pytest.raises(MalformedNote):
        witness.memory.add_logs([tlog.W2.key.to_text()])


def test_a_dropped_key_cosigns_nothing_and_still_proves_guilt(tmp_path: Path) -> None:
    witness = office(tmp_path)
    witness.answer(request(0, 7))
    memory, old = witness.memory, [key.to_text() for key in LOG_KEYS]
    with pytest.raises(MalformedNote, match="add its new keys first"):
        memory.drop_logs(old)
    memory.add_logs([tlog.STRANGER_LOG.key.to_text()])
    assert memory.drop_logs(old) == (tlog.STRANGER_LOG.key,)
    assert witness.answer(request(7, 9)).status == HTTPStatus.FORBIDDEN
    with pytest.raises(MalformedNote, match="not known here"):
        memory.drop_logs(old)
    assert set(memory.list_former_logs()) == set(LOG_KEYS)
    proof = make_guilt((tlog.head(7).root, tlog.note(7)), (tlog.head(7, "fork").root, tlog.note(7, "fork")))
    file = tmp_path / "proof"
    file.write_bytes(proof.to_bytes())
    assert command(["guilt", "--folder", str(tmp_path), "--verify", str(file)]) == 0


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_while_a_key_is_dropped_loses_no_key(tmp_path: Path, step: str, *, done: bool) -> None:
    office(tmp_path).memory.add_logs([tlog.STRANGER_LOG.key.to_text()])
    disk = FailingDisk(step, done)
    with pytest.raises(OSError, match="power"):
        Memory(tmp_path, disk=disk).drop_logs([tlog.LOG.key.to_text()])
    memory = Memory(tmp_path)
    assert {*memory.list_logs(), *memory.list_former_logs()} == {*LOG_KEYS, tlog.STRANGER_LOG.key}
    # Whichever of the two files was written: the same command again ends it.
    (tmp_path / "former-logs").write_text(f"{tlog.LOG.key.to_text()}\n")
    memory.drop_logs([tlog.LOG.key.to_text()])
    assert memory.list_former_logs() == (tlog.LOG.key,)
    assert set(memory.list_logs()) == {tlog.LOG_PQ.key, tlog.STRANGER_LOG.key}


def test_keys_are_made_once_and_open_with_their_passphrase(tmp_path: Path) -> None:
    secret = Passphrase(b"a passphrase of the tests")
    create_keys(tmp_path, "w.test", passphrase=secret, post_quantum=True)
    first, second = open_signers(tmp_path, secret)
    assert (first.key.name, first.key.type, second.key.type) == ("w.test", 4, 6)
    with pytest.raises(WitnessBroken, match="never overwritten"):
        create_keys(tmp_path, "w.test", passphrase=secret, post_quantum=False)
    with pytest.raises(WitnessBroken, match="passphrase"):
        open_signers(tmp_path, Passphrase(b"another passphrase than that"))
    with pytest.raises(WitnessBroken, match="begin with init"):
        open_signers(tmp_path / "nowhere", secret)
