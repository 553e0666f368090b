"""Opens what people wrote about an incident, a hold or an error; it may have gone down with a lost database.

Who may read a text is asked before anything here is called.
"""

from dataclasses import dataclass

from app.services.items.sealed_fields import LOST, is_held
from crypto.commitment import unpack_opening
from crypto.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedText:
    """A text, "" where none was written; `is_lost` where one was, and only its commitment came back."""

    text: str = ""
    is_lost: bool = False


def open_sealed(blob: bytes | None, vault: Vault, *, context: str) -> OpenedText:
    """Return what was written; raises VaultError if the blob was moved."""
    if blob == LOST:
        return OpenedText(is_lost=True)
    if not is_held(blob):
        return OpenedText()
    return OpenedText(text=unpack_opening(vault.open(blob, context=context)).value)


def reseal_text(blob: bytes | None, vault: Vault, *, context: str) -> bytes | None:
    """Return a text under the vault's active key; None where there is nothing to do."""
    return vault.reseal(blob, context=context) if is_held(blob) else None
