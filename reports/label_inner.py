"""The label of the inner envelope of an item whose outer mark is A.

The rules ask there for the document's number and symbol, the receiver's name and, when only the named
person may open it, that notice; the agency puts its stamps on by hand, so the label leaves room and prints
no class word itself. It must never carry a machine-readable symbol: an inner envelope is not the item.
"""

from reports.label_face import draw_party, groups
from reports.layout import BOLD, REGULAR, Box, cap_height, fit
from reports.model import InnerLabelData
from reports.pen import Pen

NAMED_ONLY_NOTICE = "Chỉ người có tên mới được bóc bì"

_CAPTION = 6.5


def draw_inner(pen: Pen, data: InnerLabelData) -> None:
    """Draw one inner label of 105 by 148 mm with its top left corner at the pen's corner."""
    pen.text((5, 12), "BÌ TRONG", BOLD, 20)
    pen.text((100, 12), " ".join(groups(data.code)), BOLD, 10, align="right")
    pen.text((100, 8), "ĐẶT TRONG BÌ NGOÀI MANG MÃ", REGULAR, _CAPTION * 0.8, align="right")
    pen.line((5, 15), (100, 15), thickness=0.6)
    _captioned(pen, Box(left=5, top=17, width=95, height=14), "SỐ, KÝ HIỆU", data.document_numbers, 12)
    pen.line((5, 32.5), (100, 32.5))
    draw_party(pen, Box(left=5, top=35, width=95, height=16), "NƠI GỬI", data.sender, (_CAPTION, 10))
    pen.line((5, 52.5), (100, 52.5))
    draw_party(pen, Box(left=5, top=55, width=95, height=24), "NƠI NHẬN", data.recipient, (_CAPTION, 14))
    pen.line((5, 80.5), (100, 80.5))
    _captioned(pen, Box(left=5, top=83, width=95, height=12), "NGƯỜI NHẬN", data.receiver, 15)
    if data.named_only:
        place = Box(left=5, top=97, width=95, height=12)
        pen.fill(place)
        pen.text((52.5, 105), NAMED_ONLY_NOTICE, BOLD, 15, align="centre", white=True)
    _stamp_room(pen, Box(left=5, top=112, width=46, height=27), "Dấu chỉ mức độ, do cơ quan gửi đóng")
    _stamp_room(pen, Box(left=54, top=112, width=46, height=27), "Dấu niêm phong của cơ quan gửi")
    pen.text((100, 143), f"Nhãn in lần {data.print_number}", REGULAR, _CAPTION, align="right")


def _captioned(pen: Pen, box: Box, caption: str, text: str, size: float) -> None:
    pen.text((box.left, box.top + cap_height(_CAPTION)), caption, REGULAR, _CAPTION)
    top = box.top + cap_height(_CAPTION) + 1.2
    room = Box(left=box.left, top=top, width=box.width, height=box.bottom - top)
    pen.block(fit(text, BOLD, size, room), (room.left, room.top))


def _stamp_room(pen: Pen, box: Box, caption: str) -> None:
    pen.frame(box, thickness=0.2, gray=0.5)
    pen.text((box.left + box.width / 2, box.bottom - 1.5), caption, REGULAR, 6, align="centre")
