"""The receipt on a slip: one code, read back from paper byte for byte, which proves itself offline."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from audit.entry import parse_entry
from audit.receipt import verify_receipt
from crypto.digest import b64encode
from reports.errors import InvalidReportData
from reports.model import MAX_PRINTED_RECEIPT, NoReceipt, Paper, SlipData
from reports.slip import render_slip
from tests.support import logs, trees
from tests.unit.reports.paper import bytes_by_zbar, bytes_by_zxing, pages, text_of
from tests.unit.reports.test_slip import slip

READERS = [bytes_by_zxing, bytes_by_zbar]
INDEX = 5


@cache
def entries() -> list[bytes]:
    return logs.seal(logs.honest_drafts(220))


def with_receipt(paper: Paper, receipt: bytes) -> SlipData:
    entry = parse_entry(entries()[INDEX])
    return replace(slip(paper=paper), entry_index=INDEX, entry_hash=entry.leaf.hex(), receipt=receipt)


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("read", READERS)
def test_the_receipt_read_from_paper_is_accepted_by_the_offline_verifier(
    paper: Paper, dpi: int, read: Callable[[Image.Image], list[bytes]], tmp_path: Path
) -> None:
    printed = pages(render_slip(with_receipt(paper, trees.receipt(entries(), INDEX))), tmp_path, dpi)
    assert len(printed) == 2
    (scanned,) = read(printed[-1])
    proof = logs.write(tmp_path / "scanned.tlog-proof", scanned)
    entry = logs.write(tmp_path / "entry", entries()[INDEX])
    report = verify_receipt(proof, entry, trees.trust())
    assert (report.index, sorted(report.cosignatures)) == (INDEX, ["w1", "w2", "w3"])


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("read", READERS)
def test_the_longest_receipt_is_still_one_code(
    dpi: int, read: Callable[[Image.Image], list[bytes]], tmp_path: Path
) -> None:
    # What stands in a receipt is Base64 of hashes: nothing that a code could write shorter.
    noise = "\n".join(b64encode(sha256(bytes([number])).digest()) for number in range(36))
    longest = f"— {noise}".encode()[:MAX_PRINTED_RECEIPT]
    assert len(longest) == MAX_PRINTED_RECEIPT
    printed = pages(render_slip(with_receipt(Paper.A5, longest)), tmp_path, dpi)
    assert read(printed[-1]) == [longest]
    with pytest.raises(InvalidReportData):
        with_receipt(Paper.A5, longest + b"x")


def test_every_page_says_where_the_receipt_is() -> None:
    sheets = text_of(render_slip(with_receipt(Paper.A4, trees.receipt(entries(), INDEX)))).rstrip("\f")
    for number, sheet in enumerate(sheets.split("\f"), start=1):
        assert "Biên nhận: mã QR ở trang 2" in sheet
        assert f"Trang {number}/2" in sheet


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NoReceipt.WAITING, "Biên nhận đang chờ nhân chứng"),
        (NoReceipt.UNWITNESSED, "Chưa có nhân chứng"),
        (NoReceipt.TOO_LONG, "hãy tải tệp"),
        (NoReceipt.BROKEN, "báo kiểm tra viên"),
    ],
)
def test_a_slip_without_a_receipt_says_why_and_has_no_code_for_it(
    reason: NoReceipt, words: str, tmp_path: Path
) -> None:
    data = replace(slip(), no_receipt=reason)
    assert words in text_of(render_slip(data))
    (page,) = pages(render_slip(data), tmp_path, 203)
    assert bytes_by_zxing(page) == [data.entry_hash.encode()]
