"""A request printed as QR codes is read back whole from paper, by two scanners that share no code."""

import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from audit.merkle import consistency_proof
from audit.parts import join_parts, split_parts
from audit.witness import WitnessRequest
from reports.witness_codes import WitnessCodes, render_witness_codes
from tests.support import tlog

# As the witness's scanner must be set: what is dense holds what looks like bars.
QR_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
BODY = WitnessRequest(
    old=255,
    proof=consistency_proof(255, 300, tlog.node_of(300)),
    checkpoint=tlog.note(300, signers=(tlog.LOG, tlog.LOG_PQ)),
).to_bytes()


def printed(folder: Path, pdf: bytes, dpi: int) -> list[Image.Image]:
    (folder / "codes.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-mono", "-png", str(folder / "codes.pdf"), str(folder / "page")],
        check=True,
    )
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_request_with_both_signatures_is_read_back_from_paper(tmp_path: Path, dpi: int) -> None:
    texts = split_parts(BODY)
    pdf = render_witness_codes(WitnessCodes(witness="w1", origin=tlog.ORIGIN, size=300, texts=texts))
    pages = printed(tmp_path, pdf, dpi)
    assert len(pages) == -(-len(texts) // 6)
    by_zxing = [code.text for page in pages for code in zxingcpp.read_barcodes(page, formats=QR_ONLY)]
    by_zbar = [
        code.data.decode()
        for page in pages
        for code in pyzbar.decode(page, symbols=[pyzbar.ZBarSymbol.QRCODE])
    ]
    assert sorted(by_zxing) == sorted(by_zbar) == sorted(texts)
    for read in (by_zxing, by_zbar):
        assert join_parts("\n".join(read).encode()) == BODY


def test_the_same_request_gives_the_same_bytes() -> None:
    codes = WitnessCodes(witness="w1", origin=tlog.ORIGIN, size=300, texts=split_parts(BODY))
    assert render_witness_codes(codes) == render_witness_codes(codes)
