"""Name the two ways to hold an item back. Only the words; the rules are in :mod:`app.domain.hold`."""

from enum import StrEnum


class Hold(StrEnum):
    """How an item is held back; the stronger one counts where there are both."""

    QUARANTINED = "quarantined"
    STOPPED = "stopped"
