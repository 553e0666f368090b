"""Put back the published tables (service standard, handover policy) and the slips that came back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from app.domain import handover_policy, standard_table
from app.domain.acknowledgement import FiledReceipt, ReceiptKind
from app.services.recovery.facts import Said, draft_of, lock_item
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence import EntryMode
from crypto.canonical import JsonValue

D_co = TypeVar("D_co", covariant=True)


class FromTable(Protocol[D_co]):
    """Reads the table of one version back."""

    def __call__(
        self, table: Mapping[str, JsonValue], /, *, version: int, valid_from_at: datetime, source: str
    ) -> D_co:
        """Return the version; raises ValueError or TypeError for a table of another form."""


def publish_standard(uow: UnitOfWork, entry: Entry) -> None:
    """Publish a version again, under its number and from its day."""
    said = Said(entry=entry)
    standard = _version(said, standard_table.from_table, uow.standards.next_version())
    uow.standards.add(standard, published_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))


def publish_policy(uow: UnitOfWork, entry: Entry) -> None:
    """Publish a version of the handover policy again: the scans after it are decided by it."""
    said = Said(entry=entry)
    policy = _version(said, handover_policy.from_table, uow.policies.next_version())
    uow.policies.add(policy, published_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))


def _version(said: Said, read: FromTable[D_co], expected: int) -> D_co:
    """Read the whole table that the entry states, under its number and from its day."""
    table, valid_from_at = said.entry.facts.get("table"), said.moment("valid_from")
    if not isinstance(table, dict) or valid_from_at is None:
        raise said.differs("does not state its table")
    version = said.number("version")
    if version != expected:
        raise said.differs("is another version than the database would give")
    return read(table, version=version, valid_from_at=valid_from_at, source=said.text("source"))


def file_receipt(uow: UnitOfWork, entry: Entry) -> None:
    """File a slip again; that of a delivery stops the item's second clock."""
    said = Said(entry=entry)
    receipt = FiledReceipt(
        consignment_id=lock_item(uow, said).id,
        kind=ReceiptKind(said.text("receipt")),
        entry_mode=EntryMode(said.text("entry_mode")),
        filed_by=said.actor(),
        filed_at=entry.at,
    )
    uow.filed_receipts.add(receipt)
    uow.audit.append(draft_of(entry))
