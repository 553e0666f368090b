"""Write a service standard as one plain table and read it back: the same for the log and for the database.

The table is what a person compares with the paper that orders it, cell by cell. Reading is strict: a table
with a cell too few or too many is not a standard. This module must never supply a value that is missing.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from app.domain.service_standard import (
    FollowUp,
    Standard,
    acknowledgement_cells,
    delivery_cells,
    follow_up_names,
)
from crypto.canonical import JsonValue

MOST_COMMUNES = 500
COMMUNE = re.compile(r"[0-9]{5}", re.ASCII)
T = TypeVar("T")


def to_table(standard: Standard) -> dict[str, JsonValue]:
    """Write the values of a version; number, source and date stand beside the table."""
    sorted_communes: list[JsonValue] = [*sorted(standard.special_communes)]
    return {
        "acknowledgement": dict(standard.acknowledgement_hours),
        "delivery": dict(standard.delivery_hours),
        "follow_up": {
            name: [one.reminder_days, one.tracer_days, one.investigation_days, one.answer_hours]
            for name, one in standard.follow_ups.items()
        },
        "hold": standard.hold_days,
        "special": sorted_communes,
        "window": [standard.window_before_minutes, standard.window_after_minutes],
    }


def from_table(
    table: Mapping[str, JsonValue], *, version: int, valid_from_at: datetime, source: str
) -> Standard:
    """Read a version back; raises ValueError or TypeError for what `to_table` would not have written."""
    if set(table) != {"acknowledgement", "delivery", "follow_up", "hold", "special", "window"}:
        raise ValueError("not the parts of a service standard")
    before, after = _numbers(table["window"], 2)
    special = table["special"]
    if not isinstance(special, list):
        raise TypeError("the special communes are a list")
    return Standard(
        version=version,
        valid_from_at=valid_from_at,
        source=source,
        window_before_minutes=before,
        window_after_minutes=after,
        hold_days=_number(table["hold"]),
        special_communes=frozenset(str(code) for code in special),
        delivery_hours=_cells(table["delivery"], [cell.name for cell in delivery_cells()], _number),
        acknowledgement_hours=_cells(
            table["acknowledgement"], [cell.name for cell in acknowledgement_cells()], _number
        ),
        follow_ups=_cells(table["follow_up"], follow_up_names(), _follow_up),
    )


def _cells(untrusted: JsonValue, names: Collection[str], read: Callable[[JsonValue], T]) -> dict[str, T]:
    if not isinstance(untrusted, dict) or set(untrusted) != set(names):
        raise ValueError("not the cells of a service standard")
    return {name: read(untrusted[name]) for name in names}


def _follow_up(untrusted: JsonValue) -> FollowUp:
    reminder, tracer, investigation, answer = _numbers(untrusted, 4)
    return FollowUp(
        reminder_days=reminder, tracer_days=tracer, investigation_days=investigation, answer_hours=answer
    )


def _number(untrusted: JsonValue) -> int:
    if not isinstance(untrusted, int) or isinstance(untrusted, bool):
        raise TypeError("a value of a service standard is a whole number")
    return untrusted


def _numbers(untrusted: JsonValue, count: int) -> tuple[int, ...]:
    if not isinstance(untrusted, list) or len(untrusted) != count:
        raise ValueError("not the numbers of a service standard")
    return tuple(_number(value) for value in untrusted)
