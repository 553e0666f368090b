"""Say what the log's entries say of one item or bag: who has it in hand, in which state, what is offered.

Plain values for :mod:`app.domain.replay`. Nothing here may hold a rule.
"""

from dataclasses import dataclass

from app.domain.bag import BagState
from app.domain.consignment import State
from audit.evidence import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who has an item or bag in hand, with the code of their unit, and its state.

    `inside` is the code of the bag it lies in, or "": then the custodian of that bag answers for it, and this
    one is whoever had it in hand last. `hold` says how an item is held back, "" for not at all; only an item
    that has not ended can be.
    """

    state: State | BagState
    user: int
    unit: str
    inside: str = ""
    hold: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the log says of one item now; `offered` is the purpose of an open offer and its unit's code."""

    custody: Custody
    offered: tuple[Purpose, str] | None = None
