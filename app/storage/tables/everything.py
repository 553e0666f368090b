"""Import every area once, so that METADATA is complete: for migrations' drift test and for tools."""

from app.storage.tables import consignments, log, people, registers, time_tokens
from app.storage.tables.base import METADATA

__all__ = ["METADATA", "consignments", "log", "people", "registers", "time_tokens"]
