"""The minutes of an incident (biên bản): A4 in the layout of Decree 30/2020, to be signed by hand.

The heading, number, place and date, title, body and signatures stand where Annex I puts them; the page number
stands in the top margin and not on the first page. The minutes repeat what the log holds and name its
entries. They are never signed by this program, and lines for what only people know stay blank.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reports.layout import (
    BOLD,
    ITALIC,
    MM_PER_POINT,
    REGULAR,
    VIETNAM_TIME,
    Box,
    clean,
    fit,
    local_date,
    local_time,
    text_width,
    wrap,
)
from reports.minutes_model import MinutesData, MinutesStep
from reports.pen import Pen

_WIDTH, _HEIGHT = 210.0, 297.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 15.0, 20.0, 20.0
_ROOM = _WIDTH - _LEFT - _RIGHT
_END = _HEIGHT - _BOTTOM
_BODY = 13.0
_LEADING = _BODY * 1.25 * MM_PER_POINT
_INDENT = 10.0
_AIR = 6 * MM_PER_POINT
_SIGNING = 52.0
_BLANK = "." * 200


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One printed line: its words spread over the room when `justified`, `left` from the margin."""

    text: str
    font: str = REGULAR
    left: float = 0.0
    justified: bool = False
    air: float = 0.0


def render_minutes(data: MinutesData) -> bytes:
    """Return the minutes as a PDF; the same data gives the same bytes."""
    pen = Pen(width=_WIDTH, height=_HEIGHT, title=f"Biên bản sự vụ {data.reference}")
    top, number = _draw_heading(pen, data), 1
    for line in _body(data):
        if top + line.air + _LEADING > _END:
            number, top = _next_page(pen, number), _TOP
        top = _draw_line(pen, line, top + (line.air if top > _TOP else 0))
    if top + _SIGNING > _END:
        number, top = _next_page(pen, number), _TOP
    _draw_signatures(pen, data, top + 2 * _AIR)
    pen.next_page()
    return pen.finish()


def _next_page(pen: Pen, number: int) -> int:
    """Turn the page; from the second on its number stands in the middle of the top margin."""
    pen.next_page()
    pen.text((_WIDTH / 2, _TOP - 7), str(number + 1), REGULAR, _BODY, align="centre")
    return number + 1


def _draw_heading(pen: Pen, data: MinutesData) -> float:
    line, half = 6.2, _ROOM * 0.4
    left, right = _LEFT + half / 2, _WIDTH - _RIGHT - _ROOM * 0.29
    first, second = _TOP + 4, _TOP + 4 + line
    issuer = fit(data.issuer.upper(), BOLD, 12, Box(left=_LEFT, top=_TOP, width=half, height=2 * line))
    under = pen.block(issuer, (left, first - 4), align="centre") + 1.2
    pen.line((left - half * 0.2, under), (left + half * 0.2, under))
    country, motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
    national = fit(country, BOLD, 12, Box(left=0, top=0, width=_ROOM * 0.58, height=line))
    pen.text((right, first), country, BOLD, national.size, align="centre")
    pen.text((right, second), motto, BOLD, 13, align="centre")
    reach = text_width(motto, BOLD, 13) / 2
    pen.line((right - reach, second + 1.8), (right + reach, second + 1.8))
    third = second + 2 * line
    pen.text((left, third), f"Số: {data.number:02d}/BB-KT1", REGULAR, 13, align="centre")
    pen.text((right, third), _long_date(data.opened_at), ITALIC, 13, align="centre")
    title = third + 2 * line
    middle = _LEFT + _ROOM / 2
    pen.text((middle, title), "BIÊN BẢN", BOLD, 14, align="centre")
    about = fit(
        f"Về sự vụ {data.reference}: {data.kind}", BOLD, 14, Box(left=0, top=0, width=_ROOM, height=16)
    )
    end = pen.block(about, (middle, title + 2), align="centre") + 1.5
    pen.line((middle - 22, end), (middle + 22, end))
    return end + 4


