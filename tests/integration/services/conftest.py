"""A town of people, devices and items in each of the two databases, for the tests of the services."""

from pathlib import Path

import pytest

from app.services.log.published_log import PublishedLog
from app.storage.reader import Reader
from app.storage.writer import Writer
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.office import Office
from tests.support.publishing import published_log
from tests.support.town import Town


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> Town:
    """Settle the town."""
    return Town(writer, clock, signer)


@pytest.fixture
def office(town: Town, reader: Reader) -> Office:
    """Open the town's offices."""
    return Office(town, reader)


@pytest.fixture
def published(tmp_path: Path) -> PublishedLog:
    """Give the office an empty place to publish its log at."""
    return published_log(tmp_path / "log")
