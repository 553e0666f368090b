"""A device stays what it was enrolled as: attacks on its row by the application, and by the tables' owner."""

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.storage.engine import Engines
from app.storage.reader import Reader
from tests.support.databases import Database
from tests.support.owner import as_owner
from tests.support.town import Town

FIXED = {
    "another owner": "UPDATE devices SET user_id = (SELECT max(id) FROM users)",
    "another key": "UPDATE devices SET public_key = public_key",
    "another name": "UPDATE devices SET key_id = 'ffffffffffffffff' WHERE id = 1",
    "another id": "UPDATE devices SET id = 99 WHERE id = 1",
    "another place in the log": "UPDATE devices SET enrolled_index = 0",
    "a token of the attacker's": "UPDATE devices SET token_hash = 'aaaa' WHERE id = 1",
    "a revocation taken back": "UPDATE devices SET revoked_at = NULL",
    "no device": "DELETE FROM devices",
}


@pytest.fixture
def revoked(town: Town) -> Town:
    """Revoke one device, so that there is a revocation to take back."""
    device = town.do(lambda uow: uow.devices.find_by_key(town.people["an"].device.key_id))
    assert device is not None
    town.do(lambda uow: uow.devices.revoke(device.id, revoked_at=town.clock()))
    return town


@pytest.mark.parametrize("attack", FIXED.values(), ids=FIXED.keys())
def test_finding_8_the_application_cannot_give_a_device_to_somebody_else(
    attack: str, revoked: Town, engines: Engines, reader: Reader
) -> None:
    before = revoked.do(lambda uow: uow.devices.list())
    with engines.write.connect() as connection, pytest.raises(SQLAlchemyError):
        connection.exec_driver_sql(attack)
    assert reader.read(lambda uow: uow.devices.list()) == before


@pytest.mark.parametrize("attack", FIXED.values(), ids=FIXED.keys())
def test_finding_8_the_guards_hold_against_the_owner_of_the_tables(
    attack: str, revoked: Town, database: Database, reader: Reader
) -> None:
    before = revoked.do(lambda uow: uow.devices.list())
    with pytest.raises(SQLAlchemyError), as_owner(database, guards_stay=True) as connection:
        connection.exec_driver_sql(attack)
    assert reader.read(lambda uow: uow.devices.list()) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_finding_8_replace_finds_no_device_to_replace(town: Town, database: Database, reader: Reader) -> None:
    before = town.do(lambda uow: uow.devices.list())
    stolen = (
        "REPLACE INTO devices SELECT id, key_id, public_key, 1, name, token_hash, enrolled_at, revoked_at,"
        " enrolled_index FROM devices"
    )
    with pytest.raises(SQLAlchemyError), as_owner(database, guards_stay=True) as connection:
        connection.exec_driver_sql(stolen)
    assert reader.read(lambda uow: uow.devices.list()) == before
