"""Rule on seal numbers: one form for the register, the import, the interface and the signed scan.

What a form accepts here, a device must be able to sign later, so the form is the one of the evidence itself.
This module must never decide whether an item may change hands: :mod:`app.domain.taking` does.
"""

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.text import parse_line
from audit.fields import SEAL

LONGEST_SEAL = 32
FIELD = "seal"


def parse_seal(untrusted: str) -> str:
    """Read a seal number, "" where none was given: printable ASCII in capitals, as evidence carries it."""
    text = parse_line(untrusted, field=FIELD, longest=LONGEST_SEAL)
    if SEAL.fullmatch(text) is None:
        raise InvalidInput(FIELD, ProblemCode.SEAL_NOT_PLAIN)
    return text.upper()


def seal_key(seal: str) -> str:
    """Compare seal numbers as they are read, not as they are typed: no spaces, no case."""
    return "".join(seal.split()).casefold()
