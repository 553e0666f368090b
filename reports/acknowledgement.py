"""The slip that goes back to the sender: one A4 page, of four kinds (báo phát, chuyển hoàn...).

It names offices, ids and times, shows A, B or C as the envelope did, and carries its own code with control
letters, by which the sender files it. It must never show what an item contains or for whom inside an agency.
"""

from reports.acknowledgement_model import Acknowledgement, AcknowledgementKind
from reports.label_face import draw_code128, draw_qr
from reports.layout import BOLD, REGULAR, Box
from reports.model import OuterMark
from reports.official import (
    LEFT,
    RIGHT,
    ROOM,
    WIDTH,
    Heading,
    draw_footer,
    draw_heading,
    draw_pairs,
    draw_paragraph,
    draw_signature,
    draw_title,
    open_page,
    paper_time,
)
from reports.pen import Pen
from reports.symbols import code128_width

_MODULE_MM = 0.375
_TITLES = {
    AcknowledgementKind.DELIVERED: "PHIẾU BÁO PHÁT",
    AcknowledgementKind.RETURNED: "PHIẾU BÁO CHUYỂN HOÀN",
    AcknowledgementKind.UNDELIVERED: "PHIẾU BÁO KHÔNG PHÁT ĐƯỢC",
    AcknowledgementKind.DESTROYED: "PHIẾU BÁO TIÊU HỦY",
}
_SAYS = {
    AcknowledgementKind.DELIVERED: "Cơ quan nhận đã nhận đủ bưu gửi này, bì và niêm phong nguyên vẹn.",
    AcknowledgementKind.RETURNED: "Bưu gửi dưới đây đã được chuyển hoàn cho cơ quan gửi.",
    AcknowledgementKind.UNDELIVERED: "Bưu gửi dưới đây chưa phát được và vẫn do bưu điện giữ.",
    AcknowledgementKind.DESTROYED: "Cơ quan nhận báo bưu gửi dưới đây đã được tiêu hủy theo quy định.",
}
_SIGNED_BY = {
    AcknowledgementKind.DELIVERED: ("BƯU TÁ", "CƠ QUAN NHẬN"),
    AcknowledgementKind.RETURNED: ("BƯU ĐIỆN", "CƠ QUAN GỬI"),
    AcknowledgementKind.UNDELIVERED: ("BƯU TÁ", "BƯU ĐIỆN"),
    AcknowledgementKind.DESTROYED: ("NGƯỜI CHỨNG KIẾN", "CƠ QUAN NHẬN"),
}


def render_acknowledgement(data: Acknowledgement) -> bytes:
    """Return the slip as a PDF; the same data gives the same bytes."""
    pen = open_page(f"{_TITLES[data.kind]} {data.item_code}")
    heading = Heading(issuer=data.office, number="", locality="", day=data.printed_at)
    top = draw_title(pen, _TITLES[data.kind], "Bưu gửi KT1", draw_heading(pen, heading))
    top = draw_paragraph(pen, _SAYS[data.kind], top)
    top = draw_pairs(pen, _facts(data), top)
    top = _draw_codes(pen, data, top + 2)
    first, second = _SIGNED_BY[data.kind]
    draw_signature(pen, first, "", top, middle=LEFT + ROOM * 0.24)
    end = draw_signature(pen, second, "", top)
    draw_paragraph(
        pen,
        "Gửi phiếu này về cơ quan gửi. Mã kiểm tra chỉ để đối chiếu với sổ, không phải chữ ký số.",
        end + 6,
    )
    draw_footer(
        pen, f"{data.code} · In bởi {data.printed_by}, {data.position}, {paper_time(data.printed_at)}"
    )
    pen.next_page()
    return pen.finish()


def _facts(data: Acknowledgement) -> tuple[tuple[str, str], ...]:
    ended = {
        AcknowledgementKind.DELIVERED: "Phát lúc",
        AcknowledgementKind.RETURNED: "Hoàn lúc",
        AcknowledgementKind.UNDELIVERED: "Kết thúc lúc",
        AcknowledgementKind.DESTROYED: "Đã phát lúc",
    }[data.kind]
    return (
        ("Mã bưu gửi", data.item_code),
        ("Dấu ngoài bì", "" if data.mark is OuterMark.NONE else data.mark.value),
        ("Số trong sổ đi", data.register_number),
        ("Số lượng", f"{data.pieces} gói"),
        ("Cơ quan gửi", data.sender.name),
        ("Cơ quan nhận", data.recipient.name),
        ("Địa chỉ nhận", data.recipient.address),
        ("Bưu điện nhận lúc", paper_time(data.accepted_at)),
        ("Phát lần đầu lúc", paper_time(data.first_attempt_at)),
        ("Số lần không thành công", str(data.attempts)),
        (ended, paper_time(data.closed_at)),
    )


def _draw_codes(pen: Pen, data: Acknowledgement, top: float) -> float:
    bars = Box(left=LEFT, top=top + 6, width=code128_width(data.code) * _MODULE_MM, height=16)
    draw_code128(pen, bars, data.code, _MODULE_MM)
    pen.text((LEFT, bars.bottom + 5), data.code, BOLD, 12)
    square = Box(left=WIDTH - RIGHT - 36, top=top, width=36, height=30)
    draw_qr(pen, square, data.qr)
    pen.text((square.left + 18, square.bottom + 4), "Mã kiểm tra", REGULAR, 9, align="centre")
    for number, line in enumerate(data.control):
        pen.text((square.left + 18, square.bottom + 8.5 + number * 4.5), line, BOLD, 9, align="centre")
    return square.bottom + 16
