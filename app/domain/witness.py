"""Name the second person of an act or a handover. Plain facts; who needs one is ruled elsewhere."""

from dataclasses import dataclass

from app.domain.ids import UnitId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """The second person; `present` means that they proved who they are for this very scan.

    `on_duty`: their shift is open, or they keep none.
    """

    user: UserId
    unit: UnitId
    may_witness: bool
    on_duty: bool
    present: bool
