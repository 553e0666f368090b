"""The clock of the played days: the machine's own, behind by a number of seconds that stands in a file.

The server of the rehearsal reads the same file, so that a device's time and the server's time agree and
every entry bears the time at which the story says it happened. Time is only ever set forward, like the log's
own; at the end the machine's clock goes on alone. It must never be given to an installation:
:func:`app.factory.rehearse` asks for a log whose name says that it is a demo.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = 4
"""How long ago the first day was: the acknowledgement is asked after today, and not yet investigated."""


class StoryClock:
    """What time it is in the story."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._behind = timedelta()
        today = datetime.now(HANOI).date()
        self._first_day = datetime.combine(today - timedelta(days=DAYS), time(), HANOI)
        self.day = 1
        self.set(day=1, at="06:30", first=True)

    def now(self) -> datetime:
        """Return the time of the story, in UTC."""
        return datetime.now(UTC) - self._behind

    def local(self) -> datetime:
        """Return the time of the story as a clock on a wall in Hanoi shows it."""
        return self.now().astimezone(HANOI)

    def set(self, *, day: int, at: str, first: bool = False) -> None:
        """Go on to an hour of a day; raises ValueError where that is no later than now."""
        hour, minute = (int(part) for part in at.split(":"))
        wanted = self._first_day + timedelta(days=day - 1, hours=hour, minutes=minute)
        if not first and wanted <= self.now():
            raise ValueError(f"it is later than {at} on day {day} already")
        self.day = day
        self._behind = datetime.now(UTC) - wanted
        self._write()

    def pass_a_minute(self) -> None:
        """Let a minute go by between two steps of what is past; today takes its own time."""
        if self._behind:
            self._behind -= timedelta(minutes=1)
            self._write()

    def let_go(self) -> None:
        """Go on with the machine's own clock, which is later than anything told before."""
        self.day = DAYS + 1
        self._behind = timedelta()
        self._write()

    def _write(self) -> None:
        """Replace the file in one step: the server reads it at any moment."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self._behind.total_seconds()}\n", encoding="ascii")
        fresh.replace(self.file)
