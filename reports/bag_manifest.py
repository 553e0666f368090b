"""The manifest of a closed bag on paper (bản kê): what was frozen at the closing, for two signatures.

It carries its own code and the digest of the frozen bytes, so that paper and log can be compared years later.
It must never show anything of an item but its code, nor a seal that somebody still has to read off the bag.
"""

from reports.bag_model import BagManifest
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
    paper_time,
)
from reports.pen import Pen
from reports.symbols import code128_width

_MODULE_MM = 0.375
_ROW = 7.0
_SIGNING = 52.0
_EDGES = (0.0, 14.0, 66.0, 100.0, ROOM)
_HEADERS = ("TT", "Mã", "Loại", "Kết quả kiểm khi mở túi")
_BAG_INDICATOR = 2


def render_bag_manifest(data: BagManifest) -> bytes:
    """Return the manifest as a PDF of as many A4 pages as it needs; the same data gives the same bytes."""
    pen = open_page(f"Bản kê túi KT1 {data.manifest_code}")
    top = _draw_first(pen, data)
    pages = _paginate(len(data.lines), top)
    number = 0
    for page, count in enumerate(pages, start=1):
        if page > 1:
            top = TOP
        if count:
            top = _draw_header(pen, top)
        for code in data.lines[number : number + count]:
            number += 1
            top = _draw_row(pen, top, number, code, data)
        if page == len(pages):
            _draw_end(pen, data, top)
        _draw_foot(pen, data, page, len(pages))
        pen.next_page()
    return pen.finish()


def _paginate(lines: int, first_top: float) -> list[int]:
    """Spread the lines over pages; the last also holds the signatures, and never stands without a line."""
    bottom = HEIGHT - BOTTOM
    counts: list[int] = []
    top, left = first_top, lines
    while True:
        room = int((bottom - top) / _ROW) - 1
        if left <= room and top + (left + 1) * _ROW + _SIGNING <= bottom:
            return [*counts, left]
        here = min(left - 1, room)
        counts.append(max(0, here))
        left -= counts[-1]
        top = TOP


def _draw_first(pen: Pen, data: BagManifest) -> float:
    heading = Heading(issuer=data.origin.name, number="", locality="", day=data.closed_at)
    dispatch = data.dispatch
    about = f"Chuyến thư số {dispatch.number}/{dispatch.year}, túi số {dispatch.serial}"
    about += " (túi cuối)" if dispatch.last else ""
    top = draw_title(pen, "BẢN KÊ TÚI KT1", about, draw_heading(pen, heading))
    top = _draw_symbols(pen, data, top)
    return draw_pairs(pen, _facts(data), top) + 1


def _facts(data: BagManifest) -> tuple[tuple[str, str], ...]:
    weight = f"{data.weight_g / 1000:.3f} kg".replace(".", ",")
    return (
        ("Bưu cục đóng túi", data.origin.name),
        ("Bưu cục mở túi", data.destination.name),
        ("Số vỏ túi", data.asset),
        ("Số niêm phong", data.seal or "(đọc trên túi rồi ghi) ........................"),
        ("Khối lượng khi đóng", weight),
        ("Số lượng trong túi", str(len(data.lines))),
        ("Đóng túi lúc", paper_time(data.closed_at)),
    )


def _draw_symbols(pen: Pen, data: BagManifest, top: float) -> float:
    bars = Box(left=LEFT, top=top + 5, width=code128_width(data.manifest_code) * _MODULE_MM, height=14)
    draw_code128(pen, bars, data.manifest_code, _MODULE_MM)
    pen.text((LEFT, bars.bottom + 5), data.manifest_code, BOLD, 12)
    square = Box(left=WIDTH - RIGHT - 34, top=top, width=34, height=34)
    draw_qr(pen, square, data.qr, level="M")
    return square.bottom + 3


def _draw_header(pen: Pen, top: float) -> float:
    _draw_cells(pen, top, _HEADERS, BOLD)
    return top + _ROW


def _draw_row(pen: Pen, top: float, number: int, code: str, data: BagManifest) -> float:
    kind = "Túi" if code[:_BAG_INDICATOR] == data.code[:_BAG_INDICATOR] else "Bưu gửi"
    _draw_cells(pen, top, (str(number), code, kind, ""), REGULAR)
    return top + _ROW


def _draw_cells(pen: Pen, top: float, texts: tuple[str, ...], font: str) -> None:
    for number, words in enumerate(texts):
        left, right = LEFT + _EDGES[number], LEFT + _EDGES[number + 1]
        pen.frame(Box(left=left, top=top, width=right - left + 0.15, height=_ROW + 0.15), thickness=0.15)
        pen.text((left + 2, top + _ROW * 0.68), words, font, 11)


def _draw_end(pen: Pen, data: BagManifest, top: float) -> None:
    pen.text((LEFT, top + 6), f"Tổng số: {len(data.lines)}", BOLD, 12)
    middle = LEFT + ROOM * 0.24
    draw_signature(pen, "NGƯỜI ĐÓNG TÚI", data.closed_by, top + 7, middle=middle)
    draw_signature(pen, "NGƯỜI MỞ TÚI", "", top + 7)


def _draw_foot(pen: Pen, data: BagManifest, page: int, of: int) -> None:
    top = HEIGHT - BOTTOM * 0.5
    pen.text((LEFT, top), f"{data.manifest_code} · Trang {page}/{of}", BOLD, 9)
    box = Box(left=LEFT, top=top + 1, width=ROOM, height=7)
    note = f"SHA-256 {data.digest} · {data.entry_note}" if data.entry_note else f"SHA-256 {data.digest}"
    pen.block(fit(note, ITALIC, 7, box), (box.left, box.top))
