"""A request or an answer of the witness exchange as short texts, each of which fits one QR code.

Where there is no network, paper and a hand scanner carry the very bytes that HTTP would. A text holds only
characters of QR's alphanumeric mode, without space, so that a scanner that types loses none. The digest only
tells which texts belong together and that none is missing: it must never stand for a signature. Format:
docs/formats/witness.md.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable
from typing import Final

from audit.errors import MalformedNote
from audit.witness import MAX_REQUEST_BYTES
from crypto.digest import sha256

PREFIX: Final = "KT1W1"
MAX_PART_CHARACTERS: Final = 800
MAX_PARTS: Final = 999
_DIGEST_BYTES: Final = 15
_PART = re.compile(r"KT1W1/([1-9][0-9]{0,2})/([1-9][0-9]{0,2})/([A-Z2-7]{24})/([A-Z2-7]+)")


def split_parts(body: bytes) -> tuple[str, ...]:
    """Return the texts, each `KT1W1/<number>/<count>/<digest>/<data>`; the same body gives the same texts."""
    data = _b32encode(zlib.compress(body, 9))
    digest = _digest(body)
    room = MAX_PART_CHARACTERS - len(f"{PREFIX}/999/999/{digest}/")
    count = -(-len(data) // room)
    if count > MAX_PARTS:
        raise MalformedNote(f"more than {MAX_PARTS} codes would be needed: carry it as a file")
    # Pieces of like length make codes of one size.
    size = -(-len(data) // count)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return tuple(
        f"{PREFIX}/{number}/{len(pieces)}/{digest}/{piece}" for number, piece in enumerate(pieces, 1)
    )


def is_parts(untrusted: bytes) -> bool:
    """Tell texts that were scanned from the body itself."""
    return untrusted.lstrip().upper().startswith(f"{PREFIX}/".encode())


def join_parts(untrusted: bytes) -> bytes:
    """Put together texts scanned in any order, repeated or not, one a line; raises MalformedNote."""
    if len(untrusted) > 4 * MAX_REQUEST_BYTES:
        raise MalformedNote("more was scanned than one request can hold")
    lines = untrusted.decode("ascii", "replace").upper().split()
    found = [_read_line(line) for line in lines]
    sheets = {(count, digest) for _, count, digest, _ in found}
    if len(sheets) != 1:
        raise MalformedNote("the codes belong to more than one request or answer, or none was scanned")
    count, digest = sheets.pop()
    pieces: dict[int, str] = {}
    for number, _, _, piece in found:
        if pieces.setdefault(number, piece) != piece:
            raise MalformedNote(f"code {number} was scanned with two contents")
    missing = sorted(set(range(1, count + 1)) ^ set(pieces))
    if missing:
        raise MalformedNote(f"of {count} codes these are missing: {_listed(missing)}")
    body = _inflate(_b32decode("".join(pieces[number] for number in range(1, count + 1))))
    if _digest(body) != digest:
        raise MalformedNote("the codes do not make up what was printed: scan them again")
    return body


def read_carried(untrusted: bytes) -> bytes:
    """Return the body of a file that holds either the body itself or scanned texts; raises MalformedNote."""
    return join_parts(untrusted) if is_parts(untrusted) else untrusted


def _read_line(untrusted: str) -> tuple[int, int, str, str]:
    found = _PART.fullmatch(untrusted)
    if found is None:
        raise MalformedNote(f"a scanned line is not of this kind: {untrusted[:40]!r}")
    return int(found[1]), int(found[2]), found[3], found[4]


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data, MAX_REQUEST_BYTES)
    except zlib.error:
        raise MalformedNote("the codes do not make up what was printed: scan them again") from None
    if not inflater.eof or inflater.unused_data:
        raise MalformedNote("the codes hold more, or less, than one request can")
    return body


def _digest(body: bytes) -> str:
    return _b32encode(sha256(body)[:_DIGEST_BYTES])


def _b32encode(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _b32decode(text: str) -> bytes:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise MalformedNote("the codes do not make up what was printed: scan them again") from None


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)
