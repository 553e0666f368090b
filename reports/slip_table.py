"""The table of a handover slip: columns, rows as tall as their longest text, and where pages break.

It must never drop or shorten a line: what was signed for is what is listed.
"""

from dataclasses import dataclass

from reports.layout import BOLD, REGULAR, Box, Fitted, fit, local_date, local_time
from reports.model import OuterMark, SlipLine, SlipOutcome
from reports.pen import Pen

_PADDING = 1.1
_BORDER = 0.15
_UNLIMITED = 400.0

# Header and share of the table's width.
_COLUMNS = (
    ("TT", 0.05),
    ("Mã bưu gửi", 0.2),
    ("Dấu", 0.055),
    ("Độ khẩn", 0.165),
    ("Số đăng ký", 0.145),
    ("Kiện", 0.06),
    ("Niêm phong", 0.135),
    ("Kết quả", 0.19),
)
_CENTRED = frozenset({0, 2, 5})


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One table row, measured: its cells and its height in millimetres."""

    cells: tuple[Fitted, ...]
    height: float


def measure_header(width: float, size: float) -> Row:
    """Return the header row, which stands on every page."""
    return _measure(tuple(header for header, _ in _COLUMNS), width, size, font=BOLD)


def measure_rows(lines: tuple[SlipLine, ...], width: float, size: float) -> tuple[Row, ...]:
    """Return one row for each line of the list, numbered from 1."""
    return tuple(_measure(_words(number, line), width, size) for number, line in enumerate(lines, start=1))


def paginate(rows: tuple[Row, ...], *, first: float, other: float, ending: float) -> list[list[Row]]:
    """Spread rows over pages with `first` and `other` millimetres of room; the last page also holds `ending`.

    The signatures never stand on a page without a line: signed paper must show what was signed for.
    """
    pages: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.height > room and pages[-1]:
            pages.append([])
            room = other
        pages[-1].append(row)
        room -= row.height
    if room < ending:
        # Only a first page filled by the parties can be left without a line; its table then starts overleaf.
        pages.append([pages[-1].pop()])
    return pages


def draw_row(pen: Pen, row: Row, place: tuple[float, float], width: float) -> float:
    """Draw a row with its borders; return where the next row starts."""
    left, top = place
    for number, (cell, (_, share)) in enumerate(zip(row.cells, _COLUMNS, strict=True)):
        column = width * share
        # Neighbours share their border, so every frame reaches one line's width into the next.
        border = Box(left=left, top=top, width=column + _BORDER, height=row.height + _BORDER)
        pen.frame(border, thickness=_BORDER)
        if number in _CENTRED:
            pen.block(cell, (left + column / 2, top + _PADDING), align="centre")
        else:
            pen.block(cell, (left + _PADDING, top + _PADDING))
        left += column
    return top + row.height


def urgency_words(line: SlipLine) -> str:
    """Return the urgency of a line in words, empty when it has none."""
    words = ["Hỏa tốc"] if line.express else []
    if line.appointed_at is not None:
        words.append(f"Hẹn giờ {local_time(line.appointed_at)} {local_date(line.appointed_at)}")
    return ", ".join(words)


def _words(number: int, line: SlipLine) -> tuple[str, ...]:
    outcome = "Đã nhận" if line.outcome is SlipOutcome.ACCEPTED else f"Từ chối: {line.reason}".rstrip(": ")
    if line.check:
        outcome = f"{outcome}. Kiểm nhận: {line.check}"
    return (
        str(number),
        line.code,
        "" if line.mark is OuterMark.NONE else line.mark.value,
        urgency_words(line),
        line.register_number,
        str(line.pieces),
        line.seal,
        outcome,
    )


def _measure(words: tuple[str, ...], width: float, size: float, *, font: str = REGULAR) -> Row:
    cells = []
    for number, (text, (_, share)) in enumerate(zip(words, _COLUMNS, strict=True)):
        room = Box(left=0, top=0, width=width * share - 2 * _PADDING, height=_UNLIMITED)
        if number in _CENTRED:
            room = Box(left=0, top=0, width=width * share - 0.6, height=size * 0.45)
        cells.append(fit(text, BOLD if number == 1 else font, size, room))
    return Row(cells=tuple(cells), height=max(cell.height for cell in cells) + 2 * _PADDING)
