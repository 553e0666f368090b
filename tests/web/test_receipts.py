"""The page of an entry says what its receipt waits for, and gives it once witnesses have seen the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.log.publishing import publish
from audit.checkpoint import read_head
from tests.support import tlog
from tests.support.device import enrol
from tests.support.installation import Installation, installed
from tests.unit.reports.paper import bytes_by_zbar, pages, text_of


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("receipts")
    with installed(folder / "house", witness_policy=write_policy(folder / "policy")) as installation:
        yield installation


def write_policy(path: Path) -> Path:
    """Write a policy whose one witness is reached by files only, so that nothing here waits for a network."""
    path.write_text(f"witness w1 {tlog.W1.key.to_text()}\nquorum w1\n")
    return path


def cosign(house: Installation) -> None:
    """Publish the log, and let the witness see it."""
    shown = publish(house.runtime, house.runtime.published, clock=house.clock).checkpoint
    line = tlog.W1.sign(read_head(shown), time=tlog.NOW).to_line().encode()
    house.runtime.published.store.keep_witnessed(shown + line)


def hand_over(house: Installation, number: str = "1") -> str:
    """Let a courier take an item from its sender; return its code."""
    sender, courier = enrol(house, "an.nguyen"), enrol(house, "chien")
    body = {"recipient_unit": "24.H02", "weight_g": 120, "seal": "NP-1", "document_numbers": [f"{number}/CV"]}
    made = sender.post("/api/v1/consignments", body).json  # type: ignore[arg-type]
    assert made is not None
    code = str(made["consignment"]["code"])
    offer = sender.offer(code, to="24.P01")
    sender.send(offer)
    taken = courier.send(courier.take(code, nonce=offer.nonce, place="24.H01", seal="NP-1")).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted"
    return code


def test_the_page_goes_from_waiting_to_a_receipt(house: Installation) -> None:
    auditor = house.browser("giang")
    file = "/entries/1/receipt.tlog-proof"
    assert "Đang chờ công bố" in auditor.get("/entries/1").text
    assert auditor.get(file).status_code == 404
    shown = publish(house.runtime, house.runtime.published, clock=house.clock).checkpoint
    assert "đang chờ nhân chứng" in auditor.get("/entries/1").text
    assert auditor.get(file).status_code == 404
    cosigned = tlog.W1.sign(read_head(shown), time=tlog.NOW).to_line().encode()
    house.runtime.published.store.keep_witnessed(shown + cosigned)
    assert "Tải biên nhận" in auditor.get("/entries/1").text
    answer = auditor.get(file)
    assert answer.status_code == 200
    assert answer.data.startswith(b"c2sp.org/tlog-proof@v1\nindex 1\n")
    assert "kt1-1.tlog-proof" in answer.headers["Content-Disposition"]
    assert b'"index":1' in auditor.get("/entries/1/stored.json").data
    assert house.browser("an.nguyen").get(file).status_code == 404


def test_the_slip_says_that_its_receipt_waits_and_then_carries_it(
    house: Installation, tmp_path: Path
) -> None:
    clerk, auditor = house.browser("an.nguyen"), house.browser("giang")
    code = hand_over(house)
    address = f"/consignments/{code}/slip.pdf"
    assert "Biên nhận đang chờ nhân chứng" in text_of(clerk.get(address).data)
    cosign(house)
    *_, last = pages(clerk.get(address).data, tmp_path, 203)
    (scanned,) = bytes_by_zbar(last)
    index = int(scanned.split(b"\n")[1].removeprefix(b"index "))
    assert scanned == auditor.get(f"/entries/{index}/receipt.tlog-proof").data
    assert f'"{code}"'.encode() in auditor.get(f"/entries/{index}/stored.json").data


def test_without_any_witness_page_and_slip_say_so_instead_of_waiting(tmp_path: Path) -> None:
    with installed(tmp_path / "alone") as house:
        code = hand_over(house)
        publish(house.runtime, house.runtime.published, clock=house.clock)
        assert "Chưa có nhân chứng" in house.browser("giang").get("/entries/1").text
        slip = house.browser("an.nguyen").get(f"/consignments/{code}/slip.pdf").data
        assert "Chưa có nhân chứng, không có biên nhận" in text_of(slip)
