"""The notice that hangs at a closed counter: until when, why, since when, and where to go instead, on one A4.

Read from two steps away by whoever comes with something in hand. It must never tell what lies inside.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from reports.errors import InvalidReportData
from reports.label_face import draw_qr
from reports.layout import BOLD, ITALIC, REGULAR, VIETNAM_TIME, Box, fit
from reports.official import (
    HEIGHT,
    LEFT,
    RIGHT,
    ROOM,
    WIDTH,
    Heading,
    draw_heading,
    draw_pairs,
    draw_paragraph,
    draw_signature,
    open_page,
    paper_time,
)
from reports.pen import Pen

_LONGEST_CODE = 40
_SQUARE = 30.0
_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_RULE = (
    "Trong lúc quầy đóng không giao, không nhận và không để lại bưu gửi KT1 tại đây."
    " Ai đang cầm bưu gửi thì giữ nguyên trong tay cho đến khi có người ký nhận."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionNoticePaper:
    """What the notice says; `instead` is the office to go to meanwhile, "" for none, `note` may be empty."""

    code: str
    office: str
    address: str
    reason: str
    note: str
    closed_at: datetime
    expected_at: datetime
    instead: str
    instead_address: str
    by: str

    def __post_init__(self) -> None:
        for name in ("closed_at", "expected_at"):
            if getattr(self, name).utcoffset() is None:
                raise InvalidReportData(name, "must carry its time zone")
        if not 0 < len(self.code) <= _LONGEST_CODE:
            raise InvalidReportData("code", f"must be 1 to {_LONGEST_CODE} characters")

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The small lines, in the order in which they are asked for."""
        found = [("Đóng từ", paper_time(self.closed_at)), ("Lý do", self.reason)]
        if self.note:
            found.append(("Ghi chú", self.note))
        if self.instead:
            place = f"{self.instead}, {self.instead_address}" if self.instead_address else self.instead
            found.append(("Giao nhận thay tại", place))
        return (*found, ("Số giấy báo", self.code))

    @property
    def digest(self) -> str:
        """SHA-256 of what is printed, so that paper and system can be compared."""
        said = (self.office, self.by, paper_time(self.expected_at), *(f"{a}: {b}" for a, b in self.facts))
        return sha256("\n".join(said).encode()).hexdigest()


def render_section_notice(data: SectionNoticePaper) -> bytes:
    """Return the notice as a PDF; the same data gives the same bytes."""
    pen = open_page(f"Giấy báo đóng quầy {data.code}")
    heading = Heading(issuer=data.office, number="", locality="", day=data.closed_at)
    top = draw_heading(pen, heading) + 6
    middle = LEFT + ROOM / 2
    pen.text((middle, top + 8), "GIẤY BÁO ĐÓNG QUẦY KT1", BOLD, 24, align="centre")
    if data.address:
        box = Box(left=LEFT, top=top + 12, width=ROOM, height=8)
        pen.block(fit(data.address, REGULAR, 12, box), (middle, box.top), align="centre")
    top = _draw_return(pen, data, top + 24)
    top = draw_pairs(pen, data.facts, top + 8)
    top = draw_paragraph(pen, _RULE, top + 3, font=BOLD)
    draw_signature(pen, "NGƯỜI ĐÓNG QUẦY", data.by, top + 4)
    square = Box(left=LEFT, top=top + 8, width=_SQUARE, height=_SQUARE)
    draw_qr(pen, square, f"{data.code}|sha256|{data.digest}", level="M")
    _draw_foot(pen, data)
    pen.next_page()
    return pen.finish()


def _draw_return(pen: Pen, data: SectionNoticePaper, top: float) -> float:
    """Draw the one thing that everybody wants to know, as large as the page allows."""
    middle, moment = LEFT + ROOM / 2, data.expected_at.astimezone(VIETNAM_TIME)
    frame = Box(left=LEFT, top=top, width=ROOM, height=62)
    pen.frame(frame, thickness=1.0)
    pen.text((middle, top + 12), "HẸN MỞ LẠI LÚC", BOLD, 18, align="centre")
    pen.text((middle, top + 38), f"{moment:%H:%M}", BOLD, 76, align="centre")
    day = f"{_DAYS[moment.weekday()]}, ngày {moment:%d/%m/%Y}"
    pen.text((middle, top + 54), day, BOLD, 22, align="centre")
    return frame.bottom


def _draw_foot(pen: Pen, data: SectionNoticePaper) -> None:
    box = Box(left=LEFT, top=HEIGHT - 12, width=WIDTH - LEFT - RIGHT, height=7)
    pen.block(fit(f"{data.code} · SHA-256 {data.digest}", ITALIC, 7, box), (box.left, box.top))
