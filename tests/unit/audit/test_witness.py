"""What a witness answers: the protocol's statuses in its order, and never two histories for one log."""

import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import pytest

from audit.checkpoint import open_checkpoint, sign_checkpoint
from audit.cosign import CheckpointSigner, make_signer
from audit.errors import ClockWentBack, MalformedNote, NoteRefused
from audit.guilt import find_guilt, parse_guilt, verify_guilt
from audit.merkle import EMPTY_ROOT, consistency_proof
from audit.note import NoteSignature, format_note
from audit.tree_head import TreeHead
from audit.vkey import SignatureType, parse_vkey
from audit.witness import SIZE_TYPE, Witness, WitnessAnswer, WitnessRequest, WitnessState, parse_request
from crypto.digest import b64encode
from crypto.keys import SigningKey
from crypto.mldsa import MlDsaFileSigner, MlDsaSigningKey
from crypto.signer import FileSigner
from tests.house.tree import ROOT
from tests.support import tlog

OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
LOG_KEYS = (tlog.LOG.key, tlog.LOG_PQ.key)
QUANTUM_SAFE = make_signer(
    "witness1.test", SignatureType.ML_DSA_44, MlDsaFileSigner(MlDsaSigningKey.from_seed(bytes(32)))
)


@dataclass
class Laptop:
    """A witness with its memory: stores what it is told to store, as its server must."""

    signers: tuple[CheckpointSigner, ...] = (tlog.W1,)
    states: dict[str, WitnessState] = field(default_factory=dict)
    guilt: list[bytes] = field(default_factory=list)

    def ask(self, body: bytes, now: int = tlog.NOW) -> WitnessAnswer:
        witness = Witness(signers=self.signers, logs={tlog.ORIGIN: LOG_KEYS})
        answer = witness.decide(body, find_state=self.states.get, now=now)
        if answer.new_state is not None:
            assert answer.status == HTTPStatus.OK
            self.states[answer.new_state.origin] = answer.new_state
        if answer.guilt is not None:
            self.guilt.append(answer.guilt.to_bytes())
        return answer

    def size(self) -> int:
        state = self.states.get(tlog.ORIGIN)
        return 0 if state is None else state.size


def request(old: int, new: int, story: str = "entry", **changes: Any) -> bytes:
    proof = consistency_proof(min(old, new), new, tlog.node_of(new, story))
    made = WitnessRequest(old=old, proof=proof, checkpoint=tlog.note(new, story))
    return replace(made, **changes).to_bytes()


def laptop_at(size: int) -> Laptop:
    laptop = Laptop()
    assert laptop.ask(request(0, size)).status == HTTPStatus.OK
    return laptop


def refused(laptop: Laptop, body: bytes, status: HTTPStatus) -> WitnessAnswer:
    before = dict(laptop.states)
    answer = laptop.ask(body)
    assert (answer.status, answer.new_state) == (status, None), answer.body
    assert laptop.states == before
    assert "—".encode() not in answer.body
    return answer


def test_the_request_of_our_pages() -> None:
    log = parse_vkey(OURS["vkeys"]["log"])
    seed = bytes.fromhex(OURS["seeds"]["witnesses"][0])
    signer = make_signer(
        "witness1.example", SignatureType.ED25519_COSIGNATURE, FileSigner(SigningKey.from_seed(seed))
    )
    witness = Witness(signers=[signer], logs={log.name: [log]})
    state = WitnessState(
        origin=log.name, size=3, root=bytes.fromhex(OURS["old_root"]), checkpoint=b"", cosigned_at=0
    )
    body = OURS["request"].encode()
    assert parse_request(body).to_bytes() == body
    answer = witness.decide(body, find_state={log.name: state}.get, now=OURS["time"] + 1)
    assert (answer.status, answer.body.decode()) == (200, OURS["answer"])
    assert answer.new_state is not None
    assert answer.new_state.checkpoint.decode() == OURS["checkpoint"] + OURS["answer"]


@pytest.mark.parametrize("sizes", [(0, 1), (0, 7), (0, 0), (1, 2), (3, 7), (4, 8), (7, 7), (6, 300)])
def test_a_log_that_grows_is_cosigned(sizes: tuple[int, int]) -> None:
    old, new = sizes
    laptop = laptop_at(old)
    answer = laptop.ask(request(old, new), tlog.NOW + 60)
    assert answer.status == HTTPStatus.OK
    checkpoint = open_checkpoint(
        laptop.states[tlog.ORIGIN].checkpoint, log_keys=LOG_KEYS, witness_keys=[tlog.W1.key]
    )
    cosignature = checkpoint.find_cosignature(tlog.W1.key)
    assert cosignature is not None
    assert (checkpoint.head, cosignature.time) == (tlog.head(new), tlog.NOW + 60)
    assert answer.body.decode() == cosignature.line.to_line()


