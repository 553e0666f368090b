"""Print a PDF the way an office does and read it back with two scanners that share no code.

Rendering is by poppler, reading by ZXing and by ZBar; nothing of what drew the page takes part.
"""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from reports.label import CELL_HEIGHT, CELL_WIDTH, cell_corner
from reports.model import LabelData, OuterMark, Party, Scope

CODE = "KT473124829VN"
QR = f"{CODE}|9f2c1ab04d5e6f70|MFRGGZDFMZTWQ2LK"
TAIL = "7KQ2X"
AGREED = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SENDER = Party(
    name="Sở Khoa học và Công nghệ tỉnh Bắc Ninh",
    address="Số 5 đường Nguyễn Văn Cừ, phường Kinh Bắc, tỉnh Bắc Ninh",
)
RECIPIENT = Party(
    name="Ủy ban nhân dân phường Võ Cường",
    address="Số 1 đường Nguyễn Quyền, phường Võ Cường, tỉnh Bắc Ninh",
)


def label(
    *,
    code: str = CODE,
    qr: str = "",
    mark: OuterMark = OuterMark.A,
    express: bool = True,
    appointed_at: datetime | None = AGREED,
    sender: Party = SENDER,
    recipient: Party = RECIPIENT,
    register_number: str = "0127/2026",
    print_number: int = 1,
) -> LabelData:
    """Build a label as the product would fill it, with what the test is about changed."""
    return LabelData(
        code=code,
        qr=qr or QR.replace(CODE, code),
        tail=TAIL,
        mark=mark,
        express=express,
        appointed_at=appointed_at,
        scope=Scope.INTER,
        sender=sender,
        recipient=recipient,
        register_number=register_number,
        pieces=3,
        piece=2,
        print_number=print_number,
    )


def pages(pdf: bytes, folder: Path, dpi: int) -> list[Image.Image]:
    """Render every page as a label printer does: at its dots per inch, in pure black and white."""
    source = folder / "form.pdf"
    source.write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-mono", "-png", str(source), str(folder / f"page{dpi}")], check=True
    )
    return [Image.open(path).convert("L") for path in sorted(folder.glob(f"page{dpi}*.png"))]


def cell(page: Image.Image, place: int, dpi: int) -> Image.Image:
    """Cut one place (0 to 7) out of a rendered sheet."""
    left, top = cell_corner(place)
    right, bottom = left + CELL_WIDTH, top + CELL_HEIGHT
    dots_per_mm = dpi / 25.4
    return page.crop(
        (int(left * dots_per_mm), int(top * dots_per_mm), int(right * dots_per_mm), int(bottom * dots_per_mm))
    )


def is_blank(image: Image.Image) -> bool:
    """Tell whether nothing at all is printed there."""
    return image.getextrema() == (255, 255)


def text_of(pdf: bytes) -> str:
    """Return what a reader finds in the PDF when searching or copying."""
    run = subprocess.run(
        ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return run.stdout.decode()


def fonts_of(pdf: bytes, folder: Path) -> list[list[str]]:
    """Return the columns poppler prints for each font of the PDF."""
    source = folder / "fonts.pdf"
    source.write_bytes(pdf)
    run = subprocess.run(["pdffonts", str(source)], capture_output=True, check=True, text=True)
    return [line.split() for line in run.stdout.splitlines()[2:]]


def read_by_zxing(image: Image.Image) -> list[tuple[str, str]]:
    """Return (symbology, text) of every symbol ZXing finds."""
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
    found = zxingcpp.read_barcodes(image, formats=formats)
    return sorted((_plain(str(symbol.format)), symbol.text) for symbol in found)


def read_by_zbar(image: Image.Image) -> list[tuple[str, str]]:
    """Return (symbology, text) of every symbol ZBar finds."""
    found = pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.CODE128, pyzbar.ZBarSymbol.QRCODE])
    return sorted((_plain(symbol.type), symbol.data.decode()) for symbol in found)


def bytes_by_zxing(image: Image.Image) -> list[bytes]:
    """Return the content of every QR that ZXing finds, byte for byte."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return [symbol.bytes for symbol in found]


def bytes_by_zbar(image: Image.Image) -> list[bytes]:
    """Return the content of every QR that ZBar finds, byte for byte."""
    return [symbol.data for symbol in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])]


def _plain(symbology: str) -> str:
    return "qr" if "QR" in symbology.upper() else "code128"
