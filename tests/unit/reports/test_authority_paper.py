"""The card and the letter say what they must, fit their page, and a void copy says that it is void."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.authority_paper import AuthorityPaper, PaperState, render_card, render_letter
from tests.unit.reports.paper import pages, text_of

PAPER = AuthorityPaper(
    number="07/TGL",
    unit="Bưu điện tỉnh Bắc Ninh",
    holder="Ngô Văn Tuyến",
    position="Giao thông viên KT1",
    valid_from_at=datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
    valid_until_at=datetime(2027, 11, 22, 1, 0, tzinfo=UTC),
    issued_at=datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
    state=PaperState.VALID,
    origin="kt1.test/24",
)


@pytest.mark.parametrize("render", [render_card, render_letter])
def test_a_paper_names_number_holder_unit_and_dates_on_one_page(render: object, tmp_path: Path) -> None:
    assert callable(render)
    document = render(PAPER)
    assert document == render(PAPER)
    assert len(pages(document, tmp_path, 72)) == 1
    said = text_of(document)
    for word in ("07/TGL", "Ngô Văn Tuyến", "08:00 ngày 22/11/2026", "08:00 ngày 22/11/2027"):
        assert word in said
    assert "KHÔNG CÒN GIÁ TRỊ" not in said
    assert "KHÔNG CÒN GIÁ TRỊ" in text_of(render(replace(PAPER, state=PaperState.VOID)))


@pytest.mark.parametrize("render", [render_card, render_letter])
def test_the_longest_names_fit(render: object, tmp_path: Path) -> None:
    assert callable(render)
    long = replace(PAPER, unit="Ủy ban nhân dân phường Nguyễn Thượng Hiền " * 4, holder="Nguyễn Thị " * 10)
    assert len(pages(render(long), tmp_path, 72)) == 1
