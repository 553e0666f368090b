"""The shape of the handover policy on the device surface. No rule lives here."""

from app.api.schemas import Shape


class DemandsAnswer(Shape):
    """What a handover of one grade must have."""

    possession: bool
    witness: bool
    second_reader: bool
    authority: bool


class PolicyTable(Shape):
    """The grades, A highest."""

    A: DemandsAnswer
    B: DemandsAnswer
    C: DemandsAnswer
    none: DemandsAnswer


class PolicyAnswer(Shape):
    """A version of the handover policy; 0 is the sample that no competent authority has confirmed."""

    version: int
    valid_from: str | None
    source: str
    table: PolicyTable
