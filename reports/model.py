"""What the printed forms are made of: frozen data in, nothing else.

Whoever prints builds one of these and hands it to `label`, `slip` or `workbook`. The classes hold only
what may stand on paper. They must never grow a field for the subject of a document, for the words of a
secrecy class, or (on the outer label) for the named receiver: what is not here cannot be printed.

Texts are Vietnamese or come from the caller already translated; times are aware datetimes and are
printed in Vietnam time. The enum values equal the stable codes used by the rest of the house.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.errors import InvalidReportData

MAX_NAME = 200
MAX_ADDRESS = 300
MAX_SHORT_TEXT = 120
MAX_DOCUMENT_NUMBERS = 500
MAX_SLIP_LINES = 200
# What one printed QR code holds at error level M, with modules a camera reads from paper.
MAX_PRINTED_RECEIPT = 1_600

_S10_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_TAIL_LENGTH = 5
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


class OuterMark(StrEnum):
    """The only sign of secrecy an outer envelope may carry: A, B, C or nothing (Decree 26/2020)."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"


class Scope(StrEnum):
    """Inside the province or between provinces."""

    INTRA = "intra"
    INTER = "inter"


class Paper(StrEnum):
    """Paper of a handover slip."""

    A4 = "A4"
    A5 = "A5"


class SlipPurpose(StrEnum):
    """Why the items change hands; equal to the purpose the devices signed."""

    TRANSFER = "transfer"
    DELIVERY = "delivery"
    RETURN = "return"


class SlipOutcome(StrEnum):
    """What became of one line of a list."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class NoReceipt(StrEnum):
    """Why a slip carries no receipt."""

    WAITING = "waiting"
    UNWITNESSED = "unwitnessed"
    TOO_LONG = "too_long"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A sender or recipient as it stands on an envelope: an agency, not a person."""

    name: str
    address: str

    def __post_init__(self) -> None:
        _bounded("name", self.name, MAX_NAME, required=True)
        _bounded("address", self.address, MAX_ADDRESS)


def check_tail(tail: str) -> None:
    """Refuse what is no hidden tail: five capitals and digits."""
    if len(tail) != _TAIL_LENGTH or not (tail.isascii() and tail.isalnum() and tail == tail.upper()):
        raise InvalidReportData("tail", "must be five capital letters and digits")


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelData:
    """One label for the outer envelope.

    `code` is the 13-character S10 code, `qr` the text `code|key id|MAC`, `tail` the hidden tail that only a
    label shows; `piece` of `pieces` numbers
    the parcels of one consignment; `print_number` is 1 for the first print and grows with every reprint.
    `appointed_at` is the agreed time of Hẹn giờ, None when there is none.
    """

    code: str
    qr: str
    tail: str
    mark: OuterMark
    express: bool
    appointed_at: datetime | None
    scope: Scope
    sender: Party
    recipient: Party
    register_number: str
    pieces: int = 1
    piece: int = 1
    print_number: int = 1

    def __post_init__(self) -> None:
        _s10("code", self.code)
        if not self.qr.startswith(self.code + "|") or not self.qr.isascii() or len(self.qr) > 90:
            raise InvalidReportData("qr", "must be code|key id|MAC in at most 90 ASCII characters")
        check_tail(self.tail)
        if self.appointed_at is not None:
            _aware("appointed_at", self.appointed_at)
        _bounded("register_number", self.register_number, 20)
        if not 1 <= self.piece <= self.pieces <= 9999:
            raise InvalidReportData("piece", "must lie between 1 and the number of pieces")
        if not 1 <= self.print_number <= 9999:
            raise InvalidReportData("print_number", "must be between 1 and 9999")


