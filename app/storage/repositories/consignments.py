"""Consignments as custody reads and writes them, and as the form writes them.

`lock` and `save` work on the group's buffers; `add` and `amend` are direct statements. Finding, listing,
searching and counting live in :mod:`app.storage.repositories.consignment_queries`.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import insert, select, update

from app.domain.consignment import Consignment, ConsignmentDetails
from app.domain.errors import NotFound
from app.domain.grades import Secrecy
from app.domain.ids import BagId, ConsignmentId, UserId
from app.storage.errors import ReadOnly
from app.storage.group import Group
from app.storage.hot import Wanted
from app.storage.prefetch import Prefetch
from app.storage.repositories.consignment_queries import ConsignmentQueries
from app.storage.repositories.custody_queries import CustodyQueries
from app.storage.repositories.open_work import is_open_item
from app.storage.rows import CHANGED, changed_values
from app.storage.statements import Statements
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.registers import CODE_SERIES

_C = CONSIGNMENTS.c


class Consignments(ConsignmentQueries, CustodyQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group, prefetch: Prefetch) -> None:
        super().__init__(statements)
        self._group = group
        self._prefetch = prefetch

    def prefetch(self, codes: Collection[str]) -> None:
        """Read and lock many at once, in order of code."""
        self._writing()
        self._prefetch.load(Wanted(codes=codes))

    def lock(self, code: str) -> Consignment | None:
        """Return the item as this transaction sees it now, locked until its end; None where there is none."""
        self._writing()
        if code not in self._group.consignments:
            self._prefetch.load(Wanted(codes=(code,)))
        return self._group.current(code)

    def list_marks_in(self, bags: Collection[BagId]) -> list[tuple[BagId, Secrecy]]:
        """Return the outer mark of each item in these bags with its bag, as this transaction sees it."""
        changed = self._group.changed
        asked = select(_C.code, _C.bag_id, _C.secrecy).where(_C.bag_id.in_(sorted(bags)))
        found = [
            (BagId(int(bag)), Secrecy(mark))
            for code, bag, mark in self._statements.rows(asked)
            if code not in changed
        ]
        moved = [(one.bag, one.grade.secrecy) for one in changed.values() if one.bag in bags]
        return found + [(bag, mark) for bag, mark in moved if bag is not None]

    def count_held(self, user: UserId) -> int:
        """Count the items outside a bag for which a person answers, as this transaction sees it."""
        changed = self._group.changed
        mine = select(_C.code).where(_C.custodian_user_id == user, _C.bag_id.is_(None), is_open_item())
        stored = {str(code) for (code,) in self._statements.rows(mine)} - changed.keys()
        return len(stored) + sum(
            one.custodian.user == user and one.bag is None and not one.state.is_final
            for one in changed.values()
        )

    def save(self, after: Consignment) -> None:
        """Queue the new state of a locked item; an entry of the same use case must name it."""
        self._writing()
        if self._group.consignments.get(after.code) is None:
            raise NotFound
        self._group.save(after)

    def next_serials(self, indicator: str, count: int) -> range:
        """Draw the next serials of a service indicator, from 0; gapless, locked until the end."""
        drawn = (
            update(CODE_SERIES)
            .where(CODE_SERIES.c.indicator == indicator)
            .values(next_serial=CODE_SERIES.c.next_serial + count)
            .returning(CODE_SERIES.c.next_serial)
        )
        end = self._statements.write(drawn).scalar()
        if end is None:
            self._statements.insert_missing(CODE_SERIES, {"indicator": indicator, "next_serial": 0})
            end = self._statements.write(drawn).scalar_one()
        return range(int(end) - count, int(end))

    def add(self, details: ConsignmentDetails) -> ConsignmentId:
        """Insert a new item, hold it locked, return its id; `item_head` and `version` come from storage."""
        return self.add_all((details,))[0]

    def add_all(self, new: Sequence[ConsignmentDetails]) -> tuple[ConsignmentId, ...]:
        """Insert a whole list of new items in few statements, ids in the order of the list."""
        rows = self._statements.write(_INSERT, [_new_values(details) for details in new]).all()
        # Asking for the rows in the order of the list would make it one statement per row on SQLite.
        by_code = {str(code): ConsignmentId(int(identity)) for identity, code in rows}
        identities = tuple(by_code[str(details.consignment.code)] for details in new)
        for details, identity in zip(new, identities, strict=True):
            stored = replace(details.consignment, id=identity, item_head="", version=1)
            self._group.journal.put(self._group.consignments, str(stored.code), stored)
            self._group.journal.put(self._group.unclaimed, str(stored.code), None)
            # Whoever registers is the first to answer for the item.
            self._group.journal.put(self._group.moves, str(stored.code), stored)
        return identities

    def amend(self, details: ConsignmentDetails) -> None:
        """Rewrite the form's facts of a locked item; custody is not the form's business and stays."""
        code = str(details.consignment.code)
        before = self._group.consignments.get(code)
        if before is None:
            raise NotFound
        values = _form_values(details)
        self._statements.update_one(update(CONSIGNMENTS).where(CONSIGNMENTS.c.id == before.id).values(values))
        form = details.consignment
        self._group.journal.put(self._group.consignments, code, _amended(before, form))
        self._group.journal.put(self._group.unclaimed, code, None)
        changed = self._group.changed.get(code)
        if changed is not None:
            # What an earlier use case of this commit has saved is what the later ones rule by.
            self._group.journal.put(self._group.changed, code, _amended(changed, form))

    def record_cancellation(self, identity: ConsignmentId, reason: str) -> None:
        """Keep why an item was cancelled, beside the state that `save` writes."""
        self._statements.update_one(
            update(CONSIGNMENTS).where(CONSIGNMENTS.c.id == identity).values(cancel_reason=reason)
        )

    def reseal(self, identity: ConsignmentId, **blobs: bytes) -> None:
        """Replace what depends on the vault's key after it changed; names are those of the columns."""
        if not blobs.keys() <= _KEYED:
            raise ValueError("only sealed columns are resealed")
        self._statements.update_one(update(CONSIGNMENTS).where(CONSIGNMENTS.c.id == identity).values(**blobs))

    def erase(self, code: str, columns: Collection[str]) -> None:
        """Overwrite sealed values of a locked item with nothing; an entry of the use case must say so."""
        before = self._group.consignments.get(code)
        if before is None:
            raise NotFound
        if not set(columns) <= _KEYED - {"document_index"}:
            raise ValueError("only sealed columns are erased")
        values: dict[str, bytes | None] = dict.fromkeys(columns, b"")
        if "document_numbers_sealed" in columns:
            # The blind index of a number that is gone would still tell whoever guesses the number.
            values["document_index"] = None
        self._statements.update_one(update(CONSIGNMENTS).where(CONSIGNMENTS.c.id == before.id).values(values))
        self._group.journal.put(self._group.unclaimed, code, None)

    def _writing(self) -> None:
        if not self._statements.writable:
            raise ReadOnly("this unit of work only reads")


