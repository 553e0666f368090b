"""Receipts and the four times of entries, as this installation stands: its published log and its witnesses.

Whoever calls has asked already who may see the entries. The times of device, server, witnesses and authority
are shown beside each other and never merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.http.ports import runtime
from app.services.log.outside_times import (
    TokenTime,
    WitnessTime,
    WitnessTimes,
    find_token_times,
    open_witness_times,
)
from app.services.log.receipts import Receipt, find_receipt, find_receipts
from audit.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry stands outside this server: its receipt's state, and the times others gave it."""

    receipt: str
    witnesses: tuple[WitnessTime, ...]
    token: TokenTime | None

    @property
    def witnessed_at(self) -> datetime | None:
        """The earliest time a witness gave."""
        return self.witnesses[0].at if self.witnesses else None


def receipt_of(entry: Entry) -> Receipt:
    """Return the receipt of an entry, or what it waits for."""
    port = runtime()
    return find_receipt(entry, log=port.published, has_witnesses=port.witnesses is not None)


def witness_times() -> WitnessTimes:
    """Return when the witnesses saw the newest checkpoint that met the quorum."""
    port = runtime()
    return open_witness_times(port.published, None if port.witnesses is None else port.witnesses.policy)


def standings_of(entries: Sequence[Entry]) -> dict[int, Standing]:
    """Return how each of these entries stands, by index; checkpoints are opened once for all of them."""
    port, seen = runtime(), witness_times()
    receipts = find_receipts(entries, log=port.published, has_witnesses=port.witnesses is not None)
    tokens = port.read(find_token_times, entries)
    return {
        entry.index: Standing(receipt=receipt.state.value, witnesses=seen.of(entry.index), token=token)
        for entry, receipt, token in zip(entries, receipts, tokens, strict=True)
    }
