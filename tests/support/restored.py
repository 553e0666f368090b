"""An old copy of a database put back, as an operator would after a disk died; the published log stays."""

from sqlalchemy import text

from app.storage.tables.everything import METADATA
from tests.support.databases import Database
from tests.support.owner import as_owner

Rows = dict[str, list[dict[str, object]]]


def dump(database: Database) -> Rows:
    """Return every row of the database."""
    with as_owner(database, guards_stay=True) as owner:
        return {
            table.name: [dict(row) for row in owner.execute(table.select()).mappings()]
            for table in METADATA.sorted_tables
        }


def restore(database: Database, rows: Rows) -> None:
    """Put the database back to an old copy of itself."""
    with as_owner(database, guards=[table.name for table in METADATA.sorted_tables]) as owner:
        for table in reversed(METADATA.sorted_tables):
            owner.execute(text(f"DELETE FROM {table.name}"))
        for table in METADATA.sorted_tables:
            if rows[table.name]:
                owner.execute(table.insert(), rows[table.name])
