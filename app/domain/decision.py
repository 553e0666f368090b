"""Name the answers of custody: accepted with the item afterwards, or refused with one code.

Only the words, shared by the rules of giving (:mod:`app.domain.offering`) and taking
(:mod:`app.domain.taking`). Others import them from :mod:`app.domain.custody`. This module must never hold a
rule.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.authority import UNBACKED, Backing
from app.domain.consignment import Consignment
from app.domain.handover_policy import Demand
from app.domain.ids import UnitId, UserId
from app.domain.mandate import Standing
from app.domain.witness import Witness


class Refusal(StrEnum):
    """Why a line of a scan was refused; each has its text in both languages and its test."""

    UNKNOWN_CODE = "unknown_code"
    FORGED_LABEL = "forged_label"
    TAIL_WRONG = "tail_wrong"
    TAIL_LOCKED = "tail_locked"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    QUARANTINED = "quarantined"
    WRONG_STATE = "wrong_state"
    WRONG_CUSTODIAN = "wrong_custodian"
    WRONG_PLACE = "wrong_place"
    ALREADY_OFFERED = "already_offered"
    NOT_OFFERED = "not_offered"
    OFFER_CHANGED = "offer_changed"
    OWN_OFFER = "own_offer"
    WRONG_TAKER = "wrong_taker"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    NOT_A_RECEIVER = "not_a_receiver"
    NAMED_PERSON_ONLY = "named_person_only"
    WRONG_RECIPIENT = "wrong_recipient"
    SEAL_DIFFERS = "seal_differs"
    SEAL_MISSING = "seal_missing"
    CHECK_MISSING = "check_missing"
    CHECK_DIFFERS = "check_differs"
    POSSESSION_NOT_PROVEN = "possession_not_proven"
    NO_ATTEMPT_YET = "no_attempt_yet"
    WRONG_UNIT = "wrong_unit"
    DELEGATION_EXPIRED = "delegation_expired"
    DELEGATION_NOT_YET = "delegation_not_yet"
    AUTHORITY_MISSING = "authority_missing"
    AUTHORITY_EXPIRED = "authority_expired"
    AUTHORITY_NOT_YET = "authority_not_yet"
    AUTHORITY_REVOKED = "authority_revoked"
    IN_BAG = "in_bag"
    NOT_A_BAG = "not_a_bag"
    BAG_NOT_OPEN = "bag_not_open"
    BAG_NOT_CLOSED = "bag_not_closed"
    BAG_NOT_OPENED = "bag_not_opened"
    BAG_FULL = "bag_full"
    BAG_EMPTY = "bag_empty"
    BAG_IN_BAG = "bag_in_bag"
    NOT_IN_THIS_BAG = "not_in_this_bag"
    CONTENTS_DIFFER = "contents_differ"
    ALREADY_ANSWERED = "already_answered"
    SEAL_USED = "seal_used"
    SEAL_NOT_ISSUED = "seal_not_issued"
    SEAL_OF_ANOTHER_OFFICE = "seal_of_another_office"
    SEAL_SAME = "seal_same"
    WITNESS_MISSING = "witness_missing"
    WITNESS_IS_ACTOR = "witness_is_actor"
    WITNESS_NOT_ALLOWED = "witness_not_allowed"
    WITNESS_OFF_DUTY = "witness_off_duty"
    WITNESS_NOT_PRESENT = "witness_not_present"
    NOT_A_SHIFT = "not_a_shift"
    SHIFT_OF_ANOTHER = "shift_of_another"
    SHIFT_CLOSED = "shift_closed"
    NOT_A_MUSTER = "not_a_muster"
    MUSTER_OF_ANOTHER = "muster_of_another"
    MUSTER_CLOSED = "muster_closed"
    MUSTER_WITHDRAWN = "muster_withdrawn"
    COUNT_PART_MISSING = "count_part_missing"
    NOT_A_LEG = "not_a_leg"
    LEG_OF_ANOTHER = "leg_of_another"
    LEG_NOT_PLANNED = "leg_not_planned"
    LEG_NOT_DEPARTED = "leg_not_departed"
    VEHICLE_DIFFERS = "vehicle_differs"
    VEHICLE_RETIRED = "vehicle_retired"
    VEHICLE_UNDER_WAY = "vehicle_under_way"
    COURIER_UNDER_WAY = "courier_under_way"
    LOAD_DIFFERS = "load_differs"
    LOAD_NOT_IN_HAND = "load_not_in_hand"
    NOT_ABOARD = "not_aboard"
    TAKEN_OVER = "taken_over"
    LOAD_UNACCOUNTED = "load_unaccounted"
    ESCORT_DIFFERS = "escort_differs"
    MANIFEST_DIFFERS = "manifest_differs"
    KEY_IN_MISSING = "key_in_missing"
    READINGS_DIFFER = "readings_differ"
    WITNESS_REQUIRED = "witness_required"
    MARK_ABOVE_AUTHORITY = "mark_above_authority"
    GIVER_NOT_PRESENT = "giver_not_present"
    GIVER_OF_ANOTHER_AGENCY = "giver_of_another_agency"
    GIVER_LETTER_MISSING = "giver_letter_missing"
    GIVER_LETTER_EXPIRED = "giver_letter_expired"
    GIVER_LETTER_NOT_YET = "giver_letter_not_yet"
    GIVER_LETTER_REVOKED = "giver_letter_revoked"
    NOT_REGISTERED_BY_GIVER = "not_registered_by_giver"
    SECTION_CLOSED = "section_closed"


class Action(StrEnum):
    """What a person may do with an item at this moment, for the scan page to offer."""

    OFFER_TRANSFER = "offer_transfer"
    OFFER_DELIVERY = "offer_delivery"
    OFFER_RETURN = "offer_return"
    TAKE = "take"
    RECALL = "recall"
    ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandGiver:
    """Whoever hands in at a counter, as looked up: their agency, and how their letter of introduction stands.

    `fits`: an active focal point of the agency that the statement names. `present`: they proved who they are
    for this very list.
    """

    user: UserId
    unit: UnitId
    fits: bool
    present: bool
    backing: Backing = UNBACKED


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What the service looked up for one line, so that the rules need not.

    `place` and `to_unit` are the units whose codes the evidence names, None where no such active unit
    exists. `to_user_fits` is False when the evidence names a person who is not an active member of
    `to_unit`. `receiver_key` is the name key of the named receiver, None where nobody is named. `stopped`
    tells that a code which is no item's is stopped.
    `forged` tells that what was read carries what no label of ours carries, `forgery` what that is.
    `demands` is what the policy in force asks for a thing of this outer mark; `proven` that the taker scanned
    it or keyed its tail, `witness` who stands by.
    `standing` is what the unit's mandates say of the taker, `named_keys` the name keys of those who let the
    taker receive what is for them by name. `authority_asked` says that the policy in force asks the taker of
    this line for a paper of authority, `backing` how the taker's paper stands.
    `pieces` is how many the sender registered. `is_listed` is False only for an entry from before there was
    a receiving checklist, `has_counter` for one from before things were fetched at counters; both are put
    back from the log. `giver` is who hands in at the counter, None where an offer is answered.
    `section_closed` says that the section at the place of the scan is closed for it.
    """

    place: UnitId | None
    to_unit: UnitId | None = None
    to_user_fits: bool = True
    forged: bool = False
    forgery: Refusal = Refusal.FORGED_LABEL
    stopped: bool = False
    receiver_key: str | None = None
    standing: Standing = Standing.BY_ROLE
    named_keys: frozenset[str] = frozenset()
    authority_asked: bool = False
    backing: Backing = UNBACKED
    pieces: int = 1
    is_listed: bool = True
    demands: frozenset[Demand] = frozenset()
    proven: bool = False
    witness: Witness | None = None
    has_counter: bool = True
    giver: HandGiver | None = None
    section_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The scan stands; `after` is the item from now on."""

    after: Consignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The scan is recorded and changes nothing."""

    code: Refusal


Decision = Accepted | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one person may do with one item now; `refusal` says why there is nothing, and is else None."""

    actions: tuple[Action, ...]
    refusal: Refusal | None


def first_of(*checks: tuple[bool, Refusal]) -> Refusal | None:
    """Return the refusal of the first check that applies: a rule as the list it is."""
    return next((refusal for applies, refusal in checks if applies), None)
