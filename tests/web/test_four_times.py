"""Device, server, witnesses and time authority: four times, shown apart, missing where nobody gave one."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from app.services.log.publishing import publish
from app.services.log.time_tokens import FROM_FILE, Reply, import_reply
from app.web.filters import when
from crypto.timestamping import Authority
from tests.support import tlog
from tests.support.installation import Browser, Installation, installed
from tests.support.time_authority import TimeAuthority
from tests.web.test_receipts import cosign, hand_over, write_policy

SEEN_AT = when(datetime.fromtimestamp(tlog.NOW, UTC))
NONE = "chưa có"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "house", witness_policy=write_policy(tmp_path / "policy")) as installation:
        yield installation


def stamp(house: Installation, tsa: TimeAuthority) -> str:
    """Have the published checkpoint stamped; return the authority's time as pages show it."""
    authority = Authority.load(tsa.both)
    checkpoint = house.runtime.published.folder.read_checkpoint()
    assert checkpoint is not None
    reply = Reply(untrusted=tsa.reply(authority.make_request(checkpoint)), source=FROM_FILE)
    token = house.runtime.write(import_reply, checkpoint, reply, authority=authority)
    return when(token.token_at)


def shown(browser: Browser, path: str, whose: str) -> str:
    """Return what a page shows as the time of one of the four."""
    found = re.search(rf'id="time-{whose}">.*?<dd>(.*?)</dd>', browser.get(path).text, re.DOTALL)
    assert found is not None, whose
    return unescape(re.sub(r"<[^>]+>", "", found[1]))


def taking(house: Installation, code: str) -> tuple[int, str]:
    """Return the entry in which an item was taken, and its line on the item's page, without markup."""
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    (newest, line), *_ = re.findall(r'<li class="event[^"]*" id="e(\d+)">(.*?)</li>', page, re.DOTALL)
    return int(newest), unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", line)))


def test_each_of_the_four_is_told_apart_once_it_was_given(house: Installation, tsa: TimeAuthority) -> None:
    code, auditor = hand_over(house), house.browser("giang")
    index, _ = taking(house, code)
    path = f"/entries/{index}"
    server = when(house.clock())
    assert shown(auditor, path, "server") == server
    device = shown(auditor, path, "device")
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", device)
    assert (shown(auditor, path, "witness"), shown(auditor, path, "token")) == (NONE, NONE)
    cosign(house)
    assert shown(auditor, path, "witness") == f"{SEEN_AT} · witness1.test"
    assert shown(auditor, path, "token") == NONE
    stamped = stamp(house, tsa)
    assert shown(auditor, path, "token").startswith(f"{stamped} · điểm chốt ")
    assert (shown(auditor, path, "device"), shown(auditor, path, "server")) == (device, server)
    assert len({server, SEEN_AT, stamped}) == 3


def test_an_entry_after_the_checkpoint_gets_neither_of_its_times(
    house: Installation, tsa: TimeAuthority
) -> None:
    first, auditor = hand_over(house), house.browser("giang")
    cosign(house)
    stamped = stamp(house, tsa)
    house.clock.forward(timedelta(minutes=5))
    later, _ = taking(house, hand_over(house, "2"))
    assert (shown(auditor, f"/entries/{later}", "witness"), shown(auditor, f"/entries/{later}", "token")) == (
        NONE,
        NONE,
    )
    # The log's own page tells of the newest checkpoints, and of which size they were.
    size = house.runtime.published.store.witnessed()
    assert size is not None
    entries = size.split(b"\n")[1].decode()
    assert shown(auditor, "/log", "witness") == f"{SEEN_AT} · witness1.test · điểm chốt {entries} bản ghi"
    assert shown(auditor, "/log", "token") == f"{stamped} · điểm chốt {entries} bản ghi"
    assert taking(house, first)[0] < int(entries)


def test_the_timeline_tells_receipt_and_times_of_each_handover(
    house: Installation, tsa: TimeAuthority
) -> None:
    code = hand_over(house)
    index, line = taking(house, code)
    assert "đang chờ công bố" in line
    assert "Nhân chứng: chưa có Dấu thời gian: chưa có" in line
    publish(house.runtime, house.runtime.published, clock=house.clock)
    assert "đang chờ nhân chứng" in taking(house, code)[1]
    cosign(house)
    stamped = stamp(house, tsa)
    line = taking(house, code)[1]
    assert "có biên nhận" in line
    assert f"Nhân chứng: {SEEN_AT} Dấu thời gian: {stamped}" in line
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    assert f'href="/entries/{index}/receipt.tlog-proof"' in page
    # Who may see the item may take its receipt away.
    receipt = house.browser("an.nguyen").get(f"/entries/{index}/receipt.tlog-proof")
    assert receipt.data.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n".encode())


def test_without_witnesses_the_timeline_says_so(tmp_path: Path) -> None:
    with installed(tmp_path / "alone") as house:
        _, line = taking(house, hand_over(house))
        assert "chưa có nhân chứng" in line
        assert "đang chờ" not in line
