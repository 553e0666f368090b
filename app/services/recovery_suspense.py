"""Put back what is owed: versions of the service standard, and the slips that came back."""

from app.domain.acknowledgement import FiledReceipt, ReceiptKind
from app.domain.standard_table import from_table
from app.services.recovery_facts import Said, draft_of, lock_item
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence import EntryMode


def publish_standard(uow: UnitOfWork, entry: Entry) -> None:
    """Publish a version again, under its number and from its day."""
    said = Said(entry=entry)
    table, valid_from_at = entry.facts.get("table"), said.moment("valid_from")
    if not isinstance(table, dict) or valid_from_at is None:
        raise said.differs("does not state its table")
    standard = from_table(
        table, version=said.number("version"), valid_from_at=valid_from_at, source=said.text("source")
    )
    if standard.version != uow.standards.next_version():
        raise said.differs("is another version than the database would give")
    uow.standards.add(standard, published_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))


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
