"""Code 128 and QR as plain black-and-white modules, ready to be drawn as rectangles.

Pictures of symbols are never embedded: a printer driver would scale them and blur the module edges. This
module knows nothing of paper, and never decides what a symbol says.
"""

import zxingcpp
from barcode.codex import Code128

# Modules of white that belong to the symbol (ISO/IEC 15417, ISO/IEC 18004).
CODE128_QUIET_MODULES = 10
QR_QUIET_MODULES = 4


def code128_bars(text: str) -> tuple[tuple[int, int], ...]:
    """Return the dark bars of a Code 128 as (first module, width in modules), quiet zones left out."""
    return _runs(Code128(text).build()[0])


def code128_width(text: str) -> int:
    """Return the width of the symbol in modules, without its quiet zones."""
    return len(Code128(text).build()[0])


def qr_rows(content: str | bytes, *, level: str = "Q") -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return one tuple of dark runs (first module, width) for every row of a QR at error level `level`.

    Level Q as a rule: a label is rubbed, folded and wetted on its way; measured, it outlives Code 128 by two
    levels of blur. Bytes are written in byte mode as they are; a text is not.
    """
    image = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level=level).to_image(
        scale=1, add_quiet_zones=False
    )
    pixels = memoryview(image)  # type: ignore[arg-type]  # it is a buffer but does not declare it
    height, width = pixels.shape or (0, 0)
    flat = bytes(pixels)
    rows = (flat[y * width : (y + 1) * width] for y in range(height))
    return tuple(_runs("".join("0" if pixel else "1" for pixel in row)) for row in rows)


def _runs(bits: str) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    position = 0
    for dark_run in bits.replace("01", "0 1").replace("10", "1 0").split():
        if dark_run[0] == "1":
            runs.append((position, len(dark_run)))
        position += len(dark_run)
    return tuple(runs)
