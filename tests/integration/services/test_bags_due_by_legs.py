"""A bag on a leg is due when the leg is to arrive, on both databases: shown, asked about, counted, told."""

from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.figures import FigureKind
from app.domain.unattended import UnattendedReason
from app.services import control_figures
from app.services.control_figures import Behind
from app.services.owed import unattended
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind, LegMark
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.databases import SteppingClock
from tests.support.leg_town import LegTown
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import hire
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> LegTown:
    made = LegTown(writer, clock, signer)
    hire(made, "hoa", Role.CLERK)
    hire(made, "kiem", Role.AUDITOR)
    made.add_vehicle()
    return made


def shown(town: LegTown, by: str = "kiem") -> dict[str, UnattendedReason]:
    page = town.use(unattended.list_unattended, by=by)
    return {one.found.code: one.found.reason for one in page.rows}


def run(town: LegTown) -> int:
    return town.do(lambda uow: unattended.raise_unattended(uow, now=town.clock(), tools=town.tools))


def behind(town: LegTown) -> Behind:
    asked = {"kind": FigureKind.LATE_BAGS.value, "unit": POST}
    actor = town.people["kiem"].actor
    return town.do(lambda uow: control_figures.list_behind(uow, asked, actor=actor, now=town.clock()))


def counted(town: LegTown) -> int:
    actor = town.people["kiem"].actor
    found = town.do(lambda uow: control_figures.read_figures(uow, {}, actor=actor, now=town.clock()))
    rows = {row.unit.code: row for row in found.rows}
    return rows[POST].counts[FigureKind.LATE_BAGS] if POST in rows else 0


def test_a_bag_is_late_an_hour_after_its_leg_was_to_arrive(town: LegTown, clock: SteppingClock) -> None:
    leg, bag = town.loaded(escort="hoa")
    assert town.depart("duc", leg, [bag], escort="hoa").status == "accepted"
    clock.now = leg.arrives_at + timedelta(minutes=59)
    assert shown(town) == {}
    clock.now = leg.arrives_at + timedelta(minutes=60)
    assert shown(town) == {bag: UnattendedReason.BAG_OVERDUE}
    # The courier and the office that it goes to see it too.
    assert shown(town, "duc") == shown(town, "giang") == {bag: UnattendedReason.BAG_OVERDUE}
    (row,) = town.use(unattended.list_unattended, by="kiem").rows
    assert (row.found.since, row.found.is_planned) == (leg.arrives_at, True)
    assert row.asks_at == leg.arrives_at + timedelta(hours=13)


def test_a_scan_on_the_way_does_not_make_it_any_less_late(town: LegTown, clock: SteppingClock) -> None:
    leg, bag = town.loaded(escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    clock.now = leg.arrives_at + timedelta(hours=13)
    check = town.act("duc", EvidenceKind.CHECK_SEAL, bag, facts={"seal": "NP-1001"}, place=POST)
    assert town.send("duc", check).status == "accepted"
    assert (run(town), run(town)) == (1, 0)
    asked = next(
        entry
        for entry in (parse_entry(row.data) for row in town.do(lambda uow: uow.audit.list_latest(limit=5)))
        if entry.kind is EntryKind.UNATTENDED_ASKED
    )
    assert asked.facts["since"] == format_at(leg.arrives_at)
    assert asked.facts["unit"] == OTHER_POST


def test_a_plan_counts_before_the_departure_too_and_longer_than_a_day(
    town: LegTown, clock: SteppingClock
) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1001")
    town.hand_bag("dung", "duc", bag, place=POST, seal="NP-1001")
    start = clock()
    far = {
        "departs_at": format_at(start + timedelta(hours=40)),
        "arrives_at": format_at(start + timedelta(hours=50)),
    }
    leg = town.plan([bag], courier="duc", escort="hoa", **far)
    clock.now = start + timedelta(hours=49)
    assert shown(town) == {}
    clock.now = leg.arrives_at + timedelta(hours=1)
    assert shown(town) == {bag: UnattendedReason.BAG_OVERDUE}
    # Cancelled, it is due by nothing but its last scan.
    town.cancel(leg)
    (row,) = town.use(unattended.list_unattended, by="kiem").rows
    assert not row.found.is_planned
    assert row.found.since < start + timedelta(minutes=10)


def test_what_was_taken_over_or_arrived_is_due_by_its_last_scan_again(
    town: LegTown, clock: SteppingClock
) -> None:
    leg, bag = town.loaded(escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    clock.now = leg.arrives_at + timedelta(hours=2)
    assert town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal="NP-1001").status == "accepted"
    # The leg is not closed yet, but whoever drives no longer answers for the bag.
    assert shown(town) == {}
    assert town.arrive("duc", leg, {}).status == "accepted"
    assert shown(town) == {}
    clock.now += timedelta(hours=25)
    assert shown(town) == {bag: UnattendedReason.BAG_OVERDUE}


def test_a_bag_kept_by_the_courier_after_the_leg_is_due_by_its_last_scan(
    town: LegTown, clock: SteppingClock
) -> None:
    leg, bag = town.loaded(escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    clock.now = leg.arrives_at + timedelta(minutes=30)
    assert town.arrive("duc", leg, {bag: LegMark.KEPT}).status == "accepted"
    clock.now += timedelta(hours=20)
    assert shown(town) == {}


def test_control_19_bags_late_by_their_leg_are_counted_for_the_office_that_planned_it(
    town: LegTown, clock: SteppingClock
) -> None:
    leg, bag = town.loaded(escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    clock.now = leg.arrives_at - timedelta(minutes=1)
    assert counted(town) == 0
    clock.now = leg.arrives_at + timedelta(minutes=5)
    assert counted(town) == 1
    town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal="NP-1001")
    town.arrive("duc", leg, {})
    assert counted(town) == 1
    (row,) = behind(town).rows
    assert (row.ref, row.detail, row.at) == (bag, leg.code, leg.arrives_at)
    assert row.user == town.people["duc"].actor.user


def test_a_leg_in_time_or_cancelled_makes_nothing_late(town: LegTown, clock: SteppingClock) -> None:
    leg, bag = town.loaded(escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    clock.now = leg.arrives_at - timedelta(minutes=5)
    town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal="NP-1001")
    town.arrive("duc", leg, {})
    clock.now += timedelta(days=1)
    assert counted(town) == 0
    assert behind(town).rows == ()
