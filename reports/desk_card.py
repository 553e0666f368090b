"""The card that lies on a scan desk: the station's commands and the desk's own unit, to be scanned.

It must never hold a command that signs or a code of a consignment: it lies about for all.
"""

from reports.label_face import draw_code128
from reports.layout import BOLD, REGULAR, Box, fit
from reports.pen import Pen
from reports.symbols import code128_width

# What the station understands; the same words stand in app/web/static/js/codes.js, which a test compares.
COMMANDS = (
    ("KT1:DONE", "Xong: nhắc ký danh sách", "Mã vạch không ký thay ai; vẫn phải bấm nút Ký hoặc Ctrl+Enter."),
    ("KT1:UNDO", "Bỏ lần quét cuối", "Chỉ khi danh sách chưa ký."),
    ("KT1:LEFT", "Xem những bưu gửi còn lại", "Mở danh sách còn phải quét."),
)
A5_WIDTH, A5_HEIGHT = 148.0, 210.0
_MODULE_MM = 0.375
_LEFT_MM = 18.0
_STEP_MM = 45.0


def render_desk_card(*, unit_code: str, unit_name: str) -> bytes:
    """Return an A5 page: one Code 128 for each command, and one for the unit (a code of ASCII letters)."""
    pen = Pen(width=A5_WIDTH, height=A5_HEIGHT, title="KT1: thẻ lệnh đặt tại bàn")
    pen.text((_LEFT_MM, 16), "KT1: thẻ lệnh đặt tại bàn", BOLD, 14)
    rows = (*COMMANDS, (unit_code, unit_name, "Thẻ đơn vị: quét khi chọn nơi giao nhận hoặc bên nhận."))
    for number, (code, title, hint) in enumerate(rows):
        _draw_row(pen, 26 + number * _STEP_MM, code, (title, hint))
    pen.next_page()
    return pen.finish()


def _draw_row(pen: Pen, top: float, code: str, words: tuple[str, str]) -> None:
    title, hint = words
    width = A5_WIDTH - 2 * _LEFT_MM
    pen.block(fit(title, BOLD, 11, Box(left=_LEFT_MM, top=top, width=width, height=6)), (_LEFT_MM, top))
    pen.block(
        fit(hint, REGULAR, 8.5, Box(left=_LEFT_MM, top=top, width=width, height=5)), (_LEFT_MM, top + 6)
    )
    place = Box(left=_LEFT_MM, top=top + 13, width=code128_width(code) * _MODULE_MM, height=16)
    draw_code128(pen, place, code, _MODULE_MM)
    pen.text((_LEFT_MM, place.bottom + 4.5), code, REGULAR, 9)
