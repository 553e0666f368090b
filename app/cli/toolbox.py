"""What the commands need from the composition root, so that they never have to know it.

`app.factory.main` passes an object of this shape to :func:`app.cli.main.run`. Nothing here may be built here.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from app.http.ports import RuntimePort
from config import Config
from crypto.keys import PublicKey
from crypto.signer import Signer


class Toolbox(Protocol):
    """Everything a command may ask of an installation."""

    @property
    def known_failures(self) -> tuple[type[Exception], ...]:
        """Errors of rooms that commands may not enter (storage), whose message is meant for an operator."""
        ...

    def read_config(self) -> Config:
        """Read KT1_* variables; raises ConfigError."""
        ...

    def create_keys(self, config: Config) -> str:
        """Make every key, once; return the log key's name. Raises KeysError when any exists already."""
        ...

    def make_log_key(self, config: Config) -> Signer:
        """Make another key for the log, where its keys are, not in use yet; raises KeysError."""
        ...

    def list_log_keys(self, config: Config) -> tuple[PublicKey, ...]:
        """Return the public halves of the log keys at hand; raises KeysError or CryptoError."""
        ...

    def rotate_vault_key(self, config: Config) -> str:
        """Add a vault key, make it the active one and return its name; raises KeysError."""
        ...

    def migrate(self, config: Config) -> None:
        """Bring the database to the newest schema, creating it when it is not there."""
        ...

    def open_runtime(
        self, config: Config, clock: Callable[[], datetime] | None = None
    ) -> AbstractContextManager[RuntimePort]:
        """Load the keys, open the database and give the two doors; closes both at the end of the `with`.

        `clock` stands in for the machine's own, for a demo only; raises ConfigError for any other log.
        """
        ...
