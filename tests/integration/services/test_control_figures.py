"""Control 19, audit by numbers: typed codes, late scans and late reports are counted per office."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import InvalidInput, NotPermitted
from app.services import control_figures
from app.services.control_figures import Figures
from audit.evidence import EntryMode, Offer
from tests.support.incidents import opened, staffed, step
from tests.support.office import Office
from tests.support.town import POST, SENDING


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices."""
    return staffed(office)


def figures(desk: Office, by: str = "giang", **asked: str) -> Figures:
    return desk.read(control_figures.read_figures, asked, actor=desk.actors[by])


def typed(desk: Office, codes: list[str], *, count: int) -> Offer:
    """Word An's offer with the first codes typed by hand."""
    offer = desk.town.offer("an", codes, to=POST, place=SENDING)
    lines = [
        replace(line, entry=EntryMode.TYPED if number < count else EntryMode.SCAN)
        for number, line in enumerate(offer.lines)
    ]
    return replace(offer, lines=tuple(lines))


def test_typed_codes_are_counted_for_the_office_of_whoever_typed_them(desk: Office) -> None:
    codes = [str(code) for code in desk.town.register(5)]
    desk.town.send("an", typed(desk, codes[:3], count=2))
    desk.town.send("an", typed(desk, codes[3:4], count=1))
    desk.town.send("an", typed(desk, codes[4:], count=0))
    (row,) = figures(desk).rows
    assert row.unit.code == SENDING
    assert (row.scans.typed_lines, row.scans.typed_scans) == (3, 2)


def test_the_same_scan_again_is_counted_once(desk: Office) -> None:
    codes = [str(code) for code in desk.town.register(1)]
    scan = typed(desk, codes, count=1)
    for _ in range(3):
        desk.town.send("an", scan)
    assert figures(desk).rows[0].scans.typed_lines == 1


def test_a_refused_typed_code_is_counted_like_an_accepted_one(desk: Office) -> None:
    assert desk.town.send("an", typed(desk, ["ZK999999995VN"], count=1)).status == "refused"
    assert figures(desk).rows[0].scans.typed_lines == 1


def test_scans_that_came_late_are_counted_with_their_delay(desk: Office) -> None:
    codes = [str(code) for code in desk.town.register(2)]
    offer = desk.town.offer("an", codes[:1], to=POST, place=SENDING)
    desk.town.send("an", replace(offer, at=offer.at - timedelta(hours=2)))
    desk.town.send("an", desk.town.offer("an", codes[1:], to=POST, place=SENDING))
    (row,) = figures(desk).rows
    assert row.scans.late_scans == 1
    assert 7200 <= row.scans.delay_s < 7300
    assert row.scans.typed_lines == 0


def test_an_ordinary_scan_leaves_nothing_to_count(desk: Office) -> None:
    desk.town.post(desk.town.register(2))
    assert figures(desk).rows == ()


def test_first_reports_that_came_late_are_counted_for_the_office_that_opened(desk: Office) -> None:
    late, never = opened(desk), opened(desk)
    desk.town.clock.now += timedelta(hours=30)  # type: ignore[attr-defined]  # the test's own clock
    step(desk, "report", late, "sender")
    in_time = opened(desk)
    step(desk, "report", in_time, "sender")
    assert never.reported_at is None
    (row,) = figures(desk).rows
    assert row.unit.code == POST
    assert (row.incidents.opened, row.incidents.reported_late) == (3, 2)


def test_a_period_has_whole_days_of_vietnam(desk: Office) -> None:
    desk.town.send("an", typed(desk, [str(desk.town.register()[0])], count=1))
    assert figures(desk, **{"from": "22/11/2026", "until": "22/11/2026"}).rows
    assert not figures(desk, **{"from": "21/11/2026", "until": "21/11/2026"}).rows
    assert not figures(desk, **{"from": "23/11/2026", "until": "23/11/2026"}).rows


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "31/02/2026"},
        {"until": "x"},
        {"from": "23/11/2026", "until": "22/11/2026"},
        {"from": "01/01/2020", "until": "22/11/2026"},
        {"until": "9999-12-31", "from": "9999-12-30"},
    ],
)
def test_a_period_that_cannot_be_is_refused(desk: Office, asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        figures(desk, **asked)


@pytest.mark.parametrize("name", ["an", "chien", "dung", "hoa", "khanh"])
def test_only_an_auditor_reads_them(desk: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        figures(desk, by=name)
