"""Rule on what the policy in force asks when a thing changes hands: proof of possession, and a witness.

What is asked depends on the outer mark and comes with the line's facts; the same rule holds for an item and
for a bag. Nothing here may look anything up or read a clock.
"""

from app.domain.access import Actor
from app.domain.decision import LineFacts, Refusal
from app.domain.handover_policy import Demand
from app.domain.ids import UserId
from app.domain.unpacking import find_witness_refusal


def find_demand_refusal(facts: LineFacts, giver: UserId, taker: Actor) -> Refusal | None:
    """Find what is asked of an accepted line and is not there."""
    if Demand.POSSESSION in facts.demands and not facts.proven:
        return Refusal.POSSESSION_NOT_PROVEN
    if Demand.WITNESS not in facts.demands:
        return None
    if facts.witness is None:
        return Refusal.WITNESS_REQUIRED
    # Whoever hands over or takes over sees for one side; a witness is neither.
    if facts.witness.user == giver:
        return Refusal.WITNESS_IS_ACTOR
    return find_witness_refusal(facts.witness, taker)
