"""Find, list, search and count consignments, within what a person may know about.

Every list takes a :class:`Visibility`; one that allows nothing finds nothing. The rule of who may see what is
the domain's; this module must never widen what it is given.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from app.domain.consignment import Attestations, Consignment, ConsignmentDetails, State
from app.domain.errors import NotFound
from app.domain.grades import Secrecy
from app.domain.ids import ConsignmentCode, ConsignmentId, UnitId, UserId
from app.storage.contains import ContainsBytes
from app.storage.repositories.due_conditions import Owed, Unclaimed, owed_condition, unclaimed_condition
from app.storage.repositories.open_work import OPEN_STATES, is_ended_item, is_offered, is_open_item
from app.storage.rows import HOT, to_consignment
from app.storage.statements import Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS, HOLDINGS

C = CONSIGNMENTS.c
Ts = TypeVarTuple("Ts")
HOT_COLUMNS = tuple(C[name] for name in HOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Which consignments a person may know about: the union of what is named here, nothing by default.

    `party_unit` sends, or receives what the post has accepted; `holder` holds or held; an offer waits
    for `holder` by name, or for `offered_unit` as a whole. What `unseen_holder` holds, loose or in a bag, is
    left out of all of that.
    """

    everything: bool = False
    party_unit: UnitId | None = None
    holder: UserId | None = None
    offered_unit: UnitId | None = None
    unseen_holder: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; fields left alone do not narrow. `before_id` continues an earlier page."""

    code_part: str = ""
    codes: tuple[str, ...] | None = None
    ids: tuple[ConsignmentId, ...] | None = None
    units: tuple[UnitId, ...] | None = None
    sender_unit: UnitId | None = None
    recipient_unit: UnitId | None = None
    custodian: UserId | None = None
    offered_to: tuple[UserId, UnitId] | None = None
    offered_by: UserId | None = None
    is_offered: bool | None = None
    states: tuple[State, ...] = ()
    secrecy: Secrecy | None = None
    register_number: int | None = None
    register_year: int | None = None
    document_candidates: tuple[bytes, ...] | None = None
    registered_from_at: datetime | None = None
    registered_until_at: datetime | None = None
    closed_from_at: datetime | None = None
    owed: Owed | None = None
    unclaimed: Unclaimed | None = None
    before_id: ConsignmentId | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of a list: the hot row and what a list shows beside it; nothing sealed."""

    consignment: Consignment
    document_type: str
    register_number: int
    register_year: int
    acknowledged_at: datetime | None


