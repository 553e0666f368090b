"""Say what an act is about and what became of it: the words between the acts' handlers and their pipeline.

Plain values. Nothing here may decide or look anything up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.access import Actor
from app.domain.decision import Refusal
from app.domain.ids import UnitId
from app.services.scans.scan_opening import ReadLine
from app.services.tools import Tools
from app.storage.group import PendingEntry
from audit.evidence import Act, ActLine
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ActScan:
    """A verified act with its codes read and its place looked up.

    `is_replayed`: an entry of the log is done again, so that what was true at that moment and is stored
    nowhere (a witness who stood there) is taken from the entry. `lacking` are codes that were typed without
    being keyed in. `is_held_up`: the section at the place is closed for it.
    """

    act: Act
    subject: ReadLine
    lines: tuple[ReadLine, ...]
    actor: Actor
    place: UnitId | None
    now: datetime
    tools: Tools
    is_replayed: bool = False
    lacking: frozenset[str] = frozenset()
    is_held_up: bool = False

    def marks(self) -> tuple[tuple[ReadLine, str], ...]:
        """Return each line with what the act says of it."""
        return tuple((read, read.line.mark) for read in self.lines if isinstance(read.line, ActLine))


def _nothing(entry: PendingEntry) -> None:
    """Leave no row behind."""
    del entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of an act: a refusal or "" for the subject and for each line, the entry to write.

    `finish` writes what needs the entry's number.
    """

    kind: EntryKind
    subject: str
    lines: tuple[str, ...] = ()
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    finish: Callable[[PendingEntry], None] = _nothing


def refused(scan: ActScan, kind: EntryKind, code: Refusal) -> Done:
    """Refuse an act as a whole: nothing of it is done, its lines are not either."""
    return Done(kind=kind, subject=code, lines=tuple(code for _ in scan.lines))
