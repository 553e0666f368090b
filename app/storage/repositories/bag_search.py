"""What to look for among the bags, and within what a person may know about.

The rule of who may see what is the domain's; this module must never widen what it is given.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select

from app.domain.bag import BagState
from app.domain.ids import BagId, UnitId, UserId
from app.storage.repositories.open_work import OPEN_BAG_STATES, is_offered, is_open_bag
from app.storage.tables.bags import BAG_HOLDINGS, BAGS

B = BAGS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class BagVisibility:
    """Which bags a person may know about: the union of what is named here, nothing by default.

    `holder` holds or held; an offer waits for `holder` by name, or for `offered_unit` as a whole; `office` is
    either end of the trip. What `unseen_holder` has, also in another bag, is left out of all of that.
    """

    everything: bool = False
    holder: UserId | None = None
    offered_unit: UnitId | None = None
    office: UnitId | None = None
    unseen_holder: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BagSearch:
    """What to look for; fields left alone do not narrow. `before_id` continues an earlier page."""

    holder: UserId | None = None
    offered_to: tuple[UserId, UnitId] | None = None
    offered_by: UserId | None = None
    is_offered: bool | None = None
    is_nested: bool | None = None
    origin: UnitId | None = None
    destination: UnitId | None = None
    states: tuple[BagState, ...] = ()
    before_id: BagId | None = None
    limit: int = 50


def conditions(search: BagSearch, visibility: BagVisibility) -> list[ColumnElement[bool]]:
    """Return what a row must fulfil."""
    hidden = visibility.unseen_holder
    seen = [] if hidden is None else [B.custodian_user_id != hidden, _is_elsewhere(hidden)]
    return [_visible(visibility), *seen, *_asked(search)]


def _is_elsewhere(user: UserId) -> ColumnElement[bool]:
    """Say that a bag lies in none for which this person answers: its own row names who packed it there."""
    outer = BAGS.alias("outer_bags")
    theirs = select(outer.c.id).where(outer.c.custodian_user_id == user)
    return or_(B.outer_id.is_(None), B.outer_id.not_in(theirs))


def _asked(search: BagSearch) -> Iterable[ColumnElement[bool]]:
    equal = (
        (B.custodian_user_id, search.holder),
        (B.offer_by_id, search.offered_by),
        (B.origin_unit_id, search.origin),
        (B.destination_unit_id, search.destination),
    )
    yield from (column == value for column, value in equal if value is not None)
    if search.offered_to is not None:
        yield _offered(*search.offered_to)
    if search.is_offered is not None:
        yield is_offered(BAGS) if search.is_offered else ~is_offered(BAGS)
    if search.is_nested is not None:
        yield B.outer_id.is_not(None) if search.is_nested else B.outer_id.is_(None)
    if search.states:
        yield B.state.in_([str(state) for state in search.states])
    if search.states and OPEN_BAG_STATES.issuperset(search.states):
        yield is_open_bag()
    if search.before_id is not None:
        yield B.id < search.before_id


def _visible(visibility: BagVisibility) -> ColumnElement[bool]:
    if visibility.everything:
        return B.id.is_not(None)
    ways: list[ColumnElement[bool]] = [false()]
    if visibility.office is not None:
        ways.append(or_(B.origin_unit_id == visibility.office, B.destination_unit_id == visibility.office))
    if visibility.holder is not None:
        held = select(BAG_HOLDINGS.c.bag_id).where(BAG_HOLDINGS.c.user_id == visibility.holder)
        ways += [B.custodian_user_id == visibility.holder, B.id.in_(held)]
        if visibility.offered_unit is not None:
            ways.append(_offered(visibility.holder, visibility.offered_unit))
    return or_(*ways)


def _offered(user: UserId, unit: UnitId) -> ColumnElement[bool]:
    named = or_(B.offer_to_user_id.is_(None), B.offer_to_user_id == user)
    return and_(is_offered(BAGS), B.offer_to_unit_id == unit, B.offer_by_id != user, named)
