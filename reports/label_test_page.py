"""The page a clerk prints once on a new printer: rulers, the places of the sheet, and symbols of every size.

The rulers start at the edge of the paper, so what the clerk reads beside a paper ruler is the offset to
enter; the ladder of module sizes shows what this printer and this scanner can manage together. Its
symbols say TEST, never a code, so that scanning them can touch no consignment.
"""

from reports.label_face import draw_code128, draw_qr
from reports.layout import BOLD, REGULAR, Box, fit
from reports.model import PrinterOffset
from reports.pen import Pen
from reports.symbols import code128_width, qr_rows

# Module width in millimetres, and how many dots that is on the two printers in use; labels use the last.
LADDER = (
    (0.25, "2 chấm ở 203 dpi, 3 chấm ở 300 dpi"),
    (0.375, "3 chấm ở 203 dpi"),
    (0.5, "4 chấm ở 203 dpi, 6 chấm ở 300 dpi"),
)
QR_LADDER = (0.5, 0.75, 1.0)

_GUIDE = (
    "1. In ở tỷ lệ 100 %, không chọn “vừa trang giấy”. Đo hình vuông: mỗi cạnh phải đúng 50 mm.",
    "2. Đặt thước giấy vào mép giấy và so với thước in, theo từng chiều.",
    "3. Vạch in lệch sang trái hoặc lên trên: nhập số dương (mm); sang phải hoặc xuống dưới: số âm.",
    "4. In lại trang này sau khi nhập: khung các ô phải trùng đường bế của giấy nhãn.",
    "5. Quét từng mã; mã nhỏ nhất đọc được ngay lần đầu cho biết chất lượng của máy in.",
)


def draw_test_page(pen: Pen, offset: PrinterOffset, corners: tuple[tuple[float, float], ...]) -> None:
    """Draw the page; `corners` are the top left corners of the label places, each 105 by 74.25 mm."""
    pen.move_to(offset.x_mm, offset.y_mm)
    for number, (left, top) in enumerate(corners, start=1):
        pen.frame(Box(left=left, top=top, width=105, height=74.25), thickness=0.15, gray=0.55)
        pen.text((left + 99, top + 71), str(number), BOLD, 16, align="right")
    _horizontal_ruler(pen, 8, 210)
    _vertical_ruler(pen, 8, 297)
    pen.text((20, 26), "KT1: trang thử máy in nhãn", BOLD, 17)
    shift = f"Độ lệch đang dùng: ngang {_signed(offset.x_mm)} mm, dọc {_signed(offset.y_mm)} mm"
    pen.text((20, 33), shift, REGULAR, 10)
    top = 20.0
    for line in _GUIDE:
        top = pen.block(fit(line, REGULAR, 9, Box(left=112, top=top, width=90, height=20)), (112, top)) + 2
    pen.frame(Box(left=132.5, top=85.5, width=50, height=50), thickness=0.2)
    pen.text((157.5, 111.5), "50 × 50 mm", BOLD, 12, align="centre")
    for (module, dots), rung_top in zip(LADDER, (82, 112, 158), strict=True):
        _bar_rung(pen, rung_top, module, dots)
    _qr_ladder(pen, (113, 158))


def _bar_rung(pen: Pen, top: float, module: float, dots: str) -> None:
    text = f"TEST-{module * 1000:g}"
    place = Box(left=25, top=top, width=code128_width(text) * module, height=15)
    draw_code128(pen, place, text, module)
    pen.text((25, place.bottom + 4.5), f"{_comma(module)} mm: {dots}", REGULAR, 8.5)


def _qr_ladder(pen: Pen, corner: tuple[float, float]) -> None:
    left, top = corner
    for module in QR_LADDER:
        text = f"TEST-QR-{module * 1000:g}"
        side = (len(qr_rows(text)) + 8) * module
        draw_qr(pen, Box(left=left, top=top, width=side, height=side), text)
        pen.text((left + side / 2, top + side + 3), f"{_comma(module)} mm", REGULAR, 8.5, align="centre")
        left += side + 5


def _horizontal_ruler(pen: Pen, top: float, length: int) -> None:
    for tick in range(length + 1):
        pen.line((tick, top), (tick, top + _tick(tick)), thickness=0.12)
        if tick % 10 == 0 and 20 <= tick < length:
            pen.text((tick, top + 8), str(tick), REGULAR, 7, align="centre")


def _vertical_ruler(pen: Pen, left: float, length: int) -> None:
    for tick in range(length + 1):
        pen.line((left, tick), (left + _tick(tick), tick), thickness=0.12)
        if tick % 10 == 0 and 20 < tick < length:
            pen.text((left + 6, tick + 0.9), str(tick), REGULAR, 7)


def _tick(number: int) -> float:
    if number % 10 == 0:
        return 5
    return 3.5 if number % 5 == 0 else 2


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _signed(number: float) -> str:
    return _comma(number) if number <= 0 else f"+{_comma(number)}"