def test_a_witness_with_two_keys_answers_two_lines() -> None:
    answer = Laptop(signers=(tlog.W1, QUANTUM_SAFE)).ask(request(0, 7))
    assert answer.status == HTTPStatus.OK
    assert answer.body.count(b"\n") == 2
    keys = [tlog.W1.key, QUANTUM_SAFE.key]
    data = tlog.note(7) + answer.body
    assert len(open_checkpoint(data, log_keys=LOG_KEYS, witness_keys=keys).cosignatures) == 2


def test_the_same_size_is_cosigned_again_for_a_fresh_time() -> None:
    laptop = laptop_at(7)
    first = laptop.states[tlog.ORIGIN]
    answer = laptop.ask(request(7, 7), tlog.NOW + 3_600)
    assert answer.status == HTTPStatus.OK
    again = laptop.states[tlog.ORIGIN]
    assert (again.size, again.root) == (first.size, first.root)
    assert again.cosigned_at == first.cosigned_at + 3_600
    assert again.checkpoint.count("—".encode()) == 2


def test_a_witness_never_dates_back() -> None:
    laptop = laptop_at(7)
    with pytest.raises(ClockWentBack):
        laptop.ask(request(7, 8), tlog.NOW - 1)
    assert laptop.size() == 7


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 0\n",
        b"old 0\n\n",
        b"old\n\n" + tlog.note(7),
        b"old -1\n\n" + tlog.note(7),
        b"old 00\n\n" + tlog.note(7),
        b"old 0 \n\n" + tlog.note(7),
        b"old 0\r\n\n" + tlog.note(7),
        b"OLD 0\n\n" + tlog.note(7),
        b"old 9223372036854775808\n\n" + tlog.note(7),
        b"old 0\nAAAA\n\n" + tlog.note(7),
        b"old 0\n\xff\n\n" + tlog.note(7),
        b"old 0\n" + f"{b64encode(bytes(32))}\n".encode() * 64 + b"\n" + tlog.note(7),
        b"old 0\n\nno checkpoint\n",
        b"old 0\n\n" + tlog.note(7).replace(b"\n7\n", b"\n07\n"),
        b"old 0\n\n" + tlog.note(7)[:-1],
        b"old 0\n\n" + tlog.note(7).partition(b"\n\n")[0] + b"\n\n",
        b"old 0\n\n" + b"x" * 1_100_000,
    ],
)
def test_400_for_what_is_no_request(body: bytes) -> None:
    refused(Laptop(), body, HTTPStatus.BAD_REQUEST)


def test_404_for_a_log_it_does_not_know_whoever_signed() -> None:
    other = make_signer("kt1.test/25", SignatureType.ED25519, tlog.LOG.signer)
    note = sign_checkpoint(tlog.head(7, origin="kt1.test/25"), [other], time=tlog.NOW)
    refused(Laptop(), request(0, 7, checkpoint=note), HTTPStatus.NOT_FOUND)


def test_403_unless_a_known_key_of_the_log_has_signed() -> None:
    head = tlog.head(7)
    wrong = NoteSignature(name=tlog.ORIGIN, key_id=tlog.LOG.key.key_id, signature=bytes(64))
    good = tlog.LOG.sign(head, time=tlog.NOW)
    for lines in (
        [tlog.STRANGER_LOG.sign(head, time=tlog.NOW)],
        [tlog.W1.sign(head, time=tlog.NOW)],
        [wrong],
        [good, wrong],
        [tlog.LOG.sign(tlog.head(8), time=tlog.NOW)],
    ):
        body = request(0, 7, checkpoint=format_note(head.to_text(), lines))
        refused(Laptop(), body, HTTPStatus.FORBIDDEN)


def test_an_unknown_line_beside_a_good_one_is_ignored() -> None:
    line = tlog.STRANGER.sign(tlog.head(7), time=tlog.NOW).to_line().encode()
    laptop = Laptop()
    assert laptop.ask(request(0, 7, checkpoint=tlog.note(7) + line)).status == HTTPStatus.OK
    assert b"stranger" not in laptop.states[tlog.ORIGIN].checkpoint


