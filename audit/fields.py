"""Strict readers for one field of a statement: the right type and form, or an error that names the field.

Nothing here may guess, trim or convert: what a device signed is read as it stands.
"""

import re
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TypeAlias, TypeVar, cast

from audit.errors import MalformedEvidence
from crypto import timestamps
from crypto.canonical import JsonValue
from crypto.errors import MalformedEncoding

JsonObject: TypeAlias = dict[str, JsonValue]
_Code = TypeVar("_Code", bound=StrEnum)

# RFC 9562, versions 4 (random) and 7 (time-ordered), variant 10.
SCAN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
KEY_ID = re.compile(r"[0-9a-f]{16}")
# The name of a log, as the configuration of an installation writes it.
LOG = re.compile(r"[!-~]{1,200}")
NONCE = re.compile(r"[0-9a-f]{32}")
UNIT_CODE = re.compile(r"[!-~]{1,32}")
CODE = re.compile(r"[ -~]{1,64}")
# A broken clock is believed within these years; beyond them no local time may exist to show it in.
FIRST_YEAR, LAST_YEAR = 2000, 2200
# What an act says of a line; which marks exist is the act's own business.
MARK = re.compile(r"[a-z_]{0,32}")
SEAL = re.compile(r"[ -~]{0,32}")


def as_object(value: JsonValue, field: str, line: int | None = None) -> JsonObject:
    """Return `value` if it is an object."""
    if not isinstance(value, dict):
        raise MalformedEvidence(field, line, "must be an object")
    return value


def check_names(value: JsonObject, names: AbstractSet[str], line: int | None = None) -> None:
    """Refuse an unknown or a missing field, naming the first of them in alphabetical order."""
    if value.keys() == names:
        return
    for name in sorted(value.keys() - names):
        raise MalformedEvidence(name, line, "unknown field")
    for name in sorted(names - value.keys()):
        raise MalformedEvidence(name, line, "missing field")


def text(value: JsonObject, name: str, form: re.Pattern[str], line: int | None = None) -> str:
    """Return a text that has `form` from its first to its last character."""
    found = value[name]
    if not isinstance(found, str) or form.fullmatch(found) is None:
        raise MalformedEvidence(name, line)
    return found


def count(value: JsonObject, name: str, line: int | None = None) -> int:
    """Return an integer of at least 1."""
    found = value[name]
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise MalformedEvidence(name, line, "must be an integer of at least 1")
    return found


def moment(value: JsonObject, name: str) -> datetime:
    """Return a timestamp in its one form, in a year a device can live in."""
    found = value[name]
    try:
        moment_at = timestamps.parse_at(found if isinstance(found, str) else "")
    except MalformedEncoding as error:
        raise MalformedEvidence(name, reason=str(error)) from None
    if not FIRST_YEAR <= moment_at.year <= LAST_YEAR:
        raise MalformedEvidence(name, reason=f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return moment_at


def choice(value: JsonObject, name: str, codes: type[_Code], line: int | None = None) -> _Code:
    """Return one of a closed set of codes."""
    found = value.get(name)
    member = _members(codes).get(found) if isinstance(found, str) else None
    if member is None:
        raise MalformedEvidence(name, line, "unknown code")
    return cast("_Code", member)


@cache
def _members(codes: type[StrEnum]) -> dict[str, StrEnum]:
    return {member.value: member for member in codes}
