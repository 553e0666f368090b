"""Control 19, audit by numbers: every number of an office, and the list behind it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.errors import NotFound, NotPermitted
from app.domain.figures import PAIR_ACTS, FigureKind
from app.services import control_figures
from app.services.control_figures import Behind, Figures, OfficeFigures
from app.storage.writer import Writer
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, SENDING


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def figures(town: ShiftTown, by: str = "kiem") -> Figures:
    actor = town.people[by].actor
    return town.do(lambda uow: control_figures.read_figures(uow, {}, actor=actor, now=town.clock()))


def office(town: ShiftTown, code: str = POST) -> OfficeFigures:
    return next(row for row in figures(town).rows if row.unit.code == code)


def behind(town: ShiftTown, kind: FigureKind, unit: str = POST, by: str = "kiem") -> Behind:
    actor, asked = town.people[by].actor, {"kind": kind.value, "unit": unit}
    return town.do(lambda uow: control_figures.list_behind(uow, asked, actor=actor, now=town.clock()))


def key_in(town: ShiftTown, code: str, number: int, *, by: str = "dung", reader: str = "hoa") -> int:
    """Key a code in before a second reader; return the entry."""
    nonce = f"{number:032x}"
    town.attest(by, reader, nonce=nonce, subject=code)
    return town.send(by, town.key_in(by, code, witness=reader, nonce=nonce)).entry.index


def test_control_19_manual_entries_are_counted_by_office_and_listed_by_reason_and_person(
    town: ShiftTown,
) -> None:
    (code,) = town.in_hand(1)
    index = key_in(town, code, 1)
    assert office(town).counts[FigureKind.KEY_INS] == 1
    (row,) = behind(town, FigureKind.KEY_INS).rows
    assert (row.ref, row.index, row.detail) == (code, index, "label_damaged")
    assert (row.user, row.other) == (town.people["dung"].actor.user, town.people["hoa"].actor.user)


def test_control_19_a_shift_that_once_did_not_balance_stays_counted(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes[:1])
    town.count("dung", shift, codes)
    town.countersign("dung", shift, nonce="1" * 32)
    assert office(town).counts[FigureKind.UNBALANCED] == 1
    assert [row.ref for row in behind(town, FigureKind.UNBALANCED).rows] == [shift.code]


def test_control_19_a_pair_that_repeats_too_often_is_named_with_count_and_share(town: ShiftTown) -> None:
    (code,) = town.in_hand(1)
    for number in range(PAIR_ACTS - 1):
        key_in(town, code, number)
    assert POST not in {row.unit.code for row in figures(town).rows if row.pairs}
    # Whoever of the two does it, it is the same pair.
    key_in(town, code, 90, by="hoa", reader="dung")
    ((pair, share),) = office(town).pairs
    people = {town.people[name].actor.user for name in ("dung", "hoa")}
    assert ({pair.one, pair.two}, pair.acts, share) == (people, PAIR_ACTS, 1.0)
    assert len(behind(town, FigureKind.PAIRS).rows) == PAIR_ACTS


def test_control_19_a_countersigned_shift_counts_as_an_act_of_two(town: ShiftTown) -> None:
    shift = town.open_shift()
    town.count("dung", shift, [])
    town.countersign("dung", shift, nonce="1" * 32)
    (row,) = behind(town, FigureKind.WITNESSED).rows
    assert row.other == town.people["hoa"].actor.user


@pytest.mark.parametrize(("hours", "late"), [(3, 0), (5, 1)])
def test_control_19_a_manifest_that_waits_too_long_after_the_opening_is_late(
    town: ShiftTown, clock: SteppingClock, hours: int, late: int
) -> None:
    bag, _ = town.arrived(1)
    town.open_bag("giang", bag, witness="khanh")
    clock.now += timedelta(hours=hours)
    rows = {row.unit.code: row for row in figures(town).rows}
    counted = rows[OTHER_POST].counts[FigureKind.LATE_MANIFESTS] if OTHER_POST in rows else 0
    assert counted == late
    assert len(behind(town, FigureKind.LATE_MANIFESTS, OTHER_POST).rows) == late


def test_control_19_hours_without_a_network_are_summed_and_each_scan_is_listed(town: ShiftTown) -> None:
    code = str(town.register()[0])
    offer = town.offer("an", [code], to=POST, place=SENDING)
    outcome = town.send("an", replace(offer, at=offer.at - timedelta(hours=2)))
    assert office(town, SENDING).scans.late_scans == 1
    (row,) = behind(town, FigureKind.OFFLINE, SENDING).rows
    assert row.index == outcome.entry.index
    assert 7200 <= row.amount < 7300


@pytest.mark.parametrize("kind", FigureKind)
def test_control_19_every_number_has_a_list_and_an_office_without_any_an_empty_one(
    town: ShiftTown, kind: FigureKind
) -> None:
    assert behind(town, kind).rows == ()


@pytest.mark.parametrize("read", [figures, lambda town, by: behind(town, FigureKind.KEY_INS, by=by)])
def test_control_19_only_an_auditor_reads_them(town: ShiftTown, read: Callable[..., object]) -> None:
    with pytest.raises(NotPermitted):
        read(town, by="dung")


def test_control_19_a_number_that_is_none_is_not_found(town: ShiftTown) -> None:
    with pytest.raises(NotFound):
        behind(town, FigureKind.KEY_INS, "24.X99")
