"""Say what became of a scan: per line and as a whole, with the log entry that proves it.

Plain values for the surfaces. Nothing here may hold a text for the screen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.consignment import Consignment
from app.domain.device_clock import ClockNotice
from app.domain.ids import UnitId
from app.services.scans.scan_opening import ReadLine
from app.services.shifts.section_notices import SectionNotice
from app.storage.group import PendingEntry
from audit.entry import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """One line's answer: `read` as the scanner gave it, `code` of the item, `refusal` "" when accepted."""

    read: str
    code: str
    outcome: Outcome
    refusal: str


class ScanStatus(StrEnum):
    """The whole scan in one word; the last two are about a scan id that was seen before."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PARTLY = "partly"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"

    @classmethod
    def of(cls, lines: Iterable[LineResult]) -> "ScanStatus":
        """Sum up the lines of a new scan."""
        outcomes = {line.outcome for line in lines}
        if outcomes == {Outcome.ACCEPTED}:
            return cls.ACCEPTED
        return cls.REFUSED if outcomes == {Outcome.REFUSED} else cls.PARTLY


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """The receipt. `entry` is readable after the commit; of a duplicate it is the first scan's entry.

    A conflict has no lines: nothing of it was decided, and its entry records that it came. `notice` is what
    the device's clock gives reason to say, `closed` the closed section for which lines were refused.
    """

    scan_id: str
    status: ScanStatus
    lines: tuple[LineResult, ...]
    entry: PendingEntry
    notice: ClockNotice | None = None
    closed: SectionNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """One line between decision and record: the item before and after, None where nothing changed.

    `place` is where it was scanned, None where no such unit exists.
    """

    read: ReadLine
    place: UnitId | None
    before: Consignment | None
    after: Consignment | None
    refusal: str
