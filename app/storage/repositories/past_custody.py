"""Who held what when so many entries were in the log: from the rows that are only ever added, read only.

Every change of a custodian left a row that names its entry, and so did every packing; what held at an entry
is the last row below it. Only for what is held now, the present custodian says where to look.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    or_,
    select,
)

from app.domain.consignment import Custodian, State
from app.domain.ids import BagId, UnitId, UserId
from app.storage.repositories.open_work import is_open_bag, is_open_item
from app.storage.statements import AnyRow, Statements
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
class When:
    """A time, and how many entries the log had then; `is_now` where it has no more today."""

    at: datetime
    size: int
    is_now: bool = False


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
        """Return every bag a thing ever lay in, in the order of packing; not where it was found as excess.

        A lay ends at the latest where the thing was found in another bag, or put into one.
        """
        asked = (
            select(P.bag_id, P.code, P.packed_idx, P.removed_idx).where(P.code == code).order_by(P.packed_idx)
        )
        rows = self._statements.rows(asked)
        return tuple(
            Lay(bag=BagId(bag), code=str(code), packed=int(packed), removed=ends_at(removed, following))
            for (bag, code, packed, removed), following in zip(rows, [*rows[1:], None], strict=False)
            if removed is None or removed > packed
        )

    def list_items(self, holder: Holder, when: When, *, limit: int) -> tuple[PastHolding, ...]:
        """Return the items that a holder had in hand, closed ones and those in bags left out, by code."""
        return self._holdings(ask_items(holder, when), limit)

    def list_bags(self, holder: Holder, when: When, *, limit: int) -> tuple[PastHolding, ...]:
        """Return the bags that a holder had in hand, by code, without emptied ones and those in others."""
        return self._holdings(ask_bags(holder, when), limit)

    def _holdings(self, asked: Select[AnyRow], limit: int) -> tuple[PastHolding, ...]:
        return tuple(
            PastHolding(
                code=str(code), custodian=Custodian(user=UserId(user), unit=UnitId(unit)), since=int(index)
            )
            for code, index, user, unit in self._statements.rows(asked.limit(limit))
        )

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


def ask_items(holder: Holder, when: When) -> Select[AnyRow]:
    """Return what the database is asked about the items that a holder had in hand."""
    asked = _in_hand(CONSIGNMENTS, HOLDINGS, "consignment_id", holder, when)
    return asked.where(is_open_item() if when.is_now else _was_open_item(when))


def ask_bags(holder: Holder, when: When) -> Select[AnyRow]:
    """Return what the database is asked about the bags that a holder had in hand."""
    emptied_later = or_(B.emptied_at.is_(None), B.emptied_at > when.at)
    asked = _in_hand(BAGS, BAG_HOLDINGS, "bag_id", holder, when)
    return asked.where(is_open_bag() if when.is_now else emptied_later)


def _in_hand(
    things: FromClause, holdings: FromClause, key: str, holder: Holder, when: When
) -> Select[AnyRow]:
    held, later, size = holdings.c, holdings.alias("later"), when.size
    followed = (
        select(later.c.entry_idx)
        .where(later.c[key] == held[key], later.c.entry_idx > held.entry_idx, later.c.entry_idx < size)
        .exists()
    )
    inside = select(P.bag_id).where(P.code == things.c.code, _lies(size)).exists()
    columns: tuple[ColumnElement[Any], ...] = (things.c.code, held.entry_idx, held.user_id, held.unit_id)
    asked = select(*columns).join_from(things, holdings, held[key] == things.c.id).order_by(things.c.code)
    for column, whose in (("user", holder.user), ("unit", holder.unit)):
        if whose is not None:
            # The last row names who has it now: asked there, all that somebody ever held would be read.
            now = things.c[f"custodian_{column}_id"]
            asked = asked.where((now if when.is_now else held[f"{column}_id"]) == whose)
    return asked.where(held.entry_idx < size, ~followed, ~inside)


def ends_at(removed: int | None, following: AnyRow | None) -> int | None:
    """Return the entry at which a lay ended: taken out, or found in another bag by the packing after it."""
    if following is None:
        return removed
    return int(following.packed_idx) if removed is None else min(removed, int(following.packed_idx))


def _lies(size: int) -> ColumnElement[bool]:
    """Tell whether a packing held; a later taking out does not reach back.

    What was found in another bag meanwhile has a packing there, whatever is still said of this one.
    """
    later = PACKINGS.alias("later_packings")
    followed = (
        select(later.c.bag_id)
        .where(later.c.code == P.code, later.c.packed_idx > P.packed_idx, later.c.packed_idx < size)
        .exists()
    )
    return and_(P.packed_idx < size, or_(P.removed_idx.is_(None), P.removed_idx >= size), ~followed)


def _was_open_item(when: When) -> ColumnElement[bool]:
    """Tell whether an item was not final: its end, if there is one, was entered later.

    Delivery and return change the custodian, so that their entry is the item's last holding; a cancellation
    leaves it, and only its time tells.
    """
    last = HOLDINGS.alias("last")
    ends_later = (
        select(last.c.entry_idx).where(last.c.consignment_id == C.id, last.c.entry_idx >= when.size).exists()
    )
    return or_(
        C.closed_at.is_(None),
        and_(C.state == _CANCELLED, C.closed_at > when.at),
        and_(C.state != _CANCELLED, ends_later),
    )
