"""Say no in the words of the domain: the tree of errors that cross the services' border.

An error here means that nothing was recorded. A custody refusal is not an error: it is a fact, decided
by :mod:`app.domain.custody` and written to the log. Codes are stable English words; their texts and HTTP
statuses live in ``app/http``. This module must never hold a sentence meant for a reader of the screen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum
from typing import Self


class ProblemCode(StrEnum):
    """Everything that can be wrong with one field of input. A house test gives each one its texts."""

    REQUIRED = "required"
    UNKNOWN_FIELD = "unknown_field"
    MALFORMED = "malformed"
    NOT_NFC = "not_nfc"
    CONTROL_CHARACTER = "control_character"
    SEAL_NOT_PLAIN = "seal_not_plain"
    NO_DIGITS = "no_digits"
    NOT_A_RANGE = "not_a_range"
    NOT_IN_STOCK = "not_in_stock"
    SEAL_GONE = "seal_gone"
    SECTION_CLOSED_TOO = "section_closed_too"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DATE = "not_a_date"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_TIME = "not_a_time"
    NOT_IN_FUTURE = "not_in_future"
    IN_FUTURE = "in_future"
    NOT_A_CODE = "not_a_code"
    CHECK_DIGIT = "check_digit"
    FOREIGN_CODE = "foreign_code"
    NOT_DOMESTIC = "not_domestic"
    ABSTRACT_FORBIDDEN = "abstract_forbidden"
    APPOINTED_TIME_REQUIRED = "appointed_time_required"
    INNER_ENVELOPE_REQUIRED = "inner_envelope_required"
    NAMED_RECEIVER_REQUIRED = "named_receiver_required"
    SAME_UNIT = "same_unit"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_DEVICE = "unknown_device"
    REVOKED_DEVICE = "revoked_device"
    WRONG_ACTOR = "wrong_actor"
    WRONG_LOG = "wrong_log"
    BAD_SIGNATURE = "bad_signature"
    REPEATED = "repeated"
    TOO_MANY = "too_many"
    WEAK_PASSWORD = "weak_password"  # noqa: S105  # the name of a problem, not a password
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # the same
    TAKEN = "taken"
    HOLDS_ITEMS = "holds_items"
    POUCH_IN_USE = "pouch_in_use"
    POUCH_UNKNOWN = "pouch_unknown"
    POUCH_KNOWN = "pouch_known"
    POUCH_ELSEWHERE = "pouch_elsewhere"
    POUCH_ON_WAY = "pouch_on_way"
    POUCH_MISSING = "pouch_missing"
    POUCH_RETIRED = "pouch_retired"
    ESCORT_REQUIRED = "escort_required"
    NOT_AT_OFFICE = "not_at_office"
    ON_ANOTHER_LEG = "on_another_leg"
    VEHICLE_UNKNOWN = "vehicle_unknown"
    FORMULA = "formula"
    MERGED_CELLS = "merged_cells"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    MISSING_COLUMN = "missing_column"
    LEADING_ZEROS_LOST = "leading_zeros_lost"
    NOT_A_WORKBOOK = "not_a_workbook"
    DAMAGED_FILE = "damaged_file"
    ENCRYPTED_FILE = "encrypted_file"
    ACTIVE_CONTENT = "active_content"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    NOT_UTF8 = "not_utf8"
    STORED_AS_NUMBER = "stored_as_number"
    CELL_FAULT = "cell_fault"
    OUTSIDE_COLUMNS = "outside_columns"
    TOO_MANY_ENTRIES = "too_many_entries"
    UNKNOWN_ITEM = "unknown_item"
    BAG_IS_STOPPED = "bag_is_stopped"
    NOTHING_TO_SHOW = "nothing_to_show"
    NOT_A_SLIP = "not_a_slip"
    FORGED_SLIP = "forged_slip"
    NOT_IN_ORDER = "not_in_order"
    SHOWS_COMBINATION = "shows_combination"


class ConflictCode(StrEnum):
    """Valid requests that the present state of things forbids."""

    SCAN_CONFLICT = "scan_conflict"
    NOT_AMENDABLE = "not_amendable"
    NOT_CANCELLABLE = "not_cancellable"
    CHANGED_MEANWHILE = "changed_meanwhile"
    DUPLICATE = "duplicate"
    ALREADY_ENROLLED = "already_enrolled"
    ALREADY_REVOKED = "already_revoked"
    USERNAME_TAKEN = "username_taken"
    UNIT_TAKEN = "unit_taken"
    SERIALS_EXHAUSTED = "serials_exhausted"
    LABEL_REASON_REQUIRED = "label_reason_required"
    LABEL_NOT_IN_HAND = "label_not_in_hand"
    FILE_ALREADY_IMPORTED = "file_already_imported"
    OWN_ACCOUNT = "own_account"
    NOT_ERASABLE = "not_erasable"
    ERASURE_PENDING = "erasure_pending"
    ERASURE_DECIDED = "erasure_decided"
    OWN_ERASURE = "own_erasure"
    NOT_PUBLISHED = "not_published"
    ENTRIES_OF_OTHERS = "entries_of_others"
    RECEIPT_NOT_DUE = "receipt_not_due"
    ALREADY_FILED = "already_filed"
    STANDARD_NOT_LATER = "standard_not_later"
    POLICY_NOT_LATER = "policy_not_later"
    INCIDENT_CLOSED = "incident_closed"
    INCIDENT_REPORTED = "incident_reported"
    INCIDENT_NOT_REPORTED = "incident_not_reported"
    INCIDENT_RESOLVED = "incident_resolved"
    INCIDENT_NOT_RESOLVED = "incident_not_resolved"
    EVIDENCE_OWED = "evidence_owed"
    OWN_INCIDENT = "own_incident"
    AUDITOR_CLOSES = "auditor_closes"
    NOT_CORRECTABLE = "not_correctable"
    CORRECTION_STANDS = "correction_stands"
    CORRECTION_DECIDED = "correction_decided"
    OWN_CORRECTION = "own_correction"
    ALREADY_HELD = "already_held"
    OWN_HOLD = "own_hold"
    HOLD_LIFTED = "hold_lifted"
    STILL_HELD = "still_held"
    TRACER_ANSWERED = "tracer_answered"
    MANDATE_REVOKED = "mandate_revoked"
    AUTHORITY_REVOKED = "authority_revoked"
    AUTHORITY_NUMBER_TAKEN = "authority_number_taken"
    UNATTENDED_ANSWERED = "unattended_answered"
    OWN_UNATTENDED = "own_unattended"
    NOT_REDIRECTABLE = "not_redirectable"
    SHIFT_OPEN_ALREADY = "shift_open_already"
    SHIFT_CLOSED = "shift_closed"
    COUNTING = "counting"
    SHIFT_UNBALANCED = "shift_unbalanced"
    COUNT_MISSING = "count_missing"
    COUNT_OUTDATED = "count_outdated"
    SUPERVISOR_IS_ACTOR = "supervisor_is_actor"
    SUPERVISOR_NOT_ALLOWED = "supervisor_not_allowed"
    SUPERVISOR_NOT_PRESENT = "supervisor_not_present"
    LEG_NOT_PLANNED = "leg_not_planned"
    VEHICLE_IN_USE = "vehicle_in_use"
    POUCH_BUSY = "pouch_busy"
    POUCH_RETIRED = "pouch_retired"
    POUCH_PROPOSED = "pouch_proposed"
    POUCH_NOT_PROPOSED = "pouch_not_proposed"
    POUCH_SAME_PERSON = "pouch_same_person"
    POUCH_LIST_ANSWERED = "pouch_list_answered"
    POUCH_LIST_CANCELLED = "pouch_list_cancelled"
    SUCCESSOR_NOT_ALLOWED = "successor_not_allowed"
    RELIEF_EMPTY = "relief_empty"
    RELIEF_BAG_OPEN = "relief_bag_open"
    RELIEF_OFFERED = "relief_offered"
    RELIEF_UNFINISHED = "relief_unfinished"
    MUSTER_OPEN_ALREADY = "muster_open_already"
    MUSTER_CLOSED = "muster_closed"
    MUSTER_WITHDRAWN = "muster_withdrawn"
    MUSTER_WITHDRAWN_BY_OPENER = "muster_withdrawn_by_opener"
    MUSTER_NOT_OLD = "muster_not_old"
    MUSTER_OF_OPENER = "muster_of_opener"
    MUSTER_NOT_COUNTED = "muster_not_counted"
    MUSTER_BEING_COUNTED = "muster_being_counted"
    MUSTER_TOO_DIFFERENT = "muster_too_different"
    PARTNER_NOT_ALLOWED = "partner_not_allowed"
    PARTNER_NOT_PRESENT = "partner_not_present"
    ACCESS_KEY_RETIRED = "access_key_retired"
    ACCESS_KEY_NOT_HELD = "access_key_not_held"
    SECOND_NOT_ALLOWED = "second_not_allowed"
    SECOND_NOT_PRESENT = "second_not_present"
    SECTION_CLOSED_ALREADY = "section_closed_already"
    SECTION_COUNTING = "section_counting"
    SECTION_OFFERED = "section_offered"
    SECTION_SHIFT_OPEN = "section_shift_open"
    SECTION_NOT_SECURED = "section_not_secured"
    SECTION_SAFE_EMPTY = "section_safe_empty"
    SECTION_OPEN = "section_open"


class DomainError(Exception):
    """The root: a request that was understood and not carried out."""

    code: str = "domain_error"


class NotFound(DomainError):  # noqa: N818  # named after what it says, as design.md section 7 lists it
    """It does not exist, or it exists and is not for you: the two answer alike on purpose."""

    code = "not_found"


class NotPermitted(DomainError):  # noqa: N818  # the same
    """The role of this person never does this, whatever the object."""

    code = "not_permitted"


class LogHalted(DomainError):  # noqa: N818  # the same
    """The log's head does not fit its last entry: the server reads on and writes nothing."""

    code = "log_halted"


