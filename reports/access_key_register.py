"""The register of an office's keys and codes on paper: what there is, who has it, when it is to be changed.

It must never show what opens a lock: only names, holders, days and the seals of envelopes.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from reports.errors import InvalidReportData
from reports.list_paper import ListPaper, render_list
from reports.official import ROOM, paper_time

_EDGES = (0.0, 10.0, 54.0, 80.0, 112.0, 134.0, ROOM)
_HEADERS = ("TT", "Tên", "Loại", "Người giữ", "Số bì", "Hạn đổi")
_LONGEST_CODE = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessKeyLine:
    """One key or code, in words; `due` says the day, or why it is none.

    `seal` is the number on the envelope with a copy, "" where there is none.
    """

    name: str
    kind: str
    holder: str
    seal: str
    due: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessKeyRegister:
    """The register as of a moment; `months` is the period of change and `source` who says so."""

    code: str
    office: str
    at: datetime
    by: str
    due: int
    months: int
    source: str
    lines: tuple[AccessKeyLine, ...]

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise InvalidReportData("at", "must carry its time zone")
        if not 0 < len(self.code) <= _LONGEST_CODE:
            raise InvalidReportData("code", f"must be 1 to {_LONGEST_CODE} characters")

    @property
    def digest(self) -> str:
        """SHA-256 of the lines as they are printed, so that two printings can be compared."""
        rows = "".join("\t".join(row) + "\n" for row in self.rows)
        return sha256(rows.encode()).hexdigest()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The lines as they are printed."""
        return tuple(
            (str(number), one.name, one.kind, one.holder, one.seal or "–", one.due)
            for number, one in enumerate(self.lines, start=1)
        )


def render_access_key_register(data: AccessKeyRegister) -> bytes:
    """Return the register as a PDF; the same data gives the same bytes."""
    return render_list(
        ListPaper(
            name="Sổ chìa khóa, mã khóa KT1",
            heading=data.office,
            title="SỔ CHÌA KHÓA, MÃ KHÓA",
            about=f"Phòng, két, lồng của {data.office}",
            day=data.at,
            code=data.code,
            qr=f"{data.code}|sha256|{data.digest}",
            facts=(
                ("Tính đến", paper_time(data.at)),
                ("Phải đổi ngay", str(data.due)),
                ("Đổi định kỳ", f"{data.months} tháng ({data.source})"),
                ("Người in", data.by),
            ),
            headers=_HEADERS,
            edges=_EDGES,
            rows=data.rows,
            signers=(("NGƯỜI LẬP", data.by), ("NGƯỜI KIỂM TRA", "")),
            foot=f"SHA-256 {data.digest} · Sổ này không bao giờ ghi mã khóa.",
        )
    )
