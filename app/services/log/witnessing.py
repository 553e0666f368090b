"""Take a signed checkpoint round to the witnesses that the policy names, and bring back what they cosigned.

All witnesses get the same checkpoint, at the same time. A cosignature counts only when it was verified under
the policy's key of the very witness. The log may be published with fewer than the quorum, loudly; a receipt
needs it. A witness that has seen more entries than we have says that this is an old copy: nothing may then
be published, nor signed again.

    publish_witnessed(ports, log, *, clock, witnesses) -> Published    asks, signs, publishes
    WitnessRound(...)(checkpoint, prove) -> bytes                      the `Witnessing` of `publishing`
    judge(policy, checkpoint) -> Witnessed                             who has cosigned, and is it enough
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from app.domain.errors import CheckpointsLost, LogBehind
from app.services.log.published_log import PublishedLog, open_for, open_latest
from app.services.log.publishing import Consistency, Published, Reading, publish
from app.services.log.witness_transport import Answer, WitnessSilent
from app.storage.witness_sizes import WitnessSizes
from audit.checkpoint import (
    Checkpoint,
    add_cosignatures,
    keep_signatures,
    open_checkpoint,
    sign_checkpoint,
)
from audit.errors import AuditError, MalformedNote, QuorumMissing
from audit.merkle import EMPTY_ROOT
from audit.policy import Policy, PolicyWitness
from audit.tree_head import TreeHead, parse_decimal
from audit.witness import WitnessRequest

Transport = Callable[[str, bytes], Answer]
"""Carries a request to an address and returns the answer; raises WitnessSilent: `witness_transport`."""
_LOG: Final = logging.getLogger("kt1.witnessing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one witness did: its verified cosignatures, as `lines`, or the `problem` why there are none.

    `size` is what it has seen of the log, as far as it told.
    """

    witness: PolicyWitness
    size: int
    lines: bytes = b""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """A checkpoint with every cosignature it has, who gave one, and whether the policy's quorum is met."""

    checkpoint: Checkpoint
    by: tuple[PolicyWitness, ...]
    quorum_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRound:
    """One policy, one way to reach witnesses. Called, it is the `Witnessing` that `publish` wants."""

    log: PublishedLog
    policy: Policy
    sizes: WitnessSizes
    transport: Transport

    def __call__(self, checkpoint: bytes, prove: Consistency) -> bytes:
        """Return the checkpoint with the cosignatures it got; raises LogBehind or NoteRefused."""
        opened = open_for(self.log, checkpoint, self.policy.witness_keys)
        reachable = [witness for witness in self.policy.witnesses if witness.url]
        outcomes = self._ask_all(reachable, opened, prove)
        for outcome in outcomes:
            self.sizes.remember(outcome.witness.key.to_text(), outcome.size)
        _refuse_if_behind(outcomes, opened.head.size)
        for outcome in outcomes:
            if outcome.lines:
                opened = add_cosignatures(opened, outcome.lines, witness_keys=[outcome.witness.key])
            else:
                _LOG.error("witness %s has not cosigned: %s", outcome.witness.name, outcome.problem)
        return keep(self.log, self.policy, opened).checkpoint.data

    def check_not_behind(self, *, entries: int, now: datetime) -> None:
        """Raise LogBehind when a witness has seen more than we have signed: asked before anything is signed.

        A machine restored with everything on it, checkpoint store and all, can learn this from nobody else.
        Where nothing is remembered as signed the database, of so many entries, is what we have; raises
        CheckpointsLost when a witness remembers something of the log all the same.
        """
        asked = [witness for witness in self.policy.witnesses if witness.url]
        latest = open_latest(self.log)
        shown = self._empty_tree(entries, now) if latest is None and asked else latest
        if shown is None:
            return
        size = shown.head.size
        # The same checkpoint again needs no proof, and an honest log's witnesses only date it afresh.
        outcomes = _in_parallel(lambda witness: self._ask(witness, shown, size, ()), asked)
        if latest is not None:
            _refuse_if_behind(outcomes, size)
        else:
            _refuse_if_behind(outcomes, entries)
            _refuse_if_known(outcomes)

    def _empty_tree(self, entries: int, now: datetime) -> Checkpoint:
        """Sign the beginning that all histories share: one can ask with it, and it contradicts nothing."""
        empty = TreeHead(origin=self.log.origin, size=0, root=EMPTY_ROOT)
        signers = self.log.ring.signers_at(entries)
        note = sign_checkpoint(empty, signers, time=int(now.timestamp()))
        return open_checkpoint(note, log_keys=[signer.key for signer in signers])

    def _ask_all(
        self, witnesses: Sequence[PolicyWitness], opened: Checkpoint, prove: Consistency
    ) -> list[Outcome]:
        # Proofs come from one reader of the tiles, which need not be safe between threads.
        olds = {witness.name: self._old(witness, opened) for witness in witnesses}
        proofs = {old: prove(old) for old in set(olds.values())}
        first = _in_parallel(
            lambda witness: self._ask(witness, opened, olds[witness.name], proofs[olds[witness.name]]),
            witnesses,
        )
        return [self._ask_again(outcome, opened, prove, olds[outcome.witness.name]) for outcome in first]

    def _ask_again(self, outcome: Outcome, opened: Checkpoint, prove: Consistency, asked: int) -> Outcome:
        """Ask once more with the size that a 409 told, if it is one that we have."""
        told = outcome.size
        if outcome.lines or told == asked or told > opened.head.size:
            return outcome
        return self._ask(outcome.witness, opened, told, prove(told))

    def _old(self, witness: PolicyWitness, opened: Checkpoint) -> int:
        return min(self.sizes.find(witness.key.to_text()), opened.head.size)

    def _ask(self, witness: PolicyWitness, opened: Checkpoint, old: int, proof: tuple[bytes, ...]) -> Outcome:
        request = WitnessRequest(old=old, proof=proof, checkpoint=without_cosignatures(opened))
        try:
            answer = self.transport(witness.url, request.to_bytes())
        except WitnessSilent as error:
            return Outcome(witness=witness, size=old, problem=str(error))
        return read_answer(witness, opened, answer, old=old)


