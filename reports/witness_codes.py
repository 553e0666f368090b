"""A request to a witness on paper: numbered QR codes, six on a page, to be read by a hand scanner there.

Modules of 0.75 mm are whole dots of every office printer. It must never decide what a code says: the texts
come as they are (docs/formats/witness.md).
"""

from dataclasses import dataclass

from reports.layout import BOLD, REGULAR, Box
from reports.pen import Pen
from reports.symbols import QR_QUIET_MODULES, qr_rows

_WIDTH, _HEIGHT = 210.0, 297.0
_MODULE_MM = 0.75
_COLUMNS, _ROWS = 2, 3
_LEFT, _TOP, _STEP_X, _STEP_Y = 8.0, 22.0, 98.0, 91.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessCodes:
    """What the sheet says above, and the text of each code in order."""

    witness: str
    origin: str
    size: int
    texts: tuple[str, ...]


def render_witness_codes(codes: WitnessCodes) -> bytes:
    """Return A4 pages; the same codes give the same bytes."""
    pen = Pen(width=_WIDTH, height=_HEIGHT, title="KT1: yêu cầu nhân chứng")
    on_page = _COLUMNS * _ROWS
    for first in range(0, len(codes.texts), on_page):
        _draw_page(pen, codes, first, codes.texts[first : first + on_page])
        pen.next_page()
    return pen.finish()


def _draw_page(pen: Pen, codes: WitnessCodes, first: int, texts: tuple[str, ...]) -> None:
    pen.text(
        (_LEFT + 3, 12), f"Yêu cầu nhân chứng {codes.witness} ký: quét mọi mã, thứ tự nào cũng được", BOLD, 12
    )
    pen.text((_LEFT + 3, 18), f"Nhật ký {codes.origin}, {codes.size} bản ghi", REGULAR, 10)
    for place, text in enumerate(texts):
        left = _LEFT + place % _COLUMNS * _STEP_X
        top = _TOP + place // _COLUMNS * _STEP_Y
        side = _draw_code(pen, (left, top), text)
        pen.text(
            (left + side / 2, top + side + 1),
            f"{first + place + 1} / {len(codes.texts)}",
            BOLD,
            10,
            align="centre",
        )


def _draw_code(pen: Pen, corner: tuple[float, float], text: str) -> float:
    """Draw one code with its quiet zone; return its side in millimetres."""
    rows = qr_rows(text, level="M")
    quiet = QR_QUIET_MODULES * _MODULE_MM
    for number, runs in enumerate(rows):
        top = corner[1] + quiet + number * _MODULE_MM
        for start, width in runs:
            left = corner[0] + quiet + start * _MODULE_MM
            pen.fill(Box(left=left, top=top, width=width * _MODULE_MM, height=_MODULE_MM))
    return len(rows) * _MODULE_MM + 2 * quiet
