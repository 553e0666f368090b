"""State what a handover asks of its two sides, by outer mark: possession, witness, second reader, authority.

A policy is a dated version of a whole table, like the service standard (ADR 0009): the one in force when the
log takes a handover in decides it, and no later version reaches back. The ministry's own values are not
public, so :func:`sample_policy` is shipped and says of itself that it is a sample. Nothing here may read a
clock or look anything up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.dated import EVER, SAMPLE_VERSION, in_force, newest_first
from app.domain.grades import Secrecy
from crypto.canonical import JsonValue


class Demand(StrEnum):
    """What a handover may be asked for, one column of the table each.

    `possession`: the taker scans the item itself or keys the hidden tail of its label. `witness`: a second
    person, authenticated at that moment, stands by. `second_reader`: a code typed by hand is read a second
    time by somebody else. `authority`: the taker has a valid courier card or letter of introduction.
    """

    POSSESSION = "possession"
    WITNESS = "witness"
    SECOND_READER = "second_reader"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverPolicy:
    """One version of the table; version 0 is the sample."""

    version: int
    valid_from_at: datetime
    source: str
    demands: Mapping[Secrecy, frozenset[Demand]]

    @property
    def is_sample(self) -> bool:
        """Whether no competent authority has confirmed these values."""
        return self.version == SAMPLE_VERSION

    def asks(self, demand: Demand, secrecy: Secrecy) -> bool:
        """Tell whether what has this outer mark is handed over only with that."""
        return demand in self.demands[secrecy]


def policy_at(policies: Sequence[HandoverPolicy], at: datetime) -> HandoverPolicy:
    """Return the version in force at a time; `policies` come newest first, the sample last."""
    return in_force(policies, at)


def with_sample(published: Sequence[HandoverPolicy]) -> tuple[HandoverPolicy, ...]:
    """Put published versions newest first, and the sample behind them for the time before the first."""
    return newest_first(published, sample_policy())


def to_table(policy: HandoverPolicy) -> dict[str, JsonValue]:
    """Write the cells of a version; number, source and date stand beside the table."""
    return {
        secrecy.value: {demand.value: policy.asks(demand, secrecy) for demand in Demand}
        for secrecy in Secrecy
    }


def from_table(
    table: Mapping[str, JsonValue], *, version: int, valid_from_at: datetime, source: str
) -> HandoverPolicy:
    """Read a version back; raises ValueError for what `to_table` would not have written."""
    if set(table) != {secrecy.value for secrecy in Secrecy}:
        raise ValueError("not the rows of a handover policy")
    demands = {Secrecy(row): _read_row(cells) for row, cells in table.items()}
    return HandoverPolicy(version=version, valid_from_at=valid_from_at, source=source, demands=demands)


def _read_row(untrusted: JsonValue) -> frozenset[Demand]:
    if not isinstance(untrusted, dict) or set(untrusted) != {demand.value for demand in Demand}:
        raise ValueError("not the cells of a handover policy")
    if not all(isinstance(cell, bool) for cell in untrusted.values()):
        raise ValueError("a cell of a handover policy is yes or no")
    return frozenset(Demand(name) for name, cell in untrusted.items() if cell)


_SAMPLE: Final[Mapping[Secrecy, frozenset[Demand]]] = {
    Secrecy.A: frozenset(Demand),
    Secrecy.B: frozenset({Demand.POSSESSION, Demand.SECOND_READER, Demand.AUTHORITY}),
    Secrecy.C: frozenset({Demand.POSSESSION, Demand.AUTHORITY}),
    Secrecy.NONE: frozenset(),
}


def sample_policy() -> HandoverPolicy:
    """Return the values shipped in place of those nobody published: a sample, and labelled as one."""
    return HandoverPolicy(version=SAMPLE_VERSION, valid_from_at=EVER, source="", demands=_SAMPLE)