@dataclass(frozen=True, kw_only=True, slots=True)
class InnerLabelData:
    """The label of the inner envelope of an item whose outer mark is A.

    It names the document and the receiver and leaves room for the stamps the agency puts on by hand. It
    carries no machine-readable symbol, so an inner envelope can never be scanned as if it were the item.
    `receiver` may be empty; `named_only` prints the notice that only the named person may open it.
    """

    code: str
    document_numbers: str
    sender: Party
    recipient: Party
    receiver: str
    named_only: bool
    print_number: int = 1

    def __post_init__(self) -> None:
        _s10("code", self.code)
        _bounded("document_numbers", self.document_numbers, MAX_DOCUMENT_NUMBERS)
        _bounded("receiver", self.receiver, MAX_NAME, required=self.named_only)
        if not 1 <= self.print_number <= 9999:
            raise InvalidReportData("print_number", "must be between 1 and 9999")


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterOffset:
    """How far this printer must be pushed, in millimetres: x to the right, y down the page."""

    x_mm: float = 0.0
    y_mm: float = 0.0

    def __post_init__(self) -> None:
        if not (-20 <= self.x_mm <= 20 and -20 <= self.y_mm <= 20):
            raise InvalidReportData("offset", "must be at most 20 mm each way")


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipParty:
    """One side of a handover: the unit, and the person who answers for it."""

    unit: str
    address: str
    person: str
    position: str

    def __post_init__(self) -> None:
        _bounded("unit", self.unit, MAX_NAME, required=True)
        _bounded("address", self.address, MAX_ADDRESS)
        _bounded("person", self.person, MAX_NAME)
        _bounded("position", self.position, MAX_SHORT_TEXT)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipLine:
    """One item of a handover list; `reason` is the refusal in words, empty when accepted.

    `check` is what the receiver ticked off before signing, in words; empty where nothing was asked.
    """

    code: str
    mark: OuterMark
    express: bool
    appointed_at: datetime | None
    register_number: str
    pieces: int
    outcome: SlipOutcome
    reason: str = ""
    seal: str = ""
    check: str = ""

    def __post_init__(self) -> None:
        _bounded("code", self.code, 64, required=True)
        _bounded("register_number", self.register_number, 20)
        _bounded("reason", self.reason, MAX_NAME)
        _bounded("seal", self.seal, 40)
        _bounded("check", self.check, MAX_NAME)
        if self.appointed_at is not None:
            _aware("appointed_at", self.appointed_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipData:
    """A handover slip (biên bản giao nhận) for one signed list.

    `issuer_parent` and `issuer` head the first page; `place` is where it happened. `entry_index` and
    `entry_hash` (64 hex digits) name the log entry that recorded the taking; `origin` names the log.
    `receipt` is the entry's `.tlog-proof` byte for byte; it is empty where `no_receipt` says why.
    """

    paper: Paper
    purpose: SlipPurpose
    issuer_parent: str
    issuer: str
    locality: str
    place: str
    giver: SlipParty
    taker: SlipParty
    offered_at: datetime | None
    taken_at: datetime
    lines: tuple[SlipLine, ...]
    origin: str
    entry_index: int
    entry_hash: str
    receipt: bytes = b""
    no_receipt: NoReceipt = NoReceipt.WAITING

    def __post_init__(self) -> None:
        for field in ("issuer_parent", "issuer", "place"):
            _bounded(field, getattr(self, field), MAX_NAME)
        for field in ("locality", "origin"):
            _bounded(field, getattr(self, field), MAX_SHORT_TEXT)
        if self.offered_at is not None:
            _aware("offered_at", self.offered_at)
        _aware("taken_at", self.taken_at)
        if not 1 <= len(self.lines) <= MAX_SLIP_LINES:
            raise InvalidReportData("lines", f"must be 1 to {MAX_SLIP_LINES}")
        if self.entry_index < 0 or not _HEX_DIGEST.fullmatch(self.entry_hash):
            raise InvalidReportData("entry_hash", "must be the index and the 64 hex digits of a log entry")
        if len(self.receipt) > MAX_PRINTED_RECEIPT:
            raise InvalidReportData("receipt", f"must be at most {MAX_PRINTED_RECEIPT} bytes to be printed")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkbookColumn:
    """One column of a workbook: the words on top, how wide, what may stand in it."""

    key: str
    header: str
    width: int = 18
    required: bool = False
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportTemplate:
    """An empty workbook to fill in: columns, worked examples, and the rules in words on a second sheet."""

    sheet: str
    columns: tuple[WorkbookColumn, ...]
    guide_sheet: str
    guide: tuple[str, ...] = ()
    examples: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkbookProblem:
    """One thing wrong in an uploaded workbook.

    `row` is the row number people see (1 is the header row); `column` is a `WorkbookColumn.key`, empty
    when the whole row is meant; `message` is already in the user's language.
    """

    row: int
    column: str
    message: str

    def __post_init__(self) -> None:
        if self.row < 1:
            raise InvalidReportData("row", "rows are counted from 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemTexts:
    """The words of the problem list, in the user's language."""

    sheet: str = "Lỗi"
    row: str = "Dòng"
    column: str = "Cột"
    message: str = "Nội dung lỗi"


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorWorkbook:
    """What came in, every value as text, with its problems: the first sheet can be corrected and sent again.

    `rows` are the data rows only; the first of them is row 2 of the sheet.
    """

    sheet: str
    columns: tuple[WorkbookColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[WorkbookProblem, ...]
    texts: ProblemTexts = ProblemTexts()


@dataclass(frozen=True, kw_only=True, slots=True)
class ListExport:
    """A list exactly as shown on the screen; `heading` lines (who, when, which filter) stand above it."""

    sheet: str
    columns: tuple[WorkbookColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    heading: tuple[str, ...] = ()


def _bounded(field: str, text: str, limit: int, *, required: bool = False) -> None:
    if required and not text.strip():
        raise InvalidReportData(field, "must not be empty")
    if len(text) > limit:
        raise InvalidReportData(field, f"must be at most {limit} characters")


def _s10(field: str, text: str) -> None:
    if not _S10_SHAPE.fullmatch(text):
        raise InvalidReportData(field, "must be a 13-character code")


def _aware(field: str, moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise InvalidReportData(field, "must carry its time zone")
