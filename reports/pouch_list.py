"""A return of empty pouches on paper (phiếu trả vỏ túi): what one office sends back to another.

It goes with the pouches; after the answer it says of each what came. Pure: same data, same bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData
from reports.list_paper import ListPaper, render_list
from reports.model import MAX_NAME
from reports.official import ROOM, paper_time

_EDGES = (0.0, 14.0, 92.0, ROOM)
_HEADERS = ("TT", "Số vỏ túi", "Nơi nhận trả lời")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class PouchListPaper:
    """One return. `lines` are number and answer, "" before it; `digest` is of the sent numbers.

    The digest is SHA-256 of the numbers, sorted, each with a line feed.
    """

    code: str
    sender: str
    receiver: str
    sent_by: str
    sent_at: datetime
    received_by: str
    received_at: datetime | None
    lines: tuple[tuple[str, str], ...]
    digest: str
    entry_note: str
    cancelled_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.lines:
            raise InvalidReportData("lines", "must hold at least one pouch")
        if not _DIGEST.fullmatch(self.digest) or not 0 < len(self.code) <= _LONGEST:
            raise InvalidReportData("digest", "must be 64 hexadecimal digits, and the code short")
        if any(len(text) > MAX_NAME for text in (self.sender, self.receiver, self.sent_by, self.received_by)):
            raise InvalidReportData("text", f"must be at most {MAX_NAME} characters")
        for moment in (self.sent_at, self.received_at, self.cancelled_at):
            if moment is not None and moment.utcoffset() is None:
                raise InvalidReportData("sent_at", "must carry its time zone")

    @property
    def qr(self) -> str:
        """What the symbol says: the list's code and the digest of what was sent."""
        return f"{self.code}|sha256|{self.digest}"


def render_pouch_list(data: PouchListPaper) -> bytes:
    """Return the list as a PDF; the same data gives the same bytes."""
    return render_list(
        ListPaper(
            name="Phiếu trả vỏ túi KT1",
            heading=data.sender,
            title="PHIẾU TRẢ VỎ TÚI KT1",
            about=f"{data.sender} trả {data.receiver}",
            day=data.sent_at,
            code=data.code,
            qr=data.qr,
            facts=(
                ("Nơi gửi", data.sender),
                ("Nơi nhận", data.receiver),
                ("Người gửi", data.sent_by),
                ("Gửi lúc", paper_time(data.sent_at)),
                *_end(data),
            ),
            headers=_HEADERS,
            edges=_EDGES,
            rows=tuple((str(number), *line) for number, line in enumerate(data.lines, start=1)),
            signers=(("NGƯỜI GỬI", data.sent_by), ("NGƯỜI NHẬN", data.received_by)),
            foot=f"SHA-256 {data.digest} · {data.entry_note}",
        )
    )


def _end(data: PouchListPaper) -> tuple[tuple[str, str], ...]:
    """Say who answered it and when, or that it was taken back and is worth nothing."""
    if data.cancelled_at is not None:
        return (("ĐÃ HỦY", f"{paper_time(data.cancelled_at)}; không ký nhận"),)
    return (("Người nhận", data.received_by or "chưa ký nhận"), ("Nhận lúc", paper_time(data.received_at)))
