"""The page of an entry says what its receipt waits for, and gives it once witnesses have seen the log."""

from collections.abc import Iterator

import pytest

from app.services.publishing import publish
from audit.checkpoint import read_head
from tests.support import tlog
from tests.support.installation import Installation, installed


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("receipts")) as installation:
        yield installation


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
