"""Hold what a consignment's row says against the records beside it that are only ever added to.

Cheap enough for every line of every list. It catches whoever rewrites the row; whoever rewrites the records
too is caught by replaying the log (:mod:`app.domain.replay`), and whoever rewrites the log by verifying it.
"""

from dataclasses import dataclass

from app.domain.consignment import Consignment, Custodian, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Whoever answered for the item, oldest first, and the ends that were recorded for it."""

    holders: tuple[Custodian, ...] = ()
    ends: frozenset[State] = frozenset()


def fits_traces(consignment: Consignment, traces: Traces) -> bool:
    """Tell whether the row names the last recorded holder, in a state that the records allow."""
    if not traces.holders or consignment.custodian != traces.holders[-1]:
        return False
    return consignment.state in _possible_states(traces)


def _possible_states(traces: Traces) -> frozenset[State]:
    if traces.ends:
        return traces.ends if len(traces.ends) == 1 else frozenset()
    first, *others = traces.holders
    if any(holder.unit != first.unit for holder in others):
        return frozenset({State.IN_CUSTODY})
    # Within one unit a colleague may have relieved the first, or the unit's own courier may have begun.
    return frozenset({State.REGISTERED, State.IN_CUSTODY} if others else {State.REGISTERED})
