"""What stands on minutes of a list: what was looked at, what every code came to, and who signed where.

Plain values; the words come from whoever fills it. Nothing of an item but its code may stand on it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData

_DIGEST = re.compile(r"[0-9a-f]{64}")
MOST_LINES = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedEntry:
    """One entry of the log that proves a part of it: who did what, and the entry's number, time and hash."""

    what: str
    who: str
    index: int
    at: datetime
    leaf: str

    def __post_init__(self) -> None:
        if _DIGEST.fullmatch(self.leaf) is None:
            raise InvalidReportData("leaf", "must be a SHA-256 in hex")


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """One place to sign: its caption, and the name under it."""

    caption: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListMinutes:
    """Minutes of a list: codes with what each came to. `digest` is what the log states of them."""

    title: str
    about: str
    issuer: str
    code: str
    day: datetime
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    totals: str
    entries: tuple[SignedEntry, ...]
    signers: tuple[Signer, Signer]
    digest: str
    origin: str

    def __post_init__(self) -> None:
        if _DIGEST.fullmatch(self.digest) is None:
            raise InvalidReportData("digest", "must be a SHA-256 in hex")
        if self.day.tzinfo is None:
            raise InvalidReportData("day", "must be aware")
        if len(self.lines) > MOST_LINES:
            raise InvalidReportData("lines", f"must be at most {MOST_LINES}")

    @property
    def qr(self) -> str:
        """What the QR says: whose minutes, and the digest that the log must state."""
        return f"{self.code}|{self.digest}"
