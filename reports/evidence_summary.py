"""The summary of an evidence bundle in words (bản tóm tắt gói bằng chứng): an A4 page or more for people.

It tells what the bundle holds and how to check it. It is not the evidence: every page says that where it and
the entries differ, the entries count. It must never print a value that the bundle does not disclose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reports.evidence_model import EvidenceEvent, EvidenceField, EvidenceSummary, FieldWord
from reports.layout import BOLD, REGULAR, VIETNAM_TIME, Box, Fitted, clean, fit, wrap
from reports.pen import Pen

_WIDTH, _HEIGHT = 210.0, 297.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 15.0, 18.0, 20.0
_ROOM = _WIDTH - _LEFT - _RIGHT
_END = _HEIGHT - _BOTTOM
_BODY, _TABLE, _SMALL = 10.5, 8.5, 7.5
_PADDING = 1.1
_TITLE = "BẢN TÓM TẮT GÓI BẰNG CHỨNG"
_NOTICE = "Bản này chỉ để đọc. Nếu khác với bản ghi trong gói thì bản ghi có giá trị."
_EVENTS = (
    ("Bản ghi", 0.085),
    ("Sự kiện", 0.175),
    ("Bưu gửi", 0.185),
    ("Giờ thiết bị", 0.135),
    ("Giờ máy chủ", 0.135),
    ("Người làm, khóa thiết bị đã ký", 0.285),
)
_FIELDS = (("Bản ghi", 0.085), ("Thông tin", 0.215), ("Tình trạng", 0.23), ("Nội dung", 0.47))
_STATES = {
    FieldWord.DISCLOSED: "Có trong gói",
    FieldWord.WITHHELD: "Không đưa vào gói",
    FieldWord.ERASED: "Đã xóa theo quyết định",
}
_STEPS = (
    "1. Lấy tệp khóa trust.json bằng đường khác (tại lễ tạo khóa hoặc từ kiểm tra viên), không lấy từ gói.",
    "2. Lấy kt1-verify.pyz từ nơi mình tin; bản trong gói chỉ để tiện dùng, so mã SHA-256 trước khi chạy.",
    "3. Chạy: python3 kt1-verify.pyz verify-evidence TEP.zip --trust trust.json (không cần mạng).",
    "4. Dòng cuối là GOOD thì mọi bản ghi ở trên đúng là của nhật ký; BAD thì chỉ rõ chỗ sai đầu tiên.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """One thing that stays in one piece: cells side by side, framed or not, with air above."""

    cells: tuple[Fitted, ...]
    shares: tuple[float, ...]
    height: float
    framed: bool = False
    air: float = 0.0
    # What stands again on top of each page that the table goes on to.
    header: "_Block | None" = None


def render_summary(data: EvidenceSummary) -> bytes:
    """Return the summary as a PDF; the same data gives the same bytes."""
    pages = _paginate(_blocks(data))
    pen = Pen(width=_WIDTH, height=_HEIGHT, title=f"{_TITLE}: {data.subject}")
    for number, page in enumerate(pages, start=1):
        top = _TOP
        for place, block in enumerate(page):
            top = _draw(pen, block, top + (block.air if place else 0))
        baseline = _HEIGHT - _BOTTOM * 0.5
        pen.text((_LEFT, baseline), _NOTICE, REGULAR, _SMALL)
        pen.text((_WIDTH - _RIGHT, baseline), f"Trang {number}/{len(pages)}", REGULAR, _SMALL, align="right")
        pen.next_page()
    return pen.finish()


def _blocks(data: EvidenceSummary) -> Iterable[_Block]:
    yield _paragraph(_TITLE, BOLD, 15)
    yield _paragraph(data.subject, BOLD, _BODY + 1, air=2)
    about = (
        ("Nhật ký", data.origin),
        ("Lập lúc", f"{_moment(data.made_at)} (giờ Việt Nam, như mọi giờ trong bản này)"),
        ("Số bản ghi", str(len(data.events))),
        ("Chứng minh trong", f"cây nhật ký {data.size} bản ghi, mã gốc {data.root}"),
        ("Khóa ký gói", data.key_id),
    )
    for place, (label, value) in enumerate(about):
        yield _pair(label, value, air=0.4 if place else 2.5)
    yield _paragraph("Sự kiện", BOLD, _BODY, air=5)
    yield from _table(_EVENTS, [_event(event) for event in data.events])
    yield _paragraph(
        "Bản ghi chỉ giữ số hiệu người dùng và khóa thiết bị; tên đơn vị, vai trò và họ tên (nếu có)"
        " lấy từ danh bạ của máy chủ lúc lập gói. Giờ thiết bị là giờ ký tại chỗ,"
        " giờ máy chủ là giờ ghi vào nhật ký.",
        REGULAR, _SMALL, air=1.5,
    )  # fmt: skip
    if data.fields:
        yield _paragraph("Thông tin niêm kín", BOLD, _BODY, air=5)
        yield from _table(_FIELDS, [_field(field) for field in data.fields])
    yield _paragraph("Cách kiểm tra", BOLD, _BODY, air=5)
    for step in _STEPS:
        yield _paragraph(step, REGULAR, _BODY - 1, air=0.8)
    yield _paragraph(
        f"SHA-256 của kt1-verify.pyz trong gói: {data.verifier_digest}", REGULAR, _SMALL, air=1.5
    )


def _event(event: EvidenceEvent) -> tuple[str, ...]:
    keys = ", ".join(event.device_keys)
    return (
        str(event.index),
        event.what,
        event.items,
        "–" if event.device_at is None else _moment(event.device_at),
        _moment(event.recorded_at),
        f"{event.who}. Khóa {keys}" if keys else f"{event.who}. Chỉ máy chủ ký",
    )


def _field(field: EvidenceField) -> tuple[str, ...]:
    return (str(field.index), field.label, _STATES[field.state], field.value or "–")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM_TIME):%d/%m/%Y %H:%M:%S}"


def _table(columns: tuple[tuple[str, float], ...], rows: Iterable[tuple[str, ...]]) -> Iterable[_Block]:
    shares = tuple(share for _, share in columns)
    header = _row(tuple(words for words, _ in columns), shares, font=BOLD, air=1.5)
    yield header
    for row in rows:
        yield _row(row, shares, header=header)


def _row(
    words: tuple[str, ...],
    shares: tuple[float, ...],
    *,
    font: str = REGULAR,
    air: float = 0,
    header: _Block | None = None,
) -> _Block:
    cells = tuple(
        _lay(text, font, _TABLE, _ROOM * share - 2 * _PADDING)
        for text, share in zip(words, shares, strict=True)
    )
    height = max(cell.height for cell in cells) + 2 * _PADDING
    return _Block(cells=cells, shares=shares, height=height, framed=True, air=air, header=header)


def _pair(label: str, value: str, *, air: float) -> _Block:
    shares = (0.2, 0.8)
    cells = (_lay(label, BOLD, _TABLE + 1, _ROOM * 0.2), _lay(value, REGULAR, _TABLE + 1, _ROOM * 0.8))
    return _Block(cells=cells, shares=shares, height=max(cell.height for cell in cells), air=air)


def _paragraph(text: str, font: str, size: float, *, air: float = 0) -> _Block:
    cell = _lay(text, font, size, _ROOM)
    return _Block(cells=(cell,), shares=(1.0,), height=cell.height, air=air)


def _lay(text: str, font: str, size: float, width: float) -> Fitted:
    """Break into lines of one size; only what would fill more than a page alone is set smaller."""
    lines = wrap(clean(text, font), font, size, width)
    laid = Fitted(lines=lines, font=font, size=size, leading=size * 1.25)
    tallest = _END - _TOP - 30
    if laid.height <= tallest:
        return laid
    return fit(text, font, size, Box(left=0, top=0, width=width, height=tallest))


def _paginate(blocks: Iterable[_Block]) -> list[list[_Block]]:
    """Spread over pages; a heading never stands at the foot of a page without what follows it."""
    pages: list[list[_Block]] = [[]]
    room = _END - _TOP
    waiting: list[_Block] = []
    for block in blocks:
        waiting.append(block)
        if not block.framed and block.cells[0].font == BOLD and len(block.cells) == 1:
            continue
        if block.framed and block.header is None:
            continue
        needed = sum(one.height + one.air for one in waiting)
        if needed > room and pages[-1]:
            header = waiting[0].header
            pages.append([] if header is None else [header])
            room = _END - _TOP - (0 if header is None else header.height)
        pages[-1] += waiting
        room -= needed
        waiting = []
    return pages


def _draw(pen: Pen, block: _Block, top: float) -> float:
    left = _LEFT
    inset = _PADDING if block.framed else 0.0
    for cell, share in zip(block.cells, block.shares, strict=True):
        width = _ROOM * share
        if block.framed:
            pen.frame(Box(left=left, top=top, width=width + 0.15, height=block.height + 0.15), thickness=0.15)
        pen.block(cell, (left + inset, top + inset))
        left += width
    return top + block.height