class ConsignmentQueries:
    """The reading half of :class:`app.storage.repositories.consignments.Consignments`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, code: str) -> Consignment | None:
        """Return the item without locking it, as committed."""
        row = self._statements.first(select(*HOT_COLUMNS).where(C.code == code))
        return None if row is None else to_consignment(row)

    def find_details(self, code: str) -> ConsignmentDetails | None:
        """Return the whole record, sealed fields as blobs."""
        row = self._statements.first(select(CONSIGNMENTS).where(C.code == code))
        return None if row is None else _details(row)

    def get_details(self, code: str) -> ConsignmentDetails:
        """Return the whole record; raises NotFound."""
        details = self.find_details(code)
        if details is None:
            raise NotFound
        return details

    def get_code(self, identity: ConsignmentId) -> ConsignmentCode:
        """Return the code of an item by its number in the database; raises NotFound."""
        row = self._statements.first(select(C.code).where(C.id == identity))
        if row is None:
            raise NotFound
        return ConsignmentCode(str(row[0]))

    def was_custodian(self, identity: ConsignmentId, user: UserId) -> bool:
        """Tell whether this person ever held it."""
        held = select(HOLDINGS.c.entry_idx).where(
            HOLDINGS.c.consignment_id == identity, HOLDINGS.c.user_id == user
        )
        return self._statements.first(held.limit(1)) is not None

    def list(self, search: Search, visibility: Visibility) -> tuple[Listed, ...]:
        """Return the newest matches first."""
        statement = narrow(
            select(*HOT_COLUMNS, C.document_type, C.register_number, C.register_year, C.acknowledged_at),
            search,
            visibility,
        )
        rows = self._statements.rows(statement.order_by(C.id.desc()).limit(search.limit))
        return tuple(_listed(row) for row in rows)

    def count(self, search: Search, visibility: Visibility) -> int:
        """Count every match, whatever the page size."""
        statement = narrow(select(func.count()).select_from(CONSIGNMENTS), search, visibility)
        row = self._statements.first(statement)
        return 0 if row is None else int(row[0])

    def tally(self, search: Search, visibility: Visibility) -> dict[tuple[State, Secrecy], int]:
        """Count matches per state and grade of secrecy, in one walk; pairs without any are 0."""
        statement = narrow(select(C.state, C.secrecy, func.count()), search, visibility)
        found = {
            (State(state), Secrecy(grade)): int(count)
            for state, grade, count in self._statements.rows(statement.group_by(C.state, C.secrecy))
        }
        return {pair: found.get(pair, 0) for pair in product(State, Secrecy)}

    def list_receivers(self, codes: Collection[str]) -> dict[str, bytes]:
        """Return the sealed names of the named receivers by code: one statement for a whole list."""
        named = select(C.code, C.receiver_sealed).where(
            C.code.in_(sorted(codes)), C.receiver_sealed.is_not(None)
        )
        return {str(code): bytes(blob) for code, blob in self._statements.rows(named)}

    def list_sealed(self, after: ConsignmentId, *, limit: int = 200) -> tuple[ConsignmentDetails, ...]:
        """Walk every record in order of id, for a change of the vault's key."""
        statement = select(CONSIGNMENTS).where(C.id > after).order_by(C.id).limit(limit)
        return tuple(_details(row) for row in self._statements.rows(statement))


def narrow(statement: Select[*Ts], search: Search, visibility: Visibility) -> Select[*Ts]:
    """Add the conditions of a question and of what the asker may know about."""
    return statement.where(_visible(visibility), *_conditions(search))


def _visible(visibility: Visibility) -> ColumnElement[bool]:
    if visibility.everything:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if visibility.party_unit is not None:
        # The recipient learns of an item when the post has accepted it, as `may_see` says.
        coming = and_(C.recipient_unit_id == visibility.party_unit, C.accepted_at.is_not(None))
        ways += [C.sender_unit_id == visibility.party_unit, coming]
    if visibility.holder is not None:
        held = select(HOLDINGS.c.entry_idx).where(
            HOLDINGS.c.consignment_id == C.id, HOLDINGS.c.user_id == visibility.holder
        )
        ways += [C.custodian_user_id == visibility.holder, exists(held)]
    if visibility.holder is not None and visibility.offered_unit is not None:
        ways.append(_offered_to(visibility.holder, visibility.offered_unit))
    if visibility.unseen_holder is None:
        return or_(*ways)
    return and_(or_(*ways), not_(_held_by(visibility.unseen_holder)))


def _held_by(user: UserId) -> ColumnElement[bool]:
    """Whoever has a bag has what is in it; who packed an item still stands in its own row."""
    bags = select(BAGS.c.id).where(BAGS.c.custodian_user_id == user)
    in_bag = and_(C.bag_id.is_not(None), C.bag_id.in_(bags))
    return or_(C.custodian_user_id == user, in_bag)


