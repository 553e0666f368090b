"""The slip that goes back: read by two scanners, of one page whatever the names, silent about contents."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.acknowledgement import render_acknowledgement
from reports.acknowledgement_model import Acknowledgement, AcknowledgementKind
from reports.errors import InvalidReportData
from reports.model import OuterMark, Party
from tests.unit.reports.paper import CODE, RECIPIENT, SENDER, pages, read_by_zbar, read_by_zxing

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
SLIP = f"BP{CODE}"


def slip(**changes: object) -> Acknowledgement:
    data = Acknowledgement(
        kind=AcknowledgementKind.DELIVERED,
        code=SLIP,
        qr=f"{SLIP}|9f2c1ab0|MFRGGZDFMZTWQ2LK",
        item_code=CODE,
        mark=OuterMark.B,
        sender=SENDER,
        recipient=RECIPIENT,
        office="Bưu cục Trung tâm Bắc Ninh",
        register_number="127/2026",
        pieces=2,
        accepted_at=AT,
        first_attempt_at=AT,
        attempts=0,
        closed_at=AT,
        printed_by="Lê Đức Chiến",
        position="Giao thông viên",
        printed_at=AT,
    )
    return replace(data, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("read", [read_by_zxing, read_by_zbar])
@pytest.mark.parametrize("kind", AcknowledgementKind)
def test_both_symbols_are_read_back(dpi: int, read: type, kind: AcknowledgementKind, tmp_path: Path) -> None:
    data = slip(kind=kind)
    (page,) = pages(render_acknowledgement(data), tmp_path, dpi)
    assert sorted(read(page)) == sorted([("code128", SLIP), ("qr", data.qr)])


def test_the_longest_names_stay_on_one_page_and_the_same_slip_is_the_same_bytes(tmp_path: Path) -> None:
    long = Party(
        name="Ủy ban nhân dân phường Nguyễn Thượng Hiền " * 4, address="Số 1 đường Nguyễn Quyền " * 12
    )
    data = slip(sender=long, recipient=long, office=long.name, attempts=12)
    printed = render_acknowledgement(data)
    assert printed == render_acknowledgement(data)
    (page,) = pages(printed, tmp_path, 203)
    assert ("qr", data.qr) in read_by_zxing(page)


def test_a_person_can_type_what_the_symbol_says() -> None:
    assert slip().control == ("9F2C1AB0", "MFRG GZDF MZTW Q2LK")


@pytest.mark.parametrize(
    "changes",
    [{"code": CODE}, {"qr": SLIP}, {"item_code": "KT000000000VN"}, {"printed_at": datetime(2026, 1, 1)}],  # noqa: DTZ001  # the test is about it
)
def test_a_slip_that_could_not_be_filed_is_not_printed(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidReportData):
        slip(**changes)