# Built once, its values given as parameters: composing forty columns anew costs ten times the insert itself.
_INSERT = insert(CONSIGNMENTS).returning(CONSIGNMENTS.c.id, CONSIGNMENTS.c.code)
# What depends on the vault's key.
_KEYED = frozenset({"receiver_sealed", "document_numbers_sealed", "document_index", "abstract_sealed"})


def _amended(item: Consignment, form: Consignment) -> Consignment:
    """Return an item with the form's facts of another."""
    return replace(
        item,
        recipient_unit=form.recipient_unit,
        grade=form.grade,
        scope=form.scope,
        named_only=form.named_only,
        seal=form.seal,
    )


def _new_values(details: ConsignmentDetails) -> dict[str, object]:
    new = details.consignment
    return {
        **_custody_values(new),
        **_form_values(details),
        "code": new.code,
        "sender_unit_id": new.sender_unit,
        "registered_at": new.registered_at,
        "registered_by_id": details.registered_by,
        "register_number": details.register_number,
        "register_year": details.register_year,
        "version": 1,
    }


def _custody_values(consignment: Consignment) -> dict[str, object]:
    names = (name for name, _ in CHANGED)
    values = dict(zip(names, changed_values(consignment, ""), strict=True))
    del values["id"]
    return values


def _form_values(details: ConsignmentDetails) -> dict[str, object]:
    consignment, attested = details.consignment, details.attestations
    return {
        "recipient_unit_id": consignment.recipient_unit,
        "secrecy": str(consignment.grade.secrecy),
        "express": consignment.grade.express,
        "appointed_at": consignment.grade.appointed_at,
        "scope": str(consignment.scope),
        "named_only": consignment.named_only,
        "seal": consignment.seal,
        "document_type": details.document_type,
        "document_date": details.document_date,
        "pieces": details.pieces,
        "weight_g": details.weight_g,
        "inner_envelope": attested.inner_envelope,
        "outer_envelope": attested.outer_envelope,
        "attested_sealed": attested.sealed,
        "receiver_sealed": details.receiver_sealed,
        "document_numbers_sealed": details.document_numbers_sealed,
        "document_index": details.document_index,
        "abstract_sealed": details.abstract_sealed,
        "cancel_reason": details.cancel_reason,
        "commitments": json.dumps(dict(details.commitments), sort_keys=True),
    }
