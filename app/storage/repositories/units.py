"""Units: agencies, post offices, departments and committees."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import insert, select, update

from app.domain.errors import NotFound
from app.domain.ids import UnitId
from app.storage.group import Group
from app.storage.hot import Wanted
from app.storage.people_rows import to_unit
from app.storage.prefetch import Prefetch
from app.storage.records import Unit
from app.storage.statements import Statements
from app.storage.tables.people import UNITS

U = UNITS.c


class Units:
    """See the module."""

    def __init__(self, statements: Statements, group: Group, prefetch: Prefetch) -> None:
        self._statements = statements
        self._group = group
        self._prefetch = prefetch

    def add(self, unit: Unit) -> UnitId:
        """Insert a unit and return its id, not the record's own; raises AlreadyThere for a taken code."""
        identity = self._statements.insert(insert(UNITS).values(_values(unit)).returning(U.id))
        self._group.units.clear()
        return UnitId(identity)

    def amend(self, unit: Unit) -> None:
        """Rewrite everything but the id; raises NotFound."""
        self._statements.update_one(update(UNITS).where(U.id == unit.id).values(_values(unit)))
        self._group.units.clear()

    def find(self, identity: UnitId) -> Unit | None:
        """Return a unit by id."""
        row = self._statements.first(select(UNITS).where(U.id == identity))
        return None if row is None else to_unit(row)

    def get(self, identity: UnitId) -> Unit:
        """Return a unit by id; raises NotFound."""
        unit = self.find(identity)
        if unit is None:
            raise NotFound
        return unit

    def find_by_code(self, code: str) -> Unit | None:
        """Return a unit by code; in a writing unit of work it is asked for once."""
        if not self._statements.writable:
            row = self._statements.first(select(UNITS).where(U.code == code))
            return None if row is None else to_unit(row)
        if code not in self._group.units:
            self._prefetch.load(Wanted(units=(code,)))
        return self._group.units[code]

    def list_by_ids(self, identities: Collection[UnitId]) -> dict[UnitId, Unit]:
        """Return the units of a list of consignments, by id."""
        rows = self._statements.rows(select(UNITS).where(U.id.in_(sorted(set(identities)))))
        return {unit.id: unit for unit in map(to_unit, rows)}

    def list(
        self,
        *,
        search_key: str = "",
        kinds: Collection[str] = (),
        active: bool | None = None,
        limit: int = 500,
    ) -> tuple[Unit, ...]:
        """Return units by name; `search_key` is folded by :func:`app.domain.text.search_key`."""
        statement = select(UNITS).order_by(U.search_name, U.id).limit(limit)
        if search_key:
            statement = statement.where(U.search_name.contains(search_key, autoescape=True))
        if kinds:
            statement = statement.where(U.kind.in_([str(kind) for kind in kinds]))
        if active is not None:
            statement = statement.where(U.active == active)
        return tuple(to_unit(row) for row in self._statements.rows(statement))


def _values(unit: Unit) -> dict[str, object]:
    values = asdict(unit)
    # The id is the database's, and the section's state the closings'.
    del values["id"], values["section_closed_at"]
    return values
