"""What every PDF form shares before a page exists: fonts, boxes in millimetres, text that always fits.

Nothing here knows a form or draws. Text is brought to NFC before it is measured (reportlab does not shape, so
decomposed tone marks would land beside their letters) and is never clipped: it wraps, then shrinks, and
if it still does not fit the form is not printed at all.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from reports.errors import DoesNotFit

REGULAR = "BeVietnamPro-Regular"
BOLD = "BeVietnamPro-Bold"
ITALIC = "BeVietnamPro-Italic"

# Vietnam keeps one time all year round, so a fixed offset needs no time zone database on the machine.
VIETNAM_TIME = timezone(timedelta(hours=7), "+07")

_FONT_FOLDER = Path(__file__).with_name("fonts")
_STAND_IN = "?"
_SPACES = frozenset({"Cc", "Zs", "Zl", "Zp"})
MM_PER_POINT = 25.4 / 72
# Only nonsense at the limit of length, such as 200 capital Ms, comes near this; it is printed all the same.
_SMALLEST_POINTS = 2.5
_STEP_POINTS = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle in millimetres, `left` and `top` measured from the form's top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge in millimetres."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge in millimetres."""
        return self.top + self.height


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """Text broken into lines at a size that fits; `height` in millimetres, `size` and `leading` in points."""

    lines: tuple[str, ...]
    font: str
    size: float
    leading: float

    @property
    def height(self) -> float:
        """The height of all lines in millimetres."""
        return len(self.lines) * self.leading * MM_PER_POINT


@lru_cache(maxsize=1)
def load_fonts() -> dict[str, frozenset[int]]:
    """Register the vendored fonts once and return the characters each can draw."""
    drawable = {}
    for name in (REGULAR, BOLD, ITALIC):
        font = TTFont(name, str(_FONT_FOLDER / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        drawable[name] = frozenset(font.face.charToGlyph)
    return drawable


def clean(text: str, font: str = REGULAR) -> str:
    """Return `text` as it will stand on paper: NFC, one line, a visible stand-in for what has no glyph."""
    drawable = load_fonts()[font]
    composed = unicodedata.normalize("NFC", text)
    shown: list[str] = []
    for char in composed:
        category = unicodedata.category(char)
        if category in _SPACES:
            shown.append(" ")
        elif category != "Cf":
            shown.append(char if ord(char) in drawable else _STAND_IN)
    return " ".join("".join(shown).split())


def text_width(text: str, font: str, size: float) -> float:
    """Return the width of one line in millimetres."""
    load_fonts()
    return float(pdfmetrics.stringWidth(text, font, size)) * MM_PER_POINT


def cap_height(size: float) -> float:
    """Return the height of a capital letter without marks, in millimetres (0.7 of the size in this face)."""
    return size * 0.7 * MM_PER_POINT


def wrap(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Break clean text into lines of at most `width` millimetres; a word longer than a line is broken too."""
    lines: list[str] = []
    line = ""
    for word in _breakable(text, font, size, width):
        longer = f"{line} {word}" if line else word
        if text_width(longer, font, size) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    return (*lines, line) if line else tuple(lines)


def _breakable(text: str, font: str, size: float, width: float) -> list[str]:
    pieces: list[str] = []
    for word in text.split():
        piece = ""
        for char in word:
            if piece and text_width(piece + char, font, size) > width:
                pieces.append(piece)
                piece = ""
            piece += char
        pieces.append(piece)
    return pieces


def fit(text: str, font: str, size: float, box: Box, *, leading: float = 1.22) -> Fitted:
    """Wrap `text` into the box at `size` points or the largest smaller size at which all of it shows."""
    return fit_stack(((text, font, 1.0),), size, box, leading=leading)[0]


def fit_stack(
    parts: tuple[tuple[str, str, float], ...], size: float, box: Box, *, leading: float = 1.22
) -> tuple[Fitted, ...]:
    """Wrap several texts under each other into one box, all shrinking together.

    Each part is (text, font, share of the size): a name at 1.0 above its address at 0.8.
    """
    cleaned = tuple((clean(text, font), font, share) for text, font, share in parts)
    trial = size
    while trial >= _SMALLEST_POINTS:
        stack = tuple(
            _lay(text, font, trial * share, box.width, leading=leading) for text, font, share in cleaned
        )
        if sum(fitted.height for fitted in stack) <= box.height:
            return tuple(
                replace(fitted, lines=_balanced(text, font, fitted.size, box.width))
                for fitted, (text, font, _) in zip(stack, cleaned, strict=True)
            )
        trial -= _STEP_POINTS
    length = sum(len(text) for text, _, _ in cleaned)
    raise DoesNotFit(f"{length} characters in {box.width:.0f} by {box.height:.0f} mm")


def _lay(text: str, font: str, size: float, width: float, *, leading: float) -> Fitted:
    return Fitted(lines=wrap(text, font, size, width), font=font, size=size, leading=size * leading)


def _balanced(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Break into no more lines than needed, but of like length, so that no single word hangs alone."""
    best = wrap(text, font, size, width)
    for percent in range(95, 45, -5):
        narrower = wrap(text, font, size, width * percent / 100)
        if len(narrower) > len(best):
            break
        best = narrower
    return best


def local_time(moment: datetime) -> str:
    """Return hours and minutes in Vietnam, as on a clock: `08:30`."""
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M}"


def local_date(moment: datetime) -> str:
    """Return the date in Vietnam: `23/11/2026`."""
    return f"{moment.astimezone(VIETNAM_TIME):%d/%m/%Y}"
