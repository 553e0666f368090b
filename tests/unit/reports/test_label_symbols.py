"""Labels are read back from the rendered page by two independent scanners, at both printers' resolutions."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from reports.errors import DoesNotFit
from reports.label import A6_WIDTH, LABELS_ON_SHEET, render_label, render_sheet, render_test_page
from reports.label_face import A6, SHEET_CELL, Face
from reports.model import OuterMark, PrinterOffset
from reports.symbols import code128_width
from tests.unit.reports.paper import (
    AGREED,
    CODE,
    QR,
    cell,
    is_blank,
    label,
    pages,
    read_by_zbar,
    read_by_zxing,
)

BOTH = [("code128", CODE), ("qr", QR)]
PRINTERS = [203, 300]
READERS = [read_by_zxing, read_by_zbar]
Reader = Callable[[Image.Image], list[tuple[str, str]]]


@pytest.mark.parametrize("dpi", PRINTERS)
@pytest.mark.parametrize("read", READERS)
def test_both_symbols_of_an_a6_label_are_read_back(dpi: int, read: Reader, tmp_path: Path) -> None:
    (page,) = pages(render_label([label()]), tmp_path, dpi)
    assert read(page) == BOTH


@pytest.mark.parametrize("dpi", PRINTERS)
@pytest.mark.parametrize("read", READERS)
def test_symbols_are_read_back_at_every_place_of_the_sheet(dpi: int, read: Reader, tmp_path: Path) -> None:
    codes = [f"KT{10_000_000 + 12_345_678 * n}{n}VN" for n in range(LABELS_ON_SHEET)]
    (page,) = pages(render_sheet([label(code=code) for code in codes]), tmp_path, dpi)
    for place, code in enumerate(codes):
        printed = cell(page, place, dpi)
        assert read(printed) == [("code128", code), ("qr", QR.replace(CODE, code))], place + 1


@pytest.mark.parametrize("start_at", range(1, LABELS_ON_SHEET + 1))
def test_a_used_sheet_is_printed_only_where_asked(start_at: int, tmp_path: Path) -> None:
    (page,) = pages(render_sheet([label()], start_at=start_at), tmp_path, 203)
    printed = [place for place in range(LABELS_ON_SHEET) if not is_blank(cell(page, place, 203))]
    assert printed == [start_at - 1]
    assert read_by_zxing(cell(page, start_at - 1, 203)) == BOTH


@pytest.mark.parametrize("start_at", range(1, LABELS_ON_SHEET + 1))
def test_labels_that_do_not_fit_go_on_to_the_next_sheet(start_at: int, tmp_path: Path) -> None:
    sheets = pages(render_sheet([label()] * LABELS_ON_SHEET, start_at=start_at), tmp_path, 203)
    assert len(sheets) == (1 if start_at == 1 else 2)


@pytest.mark.parametrize("dpi", PRINTERS)
@pytest.mark.parametrize("read", READERS)
def test_the_longest_key_id_still_makes_a_readable_label(dpi: int, read: Reader, tmp_path: Path) -> None:
    qr = f"{CODE}|{'k' * 32}|MFRGGZDFMZTWQ2LK"
    (page,) = pages(render_label([label(qr=qr)]), tmp_path, dpi)
    assert read(page) == [("code128", CODE), ("qr", qr)]
    (sheet,) = pages(render_sheet([label(qr=qr)]), tmp_path, dpi)
    assert read(cell(sheet, 0, dpi)) == [("code128", CODE), ("qr", qr)]


@pytest.mark.parametrize("dpi", PRINTERS)
@pytest.mark.parametrize("read", READERS)
def test_a_printer_offset_moves_the_label_and_keeps_it_readable(
    dpi: int, read: Reader, tmp_path: Path
) -> None:
    pdf = render_label([label()], offset=PrinterOffset(x_mm=2.3, y_mm=-1.7))
    assert pdf != render_label([label()])
    assert read(pages(pdf, tmp_path, dpi)[0]) == BOTH


@pytest.mark.parametrize("mark", list(OuterMark))
@pytest.mark.parametrize("appointed_at", [AGREED, None])
def test_every_mark_leaves_the_symbols_readable(
    mark: OuterMark, appointed_at: datetime | None, tmp_path: Path
) -> None:
    for express in (True, False):
        pdf = render_label([label(mark=mark, express=express, appointed_at=appointed_at)])
        (page,) = pages(pdf, tmp_path, 203)
        assert read_by_zxing(page) == read_by_zbar(page) == BOTH


@pytest.mark.parametrize("face", [A6, SHEET_CELL])
def test_code128_keeps_its_sizes(face: Face) -> None:
    """Bars of whole dots on both printers, 0.33 mm or wider, 12.5 mm or higher, quiet zones inside."""
    width = code128_width(CODE) * face.bar_module
    assert face.bar_module >= 0.33
    for dots_per_mm in (8, 12):
        assert (face.bar_module * dots_per_mm).is_integer()
    assert face.bars.height >= max(12.5, 0.15 * width)
    quiet = 10 * face.bar_module
    assert face.bars.left >= quiet
    assert face.bars.left + width + quiet <= A6_WIDTH


def test_a_tag_too_long_for_the_sheet_is_refused_and_never_printed_small() -> None:
    with pytest.raises(DoesNotFit):
        render_sheet([label(qr=f"{CODE}|{'k' * 58}|MFRGGZDFMZTWQ2LK")])


@pytest.mark.parametrize("dpi", PRINTERS)
def test_the_test_page_names_no_consignment_and_its_ladder_is_read(dpi: int, tmp_path: Path) -> None:
    (page,) = pages(render_test_page(), tmp_path, dpi)
    texts = [text for _, text in read_by_zxing(page)]
    assert texts == ["TEST-250", "TEST-375", "TEST-500", "TEST-QR-1000", "TEST-QR-500", "TEST-QR-750"]
