"""A text that went down with a lost database is told as lost on every page that would show it."""

import re
from collections.abc import Iterator

import pytest

from app.services.items.sealed_fields import LOST
from app.storage.uow import UnitOfWork
from tests.support.device import Device, enrol
from tests.support.installation import Browser, Installation, installed
from tests.unit.reports.paper import text_of

GONE = "Nội dung đã mất khi khôi phục dữ liệu từ nhật ký"
WRITTEN = "Bì ngoài rách một góc"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("lost")) as installation:
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


def lose(uow: UnitOfWork) -> None:
    """Leave behind what a recovery leaves: every text was written, and none is there."""
    for note, _ in uow.incidents.list_sealed(0):
        uow.incidents.reseal(note.id, LOST)
    for hold in uow.holds.list_ids(0):
        uow.holds.reseal(hold, placed_sealed=LOST)
    for correction, _ in uow.corrections.list_ids(0):
        uow.corrections.reseal(correction, LOST)


def entry_of(browser: Browser, code: str) -> str:
    """Return the address of the newest entry of an item."""
    found = re.findall(r'href="(/entries/\d+)"', browser.get(f"/consignments/{code}").text)
    return str(found[-1])


def test_pages_minutes_and_the_interface_say_that_a_text_is_lost(house: Installation, sender: Device) -> None:
    body = {"recipient_unit": "24.H02", "weight_g": 120, "confirm_duplicate": True}
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]  # the values are plain
    assert answer.json is not None
    code = str(answer.json["consignment"]["code"])
    dung, an, giang = house.browser("dung"), house.browser("an.nguyen"), house.browser("giang")
    form = {"kind": "damaged", "codes": code, "text": WRITTEN}
    incident = dung.post("/incidents", form, page="/incidents/new").headers["Location"]
    hold = {"code": code, "hold": "stopped", "reason": "lost", "text": WRITTEN}
    assert dung.post("/holds", hold, page="/holds").status_code == 303
    entry = entry_of(an, code)
    wrong = {"reason": "incorrect_data", "corrective": "", "text": WRITTEN}
    assert an.post(f"{entry}/correction", wrong, page=f"{entry}/correction").status_code == 303
    shown = ((dung, incident), (dung, "/holds"), (giang, "/corrections"))
    for browser, page in shown:
        text = browser.get(page).text
        assert WRITTEN in text
        assert GONE not in text
    house.runtime.write(lose)
    for browser, page in shown:
        text = browser.get(page).text
        assert WRITTEN not in text
        assert GONE in text
    minutes = dung.get(f"{incident}/minutes.pdf")
    assert f"({GONE}.)" in " ".join(text_of(minutes.data).split())
    steps = enrol(house, "dung").get(f"/api/v1{incident}").json
    assert steps is not None
    assert [(step["text"], step["text_lost"]) for step in steps["steps"]] == [("", True)]
