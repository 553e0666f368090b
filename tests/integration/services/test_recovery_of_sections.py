"""Closed sections come back from the log: lists, seals of safes, returns, and incidents that were raised."""

from datetime import timedelta
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
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.post_town import OTHER_POST
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.section_town import SEAL, close, entries, forward, lock_away, raise_late, reopen
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, accept

SECTION_KINDS = {EntryKind.SECTION_CLOSED, EntryKind.SECTION_REOPENED, EntryKind.SECTION_OVERDUE}
TABLES = ("section_closings", "section_lines", "section_seals", "section_series")


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    return town


def test_closed_sections_come_back_with_lists_seals_refusals_and_late_scans(
    town: ShiftTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    codes = town.in_hand(2)
    carried = [str(code) for code in town.register(2)]
    town.post(carried)
    early = town.offer("chien", carried[:1], to=POST, place=POST)
    took = town.take("dung", early.nonce, accept(carried[:1]), place=POST)
    closing = lock_away(town, reason="other", note="Đi họp", instead=OTHER_POST)
    # Two that had happened, one that had not, and an act.
    town.send("chien", early)
    assert town.send("dung", took).status == "accepted"
    assert town.send("chien", town.offer("chien", carried[1:], to=POST, place=POST)).status == "refused"
    bag = town.start("hoa")
    assert town.pack("dung", bag, codes).status == "refused"
    forward(town, timedelta(hours=4))
    assert raise_late(town) == 1
    reopen(town, closing, by="hoa", seal="np-0099")
    again = lock_away(town, "hoa", seal="np-0032", reason="break")
    other = close(town, "giang")
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in TABLES:
        assert now[table] == then[table], table
    assert {entry.kind for kind in SECTION_KINDS for entry in entries(town, kind)} == SECTION_KINDS
    assert reader.read(custody_check.compare_custody).first is None
    # What stood closed stands closed, and is opened by the seal that was put on it.
    assert town.send("chien", town.offer("chien", carried[1:], to=POST, place=POST)).status == "refused"
    assert reopen(town, again, seal="np-0032").found is None
    assert reopen(town, other, by="giang").things == 0
    assert SEAL in {row["seal_key"] for row in dump(database)["section_seals"]}
