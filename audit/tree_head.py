"""The text of a checkpoint (C2SP tlog-checkpoint): whose tree, how many entries, which root.

Parsing says nothing about truth: a tree head counts only if `audit.checkpoint` took it from a verified note.
It must never be written in two ways: no leading zeros, strict base64. Format: docs/formats/checkpoint.md.
"""

import re
from dataclasses import dataclass

from audit.errors import MalformedNote
from audit.merkle import EMPTY_ROOT, HASH_LENGTH, MAX_SIZE
from crypto.digest import b64decode, b64encode
from crypto.errors import MalformedEncoding

MAX_ORIGIN_BYTES = 255
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """`size` entries of the log `origin` have the RFC 6962 root `root` (32 bytes). Raises MalformedNote."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be written and read back as the same text."""
        check_origin(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_LENGTH:
            raise MalformedNote("a tree has 0 to 2^63-1 entries and a root of 32 bytes")
        if any(not line or "\n" in line for line in self.extensions):
            raise MalformedNote("an extension line is not empty")

    def to_text(self) -> str:
        """Return the note text, each line with its newline."""
        lines = (self.origin, str(self.size), b64encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def is_hollow(self) -> bool:
        """Say whether this is a tree without entries under a root that is not the one of nothing."""
        return self.size == 0 and self.root != EMPTY_ROOT


def check_origin(untrusted: str) -> None:
    """Raise MalformedNote unless this can be an origin line: 1 to 255 bytes without control characters."""
    if not untrusted or len(untrusted.encode(errors="replace")) > MAX_ORIGIN_BYTES:
        raise MalformedNote(f"an origin has 1 to {MAX_ORIGIN_BYTES} bytes")
    if any(letter < " " for letter in untrusted):
        raise MalformedNote("an origin has no control character")


def parse_tree_head(untrusted: str) -> TreeHead:
    """Read the text of a checkpoint; raises MalformedNote."""
    if not untrusted.endswith("\n"):
        raise MalformedNote("a checkpoint ends in a newline")
    lines = untrusted[:-1].split("\n")
    if len(lines) < 3:
        raise MalformedNote("a checkpoint has an origin, a size and a root")
    return TreeHead(
        origin=lines[0],
        size=parse_decimal(lines[1]),
        root=parse_hash(lines[2]),
        extensions=tuple(lines[3:]),
    )


def parse_decimal(untrusted: str) -> int:
    """Read a size or an index: decimal, no sign, no leading zero, at most 2^63-1; raises MalformedNote."""
    if not _DECIMAL.fullmatch(untrusted) or int(untrusted) > MAX_SIZE:
        raise MalformedNote("a number is decimal, without leading zeros, at most 2^63-1")
    return int(untrusted)


def parse_hash(untrusted: str) -> bytes:
    """Read 32 bytes of strict base64; raises MalformedNote."""
    try:
        hashed = b64decode(untrusted)
    except MalformedEncoding as error:
        raise MalformedNote(f"a hash: {error}") from None
    if len(hashed) != HASH_LENGTH:
        raise MalformedNote("a hash is 32 bytes")
    return hashed
