"""The exchange with a witness that no network reaches: a request to carry there, an answer carried back.

The bytes are those of HTTP. An answer is verified under the policy's keys before anything of it is kept, and
belongs to the checkpoint that was carried, however far the log has grown since.

    make_request(round, *, name, size) -> Carried     for this witness; from its remembered size, or `size`
    import_answer(round, untrusted, *, name) -> Witnessed     raises AnswerUseless, LogBehind, NoteRefused
"""

from dataclasses import dataclass
from http import HTTPStatus

from app.domain.errors import LogBehind
from app.services.log.published_log import open_for
from app.services.log.witness_transport import Answer
from app.services.log.witnessing import (
    Witnessed,
    WitnessRound,
    judge,
    keep,
    read_answer,
    without_cosignatures,
)
from app.storage.witness_request import RequestedCheckpoint
from audit.checkpoint import Checkpoint, add_cosignatures
from audit.errors import NoteRefused
from audit.merkle import consistency_proof
from audit.parts import read_carried
from audit.policy import PolicyWitness
from audit.witness import WitnessRequest


class AnswerUseless(NoteRefused):  # named after what it says
    """The answer brings no cosignature; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A request's body, whom it goes to, and of how many entries it speaks."""

    witness: PolicyWitness
    size: int
    body: bytes


def make_request(witnesses: WitnessRound, *, name: str | None = None, size: int | None = None) -> Carried:
    """Make a request for one witness (None: the only one without an address); raises AnswerUseless."""
    witness = _choose(witnesses, name)
    opened = _outstanding(witnesses, witness) or _newest(witnesses)
    head = opened.head
    old = witnesses.sizes.find(witness.key.to_text()) if size is None else size
    if old > head.size:
        raise LogBehind(f"witness {witness.name} has seen {old} entries, and {head.size} are published here")
    reader = witnesses.log.folder.reader(size=head.size, root=head.root)
    proof = consistency_proof(old, head.size, reader.node)
    RequestedCheckpoint(witnesses.log.store.path).keep(opened.data)
    body = WitnessRequest(old=old, proof=proof, checkpoint=without_cosignatures(opened)).to_bytes()
    return Carried(witness=witness, size=head.size, body=body)


def import_answer(witnesses: WitnessRound, untrusted: bytes, *, name: str | None = None) -> Witnessed:
    """Verify an answer and keep its cosignature; where it meets the quorum, receipts can rest on it."""
    requested = RequestedCheckpoint(witnesses.log.store.path)
    kept = requested.find()
    if kept is None:
        raise AnswerUseless("no request was made here: kt1 log witness-request makes one")
    opened = open_for(witnesses.log, kept, witnesses.policy.witness_keys)
    body = read_carried(untrusted)
    if body[:1].isdigit():
        _learn_size(witnesses, _choose(witnesses, name), opened, body)
    opened = _add(witnesses, opened, body)
    requested.keep(opened.data)
    _show(witnesses, opened)
    return keep(witnesses.log, witnesses.policy, opened)


def _add(witnesses: WitnessRound, opened: Checkpoint, body: bytes) -> Checkpoint:
    answer = Answer(status=HTTPStatus.OK, body=body)
    outcomes = [read_answer(witness, opened, answer, old=0) for witness in witnesses.policy.witnesses]
    for outcome in outcomes:
        if outcome.lines:
            opened = add_cosignatures(opened, outcome.lines, witness_keys=[outcome.witness.key])
            witnesses.sizes.remember(outcome.witness.key.to_text(), opened.head.size)
    if not any(outcome.lines for outcome in outcomes):
        raise AnswerUseless(
            f"no witness of the policy has cosigned the {opened.head.size} entries that were carried"
        )
    return opened


def _learn_size(witnesses: WitnessRound, witness: PolicyWitness, opened: Checkpoint, body: bytes) -> None:
    answer = Answer(status=HTTPStatus.CONFLICT, body=body)
    told = read_answer(witness, opened, answer, old=0)
    published = _newest(witnesses).head.size
    if told.size > published:
        raise LogBehind(
            f"witness {witness.name} has seen {told.size} entries of this log, and {published} are published"
            " here: this is an old copy"
        )
    witnesses.sizes.remember(witness.key.to_text(), told.size)
    raise AnswerUseless(f"witness {witness.name} has seen {told.size} entries: make its request again")


def _show(witnesses: WitnessRound, opened: Checkpoint) -> None:
    """Add the cosignatures to the published checkpoint, if that is still the one that was carried."""
    folder = witnesses.log.folder
    with folder.lock():
        newest = _newest(witnesses)
        if newest.head == opened.head:
            lines = [item.line.to_line() for item in opened.cosignatures]
            merged = add_cosignatures(
                newest, "".join(lines).encode(), witness_keys=witnesses.policy.witness_keys
            )
            folder.publish_checkpoint(merged.data)


def _choose(witnesses: WitnessRound, name: str | None) -> PolicyWitness:
    known = witnesses.policy.witnesses
    fits = [item for item in known if (not item.url if name is None else item.name == name)]
    if len(fits) != 1:
        names = ", ".join(item.name for item in known)
        raise AnswerUseless(f"say which witness it is for; the policy knows: {names}")
    return fits[0]


def _outstanding(witnesses: WitnessRound, witness: PolicyWitness) -> Checkpoint | None:
    """Return the checkpoint others are being asked about, unless this witness or the quorum has answered."""
    kept = RequestedCheckpoint(witnesses.log.store.path).find()
    if kept is None:
        return None
    opened = open_for(witnesses.log, kept, witnesses.policy.witness_keys)
    done = opened.find_cosignature(witness.key) is not None or judge(witnesses.policy, opened).quorum_met
    return None if done else opened


def _newest(witnesses: WitnessRound) -> Checkpoint:
    shown = witnesses.log.folder.read_checkpoint()
    if shown is None:
        raise AnswerUseless("nothing is published yet: kt1 log publish")
    return open_for(witnesses.log, shown, witnesses.policy.witness_keys)
