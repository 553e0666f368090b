"""The texts people write about an incident: sealed in the database, committed to in the log.

Each is bound to its incident and its step, so a blob copied elsewhere does not open. Who may read one is
asked before anything here is called (`incident_pages.py`).
"""

from dataclasses import dataclass

from app.domain.incident import Incident, IncidentNumber, IncidentStep
from app.services.items.sealed_texts import OpenedText, open_sealed
from app.storage.repositories.incident_queries import IncidentNote
from crypto.commitment import commit, pack_opening
from crypto.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedText:
    """A text as it is stored, and the digest by which the log knows it."""

    blob: bytes
    commitment: str


def text_context(number: IncidentNumber | str, step: int) -> str:
    """Return what binds a text to its place."""
    return f"incident/{number}/{step}"


def seal_text(
    incident: Incident, number: int, text: str, vault: Vault, *, label: IncidentStep = IncidentStep.OPENED
) -> SealedText | None:
    """Seal and commit to a text under the name of its step; None where nothing was written."""
    if not text:
        return None
    commitment = commit(label.value, text)
    blob = vault.seal(pack_opening(commitment, text), context=text_context(incident.number, number))
    return SealedText(blob=blob, commitment=commitment.digest)


def open_text(incident: Incident, note: IncidentNote, vault: Vault) -> OpenedText:
    """Return what was written at one step; raises VaultError if the blob was moved."""
    return open_sealed(note.text_sealed, vault, context=text_context(incident.number, note.number))


def first_note(incident: Incident, *, text: SealedText | None) -> IncidentNote:
    """Return the step that every incident begins with."""
    return note_of(incident, IncidentStep.OPENED, text=text, word=incident.kind.value)


def note_of(incident: Incident, step: IncidentStep, *, text: SealedText | None, word: str) -> IncidentNote:
    """Return the latest step of an incident as its first or only writer leaves it."""
    return IncidentNote(
        id=0,
        incident_id=incident.id,
        number=incident.steps,
        step=step,
        word=word,
        by=incident.opened_by,
        noted_at=incident.opened_at,
        text_sealed=None if text is None else text.blob,
        commitment="" if text is None else text.commitment,
    )
