"""Which legs there are, what they carry, and which of them an item or bag travelled in; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all

from app.domain.bag import Bag, BagState
from app.domain.consignment import State
from app.domain.ids import UnitId, UserId
from app.domain.leg import Leg, LegCancelReason, LegFate, LegState, Vehicle
from app.storage.bag_rows import BAG, to_bag
from app.storage.repositories.open_work import is_open_bag
from app.storage.repositories.past_custody import ends_at
from app.storage.statements import AnyRow, Statements
from app.storage.tables.bags import BAGS, PACKINGS
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.legs import LEG_ENTRIES, LEG_LINES, LEGS, VEHICLES
from app.storage.tables.log import AUDIT_LOG

G, L, E, V, B, C, P = LEGS.c, LEG_LINES.c, LEG_ENTRIES.c, VEHICLES.c, BAGS.c, CONSIGNMENTS.c, PACKINGS.c
_MOST_LOOSE = 200
_NESTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSearch:
    """What to look for; fields left alone do not narrow.

    `office` is either end, `person` who drives or goes along. `overdue_at`: not over though the cut-off has
    passed at this moment. `has_kept`: over, and the courier still has something of it in hand.
    """

    office: UnitId | None = None
    person: UserId | None = None
    states: tuple[LegState, ...] = ()
    planned_between: tuple[datetime, datetime] | None = None
    overdue_at: datetime | None = None
    has_kept: bool = False
    before_id: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEntry:
    """One entry of a leg."""

    index: int
    at: datetime
    step: LegState


class LegQueries:
    """Part of :class:`app.storage.repositories.legs.Legs`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, code: str) -> Leg | None:
        """Return a leg."""
        row = self._statements.first(select(LEGS).where(G.code == code))
        return None if row is None else to_leg(row)

    def list_page(self, search: LegSearch) -> tuple[Leg, ...]:
        """Return one page of legs, newest first."""
        asked = select(LEGS).where(*_conditions(search)).order_by(G.id.desc()).limit(search.limit)
        return tuple(map(to_leg, self._statements.rows(asked)))

    def count(self, search: LegSearch) -> int:
        """Count every match, whatever the page size."""
        row = self._statements.first(select(func.count()).select_from(LEGS).where(*_conditions(search)))
        return 0 if row is None else int(row[0])

    def list_lines(self, leg: int, name: str = "aboard") -> frozenset[str]:
        """Return one list of a leg."""
        asked = select(L.code).where(L.leg_id == leg, L.list == name)
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def count_lines(self, legs: Collection[int]) -> dict[int, int]:
        """Return how much each of these legs carries."""
        if not legs:
            return {}
        asked = (
            select(L.leg_id, func.count())
            .where(L.leg_id.in_(sorted(legs)), L.list == "aboard")
            .group_by(L.leg_id)
        )
        return {int(leg): int(number) for leg, number in self._statements.rows(asked)}

    def list_fates(self, leg: int) -> dict[str, LegFate]:
        """Return what became of everything aboard a leg that is over, by code."""
        asked = select(L.code, L.list).where(L.leg_id == leg, L.list != "aboard")
        return {str(code): LegFate(fate) for code, fate in self._statements.rows(asked)}

    def list_with(self, courier: UserId, codes: Collection[str]) -> frozenset[str]:
        """Return those of the codes for which a person answers now, whatever bag they lie in."""
        outer = BAGS.alias("outer_bags")
        holder = func.coalesce(outer.c.custodian_user_id, B.custodian_user_id)
        bags = (
            select(B.code)
            .outerjoin(outer, outer.c.id == B.outer_id)
            .where(B.code.in_(sorted(codes)), is_open_bag(), holder == courier)
        )
        held = func.coalesce(holder, C.custodian_user_id)
        items = (
            select(C.code)
            .outerjoin(BAGS, B.id == C.bag_id)
            .outerjoin(outer, outer.c.id == B.outer_id)
            .where(C.code.in_(sorted(codes)), C.state == State.IN_CUSTODY.value, held == courier)
        )
        return frozenset(str(code) for (code,) in self._statements.rows(union_all(bags, items)))

    def list_entries(self, leg: int) -> tuple[LegEntry, ...]:
        """Return the entries of a leg, in the order of the log."""
        asked = (
            select(E.entry_idx, AUDIT_LOG.c.at, E.step)
            .join(AUDIT_LOG, AUDIT_LOG.c.idx == E.entry_idx)
            .where(E.leg_id == leg)
            .order_by(E.entry_idx)
        )
        return tuple(
            LegEntry(index=int(index), at=at, step=LegState(step))
            for index, at, step in self._statements.rows(asked)
        )

    def list_taken(self, codes: Collection[str]) -> frozenset[str]:
        """Return those of the codes that a leg which is not over is to carry already."""
        going = G.state.in_([LegState.PLANNED.value, LegState.DEPARTED.value])
        asked = (
            select(L.code)
            .join(LEGS, G.id == L.leg_id)
            .where(L.code.in_(sorted(codes)), L.list == "aboard", going)
        )
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def list_of(self, code: str) -> tuple[Leg, ...]:
        """Return the legs a thing travelled in, by itself or in a bag that held it then, oldest first."""
        carriers: dict[str, tuple[int, int | None]] = {code: (0, None)}
        level = dict(carriers)
        for _ in range(_NESTED):
            level = self._bags_around(level)
            carriers |= level
        asked = (
            select(LEGS, L.code.label("carrier"), func.min(E.entry_idx).label("first"))
            .join(LEG_LINES, and_(L.leg_id == G.id, L.list == "aboard", L.code.in_(sorted(carriers))))
            .join(LEG_ENTRIES, E.leg_id == G.id)
            .group_by(*LEGS.c, L.code)
            .order_by(G.id)
        )
        found: dict[int, Leg] = {}
        for row in self._statements.rows(asked):
            since, until = carriers[str(row.carrier)]
            if since < row.first and (until is None or row.first < until):
                found[int(row.id)] = to_leg(row)
        return tuple(found.values())

    def _bags_around(self, codes: dict[str, tuple[int, int | None]]) -> dict[str, tuple[int, int | None]]:
        """Return the bags in which these things lay, each with the entries between which they did."""
        if not codes:
            return {}
        asked = (
            select(B.code, P.code.label("thing"), P.packed_idx, P.removed_idx)
            .join(BAGS, B.id == P.bag_id)
            .where(P.code.in_(sorted(codes)))
            .order_by(P.code, P.packed_idx)
        )
        rows = self._statements.rows(asked)
        found: dict[str, tuple[int, int | None]] = {}
        for row, after in zip(rows, [*rows[1:], None], strict=False):
            following = after if after is not None and after.thing == row.thing else None
            if row.removed_idx is None or row.removed_idx > row.packed_idx:
                found[str(row.code)] = (int(row.packed_idx), ends_at(row.removed_idx, following))
        return found

    def find_vehicle(self, plate: str) -> Vehicle | None:
        """Return a vehicle."""
        row = self._statements.first(select(VEHICLES).where(V.plate == plate))
        return None if row is None else to_vehicle(row)

    def list_vehicles(self, unit: UnitId | None) -> tuple[Vehicle, ...]:
        """Return the vehicles of an office (None: of all), those in use first."""
        asked = select(VEHICLES).order_by(V.retired_at.is_not(None), V.plate)
        if unit is not None:
            asked = asked.where(V.unit_id == unit)
        return tuple(map(to_vehicle, self._statements.rows(asked)))

    def is_under_way(self, plate: str) -> bool:
        """Tell whether a vehicle has departed and not arrived."""
        asked = select(G.id).where(G.vehicle == plate, G.state == LegState.DEPARTED.value).limit(1)
        return self._statements.first(asked) is not None

    def list_loose_bags(self, unit: UnitId) -> tuple[Bag, ...]:
        """Return the closed bags in the hands of an office's people, oldest first."""
        asked = (
            select(*(B[name] for name in BAG))
            .where(B.custodian_unit_id == unit, is_open_bag(), B.state == BagState.CLOSED.value)
            .where(B.outer_id.is_(None))
            .order_by(B.id)
            .limit(_MOST_LOOSE)
        )
        return tuple(map(to_bag, self._statements.rows(asked)))


