"""Legs come back from the published log: planned, left with an escort, closed line by line, cancelled."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.services.legs import legs
from app.services.log import custody_check
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import LegMark
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.leg_town import TRUCK, LegTown
from tests.support.post_town import OTHER_POST
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import hire

LEG_KINDS = {
    EntryKind.VEHICLE_ADDED,
    EntryKind.VEHICLE_RETIRED,
    EntryKind.LEG_PLANNED,
    EntryKind.LEG_DEPARTED,
    EntryKind.LEG_ARRIVED,
    EntryKind.LEG_CANCELLED,
}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> LegTown:
    """Settle a town with a second clerk at the first office."""
    town = LegTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    return town


def travel(town: LegTown) -> None:
    """Cancel one leg, drive one with a thing taken over and one missing; one stays under way."""
    town.add_vehicle()
    town.add_vehicle(TRUCK, dedicated=False)
    leg, bag = town.loaded(escort="hoa")
    town.cancel(leg)
    codes = town.in_hand(2)
    town.pass_on("dung", "duc", codes, place=town.people["dung"].unit)
    leg = town.plan([bag, *codes], escort="hoa")
    assert town.send("duc", town.departure("duc", leg, [bag, *codes])).status == "refused"
    assert town.depart("duc", leg, [bag, *codes], escort="hoa").status == "accepted"
    town.hand_bag("duc", "giang", bag, place=OTHER_POST)
    marks = {codes[0]: LegMark.KEPT, codes[1]: LegMark.MISSING}
    assert town.arrive("duc", leg, marks).status == "accepted"
    town.use(legs.retire_vehicle, TRUCK, by="dung")
    going = town.in_hand(1)
    town.pass_on("dung", "chien", going, place=town.people["dung"].unit)
    leg = town.plan(going, courier="chien", escort="hoa")
    assert town.depart("chien", leg, going, escort="hoa").status == "accepted"


def test_legs_come_back_as_they_were(
    town: LegTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    travel(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= LEG_KINDS
    assert ports.read(custody_check.compare_custody).first is None
