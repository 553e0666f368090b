"""The answer to a manifest on paper (bản trả lời bản kê): what the receiver said of each line.

Its symbol names three digests: of the answer, of the manifest that was answered, and of the log's entry of
the last line. Whoever holds both papers proves offline that they belong together. It must never show anything
of an item but its code.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reports.bag_manifest import kind_of
from reports.bag_model import Dispatched
from reports.errors import InvalidReportData
from reports.list_paper import ListPaper, render_list
from reports.model import MAX_NAME, Party
from reports.official import ROOM, paper_time

RESPONSE_PREFIX = "TL"
_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_EDGES = (0.0, 12.0, 52.0, 72.0, 110.0, 126.0, ROOM)
_HEADERS = ("TT", "Mã", "Loại", "Trả lời", "Bản ghi", "Mã băm bản ghi")


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredLine:
    """One line: its code, the answer in words, the log's entry of the answer and that entry's hash."""

    code: str
    answer: str
    entry: int
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BagResponse:
    """A whole answer on paper; `differing` counts the lines that were not simply received."""

    code: str
    origin: Party
    destination: Party
    dispatch: Dispatched
    answered_by: str
    answered_at: datetime
    differing: int
    lines: tuple[AnsweredLine, ...]
    manifest: str
    digest: str
    log: str

    def __post_init__(self) -> None:
        if not _S10.fullmatch(self.code) or not self.lines:
            raise InvalidReportData("code", "must be 13 characters of an S10 code, with at least one line")
        for digest in (self.manifest, self.digest, *(line.hash for line in self.lines)):
            if not _DIGEST.fullmatch(digest):
                raise InvalidReportData("digest", "must be 64 hexadecimal digits")
        if len(self.answered_by) > MAX_NAME or len(self.log) > MAX_NAME:
            raise InvalidReportData("text", f"must be at most {MAX_NAME} characters")
        if self.answered_at.utcoffset() is None:
            raise InvalidReportData("answered_at", "must carry its time zone")

    @property
    def response_code(self) -> str:
        """The code of the answer itself, told from the manifest's and the bag's by its two letters."""
        return f"{RESPONSE_PREFIX}{self.code}"

    @property
    def qr(self) -> str:
        """What the symbol says: the answer's code and digest, then the digest of the answered manifest."""
        return f"{self.response_code}|sha256|{self.digest}|{self.manifest}"


def render_bag_response(data: BagResponse) -> bytes:
    """Return the answer as a PDF of as many A4 pages as it needs; the same data gives the same bytes."""
    dispatch = data.dispatch
    return render_list(
        ListPaper(
            name="Bản trả lời bản kê túi KT1",
            heading=data.destination.name,
            title="BẢN TRẢ LỜI BẢN KÊ TÚI KT1",
            about=f"Chuyến thư số {dispatch.number}/{dispatch.year}, túi số {dispatch.serial}",
            day=data.answered_at,
            code=data.response_code,
            qr=data.qr,
            facts=_facts(data),
            headers=_HEADERS,
            edges=_EDGES,
            rows=tuple(
                (
                    str(number),
                    line.code,
                    kind_of(line.code, data.code),
                    line.answer,
                    str(line.entry),
                    f"{line.hash[:16]}…",
                )
                for number, line in enumerate(data.lines, start=1)
            ),
            signers=(("NGƯỜI ĐÓNG TÚI", ""), ("NGƯỜI TRẢ LỜI", data.answered_by)),
            foot=f"SHA-256 {data.digest} · bản kê {data.manifest} · {data.log}",
        )
    )


def _facts(data: BagResponse) -> tuple[tuple[str, str], ...]:
    last = data.lines[-1] if len(data.lines) == 1 else max(data.lines, key=lambda line: line.entry)
    return (
        ("Bưu cục đóng túi", data.origin.name),
        ("Bưu cục trả lời", data.destination.name),
        ("Bản kê được trả lời", f"BK{data.code}"),
        ("Người trả lời", data.answered_by),
        ("Trả lời đủ lúc", paper_time(data.answered_at)),
        ("Số dòng khác bản kê", str(data.differing)),
        ("Bản ghi cuối", f"{last.entry} · {last.hash}"),
    )
