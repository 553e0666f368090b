"""The register of pouches and the returns of empties: locked, changed and written at once.

What names an entry is written with the entry. Reading for pages lives in
:mod:`app.storage.repositories.pouch_queries`.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update

from app.domain.ids import UnitId, UserId
from app.domain.pouch import Pouch, PouchList, PouchState, Proposal, RetireReason
from app.storage.group import Group, PendingEntry
from app.storage.repositories.pouch_queries import PouchQueries, to_pouch
from app.storage.statements import Statements
from app.storage.tables.pouches import (
    POUCH_CANCEL_ENTRIES,
    POUCH_LIST_CANCELLATIONS,
    POUCH_LIST_ENTRIES,
    POUCH_LIST_LINES,
    POUCH_LISTS,
    POUCH_SERIES,
    POUCHES,
)

P, L, S = POUCHES.c, POUCH_LISTS.c, POUCH_SERIES.c
_BIND, _BIND_CANCELLING = insert(POUCH_LIST_ENTRIES), insert(POUCH_CANCEL_ENTRIES)


class Pouches(PouchQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        super().__init__(statements)
        self._group = group

    def lock(self, assets: Collection[str]) -> dict[str, Pouch]:
        """Return those of the pouches that the register knows, locked in the order of their numbers."""
        asked = select(POUCHES).where(P.asset.in_(sorted(assets))).order_by(P.asset).with_for_update()
        return {pouch.asset: pouch for pouch in map(to_pouch, self._statements.rows(asked))}

    def add(self, assets: Iterable[str], owner: UnitId, *, by: UserId, now: datetime) -> bool:
        """Put pouches into the register, empty, at their owner's; False where one is known already."""
        same = {
            "owner_unit_id": owner,
            "holder_unit_id": owner,
            "since_at": now,
            "entered_at": now,
            "entered_by_id": by,
            "state": PouchState.HELD.value,
        }
        rows = [{"asset": one, **same} for one in sorted(assets)]
        return not rows or self._statements.insert_all_missing(POUCHES, rows) == len(rows)

    def hold(self, assets: Collection[str], holder: UnitId, *, now: datetime) -> None:
        """Note that an office has these pouches now, empty; one that is written off stays so."""
        alive = (P.asset.in_(sorted(assets)), P.retired_at.is_(None))
        values = {"holder_unit_id": holder, "since_at": now, "state": PouchState.HELD.value}
        self._statements.write(update(POUCHES).where(*alive).values(**values, list_id=None, incident_id=None))

    def send(self, assets: Collection[str], sent: PouchList) -> None:
        """Note that these pouches travel in a return; the sender answers for them until it is answered."""
        self._change(assets, state=PouchState.SENT.value, list_id=sent.id)

    def miss(self, assets: Collection[str], incident: int | None) -> None:
        """Note that these pouches did not arrive, and by which incident they are looked for."""
        self._change(assets, state=PouchState.MISSING.value, list_id=None, incident_id=incident)

    def propose(self, asset: str, proposal: Proposal | None) -> None:
        """Keep one person's proposal to write a pouch off, or take it away again."""
        self._change(
            (asset,),
            proposed_by_id=None if proposal is None else proposal.by,
            proposed_reason=None if proposal is None else proposal.reason.value,
            proposed_at=None if proposal is None else proposal.at,
        )

    def retire(self, asset: str, reason: RetireReason, *, now: datetime) -> None:
        """Write a pouch off for good."""
        self._change((asset,), state=PouchState.RETIRED.value, retired_at=now, retire_reason=reason.value)

    def next_number(self, sender: UnitId, receiver: UnitId, year: int) -> int:
        """Draw the next number of a pair's year, from 1; nobody else of the pair draws meanwhile."""
        drawn = (
            update(POUCH_SERIES)
            .where(S.sender_unit_id == sender, S.receiver_unit_id == receiver, S.year == year)
            .values(last_number=S.last_number + 1)
            .returning(S.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            first = {"sender_unit_id": sender, "receiver_unit_id": receiver, "year": year, "last_number": 0}
            self._statements.insert_missing(POUCH_SERIES, first)
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add_list(self, sent: PouchList, assets: Collection[str]) -> PouchList:
        """Insert a return with what it carries; return it with its id."""
        values = {
            "code": sent.code,
            "sender_unit_id": sent.sender,
            "receiver_unit_id": sent.receiver,
            "year": sent.year,
            "number": sent.number,
            "sent_by_id": sent.sent_by,
            "sent_at": sent.sent_at,
        }
        stored = replace(sent, id=self._statements.insert(insert(POUCH_LISTS).values(values).returning(L.id)))
        self.add_lines(stored, "sent", assets)
        return stored

    def lock_list(self, code: str) -> PouchList | None:
        """Return a return that nobody else answers until the end of this transaction."""
        row = self._statements.first(select(POUCH_LISTS).where(L.code == code).with_for_update())
        # Asked behind the lock: whoever had it may have cancelled the list meanwhile.
        return None if row is None else self.find_list(code)

    def cancel_list(self, cancelled: PouchList) -> None:
        """Write who cancelled a locked return, and let its pouches lie with the sender as they did before."""
        values = {
            "list_id": cancelled.id,
            "reason": str(cancelled.cancel_reason),
            "cancelled_by_id": cancelled.cancelled_by,
            "cancelled_at": cancelled.cancelled_at,
        }
        self._statements.write(insert(POUCH_LIST_CANCELLATIONS).values(values))
        back = {"state": PouchState.HELD.value, "list_id": None}
        self._statements.write(update(POUCHES).where(P.list_id == cancelled.id).values(**back))

    def bind_cancelling(self, of: PouchList, entry: PendingEntry) -> None:
        """Remember, when the entry has its place, that it cancelled this return."""
        self._group.bind(entry, _BIND_CANCELLING, {"list_id": of.id})

    def answer_list(self, answered: PouchList) -> None:
        """Write who answered a locked return, and when."""
        values = {"received_by_id": answered.received_by, "received_at": answered.received_at}
        self._statements.update_one(update(POUCH_LISTS).where(L.id == answered.id).values(values))

    def add_lines(self, of: PouchList, name: str, assets: Collection[str]) -> None:
        """Keep what was sent, or one kind of answer."""
        rows = [{"list_id": of.id, "list": name, "asset": asset} for asset in sorted(assets)]
        if rows:
            self._statements.write(insert(POUCH_LIST_LINES), rows)

    def bind(self, of: PouchList, step: str, entry: PendingEntry) -> None:
        """Remember, when the entry has its place, that it sent or answered this return."""
        self._group.bind(entry, _BIND, {"list_id": of.id, "step": step})

    def _change(self, assets: Collection[str], **values: object) -> None:
        self._statements.write(update(POUCHES).where(P.asset.in_(sorted(assets))).values(values))
