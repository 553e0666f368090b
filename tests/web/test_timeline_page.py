"""An item's page, slip and timeline: page by page; a seal number only for whoever need not read the seal."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.log.audit_trail import TIMELINE_PAGE
from tests.support.device import Device, enrol
from tests.support.installation import Browser, Installation, installed

SEAL = "NP-7741-K"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("timeline")) as installation:
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


@pytest.fixture(scope="module")
def code(house: Installation, sender: Device) -> str:
    """Register a sealed item and let a courier take it; more scans are refused than fit on one page."""
    courier = enrol(house, "chien")
    body = {"recipient_unit": "24.H02", "weight_g": 120, "seal": SEAL, "document_numbers": ["1/CV"]}
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    found = str(answer.json["consignment"]["code"])
    offer = sender.offer(found, to="24.P01")
    sender.send(offer)
    taken = courier.send(courier.take(found, nonce=offer.nonce, place="24.H01", seal=SEAL)).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted"
    sender.send(*(sender.offer(found, to="24.P01") for _ in range(TIMELINE_PAGE - 5)))
    refused = sender.send(*(sender.offer(found, to="24.P01") for _ in range(20))).json
    assert refused is not None
    assert refused["results"][0]["status"] == "refused"
    return found


def _slip(browser: Browser, code: str, folder: Path) -> str:
    file = folder / "slip.pdf"
    file.write_bytes(browser.get(f"/consignments/{code}/slip.pdf").data)
    return subprocess.run(["pdftotext", file, "-"], check=True, capture_output=True, text=True).stdout


def _every_page(browser: Browser, code: str) -> list[str]:
    pages = [browser.get(f"/consignments/{code}").text]
    while older := re.search(r'href="([^"]*before=\d+)">Cũ hơn', pages[-1]):
        pages.append(browser.get(older[1].replace("&amp;", "&")).text)
    return pages


def test_the_page_shows_every_event_once_page_by_page(house: Installation, code: str) -> None:
    pages = _every_page(house.browser("an.nguyen"), code)
    assert len(pages) == 2
    events = [[int(index) for index in re.findall(r'id="e(\d+)"', page)] for page in pages]
    assert len(events[0]) == TIMELINE_PAGE
    assert [index for page in events for index in page] == sorted({*events[0], *events[1]}, reverse=True)
    assert "Chữ ký không khớp" not in "".join(pages)
    assert "Mới nhất" in pages[1]


def test_the_interface_gives_the_same_pages(sender: Device, code: str) -> None:
    first = sender.get(f"/api/v1/consignments/{code}/timeline").json
    assert first is not None
    assert (len(first["events"]), first["verified"]) == (TIMELINE_PAGE, True)
    rest = sender.get(f"/api/v1/consignments/{code}/timeline?before={first['next_before']}").json
    assert rest is not None
    assert (rest["events"][-1]["kind"], rest["next_before"], rest["verified"]) == ("registered", None, True)
    for wrong in ("-1", "x", "1.5", "9" * 30, "9" * 5000):
        assert sender.get(f"/api/v1/consignments/{code}/timeline?before={wrong}").status_code == 422


def test_the_seals_number_is_for_the_parties_and_the_auditor(
    house: Installation, code: str, tmp_path: Path
) -> None:
    sender, courier = house.browser("an.nguyen"), house.browser("chien")
    assert SEAL in "".join(_every_page(sender, code))
    assert SEAL in "".join(_every_page(house.browser("giang"), code))
    told = "".join(_every_page(courier, code))
    assert SEAL not in told
    assert "đã đọc số niêm phong" in told
    assert SEAL in _slip(sender, code, tmp_path)
    assert SEAL not in _slip(courier, code, tmp_path)


def test_the_log_says_which_key_to_compare_with_the_paper(house: Installation) -> None:
    page = house.browser("giang").get("/log").text
    key = house.runtime.tools.signer.public_key
    assert key.to_text() in page
    assert "bản giấy" in page
