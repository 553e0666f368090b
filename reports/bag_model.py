"""What stands on a bag's tag and on its manifest: codes, offices, times; nothing of an item but its code."""

import re
from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData
from reports.model import MAX_NAME, Party, check_tail

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
MANIFEST_PREFIX = "BK"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """The place of a bag in its dispatch."""

    number: int
    year: int
    serial: int
    last: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BagTag:
    """The tag of one bag. `qr` is `code|key id|MAC`, `tail` the hidden tail that only the tag shows.

    Dispatch and weight are known once the bag is closed.
    """

    code: str
    qr: str
    tail: str
    asset: str
    origin: Party
    destination: Party
    dispatch: Dispatched | None
    weight_g: int | None
    printed_at: datetime

    def __post_init__(self) -> None:
        _check_code("code", self.code)
        if not self.qr.startswith(f"{self.code}|") or self.qr.count("|") != 2 or len(self.qr) > 64:
            raise InvalidReportData("qr", "must be code|key id|MAC in at most 64 characters")
        check_tail(self.tail)
        _check_names(self.asset, self.origin.name, self.destination.name)
        _check_aware("printed_at", self.printed_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class BagManifest:
    """A frozen manifest on paper. `seal` is "" for a bag whose seal is still to be read off the bag."""

    code: str
    asset: str
    origin: Party
    destination: Party
    dispatch: Dispatched
    seal: str
    weight_g: int
    closed_by: str
    position: str
    closed_at: datetime
    lines: tuple[str, ...]
    digest: str
    entry_note: str

    def __post_init__(self) -> None:
        _check_code("code", self.code)
        for line in self.lines:
            _check_code("lines", line)
        if not self.lines:
            raise InvalidReportData("lines", "must hold at least one code")
        if not _DIGEST.fullmatch(self.digest):
            raise InvalidReportData("digest", "must be 64 hexadecimal digits")
        _check_names(self.asset, self.seal, self.closed_by, self.position, self.entry_note)
        _check_aware("closed_at", self.closed_at)

    @property
    def manifest_code(self) -> str:
        """The code of the manifest itself, told from the bag's by its two letters."""
        return f"{MANIFEST_PREFIX}{self.code}"

    @property
    def qr(self) -> str:
        """What the symbol says: the manifest's code and the digest of its frozen bytes."""
        return f"{self.manifest_code}|sha256|{self.digest}"


def _check_code(field: str, text: str) -> None:
    if not _S10.fullmatch(text):
        raise InvalidReportData(field, "must be 13 characters of an S10 code")


def _check_names(*texts: str) -> None:
    if any(len(text) > MAX_NAME for text in texts):
        raise InvalidReportData("text", f"must be at most {MAX_NAME} characters")


def _check_aware(field: str, moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise InvalidReportData(field, "must carry its time zone")
