"""Rule on codes that were keyed in by hand: read twice, with a reason, by two persons where that is asked.

A typed code proves much less than a scanned one, so it is an event of its own before it is anything else.
Nothing here may look anything up or read a clock.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Final

from app.domain.access import Actor, Permission, may
from app.domain.decision import Refusal, first_of
from app.domain.ids import UnitId
from app.domain.unpacking import find_witness_refusal
from app.domain.witness import Witness
from audit.evidence import ActLine, EntryMode, Line, Mark, TakeLine, TakeReason

# Long enough to walk from the shelf to the counter and sign the list, too short to keep codes in store.
GOOD_FOR: Final = timedelta(minutes=15)


def bare(reading: str) -> str:
    """Return a code as it is compared: capitals, letters and digits, without a label's proof or its tail."""
    head = unicodedata.normalize("NFKC", reading).partition("|")[0].upper().replace(" ", "")
    return head.partition("-")[0]


def is_asked(line: Line) -> bool:
    """Whether a line must have been keyed in: it was typed, and says that the thing is there.

    What is not there is named from a list on the screen; nobody reads its code off anything.
    """
    if line.entry is not EntryMode.TYPED:
        return False
    if isinstance(line, TakeLine):
        return line.reason is not TakeReason.NOT_PRESENT
    return not (isinstance(line, ActLine) and line.mark == Mark.MISSING)


def serves(keyed_at: datetime, said_at: datetime) -> bool:
    """Whether a code keyed in then may be used in a statement of now, both by the devices' own times."""
    return timedelta() <= said_at - keyed_at <= GOOD_FOR


def find_key_in_refusal(
    first: str, again: str, actor: Actor, place: UnitId | None, *, is_known: bool
) -> Refusal | None:
    """Find why a code cannot be keyed in by this person here."""
    return first_of(
        (not actor.active or not may(actor.role, Permission.SCAN), Refusal.ROLE_NOT_ALLOWED),
        (place is None, Refusal.WRONG_PLACE),
        (bare(first) != bare(again), Refusal.READINGS_DIFFER),
        (not is_known, Refusal.UNKNOWN_CODE),
    )


def find_reader_refusal(witness: Witness | None, actor: Actor, *, is_required: bool) -> Refusal | None:
    """Find why the second reader does not count: asked for and absent, or named and not who they must be."""
    if witness is None:
        return Refusal.WITNESS_REQUIRED if is_required else None
    return find_witness_refusal(witness, actor)
