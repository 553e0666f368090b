"""Reliefs come back from the published log: list, both signatures, the closing, the next opening."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.services.log import custody_check
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_recovery_of_bags import Ports
from tests.integration.services.test_reliefs import counted, list_relief, offer, take
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import ShiftTown, hire

RELIEF_KINDS = {EntryKind.RELIEF_LISTED}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with two more clerks at the first office."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "thu", Role.CLERK)
    return town


def relieve(town: ShiftTown) -> None:
    """Let a successor with a shift behind them take a shift over whole, and another begin and stay open."""
    own = town.in_hand(1, "hoa")
    before = town.open_shift("hoa")
    town.count("hoa", before, own)
    town.countersign("hoa", before, supervisor="thu", nonce="1" * 32)
    shift, codes = counted(town, 2)
    list_relief(town, shift)
    take(town, offer(town, codes), codes)
    town.countersign("dung", shift, nonce="2" * 32)
    town.open_shift("hoa")
    begun, others = counted(town, 2)
    list_relief(town, begun)
    take(town, offer(town, others), others[:1])


def test_reliefs_come_back_as_they_were(
    town: ShiftTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    relieve(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    assert then["reliefs"]
    for table in then:
        assert now[table] == then[table], table
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= RELIEF_KINDS
    assert ports.read(custody_check.compare_custody).first is None
