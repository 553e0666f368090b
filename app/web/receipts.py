"""The receipt of an entry as this installation stands: its published log, and whether it asks witnesses."""

from app.http.ports import runtime
from app.services.receipts import Receipt, find_receipt
from audit.entry import Entry


def receipt_of(entry: Entry) -> Receipt:
    """Return the receipt of an entry, or what it waits for. Whoever calls has asked who may see the entry."""
    port = runtime()
    return find_receipt(entry, log=port.published, has_witnesses=port.witnesses is not None)
