"""Who held what when so many entries were in the log: from the rows that are only ever added, read only.

Every change of a custodian left a row that names its entry, and so did every packing; what held at an entry
is the last row below it. Nothing here reads an item's present custodian.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, select

from app.domain.consignment import Custodian, State
from app.domain.ids import BagId, UnitId, UserId
from app.storage.statements import Statements
from app.storage.tables.bags import BAG_HOLDINGS, BAGS, PACKINGS
from app.storage.tables.consignments import CONSIGNMENTS, HOLDINGS

C, B, P = CONSIGNMENTS.c, BAGS.c, PACKINGS.c
_CANCELLED = State.CANCELLED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose holdings are asked for: a person, a unit, or a person while of a unit."""

    user: UserId | None = None
    unit: UnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastHolding:
    """Who had a thing in hand, and the entry from which on."""

    code: str
    custodian: Custodian
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lay:
    """In which bag a thing lay, from which entry to which (None: it lies there still)."""

    bag: BagId
    code: str
    packed: int
    removed: int | None


class PastCustody:
    """See the module. `size` is how many entries the log had: what counts stands below it."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_holding(self, code: str, size: int) -> PastHolding | None:
        """Return who had an item or a bag in hand; None before it existed."""
        for things, held, key in (
            (CONSIGNMENTS, HOLDINGS, "consignment_id"),
            (BAGS, BAG_HOLDINGS, "bag_id"),
        ):
            asked = (
                select(held.c.entry_idx, held.c.user_id, held.c.unit_id)
                .join(things, things.c.id == held.c[key])
                .where(things.c.code == code, held.c.entry_idx < size)
                .order_by(held.c.entry_idx.desc())
                .limit(1)
            )
            row = self._statements.first(asked)
            if row is not None:
                custodian = Custodian(user=UserId(row[1]), unit=UnitId(row[2]))
                return PastHolding(code=code, custodian=custodian, since=int(row[0]))
        return None

    def list_lays(self, code: str) -> tuple[Lay, ...]:
        """Return every bag a thing ever lay in, in the order of packing; not where it was found as excess."""
        asked = (
            select(P.bag_id, P.code, P.packed_idx, P.removed_idx)
            .where(P.code == code, or_(P.removed_idx.is_(None), P.removed_idx > P.packed_idx))
            .order_by(P.packed_idx)
        )
        return tuple(
            Lay(bag=BagId(bag), code=str(code), packed=int(packed), removed=removed)
            for bag, code, packed, removed in self._statements.rows(asked)
        )

    def list_items(self, holder: Holder, at: datetime, size: int, *, limit: int) -> tuple[PastHolding, ...]:
        """Return the items that a holder had in hand, closed ones and those in bags left out, by code."""
        held = HOLDINGS.c
        asked = _in_hand(CONSIGNMENTS, HOLDINGS, "consignment_id", holder, size).where(
            _is_open_item(at, size)
        )
        rows = self._statements.rows(
            asked.with_only_columns(C.code, held.entry_idx, held.user_id, held.unit_id)
            .order_by(C.code)
            .limit(limit)
        )
        return tuple(_holding(*row) for row in rows)

    def list_bags(self, holder: Holder, at: datetime, size: int, *, limit: int) -> tuple[PastHolding, ...]:
        """Return the bags that a holder had in hand, by code, without emptied ones and those in others."""
        held = BAG_HOLDINGS.c
        asked = _in_hand(BAGS, BAG_HOLDINGS, "bag_id", holder, size).where(
            or_(B.emptied_at.is_(None), B.emptied_at > at)
        )
        rows = self._statements.rows(
            asked.with_only_columns(B.code, held.entry_idx, held.user_id, held.unit_id)
            .order_by(B.code)
            .limit(limit)
        )
        return tuple(_holding(*row) for row in rows)

    def list_contents(self, bags: Collection[str], size: int, *, limit: int) -> tuple[Lay, ...]:
        """Return what lay in these bags, by code; of bags in bags, only the bags."""
        if not bags:
            return ()
        asked = (
            select(P.bag_id, P.code, P.packed_idx, P.removed_idx)
            .join(BAGS, B.id == P.bag_id)
            .where(B.code.in_(sorted(bags)), _lies(size))
            .order_by(P.code)
            .limit(limit)
        )
        return tuple(
            Lay(bag=BagId(bag), code=str(code), packed=int(packed), removed=removed)
            for bag, code, packed, removed in self._statements.rows(asked)
        )


def _in_hand(
    things: FromClause, holdings: FromClause, key: str, holder: Holder, size: int
) -> Select[tuple[object, ...]]:
    held, later = holdings.c, holdings.alias("later")
    followed = (
        select(later.c.entry_idx)
        .where(later.c[key] == held[key], later.c.entry_idx > held.entry_idx, later.c.entry_idx < size)
        .exists()
    )
    inside = select(P.bag_id).where(P.code == things.c.code, _lies(size)).exists()
    asked = select(things.c.code).join(holdings, held[key] == things.c.id)
    if holder.user is not None:
        asked = asked.where(held.user_id == holder.user)
    if holder.unit is not None:
        asked = asked.where(held.unit_id == holder.unit)
    return asked.where(held.entry_idx < size, ~followed, ~inside)


def _lies(size: int) -> ColumnElement[bool]:
    """Tell whether a packing held; a later taking out does not reach back."""
    return and_(P.packed_idx < size, or_(P.removed_idx.is_(None), P.removed_idx >= size))


def _is_open_item(at: datetime, size: int) -> ColumnElement[bool]:
    """Tell whether an item was not final: its end, if there is one, was entered later.

    Delivery and return change the custodian, so that their entry is the item's last holding; a cancellation
    leaves it, and only its time tells.
    """
    last = HOLDINGS.alias("last")
    ends_later = (
        select(last.c.entry_idx).where(last.c.consignment_id == C.id, last.c.entry_idx >= size).exists()
    )
    return or_(
        C.closed_at.is_(None),
        and_(C.state == _CANCELLED, C.closed_at > at),
        and_(C.state != _CANCELLED, ends_later),
    )


def _holding(code: str, index: int, user: int, unit: int) -> PastHolding:
    return PastHolding(
        code=str(code), custodian=Custodian(user=UserId(user), unit=UnitId(unit)), since=int(index)
    )
