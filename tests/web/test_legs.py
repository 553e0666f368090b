"""Pages of legs: plan, cancel, the sheet on paper, vehicles; who travels finds the station."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.services.people import units
from app.services.people.units import AddUnit
from crypto.timestamps import format_at
from tests.support.installation import Browser, Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("legs")) as installation:
        form = {"code": "24.P02", "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
        installation.runtime.write(
            units.add_unit, AddUnit(untrusted=form), actor=installation.actors["khanh"]
        )
        yield installation


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Browser:
    return house.browser("dung")


def plan(house: Installation, browser: Browser, **changed: str) -> tuple[int, str]:
    now = house.runtime.now()
    form = {
        "to_office": "24.P02",
        "vehicle": "99A-123.45",
        "courier": str(house.actors["chien"].user),
        "escort": "",
        "departs_at": format_at(now + timedelta(hours=1)),
        "arrives_at": format_at(now + timedelta(hours=2)),
        "codes": "",
        **changed,
    }
    answer = browser.post("/legs/new", form, page="/legs/new")
    return answer.status_code, answer.text


def test_a_vehicle_is_added_and_retired_by_a_clerk_of_its_office(house: Installation, clerk: Browser) -> None:
    form = {"plate": "99a-123.45", "dedicated": "yes"}
    assert clerk.post("/legs/vehicles", form, page="/legs/vehicles").status_code == 303
    page = clerk.get("/legs/vehicles").text
    assert "99A-123.45" in page
    assert "chuyên dụng" in page
    again = clerk.post("/legs/vehicles", form, page="/legs/vehicles")
    assert again.status_code == 422
    assert 'href="#plate-field"' in again.text
    assert clerk.post("/legs/vehicles", {"plate": "99C-1"}, page="/legs/vehicles").status_code == 303
    assert clerk.post("/legs/vehicles/99C-1/retire", {}, page="/legs/vehicles").status_code == 303
    assert "ngừng dùng từ" in clerk.get("/legs/vehicles").text
    assert "Thêm xe" not in house.browser("giang").get("/legs/vehicles").text


def test_a_plan_with_mistakes_comes_back_with_every_mistake_and_what_was_typed(
    house: Installation, clerk: Browser
) -> None:
    status, page = plan(house, clerk, codes="ZK000000005VN", vehicle="30H-9", courier="")
    assert status == 422
    for field in ("codes", "vehicle", "courier"):
        assert f'href="#{field}-field"' in page
    assert "ZK000000005VN" in page


def test_lists_have_their_queues_and_an_unknown_leg_is_not_there(house: Installation, clerk: Browser) -> None:
    page = clerk.get("/legs").text
    for words in ("Hôm nay", "Chờ khởi hành", "Quá giờ đến", "Còn giữ sau chặng", "Không có chặng nào."):
        assert words in page
    for path in ("/legs/HT-24.P01-2026-9", "/legs/HT-24.P01-2026-9/sheet.pdf"):
        assert clerk.get(path).status_code == 404
    assert house.browser("chien").get("/legs/station/HT-24.P01-2026-9").status_code == 404


def test_a_courier_plans_nothing(house: Installation) -> None:
    courier = house.browser("chien")
    assert "Lập chặng" not in courier.get("/legs").text
    assert courier.get("/legs/new").status_code == 403
