"""What the databases themselves refuse about incidents, to the application and to their owner."""

import pytest
from sqlalchemy.exc import DatabaseError

from app.storage.engine import Engines
from tests.support.databases import Database
from tests.support.incidents import file_of, opened, resolved, staffed, step
from tests.support.office import Office
from tests.support.owner import as_owner


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices."""
    return staffed(office)


ATTACKS = {
    "make it less grave": "UPDATE incidents SET severity = 'minor'",
    "give it more time": "UPDATE incidents SET report_due_at = resolve_due_at",
    "another opener": "UPDATE incidents SET opened_by_id = 1",
    "open what is closed": "UPDATE incidents SET status = 'resolved', closed_by_id = NULL, closed_at = NULL",
    "forget it": "DELETE FROM incidents",
    "forget a step": "DELETE FROM incident_notes",
    "rewrite a step": "UPDATE incident_notes SET word = 'statement'",
    "rewrite what a text must be": "UPDATE incident_notes SET commitment = 'x'",
    "unlink an item": "DELETE FROM incident_items",
    "unlink an entry": "DELETE FROM incident_entries",
    "hide it from a unit": "DELETE FROM incident_units",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize("owner", [False, True], ids=["application", "owner"])
def test_what_was_done_stays_done(
    desk: Office, engines: Engines, database: Database, attack: str, *, owner: bool
) -> None:
    (code,) = desk.town.register()
    incident = opened(desk, code)
    resolved(desk, incident)
    step(desk, "close", incident, by="nga")
    before = file_of(desk, incident)
    if owner:
        with pytest.raises(DatabaseError), as_owner(database, guards_stay=True) as connection:
            connection.exec_driver_sql(attack)
    else:
        with engines.write.connect() as connection, pytest.raises(DatabaseError):
            connection.exec_driver_sql(attack)
    assert file_of(desk, incident) == before


def test_the_database_lets_nobody_close_their_own(desk: Office, database: Database) -> None:
    incident = opened(desk)
    resolved(desk, incident)
    alone = (
        "UPDATE incidents SET status = 'closed', closed_by_id = resolved_by_id,"
        " closed_at = '2026-11-22T00:00:00.000000Z'"
    )
    with pytest.raises(DatabaseError), as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(alone)
