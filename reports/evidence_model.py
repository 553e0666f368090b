"""What the summary of an evidence bundle is made of: frozen data in, nothing else.

Words are Vietnamese and come from the caller; times are aware and are printed in Vietnam time. A value that
is not disclosed has no place here, so it cannot be printed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.errors import InvalidReportData


class FieldWord(StrEnum):
    """What became of one sealed value; equal to the states of the bundle's manifest."""

    DISCLOSED = "disclosed"
    WITHHELD = "withheld"
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceEvent:
    """One entry: what happened, to which items, by the device's clock and by the server's, signed by whom.

    `device_keys` are the keys that signed where it happened; without any, the log alone says it.
    """

    index: int
    what: str
    items: str
    device_at: datetime | None
    recorded_at: datetime
    who: str
    device_keys: tuple[str, ...]

    def __post_init__(self) -> None:
        for field, moment in (("device_at", self.device_at), ("recorded_at", self.recorded_at)):
            if moment is not None and moment.utcoffset() is None:
                raise InvalidReportData(field, "must carry its time zone")


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceField:
    """One sealed value of one entry; `value` is "" unless it is disclosed."""

    index: int
    label: str
    state: FieldWord
    value: str = ""

    def __post_init__(self) -> None:
        if self.value and self.state is not FieldWord.DISCLOSED:
            raise InvalidReportData("value", "is given only where it is disclosed")


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceSummary:
    """What one bundle holds; `size` and `root` (hexadecimal) name the tree that everything was proven in."""

    origin: str
    subject: str
    made_at: datetime
    size: int
    root: str
    key_id: str
    verifier_digest: str
    events: tuple[EvidenceEvent, ...]
    fields: tuple[EvidenceField, ...]

    def __post_init__(self) -> None:
        if self.made_at.utcoffset() is None:
            raise InvalidReportData("made_at", "must carry its time zone")
        if not self.events:
            raise InvalidReportData("events", "a summary of nothing is not printed")
