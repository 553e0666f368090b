"""The handover slip (biên bản giao nhận): who gave what to whom, for people who sign on paper.

The slip repeats what the log already holds and names the entry, so paper and log can be compared years
later. It is never signed by this program: the areas for signatures stay blank, and the code printed on it
is an integrity code (mã xác thực), not a legal signature. It must never show what an item contains.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.label_face import draw_qr
from reports.layout import (
    BOLD,
    ITALIC,
    MM_PER_POINT,
    REGULAR,
    VIETNAM_TIME,
    Box,
    cap_height,
    fit,
    fit_stack,
    local_date,
    local_time,
    text_width,
)
from reports.model import Paper, SlipData, SlipOutcome, SlipParty, SlipPurpose
from reports.pen import Pen
from reports.slip_receipt import draw_receipt, receipt_note
from reports.slip_table import draw_row, measure_header, measure_rows, paginate

_TITLES = {
    SlipPurpose.TRANSFER: "BIÊN BẢN GIAO NHẬN BƯU GỬI KT1",
    SlipPurpose.DELIVERY: "BIÊN BẢN PHÁT BƯU GỬI KT1",
    SlipPurpose.RETURN: "BIÊN BẢN HOÀN TRẢ BƯU GỬI KT1",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    """One paper: its size and margins in millimetres, its type in points."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    body: float
    table: float
    title: float
    party_height: float
    signing_height: float

    @property
    def room(self) -> float:
        return self.width - self.left - self.right


# A4 has the margins of Decree 30/2020; A5 lies on its side so that the table keeps the same columns.
_SHEETS = {
    Paper.A4: _Sheet(
        width=210, height=297, left=30, right=15, top=20, bottom=20,
        body=11, table=9, title=14, party_height=32, signing_height=50,
    ),
    Paper.A5: _Sheet(
        width=210, height=148, left=20, right=12, top=9, bottom=11,
        body=9, table=8, title=12, party_height=21, signing_height=37,
    ),
}  # fmt: skip


def render_slip(data: SlipData) -> bytes:
    """Return the slip as a PDF; every page carries its number, the number of pages and the entry's mark."""
    sheet = _SHEETS[data.paper]
    header = measure_header(sheet.room, sheet.table)
    rows = measure_rows(data.lines, sheet.room, sheet.table)
    top_of_table = _heading_height(sheet) + 2 * sheet.body * MM_PER_POINT
    bottom = sheet.height - sheet.bottom
    pages = paginate(
        rows,
        first=bottom - top_of_table - header.height,
        other=bottom - sheet.top - header.height,
        ending=sheet.signing_height + 2.2 * sheet.body * MM_PER_POINT,
    )
    pen = Pen(width=sheet.width, height=sheet.height, title=f"{_TITLES[data.purpose]} {data.entry_index}")
    total = len(pages) + bool(data.receipt)
    for number, page in enumerate(pages, start=1):
        top = sheet.top
        if number == 1:
            _draw_heading(pen, sheet, data)
            top = top_of_table
        for row in (header, *page) if page else ():
            top = draw_row(pen, row, (sheet.left, top), sheet.room)
        if number == len(pages):
            _draw_ending(pen, sheet, data, top)
        _draw_footer(pen, sheet, data, (number, total))
        pen.next_page()
    if data.receipt:
        box = Box(left=sheet.left, top=sheet.top, width=sheet.room, height=bottom - sheet.top)
        draw_receipt(pen, box, data, body=sheet.body)
        _draw_footer(pen, sheet, data, (total, total))
        pen.next_page()
    return pen.finish()


def _line(sheet: _Sheet) -> float:
    return sheet.body * 1.4 * MM_PER_POINT


def _heading_height(sheet: _Sheet) -> float:
    """Return where the parties end: national heading, date, title, opening sentence, two parties."""
    return (
        sheet.top
        + 4 * _line(sheet)
        + sheet.title * 2.2 * MM_PER_POINT
        + _line(sheet) * 1.2
        + sheet.party_height
    )


def _draw_heading(pen: Pen, sheet: _Sheet, data: SlipData) -> None:
    line = _line(sheet)
    half = sheet.room * 0.42
    left_middle, right_middle = sheet.left + half / 2, sheet.width - sheet.right - sheet.room * 0.29
    first, second = sheet.top + line * 0.7, sheet.top + line * 1.7
    for text, font, baseline in ((data.issuer_parent, REGULAR, first), (data.issuer, BOLD, second)):
        box = Box(left=sheet.left, top=baseline - line * 0.7, width=half, height=line)
        pen.block(fit(text.upper(), font, sheet.body, box), (left_middle, box.top), align="centre")
    pen.line((left_middle - half * 0.2, second + 2), (left_middle + half * 0.2, second + 2))
    country, motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
    pen.text((right_middle, first), country, BOLD, sheet.body, align="centre")
    pen.text((right_middle, second), motto, BOLD, sheet.body * 1.05, align="centre")
    reach = text_width(motto, BOLD, sheet.body * 1.05) / 2
    pen.line((right_middle - reach, second + 2), (right_middle + reach, second + 2))
    day = data.taken_at.astimezone(VIETNAM_TIME)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    place_and_day = f"{data.locality}, ngày {day.day:02d} tháng {month} năm {day.year}".lstrip(", ")
    pen.text((right_middle, second + line * 1.4), place_and_day, ITALIC, sheet.body, align="centre")
    title = second + line * 1.5 + sheet.title * 1.8 * MM_PER_POINT
    pen.text((sheet.left + sheet.room / 2, title), _TITLES[data.purpose], BOLD, sheet.title, align="centre")
    _draw_opening(pen, sheet, data, title + line * 1.35)


