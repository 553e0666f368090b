"""Keys and codes of offices come back from the log: holders, rounds, seals of envelopes, departures."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.domain.access_key import AccessKeyState
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_access_keys import kinds, leave, look, register, step
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import ShiftTown, hire

ACCESS_KEY_KINDS = {
    EntryKind.ACCESS_KEY_REGISTERED,
    EntryKind.ACCESS_KEY_HANDED,
    EntryKind.ACCESS_KEY_CHANGED,
    EntryKind.ACCESS_KEY_RETIRED,
}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    return town


def test_keys_come_back_from_the_log_with_steps_seals_and_departures(
    town: ShiftTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    key, other = register(town, "hoa", seal="np-0021"), register(town, name="Lồng KT1", kind="key")
    step(town, "hand", key, by="hoa", second="chien")
    step(town, "change", key, by="chien", second="hoa", seal="np-0022")
    step(town, "retire", other, by="hoa", second="dung")
    leave(town, "hoa", active=False)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in ("access_keys", "access_key_steps", "access_key_seals"):
        assert now[table] == then[table], table
    assert look(town, key) is AccessKeyState.STAFF_LEFT
    assert set(kinds(town)) >= ACCESS_KEY_KINDS
