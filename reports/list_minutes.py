"""Minutes of a list on paper: a muster (biên bản kiểm kê), a shift handed over (biên bản bàn giao ca).

A4 pages with every code, then the entries of the log that prove it and two places to sign. It carries its own
code and the digest the log states, so that paper and log can be compared years later. It must never show
anything of an item but its code.
"""

from reports.label_face import draw_qr
from reports.layout import BOLD, ITALIC, REGULAR, Box, fit
from reports.list_minutes_model import ListMinutes, SignedEntry
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

_ROW = 7.0
_ENTRY = 11.0
_SIGNING = 48.0
_EDGES = (0.0, 14.0, 70.0, ROOM)
_HEADERS = ("TT", "Mã bưu gửi hoặc túi", "Kết quả")
_END = HEIGHT - BOTTOM


def render_list_minutes(data: ListMinutes) -> bytes:
    """Return the minutes as a PDF of as many A4 pages as they need; the same data gives the same bytes."""
    # Drawn twice: only what has been laid out once knows on how many pages it stands.
    pages = _Sheet(data, of=0).draw()
    return _Sheet(data, of=pages).finish()


class _Sheet:
    """Draw the minutes, page by page; `draw` returns how many pages it took."""

    def __init__(self, data: ListMinutes, *, of: int) -> None:
        self._data, self._of = data, of
        self._pen = open_page(f"{data.title} {data.code}")
        self._page, self._top = 1, TOP

    def finish(self) -> bytes:
        """Return the bytes."""
        self.draw()
        return self._pen.finish()

    def draw(self) -> int:
        """Lay everything out."""
        data, pen = self._data, self._pen
        heading = Heading(issuer=data.issuer, number="", locality="", day=data.day)
        self._top = draw_title(pen, data.title, data.about, draw_heading(pen, heading))
        square = Box(left=WIDTH - RIGHT - 38, top=self._top, width=38, height=38)
        draw_qr(pen, square, data.qr, level="M")
        pen.text((LEFT, self._top + 6), data.code, BOLD, 13)
        self._top = draw_pairs(pen, data.facts, max(square.bottom, self._top + 10)) + 1
        self._table()
        self._need(_ROW)
        pen.text((LEFT, self._top + 6), data.totals, BOLD, 11)
        self._top += _ROW + 3
        self._need(_ENTRY * 2)
        pen.text((LEFT, self._top + 4), f"Bản ghi chứng minh trong nhật ký {data.origin}:", BOLD, 11)
        self._top += _ROW
        for entry in data.entries:
            self._need(_ENTRY)
            self._entry(entry)
        self._need(_SIGNING)
        left, right = data.signers
        draw_signature(pen, left.caption, left.name, self._top, middle=LEFT + ROOM * 0.24)
        draw_signature(pen, right.caption, right.name, self._top)
        self._foot()
        pen.next_page()
        return self._page

    def _table(self) -> None:
        if not self._data.lines:
            return
        self._need(2 * _ROW)
        self._cells(_HEADERS, BOLD)
        for number, (code, result) in enumerate(self._data.lines, start=1):
            if self._need(_ROW):
                self._cells(_HEADERS, BOLD)
            self._cells((str(number), code, result), REGULAR)

    def _cells(self, texts: tuple[str, ...], font: str) -> None:
        for number, words in enumerate(texts):
            left, right = LEFT + _EDGES[number], LEFT + _EDGES[number + 1]
            cell = Box(left=left, top=self._top, width=right - left + 0.15, height=_ROW + 0.15)
            self._pen.frame(cell, thickness=0.15)
            room = Box(left=left + 2, top=self._top + 1.4, width=right - left - 3, height=_ROW - 1.6)
            self._pen.block(fit(words, font, 11, room), (room.left, room.top))
        self._top += _ROW

    def _entry(self, entry: SignedEntry) -> None:
        said = f"Bản ghi {entry.index}, {paper_time(entry.at)}: {entry.what}, {entry.who}"
        box = Box(left=LEFT + 3, top=self._top, width=ROOM - 3, height=5)
        self._pen.block(fit(said, REGULAR, 10.5, box), (box.left, box.top))
        self._pen.text((LEFT + 3, self._top + 8.4), entry.leaf, ITALIC, 8)
        self._top += _ENTRY

    def _need(self, height: float) -> bool:
        """Turn the page where this does not fit any more; tell whether it did."""
        if self._top + height <= _END:
            return False
        self._foot()
        self._pen.next_page()
        self._page, self._top = self._page + 1, TOP
        return True

    def _foot(self) -> None:
        top = HEIGHT - BOTTOM * 0.5
        self._pen.text((LEFT, top), f"{self._data.code} · Trang {self._page}/{self._of}", BOLD, 9)
        box = Box(left=LEFT, top=top + 1, width=ROOM, height=7)
        note = f"SHA-256 {self._data.digest} · {self._data.origin}"
        self._pen.block(fit(note, ITALIC, 7, box), (box.left, box.top))
