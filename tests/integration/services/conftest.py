"""A town of people, devices and items in each of the two databases, for the tests of the services."""

import pytest

from app.storage.reader import Reader
from app.storage.writer import Writer
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.office import Office
from tests.support.town import Town


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> Town:
    """Settle the town."""
    return Town(writer, clock, signer)


@pytest.fixture
def office(town: Town, reader: Reader) -> Office:
    """Open the town's offices."""
    return Office(town, reader)
