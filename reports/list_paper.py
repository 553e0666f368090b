"""A listed paper on A4: heading, symbols, facts, a table over as many pages as it needs, two signatures.

Manifest, response and leg sheet are such papers; what stands in them is their own modules'. Every page says
which it is and of how many, so that none can be left out; the last never stands without a line.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.label_face import draw_code128, draw_qr
from reports.layout import BOLD, ITALIC, REGULAR, Box, fit
from reports.official import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    ROOM,
    TOP,
    WIDTH,
    Heading,
    draw_heading,
    draw_pairs,
    draw_signature,
    draw_title,
    open_page,
)
from reports.pen import Pen
from reports.symbols import code128_width

_MODULE_MM = 0.375
_SQUARE, _QUIET = 34.0, 4.0
_ROW = 7.0
_BARS_ROW, _SMALL_MODULE_MM = 15.0, 0.33
_SIGNING = 52.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ListPaper:
    """What a listed paper says; `name` is the document's own.

    `edges` are the columns' borders in millimetres from the left margin; `signers` are caption and name, at
    most two, the left one first. The codes of the first `bars` rows, in the second column, are drawn as
    barcodes too; all rows are then as tall as those need.
    """

    name: str
    heading: str
    title: str
    about: str
    day: datetime
    code: str
    qr: str
    facts: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    edges: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    signers: tuple[tuple[str, str], ...]
    foot: str
    bars: int = 0

    @property
    def row(self) -> float:
        """How tall a row is, in millimetres."""
        return _BARS_ROW if self.bars else _ROW


def render_list(paper: ListPaper) -> bytes:
    """Return the paper as a PDF; the same data gives the same bytes."""
    pen = open_page(f"{paper.name} {paper.code}")
    top = _draw_first(pen, paper)
    pages = _paginate(len(paper.rows), top, paper.row)
    number = 0
    for page, count in enumerate(pages, start=1):
        if page > 1:
            top = TOP
        if count:
            top = _draw_cells(pen, top, paper.headers, paper.edges, BOLD)
        for at, row in enumerate(paper.rows[number : number + count], start=number):
            if at < paper.bars:
                _draw_bars(pen, top, row[1], paper.edges)
            cells = (row[0], "", *row[2:]) if at < paper.bars else row
            top = _draw_cells(pen, top, cells, paper.edges, REGULAR, height=paper.row)
        number += count
        if page == len(pages):
            _draw_end(pen, paper, top)
        _draw_foot(pen, paper, page, len(pages))
        pen.next_page()
    return pen.finish()


def _paginate(lines: int, first_top: float, row: float) -> list[int]:
    """Spread the lines over pages; the last also holds the signatures, and never stands without a line."""
    bottom = HEIGHT - BOTTOM
    counts: list[int] = []
    top, left = first_top, lines
    while True:
        room = int((bottom - top - _ROW) / row)
        if left <= room and top + left * row + _ROW + _SIGNING <= bottom:
            return [*counts, left]
        here = min(left - 1, room)
        counts.append(max(0, here))
        left -= counts[-1]
        top = TOP


def _draw_first(pen: Pen, paper: ListPaper) -> float:
    heading = Heading(issuer=paper.heading, number="", locality="", day=paper.day)
    top = draw_title(pen, paper.title, paper.about, draw_heading(pen, heading))
    bars = Box(left=LEFT, top=top + 5, width=code128_width(paper.code) * _MODULE_MM, height=14)
    # A code of two long offices would run into the square, which says the same.
    if bars.width <= ROOM - _SQUARE - _QUIET:
        draw_code128(pen, bars, paper.code, _MODULE_MM)
    pen.text((LEFT, bars.bottom + 5), paper.code, BOLD, 12)
    square = Box(left=WIDTH - RIGHT - _SQUARE, top=top, width=_SQUARE, height=_SQUARE)
    draw_qr(pen, square, paper.qr, level="M")
    return draw_pairs(pen, paper.facts, square.bottom + 3) + 1


def _draw_bars(pen: Pen, top: float, code: str, edges: tuple[float, ...]) -> None:
    """Draw a code as a barcode with its characters below, inside the second column."""
    middle = LEFT + (edges[1] + edges[2]) / 2
    width = code128_width(code) * _SMALL_MODULE_MM
    draw_code128(
        pen, Box(left=middle - width / 2, top=top + 1.6, width=width, height=8), code, _SMALL_MODULE_MM
    )
    pen.text((middle, top + 13.2), code, BOLD, 9, align="centre")


def _draw_cells(
    pen: Pen,
    top: float,
    texts: tuple[str, ...],
    edges: tuple[float, ...],
    font: str,
    *,
    height: float = _ROW,
) -> float:
    for number, words in enumerate(texts):
        left, right = LEFT + edges[number], LEFT + edges[number + 1]
        pen.frame(Box(left=left, top=top, width=right - left + 0.15, height=height + 0.15), thickness=0.15)
        inner = Box(left=left + 2, top=top + 0.8, width=right - left - 3, height=height - 1.6)
        laid = fit(words or " ", font, 11, inner)
        pen.block(laid, (inner.left, top + (height - laid.height) / 2))
    return top + height


def _draw_end(pen: Pen, paper: ListPaper, top: float) -> None:
    pen.text((LEFT, top + 6), f"Tổng số: {len(paper.rows)}", BOLD, 12)
    middles = (LEFT + ROOM * 0.24, None)
    for (caption, name), middle in zip(paper.signers, middles, strict=False):
        draw_signature(pen, caption, name, top + 7, middle=middle)


def _draw_foot(pen: Pen, paper: ListPaper, page: int, of: int) -> None:
    top = HEIGHT - BOTTOM * 0.5
    pen.text((LEFT, top), f"{paper.code} · Trang {page}/{of}", BOLD, 9)
    box = Box(left=LEFT, top=top + 1, width=ROOM, height=7)
    pen.block(fit(paper.foot, ITALIC, 7, box), (box.left, box.top))
