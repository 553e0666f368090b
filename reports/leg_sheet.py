"""The sheet of a courier's leg on paper (phiếu hành trình): who drives what, from where to where.

It must never show anything of what is aboard but its code.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData
from reports.list_paper import ListPaper, render_list
from reports.model import MAX_NAME
from reports.official import ROOM, paper_time

_EDGES = (0.0, 14.0, 62.0, 92.0, ROOM)
_HEADERS = ("TT", "Mã", "Loại", "Kết quả khi đến nơi")
_BAG, _LONGEST = "Túi", 64
_DIGEST = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class LegSheet:
    """One leg on paper. `lines` are code, kind in words and result in words; `digest` is of the codes.

    The digest is SHA-256 of the codes, sorted, each with a line feed: what whoever loads and whoever unloads
    can count by themselves.
    """

    code: str
    state: str
    origin: str
    destination: str
    vehicle: str
    vehicle_kind: str
    courier: str
    escort: str
    departs_at: datetime
    arrives_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    planned_at: datetime
    planned_by: str
    lines: tuple[tuple[str, str, str], ...]
    digest: str
    entry_note: str

    def __post_init__(self) -> None:
        if not self.lines:
            raise InvalidReportData("lines", "must hold at least one code")
        if len(self.digest) != _DIGEST or len(self.code) > _LONGEST:
            raise InvalidReportData("digest", "must be 64 hexadecimal digits, and the code short")
        texts = (self.origin, self.destination, self.vehicle, self.courier, self.escort, self.planned_by)
        if any(len(text) > MAX_NAME for text in texts):
            raise InvalidReportData("text", f"must be at most {MAX_NAME} characters")
        for moment in (self.departs_at, self.arrives_at, self.planned_at):
            if moment.utcoffset() is None:
                raise InvalidReportData("departs_at", "must carry its time zone")

    @property
    def qr(self) -> str:
        """What the symbol says: the leg's code and the digest of what is aboard."""
        return f"{self.code}|sha256|{self.digest}"


def render_leg_sheet(data: LegSheet) -> bytes:
    """Return the sheet as a PDF; the same data gives the same bytes."""
    return render_list(
        ListPaper(
            name="Phiếu hành trình KT1",
            heading=data.origin,
            title="PHIẾU HÀNH TRÌNH KT1",
            about=f"Chặng {data.origin} - {data.destination}",
            day=data.planned_at,
            code=data.code,
            qr=data.qr,
            facts=_facts(data),
            headers=_HEADERS,
            edges=_EDGES,
            rows=tuple((str(number), *line) for number, line in enumerate(data.lines, start=1)),
            signers=(("BƯU TÁ", data.courier), ("NGƯỜI ÁP TẢI", data.escort)),
            foot=f"SHA-256 {data.digest} · {data.entry_note}",
        )
    )


def _facts(data: LegSheet) -> tuple[tuple[str, str], ...]:
    return (
        ("Tình trạng", data.state),
        ("Phương tiện", f"{data.vehicle} ({data.vehicle_kind})"),
        ("Bưu tá", data.courier),
        ("Người áp tải", data.escort or "không có"),
        ("Giờ đi dự kiến / thực tế", f"{paper_time(data.departs_at)} / {paper_time(data.departed_at)}"),
        ("Giờ đến dự kiến / thực tế", f"{paper_time(data.arrives_at)} / {paper_time(data.arrived_at)}"),
        ("Người lập", data.planned_by),
    )
