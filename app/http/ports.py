"""What a view needs from the running server: one door to write, one to read, one clock.

The composition root puts an object of this shape on the application; this module must never build one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar, cast

from flask import current_app

from app.http.settings import Settings
from app.services.log.log import TrustBeside
from app.services.log.published_log import PublishedLog
from app.services.log.publishing import Published
from app.services.log.witnessing import WitnessRound
from app.services.recovery.recover import Watch

T = TypeVar("T")
EXTENSION = "kt1"


class Unavailable(Exception):  # noqa: N818  # named after what it says
    """The database did not do it now; nothing was stored, and the same request may be sent again."""


class RuntimePort(Protocol):
    """Runs use cases; both doors add `now=` and `tools=` where the use case asks for them."""

    @property
    def settings(self) -> Settings:
        """What the installation decided, as far as a surface needs it."""
        ...

    @property
    def is_halted(self) -> bool:
        """Whether the log is closed for writing; reading goes on."""
        ...

    @property
    def why_halted(self) -> str | None:
        """The code of the error that every write gets now, None while writing goes on."""
        ...

    @property
    def published(self) -> PublishedLog:
        """The signed and published side of the log."""
        ...

    def recover(self, watch: Watch) -> int:
        """Refill a database that is behind its own checkpoint; returns how many entries were put back."""
        ...

    @property
    def witnesses(self) -> WitnessRound | None:
        """Who witnesses the published log, None where nobody does."""
        ...

    @property
    def beside(self) -> TrustBeside:
        """Whom an auditor trusts beside the keys of entries: `app.services.log.trust_of` wants it."""
        ...

    def publish(self) -> Published:
        """Publish once, with the witnesses' cosignatures and this hour's time stamp if they can be had."""
        ...

    @property
    def clock_went_back(self) -> bool:
        """Whether the server's clock is so far behind the log that nothing is appended by it."""
        ...

    def now(self) -> datetime:
        """Give the server's time, aware UTC."""
        ...

    def write(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run one use case in a durable transaction and return after its commit.

        `codes`, `scans`, `devices` and `units` (collections of text) are not handed on: they name rows that
        the use case will certainly read, so that a group of use cases reads them in one question.
        """
        ...

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run one use case on a read-only connection."""
        ...

    def scrub(self) -> bool:
        """Remove what an erasure left in the database's journal; False while somebody still reads there."""
        ...


def runtime() -> RuntimePort:
    """Return the runtime of the application that answers this request."""
    return cast("RuntimePort", current_app.extensions[EXTENSION])
