"""Draw icons: vendored SVG files put into the page as they are, so that no request and no script is needed.

Icons are decoration beside a word; this module must never be the only carrier of a meaning.
"""

from functools import cache
from pathlib import Path

from markupsafe import Markup

_FOLDER = Path(__file__).parent / "static" / "vendor" / "bootstrap-icons"


@cache
def icon(name: str) -> Markup:
    """Return the SVG named `name`, hidden from screen readers; an unknown name is a programming error."""
    svg = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    body = svg[svg.index(">") + 1 :]
    opening = (
        '<svg class="icon" aria-hidden="true" focusable="false" fill="currentColor" viewBox="0 0 16 16">'
    )
    return Markup(opening + body)  # noqa: S704  # our own vendored file, named by our own templates
