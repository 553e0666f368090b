"""An old copy of the database is filled up from the published tree, with every holder where the log says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import LogBehind, LogDisagrees, NotInTheLog
from app.services.log import custody_check
from app.services.log.published_log import PublishedLog, check_database
from app.services.people import devices
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.refill import Refill
from audit.entry import EntryDraft
from audit.errors import BadTile
from audit.evidence import Purpose
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.publishing import append, check_published, publish_now, published_log, stored
from tests.support.restored import Rows, dump, restore
from tests.support.town import POST, RECEIVING, SENDING

# What the log cannot give back: it holds no sealed value and no session, and counts no versions.
NOT_LOGGED = {("deliveries", "receiver_sealed"), ("consignments", "version"), ("deliveries", "id")}
# The server read its clock once when a scan came and once more when it was sealed: the log tells the second.
SERVERS_TIMES = {
    ("consignments", "offered_at"),
    ("consignments", "accepted_at"),
    ("consignments", "first_attempt_at"),
    ("consignments", "closed_at"),
    ("deliveries", "recorded_at"),
    ("register_entries", "registered_at"),
    ("devices", "revoked_at"),
}


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path)


@pytest.fixture
def recovering(office: Office, engines: Engines, log: PublishedLog) -> Callable[[], int]:
    return lambda: recover(office, Refill(engines.write), log=log, tools=office.town.tools)


def shown(rows: Rows) -> Rows:
    """Leave out what the log cannot give back."""
    return {
        table: sorted(({name: _told(table, name, row[name]) for name in row} for row in found), key=repr)
        for table, found in rows.items()
    }


def _told(table: str, name: str, value: object) -> object:
    if (table, name) in NOT_LOGGED:
        return None
    return value is not None if (table, name) in SERVERS_TIMES else value


def live_on(office: Office, codes: list[str]) -> None:
    """Let scans of every kind happen to items that the old copy knows."""
    town = office.town
    offered, delivered, returned, tried, posted = codes
    town.post([delivered, returned, tried, posted])
    town.send("an", town.offer("an", [offered]))
    town.pass_on("chien", "binh", [delivered], place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("chien", town.attempt("chien", [returned, tried]))
    town.pass_on("chien", "an", [returned], place=SENDING, purpose=Purpose.RETURN)
    town.pass_on("chien", "duc", [posted], place=POST)
    assert town.pass_on("hanh", "duc", [tried], place=SENDING).status == "refused"
    device = office.read(lambda uow: uow.devices.list(user=office.actors["dung"].user))[0]
    office.write(devices.revoke, device.key_id, actor=office.actors["khanh"])


@pytest.fixture
def codes(office: Office) -> list[str]:
    return [str(code) for code in office.town.register(5)]


@pytest.mark.parametrize("more", [0, 600])
def test_an_old_copy_becomes_the_database_that_was_lost(
    office: Office,
    log: PublishedLog,
    database: Database,
    recovering: Callable[[], int],
    codes: list[str],
    more: int,
) -> None:
    old, size = dump(database), len(stored(office))
    live_on(office, codes)
    append(office, more)
    publish_now(office, log)
    lost, entries = dump(database), stored(office)
    restore(database, old)
    with pytest.raises(LogBehind):
        office.read(check_database, log=log)
    assert recovering() == len(entries) - size
    assert stored(office) == entries
    office.read(check_database, log=log)
    assert shown(dump(database)) == shown(lost)
    assert office.read(custody_check.compare_custody).first is None
    # Life goes on behind the last signed entry, and nothing is left to put back.
    assert recovering() == 0
    append(office, 1)
    publish_now(office, log)
    check_published(log, stored(office))


def test_a_list_of_units_of_which_only_the_digest_was_logged_is_named_and_nothing_is_changed(
    office: Office, log: PublishedLog, database: Database, recovering: Callable[[], int]
) -> None:
    old = dump(database)
    append(office, 1)
    index = len(stored(office))
    facts: dict[str, JsonValue] = {"count": 2, "digest": "0" * 64}
    office.town.do(lambda uow: uow.audit.append(EntryDraft(kind=EntryKind.UNIT_ADDED, facts=facts)))
    publish_now(office, log)
    restore(database, old)
    with pytest.raises(NotInTheLog, match=f"entry {index} "):
        recovering()
    assert dump(database) == old


def test_a_fork_is_not_filled_up(
    office: Office, log: PublishedLog, database: Database, recovering: Callable[[], int]
) -> None:
    old = dump(database)
    append(office, 5)
    publish_now(office, log)
    restore(database, old)
    append(office, 1)
    forked = dump(database)
    with pytest.raises(LogDisagrees):
        recovering()
    assert dump(database) == forked


@pytest.mark.parametrize("kind", ["tile/entries", "tile/0"])
def test_nothing_is_put_back_from_files_that_are_not_the_signed_ones(
    office: Office, log: PublishedLog, database: Database, recovering: Callable[[], int], kind: str
) -> None:
    old = dump(database)
    append(office, 5)
    size = publish_now(office, log).head.size
    path = log.folder.path / kind / "000.p" / str(size)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    restore(database, old)
    with pytest.raises(BadTile):
        recovering()
    assert dump(database) == old
