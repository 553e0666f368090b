"""What a device gets back for a scan: each line's decision and the log entry that proves it.

Read after the commit only. The signature is cut out of the entry's own bytes, never made again.
"""

from app.domain.decision import Refusal
from app.domain.device_clock import ClockNotice
from app.domain.errors import InvalidInput
from app.http import section_words
from app.http.answers import error_body
from app.http.ports import runtime
from app.http.texts import text
from app.services.scans.handover import LineResult, ScanOutcome, ScanStatus
from app.services.shifts.section_notices import SectionNotice
from crypto.timestamps import format_at

_SIGNATURE = slice(-90, -2)  # an entry ends with `"sig":"<88 characters>"}`


def receipt(outcome: ScanOutcome, *, locale: str) -> dict[str, object]:
    """Describe a recorded scan."""
    conflict = outcome.status is ScanStatus.CONFLICT
    return {
        "scan": outcome.scan_id,
        "status": outcome.status,
        "lines": [_line(line, outcome, locale=locale) for line in outcome.lines],
        "entry": {
            "index": outcome.entry.index,
            "hash": outcome.entry.leaf.hex(),
            "signature": outcome.entry.data[_SIGNATURE].decode("ascii"),
        },
        "notice": _notice(outcome.notice, locale=locale),
        "closed": _closed(outcome.closed),
        "error": error_body("scan_conflict", locale=locale) if conflict else None,
    }


def refused(error: InvalidInput, *, locale: str) -> dict[str, object]:
    """Describe a scan that was not recorded, because it is malformed or not authentic."""
    return {
        "scan": None,
        "status": "error",
        "lines": [],
        "entry": None,
        "notice": None,
        "closed": None,
        "error": error_body("invalid_input", locale=locale, problems=error.problems),
    }


def _notice(notice: ClockNotice | None, *, locale: str) -> dict[str, str] | None:
    if notice is None:
        return None
    return {"code": notice.value, "message": text(f"clock_notice.{notice}", locale=locale)}


def _closed(found: SectionNotice | None) -> dict[str, str | None] | None:
    """Tell of the closed section what a program needs to come back, or to go elsewhere."""
    if found is None:
        return None
    return {
        "closing": found.closing.code,
        "office": found.unit.code,
        "reason": found.closing.reason,
        "closed_at": format_at(found.closing.closed_at),
        "expected_at": format_at(found.closing.expected_at),
        "instead": None if found.instead is None else found.instead.code,
    }


def _line(line: LineResult, outcome: ScanOutcome, *, locale: str) -> dict[str, object]:
    return {
        "read": line.read,
        "code": line.code,
        "outcome": line.outcome,
        "refusal": line.refusal,
        "message": _message(line, outcome, locale=locale) if line.refusal else "",
    }


def _message(line: LineResult, outcome: ScanOutcome, *, locale: str) -> str:
    if line.refusal == Refusal.SECTION_CLOSED:
        return section_words.refusal_text(outcome.closed, now=runtime().now(), locale=locale)
    return text(f"refusal.{line.refusal}", locale=locale)