def _offered_to(user: UserId, unit: UnitId) -> ColumnElement[bool]:
    return and_(
        is_offered(CONSIGNMENTS),
        C.offer_to_unit_id == unit,
        or_(C.offer_to_user_id.is_(None), C.offer_to_user_id == user),
        C.offer_by_id != user,
    )


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    equal = (
        (C.custodian_user_id, search.custodian),
        (C.offer_by_id, search.offered_by),
        (C.secrecy, None if search.secrecy is None else str(search.secrecy)),
        (C.register_number, search.register_number),
        (C.register_year, search.register_year),
    )
    conditions += [column == value for column, value in equal if value is not None]
    conditions += _party_conditions(search)
    # Whoever packed an item no longer has it in hand: the bag's custodian answers for it.
    conditions += [C.bag_id.is_(None)] if search.custodian is not None else []
    if search.code_part:
        conditions.append(C.code.contains(search.code_part, autoescape=True))
    conditions += _named_conditions(search)
    if search.units is not None:
        conditions.append(or_(C.sender_unit_id.in_(search.units), C.recipient_unit_id.in_(search.units)))
    if search.offered_to is not None:
        conditions.append(_offered_to(*search.offered_to))
    if search.is_offered is not None:
        offered = is_offered(CONSIGNMENTS)
        conditions.append(offered if search.is_offered else ~offered)
    if search.states:
        conditions.append(C.state.in_([str(state) for state in search.states]))
        conditions += [is_open_item()] if OPEN_STATES.issuperset(search.states) else []
    conditions += _time_conditions(search)
    if search.before_id is not None:
        conditions.append(C.id < search.before_id)
    return conditions


def _party_conditions(search: Search) -> list[ColumnElement[bool]]:
    """Name sender and recipient; where something is owed, so that no index of units is chosen.

    What is owed is found by an index of its own: a unit's whole past must not be walked through instead.
    """
    is_owed = search.owed is not None or search.unclaimed is not None
    parties = ((C.sender_unit_id, search.sender_unit), (C.recipient_unit_id, search.recipient_unit))
    nothing: ColumnElement[int] = literal_column("0")
    return [(column + nothing if is_owed else column) == unit for column, unit in parties if unit is not None]


def _time_conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.registered_from_at is not None:
        conditions.append(C.registered_at >= search.registered_from_at)
    if search.registered_until_at is not None:
        conditions.append(C.registered_at < search.registered_until_at)
    if search.closed_from_at is not None:
        conditions += [is_ended_item(), C.closed_at >= search.closed_from_at]
    if search.owed is not None:
        conditions.append(owed_condition(search.owed))
    if search.unclaimed is not None:
        conditions.append(unclaimed_condition(search.unclaimed.standards, search.unclaimed.at))
    return conditions


def _named_conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.ids is not None:
        conditions.append(C.id.in_(search.ids))
    if search.codes is not None:
        conditions.append(C.code.in_(search.codes))
    if search.document_candidates is not None:
        # One index holds 32 bytes per document number; whoever may search so has few rows: their own.
        holds = (ContainsBytes(C.document_index, candidate) for candidate in search.document_candidates)
        conditions.append(or_(false(), *holds))
    return conditions


def _listed(row: Row[*tuple[object, ...]]) -> Listed:
    *hot, document_type, number, year, acknowledged_at = row
    return Listed(
        consignment=to_consignment(hot),
        document_type=str(document_type),
        register_number=int(str(number)),
        register_year=int(str(year)),
        acknowledged_at=acknowledged_at if isinstance(acknowledged_at, datetime) else None,
    )


def _details(row: Row[*tuple[object, ...]]) -> ConsignmentDetails:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
    return ConsignmentDetails(
        consignment=to_consignment([values[column] for column in HOT_COLUMNS]),
        registered_by=values[C.registered_by_id],
        document_type=values[C.document_type],
        document_date=values[C.document_date],
        pieces=values[C.pieces],
        weight_g=values[C.weight_g],
        attestations=Attestations(
            inner_envelope=values[C.inner_envelope],
            outer_envelope=values[C.outer_envelope],
            sealed=values[C.attested_sealed],
        ),
        register_number=values[C.register_number],
        register_year=values[C.register_year],
        receiver_sealed=values[C.receiver_sealed],
        document_numbers_sealed=values[C.document_numbers_sealed],
        document_index=values[C.document_index],
        abstract_sealed=values[C.abstract_sealed],
        cancel_reason=values[C.cancel_reason],
        commitments=json.loads(values[C.commitments]),
        acknowledged_at=values[C.acknowledged_at],
    )
