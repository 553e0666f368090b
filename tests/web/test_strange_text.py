"""Addresses and forms with what no text holds and no calendar has: a clear answer, no database is asked."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("strange")) as installation:
        yield installation


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/consignments/%00", 404),
        ("/bags/ZT%00", 404),
        ("/shifts/%00", 404),
        ("/legs/%00", 404),
        ("/consignments?q=a%00", 422),
        ("/pouches?after=%00", 422),
    ],
)
def test_an_address_with_a_nul_names_nothing(house: Installation, path: str, status: int) -> None:
    assert house.browser("dung").get(path).status_code == status


def test_so_is_a_form_with_one(house: Installation) -> None:
    form = {"username": "dung\0", "password": "x"}
    assert house.browser().post("/login", form, page="/login").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/consignments?from=0001-01-01",
        "/consignments?until=31/12/9999",
        "/figures?until=0001-01-01",
        "/holdings?at=9999-12-31T23:59:59Z",
        "/holdings?at=0001-01-01T00:00",
    ],
)
def test_a_day_at_either_end_of_the_calendar_is_no_day(house: Installation, path: str) -> None:
    assert house.browser("giang").get(path).status_code == 422
