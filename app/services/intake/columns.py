"""The columns of the import list: what each one holds, and by which headings it is recognised.

Headings match with or without tone marks, in any order, in Vietnamese or English. Never guesses a heading
that is merely similar, and never drops a column it does not know: nobody would notice that it was lost.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import Problem, ProblemCode
from app.services.intake.table import CellKind, Row, column_letter


class Reading(StrEnum):
    """How the cells of a column may have been stored by the spreadsheet."""

    TEXT = "text"  # an identifier or words: a number has lost its leading zeros already
    COUNT = "count"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `field` is the name the form and the API use, `heading` the template's Vietnamese words."""

    field: str
    heading: str
    reading: Reading
    example: str
    required: bool = False
    aliases: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column(
        field="recipient_unit",
        heading="Mã cơ quan nhận",
        reading=Reading.TEXT,
        example="07210",
        required=True,
        aliases=("mã đơn vị nhận", "mã nơi nhận", "cơ quan nhận", "nơi nhận", "recipient", "recipient code"),
    ),
    Column(
        field="receiver_name",
        heading="Người nhận",
        reading=Reading.TEXT,
        example="Nguyễn Thị Ánh",
        aliases=("tên người nhận", "họ tên người nhận", "người nhận đích danh", "receiver", "named receiver"),
    ),
    Column(
        field="named_only",
        heading="Chỉ người có tên mới được bóc bì",
        reading=Reading.YES_NO,
        example="",
        aliases=("chỉ người có tên bóc bì", "chỉ người có tên", "named only", "named person only"),
    ),
    Column(
        field="secrecy",
        heading="Độ mật (A/B/C)",
        reading=Reading.TEXT,
        example="C",
        aliases=("độ mật", "mức độ mật", "secrecy", "secrecy a b c"),
    ),
    Column(
        field="express",
        heading="Hỏa tốc",
        reading=Reading.YES_NO,
        example="x",
        aliases=("hoả tốc", "express"),
    ),
    Column(
        field="appointed_at",
        heading="Hẹn giờ (ngày giờ)",
        reading=Reading.MOMENT,
        example="",
        aliases=("hẹn giờ", "giờ hẹn", "thời gian hẹn", "appointed", "appointed time", "appointed at"),
    ),
    Column(
        field="document_numbers",
        heading="Số, ký hiệu tài liệu",
        reading=Reading.TEXT,
        example="05/BC-SKHCN",
        aliases=(
            "số ký hiệu",
            "số và ký hiệu",
            "số văn bản",
            "số hiệu",
            "document number",
            "document numbers",
        ),
    ),
    Column(
        field="document_date",
        heading="Ngày tháng tài liệu",
        reading=Reading.DAY,
        example="05/02/2026",
        aliases=(
            "ngày tháng",
            "ngày văn bản",
            "ngày tài liệu",
            "ngày tháng văn bản",
            "document date",
            "date",
        ),
    ),
    Column(
        field="document_type",
        heading="Tên loại",
        reading=Reading.TEXT,
        example="BC",
        aliases=("loại", "loại văn bản", "tên loại văn bản", "type", "document type"),
    ),
    Column(
        field="abstract",
        heading="Trích yếu",
        reading=Reading.TEXT,
        example="",
        aliases=("trích yếu nội dung", "nội dung", "abstract"),
    ),
    Column(
        field="pieces",
        heading="Số bì",
        reading=Reading.COUNT,
        example="1",
        aliases=("số lượng", "số lượng bì", "số kiện", "pieces"),
    ),
    Column(
        field="weight_g",
        heading="Khối lượng (g)",
        reading=Reading.COUNT,
        example="250",
        aliases=("khối lượng", "trọng lượng", "trọng lượng g", "weight", "weight g"),
    ),
    Column(
        field="inner_envelope",
        heading="Đã đóng bì trong",
        reading=Reading.YES_NO,
        example="",
        aliases=("bì trong", "inner envelope"),
    ),
    Column(
        field="outer_envelope",
        heading="Đã đóng bì ngoài",
        reading=Reading.YES_NO,
        example="x",
        aliases=("bì ngoài", "outer envelope"),
    ),
    Column(
        field="sealed",
        heading="Đã niêm phong",
        reading=Reading.YES_NO,
        example="x",
        aliases=("đã dán niêm phong", "sealed"),
    ),
    Column(
        field="seal",
        heading="Số niêm phong",
        reading=Reading.TEXT,
        example="",
        aliases=("niêm phong", "số hiệu niêm phong", "seal", "seal number"),
    ),
)


def fold_heading(text: str) -> str:
    """Drop case, tone marks and signs between words: `Độ mật (A/B/C)` becomes `do mat a b c`."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("đ", "d")
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())


_BY_HEADING = {
    fold_heading(name): column
    for column in COLUMNS
    for name in (column.heading, column.field, *column.aliases)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which column of the file holds which field: `places[i]` is what its i-th column holds, or None."""

    places: tuple[Column | None, ...]


def match_header(header: Row) -> tuple[Mapping, tuple[Problem, ...]]:
    """Recognise the headings; a problem names each unknown, repeated or missing one."""
    places: list[Column | None] = []
    problems: list[Problem] = []
    for index, cell in enumerate(header.cells):
        column = _BY_HEADING.get(fold_heading(cell.text)) if cell.kind is CellKind.TEXT else None
        if cell.kind is not CellKind.EMPTY and (column is None or column in places):
            code = ProblemCode.UNKNOWN_COLUMN if column is None else ProblemCode.REPEATED_COLUMN
            problems.append(_wrong_column(code, header.number, column_letter(index), cell.text))
            column = None
        places.append(column)
    problems.extend(_missing(header.number, places))
    return Mapping(places=tuple(places)), tuple(problems)


def _missing(row: int, places: Sequence[Column | None]) -> list[Problem]:
    return [
        _wrong_column(ProblemCode.MISSING_COLUMN, row, None, column.heading)
        for column in COLUMNS
        if column.required and column not in places
    ]


def _wrong_column(code: ProblemCode, row: int, column: str | None, name: str) -> Problem:
    return Problem(
        field="header",
        code=code,
        row=row,
        column=column,
        params={"value": name[:80]},
    )