def publish_witnessed(
    ports: Reading, log: PublishedLog, *, clock: Callable[[], datetime], witnesses: WitnessRound | None
) -> Published:
    """Publish as `publishing.publish` does, after asking the witnesses whether we are behind.

    Raises what that raises; LogBehind, before anything is signed, when a witness has seen more entries, and
    CheckpointsLost when a witness remembers this log and the checkpoint store does not.
    """
    if witnesses is not None:
        entries = ports.read(lambda uow: uow.audit.head().size)
        witnesses.check_not_behind(entries=entries, now=clock())
    return publish(ports, log, clock=clock, witnessing=witnesses)


def read_answer(witness: PolicyWitness, opened: Checkpoint, answer: Answer, *, old: int) -> Outcome:
    """Judge what a witness answered; a cosignature is verified here, under this witness's key alone."""
    bare = replace(opened, cosignatures=())
    try:
        if answer.status == HTTPStatus.OK:
            signed = add_cosignatures(bare, answer.body, witness_keys=[witness.key])
            if signed.find_cosignature(witness.key) is None:
                raise MalformedNote("its cosignature is not dated")
            return Outcome(witness=witness, size=opened.head.size, lines=answer.body)
        if answer.status == HTTPStatus.CONFLICT:
            size = parse_decimal(answer.body.decode("ascii", "replace").removesuffix("\n"))
            return Outcome(witness=witness, size=size, problem=f"409: it has seen {size} entries")
    except AuditError as error:
        return Outcome(witness=witness, size=old, problem=f"{answer.status}: {error}")
    said = answer.body[:200].decode(errors="replace").strip()
    return Outcome(witness=witness, size=old, problem=f"{answer.status}: {said}")


def judge(policy: Policy, opened: Checkpoint) -> Witnessed:
    """Say who has cosigned and whether that is the quorum."""
    by = tuple(item for item in policy.witnesses if opened.find_cosignature(item.key) is not None)
    try:
        policy.verify_quorum(opened)
    except QuorumMissing as error:
        _LOG.warning("checkpoint of %d entries: %s; receipts wait", opened.head.size, error)
        return Witnessed(checkpoint=opened, by=by, quorum_met=False)
    return Witnessed(checkpoint=opened, by=by, quorum_met=True)


def keep(log: PublishedLog, policy: Policy, opened: Checkpoint) -> Witnessed:
    """Remember a checkpoint that met the quorum: receipts rest on it."""
    witnessed = judge(policy, opened)
    if witnessed.quorum_met:
        log.store.keep_witnessed(opened.data)
    return witnessed


def without_cosignatures(opened: Checkpoint) -> bytes:
    """Return the note with the log's own lines only: every witness is shown the same bytes."""
    return keep_signatures(opened, [item.key for item in opened.log_signatures])


def _in_parallel(
    ask: Callable[[PolicyWitness], Outcome], witnesses: Sequence[PolicyWitness]
) -> list[Outcome]:
    """Ask all at once: one that does not answer must not hold up the others."""
    if not witnesses:
        return []
    with ThreadPoolExecutor(max_workers=len(witnesses)) as pool:
        return list(pool.map(ask, witnesses))


def _refuse_if_behind(outcomes: Sequence[Outcome], size: int) -> None:
    for outcome in outcomes:
        if outcome.size > size:
            raise LogBehind(
                f"witness {outcome.witness.name} has seen {outcome.size} entries of this log, and it now"
                f" shows {size}: this is an old copy"
            )


def _refuse_if_known(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.size:
            raise CheckpointsLost(
                f"witness {outcome.witness.name} has seen {outcome.size} entries of this log"
            )
