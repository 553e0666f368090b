"""Which pouches there are, where each is, and which returns travel; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from app.domain.bag import Bag
from app.domain.ids import UnitId, UserId
from app.domain.pouch import Pouch, PouchCancelReason, PouchList, PouchState, Proposal, RetireReason, Tally
from app.storage.bag_rows import BAG, to_bag
from app.storage.repositories.open_work import is_open_bag
from app.storage.statements import AnyRow, Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.log import AUDIT_LOG
from app.storage.tables.pouches import (
    POUCH_CANCEL_ENTRIES,
    POUCH_LIST_CANCELLATIONS,
    POUCH_LIST_ENTRIES,
    POUCH_LIST_LINES,
    POUCH_LISTS,
    POUCHES,
)

P, L, N, E, B = POUCHES.c, POUCH_LISTS.c, POUCH_LIST_LINES.c, POUCH_LIST_ENTRIES.c, BAGS.c
_OUTER = BAGS.alias("outer_bags")
_MOST_TRIPS = 20
# A pouch on a trip is where the bag's custodian is; of a bag in a bag the outer one's.
_place_now = func.coalesce(_OUTER.c.custodian_unit_id, B.custodian_unit_id, P.holder_unit_id)
_holder_now = func.coalesce(_OUTER.c.custodian_user_id, B.custodian_user_id)
_FROM = POUCHES.outerjoin(BAGS, and_(B.asset == P.asset, is_open_bag())).outerjoin(
    _OUTER, _OUTER.c.id == B.outer_id
)
_IN_USE = B.id.is_not(None)
X, XE = POUCH_LIST_CANCELLATIONS.c, POUCH_CANCEL_ENTRIES.c
_WITH_CANCELLATIONS = POUCH_LISTS.outerjoin(POUCH_LIST_CANCELLATIONS, X.list_id == L.id)
# The step of an entry that cancelled a return.
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PouchSearch:
    """What to look for; fields left alone do not narrow. `foreign`: of one office and at another.

    `old_at`: held since before this moment; `office` is its owner's or where it is; `after` is the number of
    the last pouch of the page before. Pouches of bags that `unseen_holder` has are left out.
    """

    office: UnitId | None = None
    owner: UnitId | None = None
    place: UnitId | None = None
    states: tuple[PouchState, ...] = ()
    in_use: bool | None = None
    old_at: datetime | None = None
    foreign: bool = False
    proposed: bool = False
    after: str = ""
    unseen_holder: UserId | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A pouch, where it is now, and the code of the trip it is on, "" for none."""

    pouch: Pouch
    place: UnitId
    bag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One entry of a return."""

    index: int
    at: datetime
    step: str


class PouchQueries:
    """Part of :class:`app.storage.repositories.pouches.Pouches`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, asset: str) -> Placed | None:
        """Return a pouch and where it is."""
        row = self._statements.first(_placed().where(P.asset == asset))
        return None if row is None else _to_placed(row)

    def list_page(self, search: PouchSearch) -> tuple[Placed, ...]:
        """Return one page of pouches in the order of their numbers."""
        asked = _placed().where(*_conditions(search)).order_by(P.asset).limit(search.limit)
        return tuple(map(_to_placed, self._statements.rows(asked)))

    def count(self, search: PouchSearch) -> int:
        """Count every match, whatever the page size."""
        asked = select(func.count()).select_from(_FROM).where(*_conditions(search))
        row = self._statements.first(asked)
        return 0 if row is None else int(row[0])

    def list_tallies(self, office: UnitId | None, *, old_at: datetime) -> tuple[Tally, ...]:
        """Count pouches by all that a balance needs, those an office owns or has, or all."""
        parts = (
            P.owner_unit_id.label("owner"),
            _place_now.label("place"),
            P.state.label("state"),
            _IN_USE.label("in_use"),
            case((P.since_at < old_at, 1), else_=0).label("is_old"),
        )
        each = select(*parts).select_from(_FROM)
        if office is not None:
            each = each.where(or_(P.owner_unit_id == office, _place_now == office))
        one = each.subquery()
        asked = select(*one.c, func.count()).group_by(*one.c)
        return tuple(
            Tally(
                owner=UnitId(owner),
                place=UnitId(place),
                state=PouchState(state),
                in_use=bool(in_use),
                is_old=bool(is_old),
                count=int(count),
            )
            for owner, place, state, in_use, is_old, count in self._statements.rows(asked)
        )

    def list_trips(self, asset: str) -> tuple[Bag, ...]:
        """Return the latest trips of a pouch, newest first."""
        columns = [B[name] for name in BAG]
        asked = select(*columns).where(B.asset == asset).order_by(B.id.desc()).limit(_MOST_TRIPS)
        return tuple(map(to_bag, self._statements.rows(asked)))

    def list_travelling(self, assets: Collection[str]) -> dict[str, UnitId]:
        """Return, of the pouches on a trip, whose office answers for them."""
        place = func.coalesce(_OUTER.c.custodian_unit_id, B.custodian_unit_id)
        asked = (
            select(B.asset, place)
            .select_from(BAGS.outerjoin(_OUTER, _OUTER.c.id == B.outer_id))
            .where(B.asset.in_(sorted(assets)), is_open_bag())
        )
        return {str(asset): UnitId(unit) for asset, unit in self._statements.rows(asked)}

    def find_list(self, code: str) -> PouchList | None:
        """Return a return of empties."""
        row = self._statements.first(_lists().where(L.code == code))
        return None if row is None else to_list(row)

    def list_lists(
        self,
        office: UnitId | None,
        *,
        open_only: bool = False,
        asset: str = "",
        before_id: int | None = None,
        limit: int = 50,
    ) -> tuple[PouchList, ...]:
        """Return returns of an office, either side, newest first; those with a pouch where one is named."""
        asked = _lists().where(*_of_lists(office, open_only=open_only))
        if asset:
            asked = asked.where(L.id.in_(select(N.list_id).where(N.asset == asset)))
        if before_id is not None:
            asked = asked.where(L.id < before_id)
        rows = self._statements.rows(asked.order_by(L.id.desc()).limit(limit))
        return tuple(map(to_list, rows))

    def count_coming(self, office: UnitId) -> int:
        """Count the returns on their way to an office, which it has not answered."""
        asked = select(func.count()).select_from(_WITH_CANCELLATIONS)
        coming = (L.receiver_unit_id == office, L.received_at.is_(None), X.cancelled_at.is_(None))
        row = self._statements.first(asked.where(*coming))
        return 0 if row is None else int(row[0])

    def list_lines(self, of: int) -> dict[str, frozenset[str]]:
        """Return every list of a return by its name."""
        found: dict[str, set[str]] = {"sent": set(), "received": set(), "missing": set(), "excess": set()}
        for name, asset in self._statements.rows(select(N.list, N.asset).where(N.list_id == of)):
            found[str(name)].add(str(asset))
        return {name: frozenset(assets) for name, assets in found.items()}

    def count_lines(self, lists: Collection[int]) -> dict[int, int]:
        """Return how many pouches each of these returns carries."""
        if not lists:
            return {}
        asked = select(N.list_id, func.count()).where(N.list_id.in_(sorted(lists)), N.list == "sent")
        return {int(of): int(count) for of, count in self._statements.rows(asked.group_by(N.list_id))}

    def list_entries(self, of: int) -> tuple[ListEntry, ...]:
        """Return the entries of a return in their order."""
        steps = select(E.entry_idx, E.step).where(E.list_id == of)
        cancelled = select(XE.entry_idx, literal(CANCELLED).label("step")).where(XE.list_id == of)
        both = union_all(steps, cancelled).subquery()
        asked = (
            select(both.c.entry_idx, AUDIT_LOG.c.at, both.c.step)
            .join(AUDIT_LOG, AUDIT_LOG.c.idx == both.c.entry_idx)
            .order_by(both.c.entry_idx)
        )
        return tuple(
            ListEntry(index=int(index), at=at, step=str(step))
            for index, at, step in self._statements.rows(asked)
        )


