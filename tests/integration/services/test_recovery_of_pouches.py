"""The register of pouches comes back from the published log, with every return and what was written off."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.domain.pouch import PouchState, RetireReason
from app.services.bags import pouches
from app.services.bags.pouches import RetirePouch
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
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.post_town import OTHER_POST
from tests.support.pouch_town import PouchTown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import close_incident, hire

POUCH_KINDS = {
    EntryKind.POUCHES_ENTERED,
    EntryKind.POUCHES_SENT,
    EntryKind.POUCHES_RECEIVED,
    EntryKind.POUCHES_CANCELLED,
    EntryKind.POUCH_RETIREMENT_PROPOSED,
    EntryKind.POUCH_RETIREMENT_REFUSED,
    EntryKind.POUCH_RETIRED,
}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PouchTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = PouchTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def use_pouches(town: PouchTown) -> None:
    """Enter, travel, send back with a difference, find again, write off, keep; one stays on its way."""
    town.travel()
    town.enter("A1", "A2", "A3", "A4")
    sent = town.send_back("A1", "A2", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "received", "A2": "missing"}, excess="A3 X9", by="giang")
    town.enter("A2", by="son")
    town.propose("A4")
    town.decide("A4", "keep")
    town.propose("A4", reason="worn")
    town.decide("A4")
    town.propose("A1", by="giang")
    town.take_back(town.send_back("TUI-001"), reason="wrong_pouches")
    town.send_back("TUI-001")
    town.start(asset="B1")


def test_the_register_of_pouches_comes_back_as_it_was(
    town: PouchTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    use_pouches(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= POUCH_KINDS
    assert ports.read(custody_check.compare_custody).first is None


def test_a_write_off_through_a_closed_incident_comes_back_and_names_no_proposer(
    town: PouchTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    town.enter("A1")
    sent = town.send_back("A1", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "missing"}, by="giang")
    incident = town.pouch("A1").incident
    assert incident is not None
    close_incident(town, incident)
    command = RetirePouch(untrusted_pouch="A1", untrusted_reason="lost")
    town.use(pouches.retire_by_incident, command, by="dung")
    publish(ports, published, clock=town.clock)
    lost, entries = dump(database), list(reader.read(lambda uow: list(uow.audit.stream())))
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    assert list(reader.read(lambda uow: list(uow.audit.stream()))) == entries
    last = parse_entry(entries[-1])
    assert last.kind is EntryKind.POUCH_RETIRED
    assert "incident" in last.facts
    assert "proposer" not in last.facts
    pouch = town.pouch("A1")
    assert (pouch.state, pouch.retire_reason) == (PouchState.RETIRED, RetireReason.LOST)
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    assert ports.read(custody_check.compare_custody).first is None
