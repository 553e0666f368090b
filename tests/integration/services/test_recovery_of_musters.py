"""Musters come back from the published log: drawn, opened, counted, closed with a difference, withdrawn."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.services.log import custody_check
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.services.shifts import muster_draw
from app.services.shifts.muster_draw import DrawMusters
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_muster_withdrawals import withdraw
from tests.integration.services.test_musters import close, count, open_muster
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST

MUSTER_KINDS = {
    EntryKind.MUSTER_DRAWN,
    EntryKind.MUSTER_OPENED,
    EntryKind.MUSTER_COUNTED,
    EntryKind.MUSTER_CLOSED,
    EntryKind.MUSTER_WITHDRAWN,
}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def hold_musters(town: ShiftTown) -> None:
    """Muster the office with things that come, go, lack and are strange; draw others and leave them open."""
    held, others = town.in_hand(3), town.in_hand(1, "hoa")
    muster = open_muster(town)
    came = town.in_hand(1)
    count(town, "dung", muster, [*held[:1], *came], last=False)
    count(town, "dung", muster, ["ZK999999999VN"], part=2)
    town.pass_on("dung", "duc", came, place=POST)
    town.pass_on("dung", "khanh", held[1:2], place=POST)
    count(town, "hoa", muster, others)
    closed = close(town, muster)
    assert (closed.missing, closed.unexpected) == (1, 1)
    mistaken = open_muster(town, by="hoa")
    count(town, "dung", mistaken, [], last=False)
    withdraw(town, mistaken, by="hoa", reason="cannot_count")
    late = count(town, "dung", mistaken, [], part=2)
    assert [line.refusal for line in late.lines] == ["muster_withdrawn"]
    town.use(muster_draw.draw, DrawMusters(untrusted_of="people", untrusted_count="2"), by="kiem")


def test_musters_come_back_as_they_were(
    town: ShiftTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    hold_musters(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= MUSTER_KINDS
    assert ports.read(custody_check.compare_custody).first is None
