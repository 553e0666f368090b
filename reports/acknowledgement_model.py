"""What stands on a slip that goes back to the sender: ids, offices, times; never what an item contains."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.errors import InvalidReportData
from reports.model import MAX_NAME, OuterMark, Party

_SLIP_SHAPE = re.compile(r"[A-Z]{2}[A-Z]{2}[0-9]{9}[A-Z]{2}")


class AcknowledgementKind(StrEnum):
    """Which slip; the four never stand for one another."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    UNDELIVERED = "undelivered"
    DESTROYED = "destroyed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """One slip. `code` is its own code, `qr` the text with its MAC: `code|key id|MAC`."""

    kind: AcknowledgementKind
    code: str
    qr: str
    item_code: str
    mark: OuterMark
    sender: Party
    recipient: Party
    office: str
    register_number: str
    pieces: int
    accepted_at: datetime | None
    first_attempt_at: datetime | None
    attempts: int
    closed_at: datetime | None
    printed_by: str
    position: str
    printed_at: datetime

    def __post_init__(self) -> None:
        if not _SLIP_SHAPE.fullmatch(self.code) or not self.code.endswith(self.item_code):
            raise InvalidReportData("code", "must be two letters and the code of the item")
        if not self.qr.startswith(f"{self.code}|") or self.qr.count("|") != 2 or len(self.qr) > 90:
            raise InvalidReportData("qr", "must be code|key id|MAC in at most 90 characters")
        for field in ("office", "printed_by", "position"):
            if len(getattr(self, field)) > MAX_NAME:
                raise InvalidReportData(field, f"must be at most {MAX_NAME} characters")
        if self.printed_at.utcoffset() is None:
            raise InvalidReportData("printed_at", "must carry its time zone")

    @property
    def control(self) -> tuple[str, str]:
        """What a person types where there is no scanner, in two lines: key id, then the MAC in fours."""
        _, key, mac = self.qr.split("|")
        return key.upper(), " ".join(mac[at : at + 4] for at in range(0, len(mac), 4))
