"""The receipt on a page of its own at the end of a handover slip: one QR code that proves itself offline.

The code holds the `.tlog-proof` byte for byte (docs/formats/proof.md), so whoever has the paper and the entry
needs nothing of ours. It must never be cut into several codes: a lost one would make the rest worthless.
"""

from reports.label_face import draw_qr
from reports.layout import BOLD, MM_PER_POINT, REGULAR, Box, fit
from reports.model import NoReceipt, SlipData
from reports.pen import Pen

# 157 modules and the quiet zone at 0.5 mm: four dots of a 203 dpi printer, and still read by a phone.
_SIDE_MM = 86.0
_MISSING = {
    NoReceipt.WAITING: "Biên nhận đang chờ nhân chứng",
    NoReceipt.UNWITNESSED: "Chưa có nhân chứng, không có biên nhận",
    NoReceipt.TOO_LONG: "Biên nhận quá dài để in, hãy tải tệp",
    NoReceipt.BROKEN: "Không cấp biên nhận: báo kiểm tra viên",
}


def receipt_note(data: SlipData, pages: int) -> str:
    """Return what every page says of the receipt."""
    return f"Biên nhận: mã QR ở trang {pages}" if data.receipt else _MISSING[data.no_receipt]


def draw_receipt(pen: Pen, box: Box, data: SlipData, *, body: float) -> None:
    """Draw the receipt's heading, its code and what to do with it, from the top of the box."""
    middle, line = box.left + box.width / 2, body * 1.4 * MM_PER_POINT
    pen.text((middle, box.top + line), "BIÊN NHẬN CỦA NHẬT KÝ", BOLD, body * 1.2, align="centre")
    code = Box(left=middle - _SIDE_MM / 2, top=box.top + line * 1.4, width=_SIDE_MM, height=_SIDE_MM)
    draw_qr(pen, code, data.receipt, level="M")
    top = code.bottom + line * 0.2
    texts = (
        f"Mục {data.entry_index} của nhật ký {data.origin}, các nhân chứng đã xác nhận.",
        (
            "Đọc mã bằng máy quét, lưu đúng từng byte thành tệp .tlog-proof,"
            " rồi kiểm không cần mạng cùng bản ghi và tệp khóa: kt1-verify.pyz verify-receipt."
        ),
    )
    for text in texts:
        room = Box(left=box.left, top=top, width=box.width, height=line * 2)
        top = pen.block(fit(text, REGULAR, body * 0.9, room), (middle, top), align="centre")
