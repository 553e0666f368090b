"""What the records beside a consignment say of it, for holding the two against each other; reads only."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from app.domain.consignment import Consignment, Custodian, State
from app.domain.grades import Secrecy
from app.domain.held import Custody
from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.traces import Traces
from app.storage.rows import HOT, to_consignment
from app.storage.statements import Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS, DELIVERIES, HOLDINGS
from app.storage.tables.log import AUDIT_ITEMS, AUDIT_LOG
from app.storage.tables.people import UNITS

C, H, D, I = CONSIGNMENTS.c, HOLDINGS.c, DELIVERIES.c, AUDIT_ITEMS.c  # noqa: E741  # the tables' first letters
_ENDS = (State.DELIVERED.value, State.RETURNED.value)


class CustodyQueries:
    """Part of :class:`app.storage.repositories.consignments.Consignments`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_by_codes(self, codes: Collection[str]) -> tuple[Consignment, ...]:
        """Return the items of a list as committed, without locking them."""
        asked = select(*(C[name] for name in HOT)).where(C.code.in_(sorted(codes)))
        return tuple(to_consignment(row) for row in self._statements.rows(asked))

    def count_pieces(self, codes: Collection[str]) -> dict[str, int]:
        """Return how many pieces were registered of each item, by code."""
        asked = select(C.code, C.pieces).where(C.code.in_(sorted(codes)))
        return {str(code): int(pieces) for code, pieces in self._statements.rows(asked)}

    def list_marks(self, codes: Collection[str]) -> set[Secrecy]:
        """Return which marks of secrecy the items bear, each once."""
        asked = select(C.secrecy).where(C.code.in_(sorted(codes))).distinct()
        return {Secrecy(mark) for (mark,) in self._statements.rows(asked)}

    def list_traces(self, items: Mapping[ConsignmentId, str]) -> dict[ConsignmentId, Traces]:
        """Return holders and ends of the items, named by id and code, in three questions for all."""
        if not items:
            return {}
        holders: dict[int, list[Custodian]] = defaultdict(list)
        held = select(H.consignment_id, H.user_id, H.unit_id).where(H.consignment_id.in_(sorted(items)))
        for identity, user, unit in self._statements.rows(held.order_by(H.consignment_id, H.entry_idx)):
            holders[identity].append(Custodian(user=UserId(user), unit=UnitId(unit)))
        ends: dict[int, set[State]] = defaultdict(set)
        ended = select(D.consignment_id, D.outcome).where(
            D.consignment_id.in_(sorted(items)), D.outcome.in_(_ENDS)
        )
        for identity, outcome in self._statements.rows(ended):
            ends[identity].add(State(outcome))
        cancelled = (
            select(I.code)
            .join(AUDIT_LOG, AUDIT_LOG.c.idx == I.idx)
            .where(I.code.in_(sorted(items.values())), AUDIT_LOG.c.kind == State.CANCELLED.value)
        )
        gone = {str(code) for (code,) in self._statements.rows(cancelled)}
        for identity, code in items.items():
            if code in gone:
                ends[identity].add(State.CANCELLED)
        return {
            identity: Traces(holders=tuple(holders[identity]), ends=frozenset(ends[identity]))
            for identity in items
        }

    def list_custody(self, codes: Collection[str]) -> dict[str, Custody]:
        """Return who answers for each of the items, and their states, by code."""
        asked = (
            select(C.code, C.state, C.custodian_user_id, UNITS.c.code, BAGS.c.code, C.hold)
            .join(UNITS, UNITS.c.id == C.custodian_unit_id)
            .outerjoin(BAGS, BAGS.c.id == C.bag_id)
            .where(C.code.in_(sorted(codes)))
        )
        return {
            str(code): Custody(
                state=State(state),
                user=int(user),
                unit=str(unit),
                inside=bag or "",
                hold="" if State(state).is_final else hold,
            )
            for code, state, user, unit, bag, hold in self._statements.rows(asked)
        }

    def count_all(self) -> int:
        """Count every item there is."""
        row = self._statements.first(select(func.count()).select_from(CONSIGNMENTS))
        return 0 if row is None else int(row[0])

    def find_unlogged(self) -> str | None:
        """Return the first item by code that no entry names."""
        named = select(I.idx).where(I.code == C.code).exists()
        row = self._statements.first(select(C.code).where(~named).order_by(C.code).limit(1))
        return None if row is None else str(row[0])
