"""Read the units of a province from CSV files, for `kt1 agency load` and the demo.

The folder holds `agencies.csv` and `post.csv` (one unit a line) and `communes.csv` (one People's Committee a
line). This module must never write to a database, and never repair a line: it names the one that is wrong.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = frozenset({"agency", "committee", "department", "point"})
UNIT_COLUMNS = ("code", "kind", "short_name", "name", "province", "commune", "address", "parent", "note")
COMMUNE_COLUMNS = ("code", "kind", "name")
COMMUNE_KINDS = {"xã": "Xã", "phường": "Phường"}


class ProvinceError(Exception):
    """A file of the province is not in its form; the message names file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit as the file describes it; `parent` is a unit code or empty."""

    code: str
    kind: str
    name: str
    short_name: str
    province: str
    commune: str
    address: str
    parent: str


def read_province(folder: Path, *, province: str, province_name: str) -> tuple[UnitRow, ...]:
    """Read all three files, parents before their children; raises ProvinceError or OSError."""
    rows = [
        *_units(folder / "agencies.csv"),
        *_units(folder / "post.csv"),
        *_committees(folder / "communes.csv", province=province, province_name=province_name),
    ]
    codes = [row.code for row in rows]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        raise ProvinceError(f"{folder}: these unit codes appear twice: {', '.join(repeated)}")
    known: set[str] = set()
    for row in rows:
        if row.parent and row.parent not in known:
            raise ProvinceError(f"{folder}: {row.code} names its parent {row.parent} before that one appears")
        known.add(row.code)
    return tuple(rows)


def _units(path: Path) -> Iterator[UnitRow]:
    for line, untrusted in _lines(path, UNIT_COLUMNS):
        if untrusted["kind"] not in KINDS:
            raise ProvinceError(f"{path}, line {line}: kind is one of {', '.join(sorted(KINDS))}")
        if not (untrusted["code"] and untrusted["name"] and untrusted["short_name"]):
            raise ProvinceError(f"{path}, line {line}: code, name and short_name must be filled in")
        yield UnitRow(**{column: untrusted[column] for column in UNIT_COLUMNS if column != "note"})


def _committees(path: Path, *, province: str, province_name: str) -> Iterator[UnitRow]:
    for line, untrusted in _lines(path, COMMUNE_COLUMNS):
        kind = COMMUNE_KINDS.get(untrusted["kind"])
        code = untrusted["code"]
        if kind is None or len(code) != 5 or not (code.isascii() and code.isdigit()):
            raise ProvinceError(f"{path}, line {line}: expected a five-digit code, then xã or phường")
        place = f"{untrusted['kind']} {untrusted['name']}"
        yield UnitRow(
            code=code,
            kind="committee",
            name=f"Ủy ban nhân dân {place}, {province_name}",
            short_name=f"UBND {place}",
            province=province,
            commune=code,
            address=f"{kind} {untrusted['name']}, {province_name}",
            parent="",
        )


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != columns:
            raise ProvinceError(f"{path}: the first line must be {','.join(columns)}")
        for untrusted in reader:
            if None in untrusted or None in untrusted.values():
                raise ProvinceError(f"{path}, line {reader.line_num}: expected {len(columns)} columns")
            yield reader.line_num, untrusted
