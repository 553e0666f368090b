"""The tracer letter: one official page, read back by two scanners, silent about contents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.errors import InvalidReportData
from reports.model import OuterMark
from reports.tracer import Asked, TracerLetter, render_tracer
from tests.unit.reports.paper import CODE, RECIPIENT, SENDER, pages, read_by_zbar, read_by_zxing

AT = datetime(2026, 2, 5, 2, 15, tzinfo=UTC)
NUMBER = "TC-2026-24.H01-5"


def letter(**changes: object) -> TracerLetter:
    data = TracerLetter(
        asked=Asked.ACKNOWLEDGEMENT,
        number="05/24.H01-TC",
        code=NUMBER,
        issuer=SENDER.name,
        to=RECIPIENT.name,
        item_code=CODE,
        mark=OuterMark.A,
        sender=SENDER.name,
        recipient=RECIPIENT.name,
        accepted_at=AT,
        delivered_at=AT,
        due_at=AT,
        raised_at=AT,
        answer_due_at=AT + timedelta(hours=24),
        origin="kt1.example/24",
    )
    return replace(data, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("read", [read_by_zxing, read_by_zbar])
@pytest.mark.parametrize("asked", Asked)
def test_its_code_is_read_back(dpi: int, read: type, asked: Asked, tmp_path: Path) -> None:
    (page,) = pages(render_tracer(letter(asked=asked)), tmp_path, dpi)
    assert list(read(page)) == [("code128", NUMBER)]


def test_the_longest_names_stay_on_one_page_and_the_same_letter_is_the_same_bytes(tmp_path: Path) -> None:
    long = "Ủy ban nhân dân phường Nguyễn Thượng Hiền " * 4
    data = letter(issuer=long, to=long, sender=long, recipient=long, code="TC-2026-" + "W" * 16 + "-12345")
    printed = render_tracer(data)
    assert printed == render_tracer(data)
    assert len(list(pages(printed, tmp_path, 203))) == 1


@pytest.mark.parametrize(
    "changes",
    [{"to": ""}, {"code": "thư"}, {"issuer": "x" * 201}, {"raised_at": datetime(2026, 1, 1)}],  # noqa: DTZ001  # the test is about it
)
def test_a_letter_nobody_could_answer_is_not_printed(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidReportData):
        letter(**changes)