class LogBehind(LogHalted):
    """The database holds fewer entries than the log has signed for: it is an old copy. `kt1 log recover`."""

    code = "log_behind"


class CheckpointsLost(DomainError):  # noqa: N818  # named after what it says
    """The checkpoint store is empty and a witness remembers this log: `kt1 log restore-checkpoint`."""

    code = "checkpoints_lost"


class LogDisagrees(LogHalted):
    """The database, the published tree or the checkpoint store tells another history than was signed."""

    code = "log_disagrees"


class NotInTheLog(LogHalted):
    """What an entry changed is not in the log itself, so an old database cannot be refilled from it."""

    code = "not_in_the_log"


class ClockWentBack(DomainError):  # noqa: N818  # the same
    """The clock stands far before the last entry's time: what was written now would carry a false time."""

    code = "clock_went_back"

    def __init__(self, last_at: datetime) -> None:
        super().__init__(f"the last entry is of {last_at.isoformat()}")
        self.last_at = last_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one field: where it is, and what the text needs to name it."""

    field: str
    code: ProblemCode
    row: int | None = None
    column: str | None = None
    params: Mapping[str, str | int] = dataclass_field(default_factory=dict)


class InvalidInput(DomainError):  # noqa: N818  # the same
    """What came from outside cannot be used; every problem found is reported at once."""

    code = "invalid_input"

    def __init__(
        self,
        field: str,
        code: ProblemCode,
        *,
        row: int | None = None,
        column: str | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> None:
        problem = Problem(field=field, code=code, row=row, column=column, params=params or {})
        super().__init__(f"{field}: {code}")
        self.problems: tuple[Problem, ...] = (problem,)

    @classmethod
    def all_of(cls, problems: Iterable[Problem]) -> Self:
        """Report several problems in one error; raises ValueError when there is none to report."""
        collected = tuple(problems)
        if not collected:
            raise ValueError("no problem, no error")
        first = collected[0]
        error = cls(first.field, first.code, row=first.row, column=first.column, params=first.params)
        error.problems = collected
        return error


class Conflict(DomainError):  # noqa: N818  # the same
    """Well formed, permitted, and against what already happened; `code` says how."""

    def __init__(self, code: ConflictCode) -> None:
        super().__init__(str(code))
        self.code = code
