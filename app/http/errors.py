"""One table from code to HTTP status, and one way to say no: the same body, headers and words everywhere.

A stack trace, a query or a path must never reach an answer; an unexpected error shows an incident number that
stands beside the trace in the server's own log.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from app.http.texts import TEXTS, text

# A refusal of custody is a fact that was decided and recorded: the request itself succeeded.
REFUSAL_STATUS: Final = HTTPStatus.OK

STATUS: Final[Mapping[str, HTTPStatus]] = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "malformed_json": HTTPStatus.BAD_REQUEST,
    "wrong_host": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "unknown_device_token": HTTPStatus.UNAUTHORIZED,
    "login_failed": HTTPStatus.UNAUTHORIZED,
    "csrf": HTTPStatus.FORBIDDEN,
    "cross_site": HTTPStatus.FORBIDDEN,
    "password_change_required": HTTPStatus.FORBIDDEN,
    "not_permitted": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "not_acceptable": HTTPStatus.NOT_ACCEPTABLE,
    "length_required": HTTPStatus.LENGTH_REQUIRED,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "witness_off_duty": HTTPStatus.CONFLICT,
    "invalid_input": HTTPStatus.UNPROCESSABLE_ENTITY,
    "malformed_evidence": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_signature": HTTPStatus.UNPROCESSABLE_ENTITY,
    "log_halted": HTTPStatus.SERVICE_UNAVAILABLE,
    "log_behind": HTTPStatus.SERVICE_UNAVAILABLE,
    "checkpoints_lost": HTTPStatus.SERVICE_UNAVAILABLE,
    "log_disagrees": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_in_the_log": HTTPStatus.SERVICE_UNAVAILABLE,
    "clock_went_back": HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "scan_conflict": HTTPStatus.CONFLICT,
    "not_amendable": HTTPStatus.CONFLICT,
    "not_cancellable": HTTPStatus.CONFLICT,
    "changed_meanwhile": HTTPStatus.CONFLICT,
    "duplicate": HTTPStatus.CONFLICT,
    "already_enrolled": HTTPStatus.CONFLICT,
    "already_revoked": HTTPStatus.CONFLICT,
    "username_taken": HTTPStatus.CONFLICT,
    "unit_taken": HTTPStatus.CONFLICT,
    "serials_exhausted": HTTPStatus.CONFLICT,
    "label_reason_required": HTTPStatus.CONFLICT,
    "label_not_in_hand": HTTPStatus.CONFLICT,
    "file_already_imported": HTTPStatus.CONFLICT,
    "own_account": HTTPStatus.CONFLICT,
    "not_erasable": HTTPStatus.CONFLICT,
    "erasure_pending": HTTPStatus.CONFLICT,
    "erasure_decided": HTTPStatus.CONFLICT,
    "own_erasure": HTTPStatus.CONFLICT,
    "not_published": HTTPStatus.CONFLICT,
    "entries_of_others": HTTPStatus.CONFLICT,
    "receipt_not_due": HTTPStatus.CONFLICT,
    "already_filed": HTTPStatus.CONFLICT,
    "standard_not_later": HTTPStatus.CONFLICT,
    "policy_not_later": HTTPStatus.CONFLICT,
    "incident_closed": HTTPStatus.CONFLICT,
    "incident_reported": HTTPStatus.CONFLICT,
    "incident_not_reported": HTTPStatus.CONFLICT,
    "incident_resolved": HTTPStatus.CONFLICT,
    "incident_not_resolved": HTTPStatus.CONFLICT,
    "evidence_owed": HTTPStatus.CONFLICT,
    "own_incident": HTTPStatus.CONFLICT,
    "auditor_closes": HTTPStatus.CONFLICT,
    "not_correctable": HTTPStatus.CONFLICT,
    "correction_stands": HTTPStatus.CONFLICT,
    "correction_decided": HTTPStatus.CONFLICT,
    "own_correction": HTTPStatus.CONFLICT,
    "shift_open_already": HTTPStatus.CONFLICT,
    "shift_closed": HTTPStatus.CONFLICT,
    "counting": HTTPStatus.CONFLICT,
    "shift_unbalanced": HTTPStatus.CONFLICT,
    "count_missing": HTTPStatus.CONFLICT,
    "count_outdated": HTTPStatus.CONFLICT,
    "supervisor_is_actor": HTTPStatus.CONFLICT,
    "supervisor_not_allowed": HTTPStatus.CONFLICT,
    "supervisor_not_present": HTTPStatus.CONFLICT,
    "leg_not_planned": HTTPStatus.CONFLICT,
    "vehicle_in_use": HTTPStatus.CONFLICT,
    "pouch_busy": HTTPStatus.CONFLICT,
    "pouch_retired": HTTPStatus.CONFLICT,
    "pouch_proposed": HTTPStatus.CONFLICT,
    "pouch_not_proposed": HTTPStatus.CONFLICT,
    "pouch_same_person": HTTPStatus.CONFLICT,
    "pouch_list_answered": HTTPStatus.CONFLICT,
    "pouch_list_cancelled": HTTPStatus.CONFLICT,
    "successor_not_allowed": HTTPStatus.CONFLICT,
    "relief_empty": HTTPStatus.CONFLICT,
    "relief_bag_open": HTTPStatus.CONFLICT,
    "relief_offered": HTTPStatus.CONFLICT,
    "relief_unfinished": HTTPStatus.CONFLICT,
    "muster_open_already": HTTPStatus.CONFLICT,
    "muster_closed": HTTPStatus.CONFLICT,
    "muster_withdrawn": HTTPStatus.CONFLICT,
    "muster_withdrawn_by_opener": HTTPStatus.CONFLICT,
    "muster_not_old": HTTPStatus.CONFLICT,
    "muster_of_opener": HTTPStatus.CONFLICT,
    "muster_not_counted": HTTPStatus.CONFLICT,
    "muster_being_counted": HTTPStatus.CONFLICT,
    "muster_too_different": HTTPStatus.CONFLICT,
    "partner_not_allowed": HTTPStatus.CONFLICT,
    "partner_not_present": HTTPStatus.CONFLICT,
    "access_key_retired": HTTPStatus.CONFLICT,
    "access_key_not_held": HTTPStatus.CONFLICT,
    "second_not_allowed": HTTPStatus.CONFLICT,
    "second_not_present": HTTPStatus.CONFLICT,
    "section_closed_already": HTTPStatus.CONFLICT,
    "section_counting": HTTPStatus.CONFLICT,
    "section_offered": HTTPStatus.CONFLICT,
    "section_shift_open": HTTPStatus.CONFLICT,
    "section_not_secured": HTTPStatus.CONFLICT,
    "section_safe_empty": HTTPStatus.CONFLICT,
    "section_open": HTTPStatus.CONFLICT,
    "already_held": HTTPStatus.CONFLICT,
    "own_hold": HTTPStatus.CONFLICT,
    "hold_lifted": HTTPStatus.CONFLICT,
    "still_held": HTTPStatus.CONFLICT,
    "tracer_answered": HTTPStatus.CONFLICT,
    "mandate_revoked": HTTPStatus.CONFLICT,
    "authority_revoked": HTTPStatus.CONFLICT,
    "authority_number_taken": HTTPStatus.CONFLICT,
    "unattended_answered": HTTPStatus.CONFLICT,
    "own_unattended": HTTPStatus.CONFLICT,
    "not_redirectable": HTTPStatus.CONFLICT,
}

_FROM_STATUS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    429: "too_many_attempts",
    503: "unavailable",
}


def status_of(code: str) -> HTTPStatus:
    """Return the HTTP status of an error code; KeyError for one without is ruled out by a house test."""
    return STATUS[code]


def code_of_status(status: int | None) -> str:
    """Name an HTTP status that a library raised; the unforeseen is a bad request or our fault."""
    number = status or 500
    return _FROM_STATUS.get(number, "bad_request" if number < 500 else "internal")


def message_of(code: str, *, locale: str, **params: object) -> str:
    """Say an error in words, whichever of the two families of errors it belongs to."""
    family = "conflict" if f"conflict.{code}" in TEXTS else "error"
    return text(f"{family}.{code}", locale=locale, **params)
