"""One installation and one device per person for a module of API tests."""

from collections.abc import Iterator

import pytest

from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("api")) as installation:
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


@pytest.fixture(scope="module")
def receiver(house: Installation) -> Device:
    return enrol(house, "binh")


@pytest.fixture(scope="module")
def courier(house: Installation) -> Device:
    return enrol(house, "chien")
