"""Import every area once, so that METADATA is complete: for migrations' drift test and for tools."""

from app.storage.tables import (
    bags,
    consignments,
    corrections,
    erasures,
    holds,
    incidents,
    legs,
    log,
    people,
    policies,
    receiving,
    registers,
    scan_marks,
    seals,
    shifts,
    suspense,
    time_tokens,
)
from app.storage.tables.base import METADATA

__all__ = [
    "METADATA",
    "bags",
    "consignments",
    "corrections",
    "erasures",
    "holds",
    "incidents",
    "legs",
    "log",
    "people",
    "policies",
    "receiving",
    "registers",
    "scan_marks",
    "seals",
    "shifts",
    "suspense",
    "time_tokens",
]
