"""The one text form of a moment in evidence and entries: `2026-11-22T07:43:06.123Z`, 24 characters.

One form only, so that a moment has one spelling and signed bytes one reading. It must never read a clock.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from crypto.errors import MalformedEncoding

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z")


# All entries of a group are of one moment.
@lru_cache(maxsize=8)
def format_at(moment_at: datetime) -> str:
    """Write an aware datetime in UTC, cut (not rounded) to milliseconds, so that time never runs ahead."""
    offset = moment_at.utcoffset()
    if offset is None:
        raise MalformedEncoding("a moment without a time zone cannot be written")
    if offset != timedelta(0):
        moment_at = moment_at.astimezone(UTC)
    return moment_at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_at(text: str) -> datetime:
    """Read exactly the form above; raises MalformedEncoding for every other spelling of the same moment."""
    # fromisoformat accepts many spellings of a moment, so the form is checked first.
    if _FORM.fullmatch(text) is None:
        raise MalformedEncoding("a timestamp must look like 2026-11-22T07:43:06.123Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise MalformedEncoding("no such day") from None