def _body(data: MinutesData) -> Iterable[_Line]:
    yield from _paragraph(
        f"Hồi {local_time(data.opened_at)} ngày {local_date(data.opened_at)}, tại {data.place}, lập biên bản"
        f" về sự vụ số {data.reference}."
    )
    yield from _heading("1. Thành phần")
    for _ in range(3):
        yield from _blank("Ông (bà)")
    yield from _heading("2. Sự vụ")
    yield from _paragraph(f"Loại: {data.kind}. Mức độ: {data.severity}.")
    yield from _paragraph(f"Bưu gửi: {', '.join(data.codes) if data.codes else 'không rõ mã'}.")
    sample = " (giá trị mẫu, chưa có văn bản quy định)" if data.sample else ""
    yield from _paragraph(
        f"Hạn báo cáo đầu: {_moment(data.report_due_at)}. Hạn kết luận: {_moment(data.resolve_due_at)},"
        f" theo bảng {data.standard}{sample}."
    )
    yield from _heading("3. Diễn biến")
    for step in data.steps:
        yield from _step(step)
    yield from _heading("4. Hiện trạng và biện pháp đã thực hiện")
    for _ in range(3):
        yield from _blank("")
    yield from _heading("5. Chứng cứ")
    owed = f"Còn phải bổ sung: {', '.join(data.owed)}." if data.owed else "Đã đủ chứng cứ bắt buộc."
    yield from _paragraph(owed)
    entries = ", ".join(map(str, data.entries))
    yield from _paragraph(f"Các bản ghi nhật ký chứng minh: {entries} (nhật ký {data.origin}).")
    yield from _paragraph(
        "Biên bản lập thành … bản, mỗi bên giữ một bản; các bên đã nghe đọc lại và ký tên dưới đây./."
    )


def _step(step: MinutesStep) -> Iterable[_Line]:
    yield from _paragraph(f"- {_moment(step.at)}, {step.who}: {step.what}.")
    if step.is_lost:
        yield from _paragraph("(Nội dung đã mất khi khôi phục dữ liệu từ nhật ký.)", font=ITALIC)
    for text in step.text.splitlines():
        if text:
            yield from _paragraph(text, font=ITALIC)


def _heading(text: str) -> Iterable[_Line]:
    yield _Line(text=text, font=BOLD, left=_INDENT, air=_AIR)


def _blank(label: str) -> Iterable[_Line]:
    """Leave a dotted line for the hand, after a label or alone."""
    text = f"{label}: {_BLANK}" if label else _BLANK
    left = _INDENT if label else 0.0
    while text_width(text, REGULAR, _BODY) > _ROOM - left:
        text = text[:-1]
    yield _Line(text=text, left=left, air=_AIR / 2)


def _paragraph(text: str, *, font: str = REGULAR) -> Iterable[_Line]:
    """Break a paragraph: the first line indented, all but the last justified, as Annex I asks."""
    cleaned = clean(text, font)
    head = wrap(cleaned, font, _BODY, _ROOM - _INDENT)
    if not head:
        return
    rest = wrap(cleaned[len(head[0]) :].strip(), font, _BODY, _ROOM) if len(head) > 1 else ()
    yield _Line(text=head[0], font=font, left=_INDENT, justified=bool(rest), air=_AIR)
    for number, line in enumerate(rest, 1):
        yield _Line(text=line, font=font, justified=number < len(rest))


def _draw_line(pen: Pen, line: _Line, top: float) -> float:
    baseline, left = top + _LEADING * 0.8, _LEFT + line.left
    words = line.text.split()
    spare = _ROOM - line.left - sum(text_width(word, line.font, _BODY) for word in words)
    if line.justified and len(words) > 1:
        gap = spare / (len(words) - 1)
        for word in words:
            pen.text((left, baseline), word, line.font, _BODY)
            left += text_width(word, line.font, _BODY) + gap
    else:
        pen.text((left, baseline), line.text, line.font, _BODY)
    return top + _LEADING


def _draw_signatures(pen: Pen, data: MinutesData, top: float) -> None:
    """Leave room for three hands (who wrote, who saw, who is in charge); below, who gets a copy."""
    third = _ROOM / 3
    for place, title in enumerate(("NGƯỜI LẬP BIÊN BẢN", "NGƯỜI CHỨNG KIẾN", "PHỤ TRÁCH ĐƠN VỊ")):
        middle = _LEFT + third * (place + 0.5)
        pen.text((middle, top + 4), title, BOLD, 12, align="centre")
        pen.text((middle, top + 9), "(ký, ghi rõ họ tên)", ITALIC, 11, align="centre")
    low = top + 36
    pen.text((_LEFT, low), "Nơi nhận:", ITALIC, 12)
    copies = "- Như thành phần;", f"- Lưu: VT, hồ sơ sự vụ {data.reference}."
    for number, text in enumerate(copies, 1):
        pen.text((_LEFT, low + number * 5), text, REGULAR, 11)


def _moment(moment: datetime) -> str:
    return f"{local_time(moment)} ngày {local_date(moment)}"


def _long_date(moment: datetime) -> str:
    day = moment.astimezone(VIETNAM_TIME)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"
