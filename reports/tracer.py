"""The tracer letter (công văn tra cứu): one official page that asks an office what became of an item.

It names ids, offices and times and what is asked, and carries its own code for a scanner. The places of
signature and seal stay blank. It must never say what an item contains, or for whom inside an agency.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.errors import InvalidReportData
from reports.label_face import draw_code128
from reports.layout import BOLD, REGULAR, Box, fit
from reports.model import MAX_NAME, OuterMark
from reports.official import (
    LEFT,
    ROOM,
    Heading,
    draw_footer,
    draw_heading,
    draw_pairs,
    draw_paragraph,
    draw_recipients,
    draw_signature,
    open_page,
    paper_time,
)
from reports.pen import Pen
from reports.symbols import code128_width

_CODE_SHAPE = re.compile(r"[A-Z0-9.-]{4,40}")
_MODULE_MM = 0.3


class Asked(StrEnum):
    """What the letter asks about."""

    DELIVERY = "delivery"
    ACKNOWLEDGEMENT = "acknowledgement"


_SUBJECT = {
    Asked.DELIVERY: "V/v tra cứu bưu gửi KT1 quá hạn phát",
    Asked.ACKNOWLEDGEMENT: "V/v tra cứu phiếu báo phát bưu gửi KT1",
}
_BODY = {
    Asked.DELIVERY: (
        "Bưu gửi KT1 dưới đây đã quá thời hạn phát mà chưa có lần phát nào được ghi nhận."
        " Theo sổ giao nhận, quý đơn vị đang giữ bưu gửi."
    ),
    Asked.ACKNOWLEDGEMENT: (
        "Bưu gửi KT1 dưới đây đã được phát cho quý cơ quan nhưng phiếu báo phát chưa về đến nơi gửi."
    ),
}
_ASK = {
    Asked.DELIVERY: "Đề nghị quý đơn vị kiểm tra, cho biết bưu gửi hiện ở đâu và phát ngay",
    Asked.ACKNOWLEDGEMENT: "Đề nghị quý cơ quan kiểm tra, gửi trả phiếu báo phát hoặc cho biết lý do",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TracerLetter:
    """One letter. `number` stands under the agency, `code` is what a scanner reads."""

    asked: Asked
    number: str
    code: str
    issuer: str
    to: str
    item_code: str
    mark: OuterMark
    sender: str
    recipient: str
    accepted_at: datetime | None
    delivered_at: datetime | None
    due_at: datetime | None
    raised_at: datetime
    answer_due_at: datetime
    origin: str

    def __post_init__(self) -> None:
        for field in ("issuer", "to", "sender", "recipient"):
            if not getattr(self, field).strip() or len(getattr(self, field)) > MAX_NAME:
                raise InvalidReportData(field, f"must be 1 to {MAX_NAME} characters")
        if not _CODE_SHAPE.fullmatch(self.code):
            raise InvalidReportData("code", "must be capitals, digits, dots and dashes")
        for moment in (self.raised_at, self.answer_due_at):
            if moment.utcoffset() is None:
                raise InvalidReportData("raised_at", "must carry its time zone")


def render_tracer(data: TracerLetter) -> bytes:
    """Return the letter as a PDF; the same data gives the same bytes."""
    pen = open_page(f"{_SUBJECT[data.asked]} {data.item_code}")
    heading = Heading(issuer=data.issuer, number=data.number, locality="", day=data.raised_at)
    top = _draw_subject(pen, _SUBJECT[data.asked], draw_heading(pen, heading))
    top = draw_paragraph(pen, f"Kính gửi: {data.to}", top + 4, font=BOLD)
    top = draw_paragraph(pen, _BODY[data.asked], top + 2)
    top = draw_pairs(pen, _facts(data), top)
    ask = f"{_ASK[data.asked]}, trả lời trước {paper_time(data.answer_due_at)} (giờ Việt Nam)./."
    top = draw_paragraph(pen, ask, top)
    top = _draw_code(pen, data.code, top + 2)
    draw_recipients(pen, ("Như trên", "Lưu: VT"), top)
    draw_signature(pen, "THỦ TRƯỞNG CƠ QUAN", "", top)
    draw_footer(pen, f"{data.code} · {data.origin}")
    pen.next_page()
    return pen.finish()


def _draw_subject(pen: Pen, subject: str, top: float) -> float:
    width = ROOM * 0.42
    box = Box(left=LEFT, top=top - 4, width=width, height=12)
    return pen.block(fit(subject, REGULAR, 11, box), (LEFT + width / 2, box.top), align="centre")


def _facts(data: TracerLetter) -> tuple[tuple[str, str], ...]:
    return (
        ("Mã bưu gửi", data.item_code),
        ("Dấu ngoài bì", "" if data.mark is OuterMark.NONE else data.mark.value),
        ("Cơ quan gửi", data.sender),
        ("Cơ quan nhận", data.recipient),
        ("Bưu điện nhận lúc", paper_time(data.accepted_at)),
        ("Đã phát lúc", paper_time(data.delivered_at)),
        ("Hạn", paper_time(data.due_at)),
    )


def _draw_code(pen: Pen, code: str, top: float) -> float:
    bars = Box(left=LEFT, top=top, width=code128_width(code) * _MODULE_MM, height=14)
    draw_code128(pen, bars, code, _MODULE_MM)
    pen.text((LEFT, bars.bottom + 4.5), code, REGULAR, 9)
    return bars.bottom + 9
