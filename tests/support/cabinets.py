"""Checkpoint keys that lie in memory, where a test is about what they sign and not about where they are."""

from collections.abc import Sequence

from app.services.log.key_ring import LogView
from audit.cosign import CheckpointSigner
from crypto.checkpoint_cabinet import CheckpointPublicKey
from crypto.errors import MalformedKey
from crypto.keys import PublicKey, generate_signing_key
from crypto.mldsa import MlDsaFileSigner, generate_mldsa_key
from crypto.signer import Algorithm, AnySigner, FileSigner

NOTHING_LOGGED = LogView(size=0)


class HeldKeys:
    """A cabinet (`key_ring.Cabinet`) of these keys; the first of an algorithm began the log."""

    def __init__(self, signers: Sequence[CheckpointSigner]) -> None:
        self.held = {item.key.public_key: item.signer for item in signers}

    def first_key(self, algorithm: Algorithm) -> CheckpointPublicKey | None:
        classic = algorithm is Algorithm.ED25519
        return next((key for key in self.held if isinstance(key, PublicKey) == classic), None)

    def list_keys(self) -> tuple[CheckpointPublicKey, ...]:
        return tuple(self.held)

    def open_signer(self, public_key: CheckpointPublicKey) -> AnySigner:
        if public_key not in self.held:
            raise MalformedKey(f"{public_key.key_id} is missing")
        return self.held[public_key]

    def make_signer(self, algorithm: Algorithm) -> AnySigner:
        if algorithm is Algorithm.ED25519:
            classic = FileSigner(generate_signing_key())
            self.held[classic.public_key] = classic
            return classic
        post_quantum = MlDsaFileSigner(generate_mldsa_key())
        self.held[post_quantum.public_key] = post_quantum
        return post_quantum