def _placed() -> Select[AnyRow]:
    return select(*P, _place_now.label("place"), B.code.label("bag")).select_from(_FROM)


def _conditions(search: PouchSearch) -> list[ColumnElement[bool]]:
    wanted: tuple[tuple[bool, ColumnElement[bool]], ...] = (
        (search.office is not None, or_(P.owner_unit_id == search.office, _place_now == search.office)),
        (search.owner is not None, P.owner_unit_id == search.owner),
        (search.place is not None, _place_now == search.place),
        (search.foreign, P.owner_unit_id != _place_now),
        (bool(search.states), P.state.in_([state.value for state in search.states])),
        (search.in_use is True, _IN_USE),
        (search.in_use is False, B.id.is_(None)),
        (search.proposed, P.proposed_at.is_not(None) & P.retired_at.is_(None)),
        (bool(search.after), P.asset > search.after),
        (search.unseen_holder is not None, or_(B.id.is_(None), _holder_now != search.unseen_holder)),
    )
    old = [] if search.old_at is None else [P.since_at < search.old_at]
    return [*old, *(condition for asked, condition in wanted if asked)]


def _of_lists(office: UnitId | None, *, open_only: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if office is not None:
        found.append(or_(L.sender_unit_id == office, L.receiver_unit_id == office))
    if open_only:
        found += [L.received_at.is_(None), X.cancelled_at.is_(None)]
    return found


def _lists() -> Select[AnyRow]:
    return select(*L, X.reason, X.cancelled_by_id, X.cancelled_at).select_from(_WITH_CANCELLATIONS)


def _to_placed(row: AnyRow) -> Placed:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way
    return Placed(pouch=to_pouch(row), place=UnitId(values["place"]), bag=values["bag"] or "")


def to_pouch(row: AnyRow) -> Pouch:
    """Return a row of the register as a pouch."""
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way
    by = values[P.proposed_by_id]
    proposal = None
    if by is not None:
        proposal = Proposal(
            by=UserId(by), reason=RetireReason(values[P.proposed_reason]), at=values[P.proposed_at]
        )
    entered_by, reason = values[P.entered_by_id], values[P.retire_reason]
    return Pouch(
        asset=values[P.asset],
        owner=UnitId(values[P.owner_unit_id]),
        holder=UnitId(values[P.holder_unit_id]),
        since=values[P.since_at],
        entered_at=values[P.entered_at],
        entered_by=None if entered_by is None else UserId(entered_by),
        state=PouchState(values[P.state]),
        list=values[P.list_id],
        incident=values[P.incident_id],
        proposal=proposal,
        retired_at=values[P.retired_at],
        retire_reason=None if reason is None else RetireReason(reason),
    )


def to_list(row: AnyRow) -> PouchList:
    """Return a row as a return of empties."""
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way
    by = values[L.received_by_id]
    return PouchList(
        id=int(values[L.id]),
        code=values[L.code],
        sender=UnitId(values[L.sender_unit_id]),
        receiver=UnitId(values[L.receiver_unit_id]),
        year=int(values[L.year]),
        number=int(values[L.number]),
        sent_by=UserId(values[L.sent_by_id]),
        sent_at=values[L.sent_at],
        received_by=None if by is None else UserId(by),
        received_at=values[L.received_at],
        cancelled_by=None if values[X.cancelled_by_id] is None else UserId(values[X.cancelled_by_id]),
        cancelled_at=values[X.cancelled_at],
        cancel_reason=None if values[X.reason] is None else PouchCancelReason(values[X.reason]),
    )