def _draw_opening(pen: Pen, sheet: _Sheet, data: SlipData, baseline: float) -> None:
    opening = (
        f"Hồi {local_time(data.taken_at)} ngày {local_date(data.taken_at)}, tại {data.place}, chúng tôi gồm:"
    )
    room = Box(left=sheet.left, top=baseline - _line(sheet) * 0.8, width=sheet.room, height=_line(sheet))
    pen.block(fit(opening, REGULAR, sheet.body, room), (room.left, room.top))
    width = sheet.room / 2 - 2
    top = baseline + _line(sheet) * 0.55
    height = _heading_height(sheet) - top + sheet.body * MM_PER_POINT
    sides = (
        (_with_time("BÊN GIAO: đưa", data.offered_at), data.giver),
        (_with_time("BÊN NHẬN: nhận", data.taken_at), data.taker),
    )
    for number, (caption, party) in enumerate(sides):
        box = Box(left=sheet.left + number * (width + 4), top=top, width=width, height=height)
        _draw_party(pen, sheet, box, caption, party)


def _with_time(words: str, moment: datetime | None) -> str:
    side, _, act = words.partition(": ")
    return side if moment is None else f"{side}, {act} hồi {local_time(moment)} ngày {local_date(moment)}"


def _draw_party(pen: Pen, sheet: _Sheet, box: Box, caption: str, party: SlipParty) -> None:
    pen.frame(box, thickness=0.15)
    small = sheet.body * 0.72
    top = box.top + 1.6
    pen.text((box.left + 2, top + cap_height(small)), caption, BOLD, small)
    top += cap_height(small) + 1
    inside = Box(left=box.left + 2, top=top, width=box.width - 4, height=box.bottom - top - 1)
    person = ", ".join(part for part in (party.person, party.position) if part)
    parts = ((party.unit, BOLD, 1.0), (party.address, REGULAR, 0.85), (person, REGULAR, 1.0))
    for fitted in fit_stack(parts, sheet.body, inside):
        top = pen.block(fitted, (inside.left, top))


def _draw_ending(pen: Pen, sheet: _Sheet, data: SlipData, top: float) -> None:
    accepted = sum(line.outcome is SlipOutcome.ACCEPTED for line in data.lines)
    refused = len(data.lines) - accepted
    total = f"Tổng số {len(data.lines)} bưu gửi; đã nhận {accepted}; từ chối {refused}"
    total += " (bên giao tiếp tục giữ)." if refused else "."
    baseline = top + _line(sheet)
    pen.text((sheet.left, baseline), total, REGULAR, sheet.body)
    top = baseline + sheet.body * MM_PER_POINT * 0.6
    column = sheet.room / 3
    for caption, party, middle in (
        ("ĐẠI DIỆN BÊN GIAO", data.giver, sheet.left + column / 2),
        ("ĐẠI DIỆN BÊN NHẬN", data.taker, sheet.left + column * 2.5),
    ):
        pen.text((middle, top + _line(sheet) * 0.8), caption, BOLD, sheet.body, align="centre")
        note = "(Ký, ghi rõ họ tên)"
        pen.text((middle, top + _line(sheet) * 1.7), note, ITALIC, sheet.body * 0.9, align="centre")
        room = Box(
            left=0, top=top + sheet.signing_height - _line(sheet), width=column - 4, height=_line(sheet)
        )
        pen.block(fit(party.person, BOLD, sheet.body, room), (middle, room.top), align="centre")
    _draw_integrity_code(pen, sheet, data, Box(
        left=sheet.left + column, top=top, width=column, height=sheet.signing_height
    ))  # fmt: skip


def _draw_integrity_code(pen: Pen, sheet: _Sheet, data: SlipData, box: Box) -> None:
    middle = box.left + box.width / 2
    small = sheet.body * 0.72
    step = small * 1.3 * MM_PER_POINT
    pen.text((middle, box.top + step), "MÃ XÁC THỰC", BOLD, small, align="centre")
    draw_qr(pen, Box(left=box.left, top=box.top + step * 1.2, width=box.width, height=24.5), data.entry_hash)
    top = box.top + step * 1.2 + 24.5
    half = len(data.entry_hash) // 2
    for text in (f"Mục {data.entry_index}", data.origin, data.entry_hash[:half], data.entry_hash[half:]):
        room = Box(left=box.left, top=top, width=box.width - 2, height=step * 0.95)
        pen.block(fit(text, REGULAR, small * 0.93, room), (middle, top), align="centre")
        top = room.bottom


def _draw_footer(pen: Pen, sheet: _Sheet, data: SlipData, page: tuple[int, int]) -> None:
    """Mark every page, so that pages of two slips cannot be mixed unnoticed."""
    baseline, size = sheet.height - sheet.bottom * 0.45, sheet.body * 0.72
    pen.text(
        (sheet.left, baseline), f"Mục {data.entry_index}, mã xác thực {data.entry_hash[:16]}", REGULAR, size
    )
    number, total = page
    middle = sheet.left + sheet.room * 0.62
    pen.text((middle, baseline), receipt_note(data, total), BOLD, size, align="centre")
    pen.text((sheet.width - sheet.right, baseline), f"Trang {number}/{total}", REGULAR, size, align="right")
