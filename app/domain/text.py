"""Compare and clean Vietnamese text: one key for persons' names, one for searching, one door for input.

Everything stored is NFC. The keys are for comparing only and are never shown. This module must never
decide what a field means.
"""

import unicodedata

from app.domain.errors import InvalidInput, ProblemCode


def name_key(text: str) -> str:
    """Make two spellings of one person's name equal: NFC, casefold, single spaces. Tones still count."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def search_key(text: str) -> str:
    """Fold text for a tone-insensitive search: no marks, đ as d, casefolded, single spaces."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", bare).replace("đ", "d").split())


def parse_line(untrusted: str, *, field: str, longest: int, required: bool = False) -> str:
    """Accept one line of text: trimmed, NFC as it came, no control or format characters, bounded.

    NFD input is refused rather than repaired: what a person saw is what gets signed and committed to.
    """
    text = untrusted.strip(" ")
    if required and not text:
        raise InvalidInput(field, ProblemCode.REQUIRED)
    if len(text) > longest:
        raise InvalidInput(field, ProblemCode.TOO_LONG, params={"longest": longest})
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for letter in text):
        raise InvalidInput(field, ProblemCode.CONTROL_CHARACTER)
    if not unicodedata.is_normalized("NFC", text):
        raise InvalidInput(field, ProblemCode.NOT_NFC)
    return text


def parse_text(untrusted: str, *, field: str, longest: int, required: bool = False) -> str:
    """Accept a few lines of text, each as :func:`parse_line` accepts one; line ends are one newline each."""
    if len(untrusted) > 2 * longest:
        raise InvalidInput(field, ProblemCode.TOO_LONG, params={"longest": longest})
    lines = untrusted.replace("\r\n", "\n").split("\n")
    text = "\n".join(parse_line(line, field=field, longest=longest) for line in lines).strip("\n")
    if required and not text:
        raise InvalidInput(field, ProblemCode.REQUIRED)
    if len(text) > longest:
        raise InvalidInput(field, ProblemCode.TOO_LONG, params={"longest": longest})
    return text
