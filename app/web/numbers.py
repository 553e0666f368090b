"""Whole numbers from addresses and forms, at most fifteen digits: what no database key can be is not there.

It must never hand a text of any length to `int`: thousands of digits raise, and 64 bits are soon full.
"""

import re
from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter

_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


class NumberConverter(IntegerConverter):
    """`<number:name>` in a route; a longer number matches no route and so is not found."""

    regex = "[0-9]{1,15}"


def parse_number(untrusted: str) -> int | None:
    """Return the number, None for anything else."""
    return int(untrusted) if _NUMBER.fullmatch(untrusted) else None


def install(app: Flask) -> None:
    """Make the converter known before any route asks for it."""
    app.url_map.converters["number"] = NumberConverter
