"""A pen that draws PDF pages in millimetres: the only place that touches the PDF canvas.

It knows no form. The same strokes in the same order give the same bytes, because the document carries
neither a clock nor chance (`invariant`).
"""

import io

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from reports.layout import MM_PER_POINT, REGULAR, Box, Fitted, clean, load_fonts


class Pen:
    """Draws on one canvas in millimetres, y growing down the page, from a corner that can be moved.

    The corner is what makes one drawing function serve a roll of A6 labels and eight places of a sheet.
    """

    def __init__(self, *, width: float, height: float, title: str) -> None:
        """Open a document of pages `width` by `height` millimetres; the same drawing gives the same bytes."""
        load_fonts()
        self._buffer = io.BytesIO()
        self._page_height = height
        self._left = 0.0
        self._top = 0.0
        self._canvas = Canvas(
            self._buffer,
            pagesize=(width * mm, height * mm),
            invariant=1,
            initialFontName=REGULAR,
            lang="vi-VN",
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor("KT1")
        self._canvas.setCreator("KT1")

    def move_to(self, left: float, top: float) -> None:
        """Put the corner all further drawing is measured from."""
        self._left, self._top = left, top

    def next_page(self) -> None:
        """Finish this page."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Close the document and return it."""
        self._canvas.save()
        return self._buffer.getvalue()

    def fill(self, box: Box, *, white: bool = False) -> None:
        """Fill a rectangle with black, or with white."""
        self._canvas.setFillGray(1 if white else 0)
        left, bottom = self._point(box.left, box.bottom)
        self._canvas.rect(left, bottom, box.width * mm, box.height * mm, stroke=0, fill=1)

    def frame(self, box: Box, *, thickness: float = 0.3, gray: float = 0.0) -> None:
        """Draw a border whose outer edge is the box, so that it never reaches outside its place."""
        self._canvas.setLineWidth(thickness * mm)
        self._canvas.setStrokeGray(gray)
        left, bottom = self._point(box.left + thickness / 2, box.bottom - thickness / 2)
        inner_width, inner_height = box.width - thickness, box.height - thickness
        self._canvas.rect(left, bottom, inner_width * mm, inner_height * mm, stroke=1, fill=0)

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        thickness: float = 0.2,
        gray: float = 0.0,
    ) -> None:
        """Draw a straight line."""
        self._canvas.setLineWidth(thickness * mm)
        self._canvas.setStrokeGray(gray)
        self._canvas.line(*self._point(*start), *self._point(*end))

    def text(
        self,
        place: tuple[float, float],
        text: str,
        font: str,
        size: float,
        *,
        align: str = "left",
        white: bool = False,
    ) -> None:
        """Write one line whose baseline runs through `place`; `align` is left, centre or right."""
        cleaned = clean(text, font)
        self._canvas.setFillGray(1 if white else 0)
        self._canvas.setFont(font, size)
        left, bottom = self._point(*place)
        draw = {
            "left": self._canvas.drawString,
            "centre": self._canvas.drawCentredString,
            "right": self._canvas.drawRightString,
        }[align]
        draw(left, bottom, cleaned)

    def block(self, fitted: Fitted, place: tuple[float, float], *, align: str = "left") -> float:
        """Write fitted lines downwards from `place`, the top of their left, middle or right edge.

        Returns where the next thing may start.
        """
        edge, top = place
        step = fitted.leading * MM_PER_POINT
        for number, line in enumerate(fitted.lines):
            # 0.8 of a line above the baseline leaves room for stacked marks such as those of Ấ and Ỗ.
            baseline = top + (number + 0.8) * step
            self.text((edge, baseline), line, fitted.font, fitted.size, align=align)
        return top + fitted.height

    def _point(self, left: float, top: float) -> tuple[float, float]:
        return (self._left + left) * mm, (self._page_height - self._top - top) * mm