def _conditions(search: LegSearch) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search.office is not None:
        found.append(or_(G.origin_unit_id == search.office, G.destination_unit_id == search.office))
    if search.person is not None:
        found.append(or_(G.courier_id == search.person, G.escort_id == search.person))
    if search.states:
        found.append(G.state.in_([state.value for state in search.states]))
    if search.planned_between is not None:
        first, last = search.planned_between
        found.append(and_(G.departs_at >= first, G.departs_at < last))
    if search.overdue_at is not None:
        going = G.state.in_([LegState.PLANNED.value, LegState.DEPARTED.value])
        found.append(and_(going, G.arrives_at < search.overdue_at))
    if search.has_kept:
        found.append(_has_kept())
    if search.before_id is not None:
        found.append(G.id < search.before_id)
    return found


def _has_kept() -> ColumnElement[bool]:
    """Say that the courier of a leg which is over still has a thing in hand that was listed as kept."""
    kept = and_(L.leg_id == G.id, L.list == "kept")
    item = select(C.id).where(
        C.code == L.code, C.custodian_user_id == G.courier_id, C.state == State.IN_CUSTODY.value
    )
    bag = select(B.id).where(B.code == L.code, B.custodian_user_id == G.courier_id, is_open_bag())
    # Two selects deep, the leg outside is not seen without being named: it would be any leg's courier.
    still = or_(*(one.correlate(LEGS, LEG_LINES).exists() for one in (item, bag)))
    held = select(L.code).where(kept, still).exists()
    return and_(G.state == LegState.ARRIVED.value, held)


def to_leg(row: AnyRow) -> Leg:
    """Build the dataclass from a row of the table."""
    return Leg(
        id=int(row.id),
        code=str(row.code),
        origin=UnitId(row.origin_unit_id),
        destination=UnitId(row.destination_unit_id),
        courier=UserId(row.courier_id),
        escort=None if row.escort_id is None else UserId(row.escort_id),
        vehicle=str(row.vehicle),
        departs_at=row.departs_at,
        arrives_at=row.arrives_at,
        planned_by=UserId(row.planned_by_id),
        planned_at=row.planned_at,
        state=LegState(row.state),
        departed_at=row.departed_at,
        arrived_at=row.arrived_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=None if row.cancel_reason is None else LegCancelReason(row.cancel_reason),
    )


def to_vehicle(row: AnyRow) -> Vehicle:
    """Build the dataclass from a row of the table."""
    return Vehicle(
        plate=str(row.plate),
        unit=UnitId(row.unit_id),
        dedicated=bool(row.dedicated),
        added_at=row.added_at,
        retired_at=row.retired_at,
    )
