"""Legs of couriers, numbered in their office's year: planned, departed, arrived or cancelled; and vehicles.

Rows of the leg itself are written at once, so that two uses of one leg in one transaction see each other;
what names an entry is written with the entry. Listing for pages lives in
:mod:`app.storage.repositories.leg_queries`.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update

from app.domain.consignment import Custodian
from app.domain.grades import Secrecy
from app.domain.ids import BagId, UnitId, UserId
from app.domain.leg import Leg, LegState, Vehicle
from app.storage.group import Group, PendingEntry
from app.storage.repositories.leg_queries import LegQueries, to_leg, to_vehicle
from app.storage.statements import Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.legs import LEG_ENTRIES, LEG_LINES, LEG_SERIES, LEGS, VEHICLES

G, N, L, V, B, C = LEGS.c, LEG_SERIES.c, LEG_LINES.c, VEHICLES.c, BAGS.c, CONSIGNMENTS.c
_BIND = insert(LEG_ENTRIES)


class Legs(LegQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        super().__init__(statements)
        self._group = group

    def next_number(self, unit: UnitId, year: int) -> int:
        """Draw the next number of an office's year, from 1; nobody else of the office draws meanwhile."""
        drawn = (
            update(LEG_SERIES)
            .where(N.unit_id == unit, N.year == year)
            .values(last_number=N.last_number + 1)
            .returning(N.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            self._statements.insert_missing(LEG_SERIES, {"unit_id": unit, "year": year, "last_number": 0})
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add(self, leg: Leg, *, aboard: Collection[str]) -> Leg:
        """Insert a leg with what it is to carry; return it with its id."""
        values = {
            "code": leg.code,
            "origin_unit_id": leg.origin,
            "destination_unit_id": leg.destination,
            "courier_id": leg.courier,
            "escort_id": leg.escort,
            "vehicle": leg.vehicle,
            "departs_at": leg.departs_at,
            "arrives_at": leg.arrives_at,
            "planned_by_id": leg.planned_by,
            "planned_at": leg.planned_at,
            **_moving(leg),
        }
        stored = replace(leg, id=self._statements.insert(insert(LEGS).values(values).returning(G.id)))
        self.add_lines(stored, "aboard", aboard)
        return stored

    def lock(self, code: str) -> Leg | None:
        """Return a leg that nobody else moves on until the end of this transaction."""
        row = self._statements.first(select(LEGS).where(G.code == code).with_for_update())
        return None if row is None else to_leg(row)

    def lock_open(self, courier: UserId) -> tuple[Leg, ...]:
        """Return every leg of a courier that is not over, locked: two of them cannot leave at once."""
        going = G.state.in_([LegState.PLANNED.value, LegState.DEPARTED.value])
        asked = select(LEGS).where(G.courier_id == courier, going).order_by(G.id).with_for_update()
        return tuple(map(to_leg, self._statements.rows(asked)))

    def save(self, after: Leg) -> None:
        """Write how far a locked leg has come; what was planned never changes."""
        self._statements.update_one(update(LEGS).where(G.id == after.id).values(_moving(after)))

    def add_lines(self, leg: Leg, name: str, codes: Iterable[str]) -> None:
        """Keep a list of the leg: what is aboard, or what became of it."""
        rows = [{"leg_id": leg.id, "list": name, "code": code} for code in sorted(codes)]
        if rows:
            self._statements.write(insert(LEG_LINES), rows)

    def bind(self, leg: Leg, entry: PendingEntry) -> None:
        """Remember, when the entry has its place, that it brought this leg into its state."""
        self._group.bind(entry, _BIND, {"leg_id": leg.id, "step": str(leg.state)})

    def add_vehicle(self, vehicle: Vehicle) -> bool:
        """Insert a vehicle; False for a plate that is known, whoever was faster."""
        values = {
            "plate": vehicle.plate,
            "unit_id": vehicle.unit,
            "dedicated": vehicle.dedicated,
            "added_at": vehicle.added_at,
            "retired_at": vehicle.retired_at,
        }
        known = self.find_vehicle(vehicle.plate) is not None
        return not known and self._statements.insert_missing(VEHICLES, values)

    def lock_vehicle(self, plate: str) -> Vehicle | None:
        """Return a vehicle with which nobody else leaves until the end of this transaction."""
        row = self._statements.first(select(VEHICLES).where(V.plate == plate).with_for_update())
        return None if row is None else to_vehicle(row)

    def retire(self, plate: str, *, now: datetime) -> None:
        """Take a vehicle out of use."""
        self._statements.update_one(update(VEHICLES).where(V.plate == plate).values(retired_at=now))

    def list_grades(self, items: Collection[str], bags: Collection[BagId]) -> frozenset[Secrecy]:
        """Return every grade of these items and in these bags, two layers deep, as this transaction sees."""
        changed_bags = self._group.changed_bags
        deep = set(bags) | {bag.id for bag in changed_bags.values() if bag.outer in bags}
        if bags:
            inner = self._statements.rows(select(B.id, B.code).where(B.outer_id.in_(sorted(bags))))
            deep |= {BagId(one) for one, code in inner if code not in changed_bags}
        asked = select(C.code, C.secrecy).where(C.code.in_(sorted(items)) | C.bag_id.in_(sorted(deep)))
        changed = self._group.changed
        found = {Secrecy(grade) for code, grade in self._statements.rows(asked) if code not in changed}
        return frozenset(
            found | {one.grade.secrecy for one in changed.values() if one.code in items or one.bag in deep}
        )

    def custodians_of_bags(self, bags: Collection[BagId]) -> dict[BagId, Custodian]:
        """Return who answers for these bags: of one that lies in another, whoever has the outer one.

        As this transaction sees it.
        """
        own = self._hands_and_bags(bags)
        around = self._hands_and_bags({outer for _, outer in own.values() if outer is not None})
        return {bag: hand if outer is None else around[outer][0] for bag, (hand, outer) in own.items()}

    def _hands_and_bags(self, bags: Collection[BagId]) -> dict[BagId, tuple[Custodian, BagId | None]]:
        """Return of each of these bags its own custodian and the bag that it lies in."""
        changed = {
            bag.id: (bag.custodian, bag.outer) for bag in self._group.changed_bags.values() if bag.id in bags
        }
        left = sorted(set(bags) - changed.keys())
        if not left:
            return changed
        asked = select(B.id, B.custodian_user_id, B.custodian_unit_id, B.outer_id).where(B.id.in_(left))
        stored = {
            BagId(one): (
                Custodian(user=UserId(user), unit=UnitId(unit)),
                None if outer is None else BagId(outer),
            )
            for one, user, unit, outer in self._statements.rows(asked)
        }
        return stored | changed


def _moving(leg: Leg) -> dict[str, object]:
    return {
        "state": str(leg.state),
        "departed_at": leg.departed_at,
        "arrived_at": leg.arrived_at,
        "cancelled_at": leg.cancelled_at,
        "cancel_reason": None if leg.cancel_reason is None else str(leg.cancel_reason),
    }
