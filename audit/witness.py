"""What a witness answers (C2SP tlog-witness), as a pure decision: request and last state in, answer out.

Whoever serves it must read the last state, decide and store the new one as one atomic step, durable before
the answer leaves; otherwise two requests could roll a log back. A witness must never date a cosignature
before its own last one. Format: docs/formats/witness.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from audit.checkpoint import Checkpoint, add_cosignatures, open_checkpoint, read_head
from audit.cosign import CheckpointSigner
from audit.errors import ClockWentBack, MalformedNote, NoteRefused, ProofRejected
from audit.guilt import ProofOfGuilt, make_guilt
from audit.merkle import EMPTY_ROOT, verify_consistency
from audit.note import MAX_NOTE_BYTES
from audit.tree_head import parse_decimal, parse_hash
from audit.vkey import WITNESS_TYPES, VerifierKey
from crypto.digest import b64encode

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4_096
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRequest:
    """A request in form; nothing in it is verified."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Return the request's body; `parse_request` of it gives this request back."""
        lines = (f"old {self.old}", *(b64encode(hashed) for hashed in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """What a witness remembers of one log: the last checkpoint it cosigned, and when (POSIX seconds).

    `checkpoint` bears the log's verified lines and the witness's own: it is what monitors are shown.
    """

    origin: str
    size: int
    root: bytes
    checkpoint: bytes
    cosigned_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """The answer, and what must be durable before it leaves: a new state (200 only), a proof of guilt."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = TEXT_TYPE
    new_state: WitnessState | None = None
    guilt: ProofOfGuilt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who answers: its signers, and the keys of every log it knows by origin."""

    signers: Sequence[CheckpointSigner]
    logs: Mapping[str, Sequence[VerifierKey]]

    def __post_init__(self) -> None:
        """Refuse a witness that could not answer as one."""
        if not self.signers or any(signer.key.type not in WITNESS_TYPES for signer in self.signers):
            raise MalformedNote("a witness signs with keys of type 0x04 or 0x06")
        logs = {key.public_key.raw for keys in self.logs.values() for key in keys}
        if any(signer.key.public_key.raw in logs for signer in self.signers):
            raise MalformedNote("a log's key must not witness")

    def decide(
        self, untrusted: bytes, *, find_state: Callable[[str], WitnessState | None], now: int
    ) -> WitnessAnswer:
        """Answer `add-checkpoint`. `find_state` gives the last state by origin, `now` is POSIX seconds.

        Raises ClockWentBack (the server answers 500) and lets errors of the signers through; nothing was
        decided then.
        """
        try:
            request = parse_request(untrusted)
            origin = read_head(request.checkpoint).origin
        except MalformedNote as error:
            return _refuse(HTTPStatus.BAD_REQUEST, str(error))
        keys = self.logs.get(origin)
        if keys is None:
            return _refuse(HTTPStatus.NOT_FOUND, "this witness does not know the log")
        try:
            checkpoint = open_checkpoint(request.checkpoint, log_keys=keys)
        except (MalformedNote, NoteRefused) as error:
            return _refuse(HTTPStatus.FORBIDDEN, str(error))
        stored = find_state(origin)
        refusal = _check(request, checkpoint, stored, _find_guilt(checkpoint, stored))
        return refusal if refusal is not None else self._cosign(checkpoint, stored, now)

    def _cosign(self, checkpoint: Checkpoint, stored: WitnessState | None, now: int) -> WitnessAnswer:
        if stored is not None and now < stored.cosigned_at:
            raise ClockWentBack(f"the clock reads {now}, and {stored.cosigned_at} is signed already")
        head = checkpoint.head
        body = "".join(signer.sign(head, time=now).to_line() for signer in self.signers).encode()
        # Verifying what was just signed also keeps a fault of the signer from leaving this machine.
        signed = add_cosignatures(checkpoint, body, witness_keys=[signer.key for signer in self.signers])
        state = WitnessState(
            origin=head.origin, size=head.size, root=head.root, checkpoint=signed.data, cosigned_at=now
        )
        return WitnessAnswer(status=HTTPStatus.OK, body=body, new_state=state)


def parse_request(untrusted: bytes) -> WitnessRequest:
    """Read a request's body; raises MalformedNote. The checkpoint is cut off, not parsed."""
    if len(untrusted) > MAX_REQUEST_BYTES:
        raise MalformedNote(f"a request is at most {MAX_REQUEST_BYTES} bytes")
    head, blank, checkpoint = untrusted.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise MalformedNote("a request is ASCII up to its checkpoint") from None
    if not blank or not lines[0].startswith("old "):
        raise MalformedNote("a request has an old size, a proof, a blank line and a checkpoint")
    if len(lines) - 1 > MAX_PROOF_LINES:
        raise MalformedNote(f"a consistency proof has at most {MAX_PROOF_LINES} hashes")
    return WitnessRequest(
        old=parse_decimal(lines[0].removeprefix("old ")),
        proof=tuple(parse_hash(line) for line in lines[1:]),
        checkpoint=checkpoint,
    )


def _check(
    request: WitnessRequest,
    checkpoint: Checkpoint,
    stored: WitnessState | None,
    guilt: ProofOfGuilt | None,
) -> WitnessAnswer | None:
    """Return why a verified checkpoint is refused, None if it may be cosigned; in the protocol's order."""
    head = checkpoint.head
    size, root = (0, EMPTY_ROOT) if stored is None else (stored.size, stored.root)
    if request.old > head.size:
        return _refuse(HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's", guilt)
    if request.old != size:
        return WitnessAnswer(
            status=HTTPStatus.CONFLICT, body=b"%d\n" % size, content_type=SIZE_TYPE, guilt=guilt
        )
    try:
        verify_consistency(size, root, head.size, head.root, request.proof)
    except ProofRejected as error:
        return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), guilt)
    return None


def _find_guilt(checkpoint: Checkpoint, stored: WitnessState | None) -> ProofOfGuilt | None:
    # The stored note was verified when it was stored, perhaps with a key the log has given up since.
    head = checkpoint.head
    if stored is None or stored.size != head.size or stored.root == head.root:
        return None
    return make_guilt((stored.root, stored.checkpoint), (head.root, checkpoint.data))


def _refuse(status: HTTPStatus, reason: str, guilt: ProofOfGuilt | None = None) -> WitnessAnswer:
    return WitnessAnswer(status=status, body=f"{reason}\n".encode(), guilt=guilt)
