"""The papers of authority as they are carried: the courier's card (A6, across) and the letter (A4).

Signed and sealed by hand outside this program; what counts at a handover is the register, so neither carries
a symbol that a station would have to trust. It must never say what its holder carries.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.layout import BOLD, ITALIC, REGULAR, Box, fit
from reports.official import (
    Heading,
    draw_footer,
    draw_heading,
    draw_pairs,
    draw_paragraph,
    draw_recipients,
    draw_signature,
    draw_title,
    open_page,
    paper_time,
)
from reports.pen import Pen

A6_WIDTH, A6_HEIGHT = 148.0, 105.0
_EDGE, _ROOM, _LABELS = 10.0, 128.0, 34.0
_CARD_TITLE = "KT1: thẻ giao liên"


class PaperState(StrEnum):
    """What a copy must say of itself beside the dates; the original of a valid paper says nothing."""

    VALID = "valid"
    VOID = "void"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorityPaper:
    """One paper: `unit` is the one it speaks for, `origin` the log that has it.

    `up_to` is the letter of the highest outer mark it speaks for, "" for every one.
    """

    number: str
    unit: str
    holder: str
    position: str
    valid_from_at: datetime
    valid_until_at: datetime
    issued_at: datetime
    state: PaperState
    origin: str
    up_to: str = ""


def render_card(paper: AuthorityPaper) -> bytes:
    """Return the courier's card, one A6 page across."""
    pen = Pen(width=A6_WIDTH, height=A6_HEIGHT, title=_CARD_TITLE)
    pen.frame(Box(left=4, top=4, width=A6_WIDTH - 8, height=A6_HEIGHT - 8), thickness=0.5)
    middle = A6_WIDTH / 2
    pen.block(
        fit(paper.unit.upper(), BOLD, 10, Box(left=_EDGE, top=8, width=_ROOM, height=9)),
        (middle, 8),
        align="centre",
    )
    pen.text((middle, 25), "THẺ GIAO LIÊN KT1", BOLD, 16, align="centre")
    pen.text((middle, 31.5), f"Số: {paper.number}", REGULAR, 11, align="centre")
    top = 37.0
    rows = (
        ("Họ và tên", paper.holder),
        ("Chức vụ", paper.position),
        ("Có giá trị từ", paper_time(paper.valid_from_at)),
        ("Đến trước", paper_time(paper.valid_until_at)),
        *_limit(paper),
    )
    for label, value in rows:
        pen.text((_EDGE, top + 3.9), f"{label}:", REGULAR, 10)
        box = Box(left=_EDGE + _LABELS, top=top, width=60, height=8)
        pen.block(fit(value or "–", BOLD, 11, box), (box.left, top))
        top += 9.5
    # The photograph is glued in and sealed across its edge; nobody's face is kept by this program.
    photo = Box(left=A6_WIDTH - _EDGE - 25, top=38, width=25, height=32)
    pen.frame(photo, thickness=0.3, gray=0.4)
    pen.text((photo.left + photo.width / 2, photo.top + 17), "Ảnh 3 x 4", ITALIC, 8, align="centre")
    _say_void(pen, paper, (middle, 79))
    pen.text((A6_WIDTH - _EDGE - 22, 85), "NGƯỜI CẤP THẺ", BOLD, 9, align="centre")
    pen.text((A6_WIDTH - _EDGE - 22, 89), "(Ký, đóng dấu)", ITALIC, 8, align="centre")
    kept = f"{paper.origin}; mất thẻ phải báo ngay để thu hồi."
    box = Box(left=_EDGE, top=82, width=70, height=14)
    pen.block(fit(kept, REGULAR, 8, box), (_EDGE, box.top))
    pen.next_page()
    return pen.finish()


def render_letter(paper: AuthorityPaper) -> bytes:
    """Return the letter of introduction, one A4 page."""
    pen = open_page("KT1: giấy giới thiệu")
    heading = Heading(issuer=paper.unit, number=paper.number, locality="", day=paper.issued_at)
    top = draw_heading(pen, heading)
    top = draw_title(pen, "GIẤY GIỚI THIỆU", "Gửi, nhận bưu gửi KT1 tại bưu cục", top)
    top = draw_paragraph(pen, f"{paper.unit} trân trọng giới thiệu:", top + 2)
    top = draw_pairs(
        pen,
        (
            ("Ông (bà)", paper.holder),
            ("Chức vụ", paper.position),
            ("Được cử đến", "Bưu cục, để gửi bưu gửi KT1 của cơ quan và nhận bưu gửi đến hoặc chuyển hoàn"),
            ("Có giá trị từ", paper_time(paper.valid_from_at)),
            ("Đến trước", paper_time(paper.valid_until_at)),
            *_limit(paper),
        ),
        top,
    )
    asked = "Đề nghị bưu cục tạo điều kiện để người có tên trên hoàn thành nhiệm vụ."
    top = draw_paragraph(pen, asked, top)
    _say_void(pen, paper, (105, top + 8))
    draw_signature(pen, "THỦ TRƯỞNG CƠ QUAN", "", top + 12)
    draw_recipients(pen, ("Như trên", "Lưu: VT"), top + 12)
    draw_footer(pen, f"{paper.origin} · giấy giới thiệu {paper.number}")
    pen.next_page()
    return pen.finish()


def _limit(paper: AuthorityPaper) -> tuple[tuple[str, str], ...]:
    """Name the limit by its letter alone, as the cover of an item does."""
    return (("Dấu cao nhất", paper.up_to),) if paper.up_to else ()


def _say_void(pen: Pen, paper: AuthorityPaper, place: tuple[float, float]) -> None:
    if paper.state is PaperState.VOID:
        pen.text(place, "KHÔNG CÒN GIÁ TRỊ", BOLD, 14, align="centre")
