"""The receipt for what an agency's person hands in at a post office counter (giấy biên nhận bưu gửi).

The giver takes it along: every code that was taken in as a barcode, and below them what was given back, with
the reason. It names the entry, so that paper and log can be compared years later. It must never show what an
item contains, nor of a seal more than the cover does. Pure: same data, same bytes.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData
from reports.list_paper import ListPaper, render_list
from reports.model import MAX_NAME
from reports.official import ROOM, paper_time

_EDGES = (0.0, 12.0, 80.0, 95.0, 125.0, ROOM)
_HEADERS = ("TT", "Mã bưu gửi", "Dấu", "Số đăng ký", "Kết quả")
_HASH_DIGITS = 64
_LONGEST_CODE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class HandInLine:
    """One code; `reason` is why it was given back, "" where it was taken in."""

    code: str
    mark: str = ""
    urgency: str = ""
    register_number: str = ""
    pieces: int = 1
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandInReceipt:
    """One list; `letter` is the number of the letter of introduction, "" where none was asked for."""

    code: str
    office: str
    agency: str
    giver: str
    giver_position: str
    letter: str
    clerk: str
    taken_at: datetime
    lines: tuple[HandInLine, ...]
    entry_hash: str
    origin: str

    def __post_init__(self) -> None:
        if not any(not line.reason for line in self.lines):
            raise InvalidReportData("lines", "must hold at least one item that was taken in")
        if len(self.entry_hash) != _HASH_DIGITS or not 0 < len(self.code) <= _LONGEST_CODE:
            raise InvalidReportData("entry_hash", "must be 64 hexadecimal digits, and the code short")
        if any(len(text) > MAX_NAME for text in (self.office, self.agency, self.giver, self.clerk)):
            raise InvalidReportData("text", f"must be at most {MAX_NAME} characters")
        if self.taken_at.utcoffset() is None:
            raise InvalidReportData("taken_at", "must carry its time zone")

    @property
    def qr(self) -> str:
        """What the symbol says: the receipt's code and the hash of the entry that proves it."""
        return f"{self.code}|entry|{self.entry_hash}"


def render_hand_in(data: HandInReceipt) -> bytes:
    """Return the receipt as a PDF of as many A4 pages as it needs; the same data gives the same bytes."""
    taken = [line for line in data.lines if not line.reason]
    returned = [line for line in data.lines if line.reason]
    giver = ", ".join(part for part in (data.giver, data.giver_position) if part)
    count = f"nhận {len(taken)}" + (f", trả lại {len(returned)} (cơ quan tiếp tục giữ)" if returned else "")
    return render_list(
        ListPaper(
            name="Giấy biên nhận KT1",
            heading=data.office,
            title="GIẤY BIÊN NHẬN BƯU GỬI KT1",
            about=f"{data.agency} gửi tại quầy {data.office}",
            day=data.taken_at,
            code=data.code,
            qr=data.qr,
            facts=(
                ("Cơ quan gửi", data.agency),
                ("Người gửi", giver),
                ("Giấy giới thiệu", f"số {data.letter}" if data.letter else "không yêu cầu"),
                ("Bưu cục nhận gửi", data.office),
                ("Người nhận gửi", data.clerk),
                ("Nhận gửi lúc", paper_time(data.taken_at)),
                ("Số bưu gửi", count),
            ),
            headers=_HEADERS,
            edges=_EDGES,
            rows=tuple(_row(number, line) for number, line in enumerate((*taken, *returned), start=1)),
            signers=(("NGƯỜI GỬI", data.giver), ("NGƯỜI NHẬN GỬI", data.clerk)),
            foot=f"{data.origin} · SHA-256 của bản ghi {data.entry_hash}",
            bars=len(taken),
        )
    )


def _row(number: int, line: HandInLine) -> tuple[str, ...]:
    if line.reason:
        return (str(number), line.code, "", "", f"Trả lại: {line.reason}")
    pieces = f"Nhận, {line.pieces} bì" + (f", {line.urgency}" if line.urgency else "")
    return (str(number), line.code, line.mark, line.register_number, pieces)
