"""Decides whether a new password is good enough, and makes passwords that are.

NIST SP 800-63B-4: at least 15 characters when the password stands alone, long ones, spaces and Unicode
welcome, a blocklist, no composition rules, no periodic change. Never stores, logs or
returns a password it did not make, and never asks anybody outside.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.text import search_key
from app.services.people.weak_passwords import WORDS

SHORTEST = 15
LONGEST = 256
# One of a few hundred usual words is worth eight bits to a guesser, a letter of something unknown four. Six
# usual words in a row pass, three do not.
_WORD_BITS = 8
_LETTER_BITS = 4
_LEAST_BITS = 45
# Short words count only where they stand alone: `an` inside `banana` says nothing.
_INSIDE = 4
_LEAST_DISTINCT = 6
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")
# Neither 0/O nor 1/l/I: a generated password is read from a slip of paper once.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def normalise_password(untrusted: str) -> str:
    """Return one form of what was typed, whatever keyboard: NFC, as `crypto/passwords.py` hashes it."""
    return unicodedata.normalize("NFC", untrusted)


def check_password(untrusted: str, *, about: Iterable[str], field: str = "password") -> str:
    """Return the normalised password or raise InvalidInput: `too_short`, `too_long`, `weak_password`.

    `about` are texts a guesser would try first: user name, full name, the agency's names.
    """
    password = normalise_password(untrusted)
    if len(password) < SHORTEST:
        raise InvalidInput(field, ProblemCode.TOO_SHORT, params={"least": SHORTEST})
    if len(password) > LONGEST:
        raise InvalidInput(field, ProblemCode.TOO_LONG, params={"longest": LONGEST})
    if _is_guessable(password, about):
        raise InvalidInput(field, ProblemCode.WEAK_PASSWORD)
    return password


def generate_password() -> str:
    """Return 20 random characters in four groups: about 99 bits, typed in one go from a slip."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def _is_guessable(password: str, about: Iterable[str]) -> bool:
    if len(set(password)) < _LEAST_DISTINCT or _is_repetition(password):
        return True
    personal = {word for text in about for word in _words(text)}
    plain = search_key(password)
    # Read as typed, and with look-alike signs as letters: `m4tkh4u` is `matkhau`. The worse reading decides.
    readings = (plain, plain.translate(_LOOKALIKES))
    return min(_estimate_bits(reading, personal) for reading in readings) < _LEAST_BITS


def _estimate_bits(text: str, personal: set[str]) -> int:
    """Estimate how many bits a guesser must find who knows this person, the usual words and the keyboard."""
    rest = re.sub(r"[^a-z0-9]+", " ", text)
    found: set[str] = set()
    for word in sorted(WORDS | personal, key=len, reverse=True):
        pattern = word if len(word) >= _INSIDE else rf"\b{word}\b"
        rest, times = re.subn(pattern, " ", rest)
        # A word said twice is one word to guess, and the person's own name is none.
        if times and word not in personal:
            found.add(word)
    rest, runs = _drop_runs(re.sub(r"(.)\1{2,}", r"\1", rest))
    rest, years = re.subn(r"(?:19|20)\d\d", " ", rest)
    return _WORD_BITS * (len(found) + runs + years) + _LETTER_BITS * len(rest.replace(" ", ""))


def _drop_runs(text: str) -> tuple[str, int]:
    """Take out pieces of keyboard rows and of the alphabet, either way, of at least four characters."""
    runs = 0
    for line in (line for row in _ROWS for line in (row, row[::-1])):
        for length in range(len(line), 3, -1):
            for start in range(len(line) - length + 1):
                piece = line[start : start + length]
                runs += text.count(piece)
                text = text.replace(piece, " ")
    return text, runs


def _is_repetition(password: str) -> bool:
    """Tell whether a short piece is simply repeated: `abc12abc12abc12`."""
    return any(
        password == (password[:size] * len(password))[: len(password)]
        for size in range(1, len(password) // 2 + 1)
    )


def _words(text: str) -> set[str]:
    parts = re.findall(r"[a-z0-9]+", search_key(text))
    return {*parts, "".join(parts)}
