"""The looks of an official paper on A4 (Decree 30/2020, Annex I): heading, title, body, signature.

Forms of one page use it, so every block has a greatest height and its text shrinks rather than being cut.
Places for signature and seal stay blank: signing happens outside this program. Nothing here knows a form.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.layout import (
    BOLD,
    ITALIC,
    MM_PER_POINT,
    REGULAR,
    VIETNAM_TIME,
    Box,
    Fitted,
    clean,
    fit,
    text_width,
    wrap,
)
from reports.pen import Pen

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 30.0, 15.0, 20.0, 20.0
ROOM = WIDTH - LEFT - RIGHT
BODY = 12.0
_LINE = BODY * 1.4 * MM_PER_POINT
_INDENT = 10.0
COUNTRY, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What stands on top: the issuing agency, its number (may be empty), where and when."""

    issuer: str
    number: str
    locality: str
    day: datetime


def open_page(title: str) -> Pen:
    """Open a document of A4 pages."""
    return Pen(width=WIDTH, height=HEIGHT, title=title)


def draw_heading(pen: Pen, heading: Heading) -> float:
    """Draw agency and number at the left, national heading, place and date at the right; return the end."""
    left_width, right_width = ROOM * 0.42, ROOM * 0.56
    left_middle, right_middle = LEFT + left_width / 2, WIDTH - RIGHT - right_width / 2
    pen.text((right_middle, TOP + _LINE * 0.7), COUNTRY, BOLD, 11, align="centre")
    pen.text((right_middle, TOP + _LINE * 1.7), MOTTO, BOLD, BODY, align="centre")
    reach = text_width(MOTTO, BOLD, BODY) / 2
    pen.line((right_middle - reach, TOP + _LINE * 2), (right_middle + reach, TOP + _LINE * 2))
    box = Box(left=LEFT, top=TOP, width=left_width, height=_LINE * 3)
    end = pen.block(fit(heading.issuer.upper(), BOLD, 11, box), (left_middle, box.top), align="centre")
    pen.line((left_middle - left_width * 0.2, end + 1), (left_middle + left_width * 0.2, end + 1))
    baseline = max(end + _LINE, TOP + _LINE * 3.2)
    if heading.number:
        pen.text((left_middle, baseline), f"Số: {heading.number}", REGULAR, BODY, align="centre")
    pen.text((right_middle, baseline), _place_and_day(heading), ITALIC, BODY, align="centre")
    return baseline + _LINE


def draw_title(pen: Pen, title: str, abstract: str, top: float) -> float:
    """Draw the type of the paper and what it is about, centred."""
    middle = LEFT + ROOM / 2
    pen.text((middle, top + _LINE), title, BOLD, 14, align="centre")
    box = Box(left=LEFT, top=top + _LINE * 1.4, width=ROOM, height=_LINE * 2)
    return pen.block(fit(abstract, BOLD, BODY, box), (middle, box.top), align="centre") + _LINE * 0.6


def draw_paragraph(pen: Pen, text: str, top: float, *, font: str = REGULAR, highest: float = 40) -> float:
    """Draw one paragraph of the body."""
    # Lines run to the margin, as in a letter; only what would grow too high is balanced and set smaller.
    lines = wrap(clean(text, font), font, BODY, ROOM)
    laid = Fitted(lines=lines, font=font, size=BODY, leading=BODY * 1.35)
    if laid.height > highest:
        laid = fit(text, font, BODY, Box(left=LEFT, top=top, width=ROOM, height=highest), leading=1.35)
    return pen.block(laid, (LEFT, top)) + 2.2


def draw_pairs(pen: Pen, pairs: tuple[tuple[str, str], ...], top: float) -> float:
    """Draw labels and values, one line each or a few."""
    for label, value in pairs:
        pen.text((LEFT + _INDENT, top + _LINE * 0.75), f"{label}:", REGULAR, 11)
        left = LEFT + _INDENT + 54
        box = Box(left=left, top=top, width=WIDTH - RIGHT - left, height=13)
        top = max(pen.block(fit(value or "–", BOLD, 11, box), (left, top)), top + _LINE) + 0.8
    return top + 1.5


def draw_signature(pen: Pen, caption: str, name: str, top: float, *, middle: float | None = None) -> float:
    """Draw the place of a signature, blank between caption and name."""
    centre = WIDTH - RIGHT - ROOM * 0.24 if middle is None else middle
    pen.text((centre, top + _LINE), caption, BOLD, BODY, align="centre")
    pen.text((centre, top + _LINE * 1.9), "(Ký, ghi rõ họ tên, đóng dấu)", ITALIC, 10.5, align="centre")
    if name:
        box = Box(left=0, top=top + 27, width=ROOM * 0.45, height=_LINE)
        pen.block(fit(name, BOLD, BODY, box), (centre, box.top), align="centre")
    return top + 27 + _LINE


def draw_recipients(pen: Pen, lines: tuple[str, ...], top: float) -> None:
    """Draw "Nơi nhận" at the left, as it stands under every official letter."""
    pen.text((LEFT, top + _LINE * 0.8), "Nơi nhận:", ITALIC, BODY)
    top += _LINE
    for line in lines:
        box = Box(left=LEFT, top=top, width=ROOM * 0.48, height=10)
        top = pen.block(fit(f"- {line}", REGULAR, 11, box), (LEFT, top))


def draw_footer(pen: Pen, text: str) -> None:
    """Draw the line at the foot by which paper and system are matched."""
    pen.text((LEFT, HEIGHT - BOTTOM * 0.5), text, REGULAR, 8)


def paper_time(moment: datetime | None) -> str:
    """Write a moment as a paper does; what has not happened is a dash."""
    return "–" if moment is None else f"{moment.astimezone(VIETNAM_TIME):%H:%M ngày %d/%m/%Y}"


def _place_and_day(heading: Heading) -> str:
    day = heading.day.astimezone(VIETNAM_TIME)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{heading.locality}, ngày {day.day:02d} tháng {month} năm {day.year}".lstrip(", ")
