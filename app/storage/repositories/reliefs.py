"""Reliefs: the list of one count of a shift, made out to a successor, and what became of it; insert only."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, union

from app.domain.ids import UserId
from app.domain.relief import Relief
from app.storage.group import Group, PendingEntry
from app.storage.repositories.explaining import LOST, list_explained
from app.storage.statements import AnyRow, Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.incidents import INCIDENTS
from app.storage.tables.shifts import RELIEF_ENTRIES, RELIEFS

R = RELIEFS.c
_BIND = insert(RELIEF_ENTRIES)
_AT_ONCE = 5_000


class Reliefs:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def add(self, relief: Relief) -> Relief:
        """Insert a relief; return it with its id."""
        values = {
            "shift_id": relief.shift,
            "number": relief.number,
            "successor_id": relief.successor,
            "listed_at": relief.listed_at,
            "lines": relief.lines,
        }
        return replace(relief, id=self._statements.insert(insert(RELIEFS).values(values).returning(R.id)))

    def bind(self, relief: Relief, entry: PendingEntry) -> None:
        """Remember, when the entry has its place, that it lists this relief."""
        self._group.bind(entry, _BIND, {"relief_id": relief.id})

    def list_of(self, shift: int) -> tuple[Relief, ...]:
        """Return the reliefs of a shift, the oldest first."""
        asked = select(RELIEFS).where(R.shift_id == shift).order_by(R.id)
        return tuple(map(_to_relief, self._statements.rows(asked)))

    def list_to(self, successor: UserId, *, since: datetime) -> tuple[Relief, ...]:
        """Return the reliefs made out to a person from a time on, the oldest first."""
        asked = select(RELIEFS).where(R.successor_id == successor, R.listed_at >= since).order_by(R.id)
        return tuple(map(_to_relief, self._statements.rows(asked)))

    def find_entry(self, relief: Relief) -> int | None:
        """Return the number of the entry that lists it, None until that is committed."""
        entry = RELIEF_ENTRIES.c
        row = self._statements.first(select(entry.entry_idx).where(entry.relief_id == relief.id))
        return None if row is None else int(row.entry_idx)

    def list_offered(self, codes: Collection[str], *, to: UserId) -> frozenset[str]:
        """Return which of these items and bags are offered to a person by name."""
        found, ordered, items, bags = set[str](), sorted(codes), CONSIGNMENTS.c, BAGS.c
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            asked = union(
                select(items.code).where(items.code.in_(part), items.offer_to_user_id == to),
                select(bags.code).where(bags.code.in_(part), bags.offer_to_user_id == to),
            )
            found |= {str(code) for (code,) in self._statements.rows(asked)}
        return frozenset(found)

    def list_explained(self, codes: Collection[str], *, since: datetime) -> frozenset[str]:
        """Return those of which a second person has closed an incident since then, or a loss at any time."""
        return list_explained(self._statements, codes, by=(INCIDENTS.c.opened_at >= since) | LOST)


def _to_relief(row: AnyRow) -> Relief:
    return Relief(
        id=int(row.id),
        shift=int(row.shift_id),
        number=int(row.number),
        successor=UserId(row.successor_id),
        listed_at=row.listed_at,
        lines=int(row.lines),
    )
