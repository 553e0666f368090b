"""Reads and records what every table shares that an administrator publishes from a paper (ADR 0009).

The paper's number, the moment from which it counts, and the facts of its entry. What the cells of a table
mean is each table's own business.
"""

from datetime import datetime
from typing import Final

from app.domain.access import Actor
from app.domain.dated import FromPaper
from app.domain.errors import ProblemCode
from app.services.fields import Fields
from crypto.canonical import JsonValue, encode
from crypto.digest import sha256_hex
from crypto.timestamps import format_at

LONGEST_SOURCE: Final = 200


def read_valid_from(fields: Fields, now: datetime) -> datetime:
    """Read the moment from which a version counts, which must lie ahead; `now` where it has a problem."""
    valid_from_at = fields.moment("valid_from")
    if valid_from_at is None and not fields.untrusted.get("valid_from", "").strip():
        fields.refuse("valid_from", ProblemCode.REQUIRED)
    elif valid_from_at is not None and valid_from_at <= now:
        fields.refuse("valid_from", ProblemCode.NOT_IN_FUTURE)
    return valid_from_at or now


def read_source(fields: Fields) -> str:
    """Read the paper's number."""
    return fields.line("source", longest=LONGEST_SOURCE, required=True)


def published_facts(version: FromPaper, table: dict[str, JsonValue], *, actor: Actor) -> dict[str, JsonValue]:
    """Return the facts of the entry that publishes a version: the whole table and its digest."""
    return {
        "actor": int(actor.user),
        "version": version.version,
        "valid_from": format_at(version.valid_from_at),
        "source": version.source,
        "digest": sha256_hex(encode(table)),
        "table": table,
    }