def test_400_when_old_is_above_the_checkpoint() -> None:
    refused(laptop_at(7), request(7, 5, proof=()), HTTPStatus.BAD_REQUEST)
    refused(Laptop(), request(8, 7, proof=()), HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize(("at", "old", "new"), [(0, 3, 7), (7, 0, 7), (7, 3, 9), (7, 8, 9), (7, 0, 9)])
def test_409_tells_the_size_it_has(at: int, old: int, new: int) -> None:
    laptop = laptop_at(at) if at else Laptop()
    answer = refused(laptop, request(old, new), HTTPStatus.CONFLICT)
    assert (answer.body, answer.content_type) == (f"{at}\n".encode(), SIZE_TYPE)


def test_a_rolled_back_log_is_told_so() -> None:
    """A database restored from a backup signs a smaller tree: the witness answers with what it has seen."""
    laptop = laptop_at(9)
    answer = refused(laptop, request(3, 5), HTTPStatus.CONFLICT)
    assert answer.body == b"9\n"
    assert laptop.guilt == []


def test_422_for_a_fork_and_for_a_proof_that_does_not_fit() -> None:
    laptop = laptop_at(7)
    proof = consistency_proof(7, 9, tlog.node_of(9))
    for body in (
        request(7, 9, "fork"),
        request(7, 9, proof=()),
        request(7, 9, proof=proof[:-1]),
        request(7, 9, proof=(*proof, proof[0])),
        request(7, 9, proof=proof[::-1]),
        request(7, 7, proof=proof),
    ):
        refused(laptop, body, HTTPStatus.UNPROCESSABLE_ENTITY)
    refused(Laptop(), request(0, 7, proof=proof), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert laptop.guilt == []


def test_422_for_a_tree_of_nothing_under_another_root() -> None:
    empty = TreeHead(origin=tlog.ORIGIN, size=0, root=EMPTY_ROOT)
    hollow = replace(empty, root=bytes(32))
    note = format_note(hollow.to_text(), [tlog.LOG.sign(hollow, time=tlog.NOW)])
    refused(Laptop(), request(0, 0, checkpoint=note), HTTPStatus.UNPROCESSABLE_ENTITY)
    refused(laptop_at(0), request(0, 0, checkpoint=note), HTTPStatus.UNPROCESSABLE_ENTITY)


@pytest.mark.parametrize("old", [7, 0, 3])
def test_two_roots_for_one_size_are_kept_as_proof_of_guilt(old: int) -> None:
    laptop = laptop_at(7)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if old == 7 else HTTPStatus.CONFLICT
    refused(laptop, request(old, 7, "fork", proof=()), status)
    proof = parse_guilt(laptop.guilt[0])
    assert proof.to_bytes() == laptop.guilt[0]
    first, second = verify_guilt(proof, log_keys=LOG_KEYS)
    assert first.head.size == second.head.size == 7
    assert {first.head.root, second.head.root} == {tlog.head(7).root, tlog.head(7, "fork").root}


def test_a_stored_note_convicts_even_after_the_log_changed_its_key() -> None:
    laptop = laptop_at(7)
    successor = tlog.STRANGER_LOG
    witness = Witness(signers=laptop.signers, logs={tlog.ORIGIN: [successor.key]})
    body = request(7, 7, checkpoint=tlog.note(7, "fork", (successor,)), proof=())
    answer = witness.decide(body, find_state=laptop.states.get, now=tlog.NOW)
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.guilt is not None
    verify_guilt(answer.guilt, log_keys=[*LOG_KEYS, successor.key])


def test_the_innocent_are_not_convicted() -> None:
    seven, eight = (open_checkpoint(tlog.note(size), log_keys=LOG_KEYS) for size in (7, 8))
    assert find_guilt(seven, eight) is None
    assert find_guilt(seven, seven) is None
    fork = open_checkpoint(tlog.note(7, "fork"), log_keys=LOG_KEYS)
    proof = find_guilt(seven, fork)
    assert proof is not None
    assert proof == find_guilt(fork, seven)
    for forged in (
        replace(proof, second=proof.first),
        replace(proof, first=proof.second, second=proof.first),
        replace(proof, second=eight.data),
        replace(proof, second=tlog.note(7, "fork", (tlog.STRANGER_LOG,))),
    ):
        with pytest.raises(NoteRefused):
            verify_guilt(forged, log_keys=LOG_KEYS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"kt1/guilt/2\n1\na1\nb",
        b"kt1/guilt/1\n",
        b"kt1/guilt/1\n1\na",
        b"kt1/guilt/1\n1\na1\nbc",
        b"kt1/guilt/1\n2\na",
        b"kt1/guilt/1\n01\na1\nb",
        b"kt1/guilt/1\n-1\na1\nb",
        b"kt1/guilt/1\n99999999\na",
        b"kt1/guilt/1\n\xd9\xa1\na1\nb",
    ],
)
def test_what_is_no_proof_of_guilt(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        parse_guilt(data)


def test_a_witness_that_could_not_be_one() -> None:
    for signers in ((), (tlog.LOG,)):
        with pytest.raises(MalformedNote, match="0x04 or 0x06"):
            Witness(signers=signers, logs={})
    own = make_signer("w", SignatureType.ED25519_COSIGNATURE, tlog.LOG.signer)
    with pytest.raises(MalformedNote, match="must not witness"):
        Witness(signers=[own], logs={tlog.ORIGIN: LOG_KEYS})
