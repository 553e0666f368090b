"""The face of an outer label: where each thing stands, and how it is drawn.

One drawing function serves every size; a size is only a `Face`, a set of boxes in millimetres. The outer
face shows A, B or C or nothing, never a word of secrecy and never a person's name: it travels in sight of
everybody.
"""

from dataclasses import dataclass

from reports.errors import DoesNotFit
from reports.layout import (
    BOLD,
    MM_PER_POINT,
    REGULAR,
    Box,
    cap_height,
    fit,
    fit_stack,
    local_date,
    local_time,
    text_width,
)
from reports.model import LabelData, OuterMark, Party, Scope
from reports.pen import Pen
from reports.symbols import QR_QUIET_MODULES, code128_bars, code128_width, qr_rows

# A quarter of a millimetre is two dots of a 203 dpi printer (8 dots/mm) and three of a 300 dpi one, so
# every multiple of it prints with equal bars on both.
MODULE_STEP = 0.25

# Between two groups of a code, in parts of the size; and how wide a code may be, in millimetres.
_GAP = 0.5
_WIDEST_CODE = 90.0
_SCOPE_WORDS = {Scope.INTRA: "NỘI TỈNH", Scope.INTER: "LIÊN TỈNH"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """One size of label: its boxes in millimetres, its type sizes in points."""

    service: Box
    urgency: Box
    mark: Box
    sender: Box
    recipient: Box
    details: Box
    qr: Box
    bars: Box
    bar_module: float
    code_baseline: float
    rules: tuple[tuple[tuple[float, float], tuple[float, float], float], ...]
    caption_size: float
    sender_size: float
    recipient_size: float
    details_size: float
    details_in_rows: bool
    code_size: float


A6 = Face(
    service=Box(left=5, top=5, width=27, height=19),
    urgency=Box(left=35, top=5, width=44, height=19),
    mark=Box(left=81, top=5, width=19, height=19),
    sender=Box(left=5, top=28, width=95, height=17.5),
    recipient=Box(left=5, top=49, width=95, height=33),
    details=Box(left=5, top=87, width=58, height=28),
    qr=Box(left=66, top=85, width=34, height=32.5),
    bars=Box(left=13.5, top=121, width=78, height=15),
    bar_module=0.5,
    code_baseline=142.5,
    rules=(
        ((5, 26), (100, 26), 0.6),
        ((5, 46.5), (100, 46.5), 0.2),
        ((5, 84), (100, 84), 0.6),
        ((5, 118), (100, 118), 0.2),
    ),
    caption_size=6.5,
    sender_size=10,
    recipient_size=17,
    details_size=14,
    details_in_rows=True,
    code_size=17,
)

# 105 x 74.25 mm: an A4 sheet in two columns and four rows without gaps. Five millimetres stay free on
# every side because office printers cannot print to the edge of the paper.
SHEET_CELL = Face(
    service=Box(left=5, top=5, width=20, height=10.5),
    urgency=Box(left=29, top=5, width=58, height=10.5),
    mark=Box(left=89.5, top=5, width=10.5, height=10.5),
    sender=Box(left=5, top=18, width=68, height=12),
    recipient=Box(left=5, top=31.5, width=68, height=18.5),
    details=Box(left=77, top=41, width=23, height=9.5),
    qr=Box(left=76, top=17.5, width=24, height=23),
    bars=Box(left=13.5, top=52.5, width=78, height=12.5),
    bar_module=0.5,
    code_baseline=69.25,
    rules=(
        ((5, 16.5), (100, 16.5), 0.5),
        ((5, 30.5), (73, 30.5), 0.15),
        ((5, 51), (100, 51), 0.15),
    ),
    caption_size=5.5,
    sender_size=7.5,
    recipient_size=10.5,
    details_size=7,
    details_in_rows=False,
    code_size=12,
)


def draw_face(pen: Pen, face: Face, data: LabelData) -> None:
    """Draw one outer label with its top left corner at the pen's corner."""
    _draw_service(pen, face, data)
    _draw_urgency(pen, face.urgency, data)
    if data.mark is not OuterMark.NONE:
        pen.frame(face.mark, thickness=face.mark.height / 16)
        _draw_centred(pen, face.mark, data.mark.value)
    for start, end, thickness in face.rules:
        pen.line(start, end, thickness=thickness)
    draw_party(pen, face.sender, "NƠI GỬI", data.sender, (face.caption_size, face.sender_size))
    draw_party(pen, face.recipient, "NƠI NHẬN", data.recipient, (face.caption_size, face.recipient_size))
    _draw_details(pen, face, data)
    draw_qr(pen, face.qr, data.qr)
    draw_code128(pen, face.bars, data.code, face.bar_module)
    centre = face.bars.left + face.bars.width / 2
    draw_code(pen, (centre, face.code_baseline), f"{data.code}-{data.tail}", face.code_size)


def groups(code: str) -> tuple[str, ...]:
    """Return a code in groups a person can read aloud: KT, 4731, 2482, 9, VN, and what is keyed after it."""
    named, dash, tail = code.partition("-")
    parts = (named[:2], named[2:6], named[6:10], named[10], named[11:])
    return (*parts, f"{dash} {tail}") if dash else parts


def draw_code128(pen: Pen, box: Box, text: str, module: float) -> None:
    """Draw a Code 128 centred in the box; its quiet zones may lie outside the box but nothing else may."""
    width = code128_width(text) * module
    if width > box.width + 1e-6:
        raise DoesNotFit(f"a symbol of {width:.1f} mm in {box.width:.1f} mm")
    for first, modules in code128_bars(text):
        bar = Box(left=box.left + first * module, top=box.top, width=modules * module, height=box.height)
        pen.fill(bar)


def draw_qr(pen: Pen, box: Box, content: str | bytes, *, level: str = "Q") -> None:
    """Draw a QR with its quiet zone inside the box, its modules as large as whole printer dots allow."""
    rows = qr_rows(content, level=level)
    modules = len(rows) + 2 * QR_QUIET_MODULES
    module = min(box.width, box.height) / modules // MODULE_STEP * MODULE_STEP
    if module < 2 * MODULE_STEP:
        raise DoesNotFit(f"a QR of {modules} modules in {box.width:.1f} by {box.height:.1f} mm")
    left = _on_step(box.left + (box.width - len(rows) * module) / 2)
    top = _on_step(box.top + (box.height - len(rows) * module) / 2)
    for number, row in enumerate(rows):
        for first, width in row:
            dark = Box(
                left=left + first * module, top=top + number * module, width=width * module, height=module
            )
            pen.fill(dark)


def draw_party(pen: Pen, box: Box, caption: str, party: Party, sizes: tuple[float, float]) -> None:
    """Draw a small caption, the name in bold and the address below; `sizes` are caption and name points."""
    caption_size, size = sizes
    pen.text((box.left, box.top + cap_height(caption_size)), caption, REGULAR, caption_size)
    top = box.top + cap_height(caption_size) + 1 + size * 0.05
    room = Box(left=box.left, top=top, width=box.width, height=box.bottom - top)
    for fitted in fit_stack(((party.name, BOLD, 1.0), (party.address, REGULAR, 0.8)), size, room):
        top = pen.block(fitted, (box.left, top))


def _draw_service(pen: Pen, face: Face, data: LabelData) -> None:
    box = face.service
    size = min(box.width * 0.98 / text_width("KT1", BOLD, 1), box.height * 0.6 / cap_height(1))
    pen.text((box.left, box.top + cap_height(size)), "KT1", BOLD, size)
    widest = max(text_width(words, BOLD, 1) for words in _SCOPE_WORDS.values())
    scope_size = min(text_width("KT1", BOLD, size) / widest, box.height * 0.2 / cap_height(1))
    pen.text((box.left, box.bottom - 0.3), _SCOPE_WORDS[data.scope], BOLD, scope_size)


def _draw_urgency(pen: Pen, box: Box, data: LabelData) -> None:
    both = data.express and data.appointed_at is not None
    height = (box.height - 1) / 2 if both else box.height
    if data.express:
        place = Box(left=box.left, top=box.top, width=box.width, height=height)
        pen.fill(place)
        _draw_centred(pen, place, "HỎA TỐC", white=True)
    if data.appointed_at is not None:
        place = Box(left=box.left, top=box.bottom - height, width=box.width, height=height)
        pen.frame(place, thickness=0.4)
        when = f"{local_time(data.appointed_at)} ngày {local_date(data.appointed_at)}"
        if height < 8:
            _draw_centred(pen, place, f"HẸN GIỜ  {when}")
        else:
            upper = Box(left=place.left, top=place.top + 0.5, width=place.width, height=height * 0.42)
            lower = Box(left=place.left, top=upper.bottom, width=place.width, height=height * 0.5)
            _draw_centred(pen, upper, "HẸN GIỜ")
            _draw_centred(pen, lower, when)


def _draw_centred(pen: Pen, box: Box, words: str, *, white: bool = False) -> None:
    """Write one line in the middle of the box, as large as fits with its tone marks above and below."""
    # A capital with stacked marks is 1.0 of the size high and its dot below 0.25 deep; letters without
    # marks (the outer mark itself) may fill more of their box.
    marked = any(ord(letter) > 0x7F for letter in words)
    size = min(
        box.height / (MM_PER_POINT * (1.5 if marked else 1.12)),
        box.width * 0.92 / text_width(words, BOLD, 1),
    )
    baseline = box.top + (box.height + cap_height(size)) / 2 + (0.05 * size * MM_PER_POINT if marked else 0)
    pen.text((box.left + box.width / 2, baseline), words, BOLD, size, align="centre", white=white)


def draw_code(pen: Pen, centre: tuple[float, float], code: str, size: float) -> None:
    """Write a code in its groups, centred, as large as `size` where its letters leave room for that."""
    parts = groups(code)
    size *= min(1.0, _WIDEST_CODE / _code_width(parts, size))
    gap = _GAP * size * MM_PER_POINT
    left = centre[0] - _code_width(parts, size) / 2
    for part in parts:
        pen.text((left, centre[1]), part, BOLD, size)
        left += text_width(part, BOLD, size) + gap


def _code_width(parts: tuple[str, ...], size: float) -> float:
    return sum(text_width(part, BOLD, size) for part in parts) + _GAP * size * MM_PER_POINT * (len(parts) - 1)


def _draw_details(pen: Pen, face: Face, data: LabelData) -> None:
    box, size = face.details, face.details_size
    again = " (in lại)" if data.print_number > 1 else ""
    pieces, prints = f"{data.piece}/{data.pieces}", f"{data.print_number}{again}"
    if face.details_in_rows:
        below, half = box.top + box.height * 0.52, box.width * 0.42
        _draw_stacked(pen, face, (box.left, box.top), "SỐ ĐĂNG KÝ", data.register_number)
        _draw_stacked(pen, face, (box.left, below), "KIỆN", pieces)
        _draw_stacked(pen, face, (box.left + half, below), "NHÃN IN LẦN", prints)
        return
    step = size * MM_PER_POINT * 1.25
    for number, (caption, value) in enumerate(
        (("Số ĐK", data.register_number), ("Kiện", pieces), ("In lần", prints))
    ):
        baseline = box.top + (number + 0.77) * step
        left = box.left + text_width(caption, REGULAR, size) + 1
        pen.text((box.left, baseline), caption, REGULAR, size)
        top = box.top + number * step
        room = Box(left=left, top=top, width=box.right - left, height=step)
        pen.block(fit(value, BOLD, size, room, leading=1.2), (box.right, top), align="right")


def _draw_stacked(pen: Pen, face: Face, place: tuple[float, float], caption: str, value: str) -> None:
    left, top = place
    pen.text((left, top + cap_height(face.caption_size)), caption, REGULAR, face.caption_size)
    top += cap_height(face.caption_size) + 0.5
    room = Box(left=left, top=top, width=face.details.right - left, height=face.details_size * 0.5)
    pen.block(fit(value, BOLD, face.details_size, room), (left, top))


def _on_step(millimetres: float) -> float:
    return round(millimetres / MODULE_STEP) * MODULE_STEP
