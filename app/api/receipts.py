"""What a device gets back for a scan: each line's decision and the log entry that proves it.

Read after the commit only. The signature is cut out of the entry's own bytes, never made again.
"""

from app.domain.device_clock import ClockNotice
from app.domain.errors import InvalidInput
from app.http.answers import error_body
from app.http.texts import text
from app.services.handover import LineResult, ScanOutcome, ScanStatus

_SIGNATURE = slice(-90, -2)  # an entry ends with `"sig":"<88 characters>"}`


def receipt(outcome: ScanOutcome, *, locale: str) -> dict[str, object]:
    """Describe a recorded scan."""
    conflict = outcome.status is ScanStatus.CONFLICT
    return {
        "scan": outcome.scan_id,
        "status": outcome.status,
        "lines": [_line(line, locale=locale) for line in outcome.lines],
        "entry": {
            "index": outcome.entry.index,
            "hash": outcome.entry.leaf.hex(),
            "signature": outcome.entry.data[_SIGNATURE].decode("ascii"),
        },
        "notice": _notice(outcome.notice, locale=locale),
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
        "error": error_body("invalid_input", locale=locale, problems=error.problems),
    }


def _notice(notice: ClockNotice | None, *, locale: str) -> dict[str, str] | None:
    if notice is None:
        return None
    return {"code": notice.value, "message": text(f"clock_notice.{notice}", locale=locale)}


def _line(line: LineResult, *, locale: str) -> dict[str, object]:
    return {
        "read": line.read,
        "code": line.code,
        "outcome": line.outcome,
        "refusal": line.refusal,
        "message": text(f"refusal.{line.refusal}", locale=locale) if line.refusal else "",
    }
