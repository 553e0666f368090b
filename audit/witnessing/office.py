"""The witness at work: keys, memory and clock brought together, one request at a time.

Reading the last state, deciding and storing is one step under one lock, durable before the answer is
returned: otherwise two requests could roll a log back or cosign two histories. Any failure on the way must
end without an answer that holds a cosignature.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.cosign import CheckpointSigner, make_signer
from audit.errors import WitnessBroken
from audit.vkey import SignatureType, VerifierKey, check_name
from audit.witness import Witness, WitnessAnswer
from audit.witnessing.disk import locked
from audit.witnessing.memory import Memory
from crypto.errors import CryptoError
from crypto.keyfile import Passphrase, load_ed25519, load_ml_dsa_44, store_key
from crypto.keys import generate_signing_key
from crypto.mldsa import MlDsaFileSigner, generate_mldsa_key
from crypto.signer import FileSigner

_NAME: Final = "name"
_ED25519: Final = "ed25519.key"
_ML_DSA: Final = "ml-dsa-44.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A witness that can answer; `clock` gives POSIX seconds."""

    memory: Memory
    signers: tuple[CheckpointSigner, ...]
    clock: Callable[[], int]

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The witness's own keys, as others know them."""
        return tuple(signer.key for signer in self.signers)

    def answer(self, untrusted: bytes) -> WitnessAnswer:
        """Answer one request; what the answer rests on is on the disk when this returns.

        Raises ClockWentBack, WitnessBroken, MalformedNote (a log's key is the witness's own) or OSError;
        nothing was promised then.
        """
        with locked(self.memory.folder):
            # The logs are read anew each time: `add-log` counts at once, without stopping the server.
            witness = Witness(signers=self.signers, logs=_by_origin(self.memory.list_logs()))
            answer = witness.decide(
                untrusted,
                find_state=lambda origin: self.memory.find_state(origin, self.signers),
                now=self.clock(),
            )
            if answer.guilt is not None:
                self.memory.keep_guilt(answer.guilt)
            if answer.new_state is not None:
                self.memory.keep_state(answer.new_state)
        return answer


def create_keys(folder: Path, name: str, *, passphrase: Passphrase, post_quantum: bool) -> None:
    """Make the witness's keys, once; raises MalformedNote, CryptoError or WitnessBroken."""
    check_name(name)
    if any((folder / part).exists() for part in (_NAME, _ED25519, _ML_DSA)):
        raise WitnessBroken(f"{folder} holds the keys of a witness already: keys are never overwritten")
    Memory(folder).make_folders()
    store_key(generate_signing_key(), folder / _ED25519, passphrase=passphrase)
    if post_quantum:
        store_key(generate_mldsa_key(), folder / _ML_DSA, passphrase=passphrase)
    (folder / _NAME).write_text(f"{name}\n", encoding="utf-8")
    Memory(folder).make_folders()


def open_signers(folder: Path, passphrase: Passphrase) -> tuple[CheckpointSigner, ...]:
    """Open the keys that `create_keys` made; raises WitnessBroken."""
    try:
        name = (folder / _NAME).read_text(encoding="utf-8").removesuffix("\n")
        classic = FileSigner(load_ed25519(folder / _ED25519, passphrase=passphrase))
        signers = [make_signer(name, SignatureType.ED25519_COSIGNATURE, classic)]
        if (folder / _ML_DSA).exists():
            safe = MlDsaFileSigner(load_ml_dsa_44(folder / _ML_DSA, passphrase=passphrase))
            signers.append(make_signer(name, SignatureType.ML_DSA_44, safe))
    except OSError as error:
        raise WitnessBroken(f"cannot read {error.filename}: {error.strerror}; begin with init") from None
    except CryptoError as error:
        raise WitnessBroken(str(error)) from None
    return tuple(signers)


def _by_origin(keys: Iterable[VerifierKey]) -> dict[str, list[VerifierKey]]:
    found: dict[str, list[VerifierKey]] = {}
    for key in keys:
        found.setdefault(key.name, []).append(key)
    return found
