"""What may be declared wrong: never what moves an item, and never by one person alone."""

from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.correction import (
    CORRECTABLE,
    Correction,
    CorrectionOutcome,
    CorrectionReason,
    check_correctable,
    check_decidable,
)
from app.domain.errors import Conflict
from app.domain.ids import UnitId, UserId
from audit.kinds import REQUIRED_EVIDENCE, EntryKind
from tests.unit.domain.builders import NOW, person

DECLARED = Correction(
    id=1,
    entry=5,
    leaf="ab" * 32,
    kind=EntryKind.LABEL_PRINTED,
    reason=CorrectionReason.DID_NOT_OCCUR,
    corrective=(),
    recorded_by=UserId(1),
    declared_by=UserId(2),
    declared_at=NOW,
    commitment="cd" * 32,
)
CUSTODY = {
    EntryKind.CANCELLED,
    EntryKind.HOLD_PLACED,
    EntryKind.HOLD_LIFTED,
    EntryKind.BAG_STARTED,
    *REQUIRED_EVIDENCE,
} - {EntryKind.SEAL_CHECKED}


@pytest.mark.parametrize("reason", CorrectionReason)
@pytest.mark.parametrize("kind", sorted(CUSTODY))
def test_what_moves_or_holds_an_item_is_never_declared_wrong(
    kind: EntryKind, reason: CorrectionReason
) -> None:
    with pytest.raises(Conflict, match="not_correctable"):
        check_correctable(kind, reason)


def test_a_registration_did_happen_whatever_it_says() -> None:
    check_correctable(EntryKind.REGISTERED, CorrectionReason.INCORRECT_DATA)
    with pytest.raises(Conflict, match="not_correctable"):
        check_correctable(EntryKind.REGISTERED, CorrectionReason.DID_NOT_OCCUR)


def test_what_is_no_entry_any_more_is_not_declared_wrong() -> None:
    with pytest.raises(Conflict, match="not_correctable"):
        check_correctable(None, CorrectionReason.INCORRECT_DATA)


def test_a_correction_is_never_corrected() -> None:
    assert not {EntryKind.CORRECTION_PROPOSED, EntryKind.ERROR_DECLARED} & set(CORRECTABLE)


@pytest.mark.parametrize("user", [1, 2])
def test_neither_who_made_nor_who_declared_the_error_decides(user: int) -> None:
    with pytest.raises(Conflict, match="own_correction"):
        check_decidable(DECLARED, person(user, UnitId(9), Role.AUDITOR))


def test_a_second_person_decides_once() -> None:
    check_decidable(DECLARED, person(3, UnitId(9), Role.AUDITOR))
    decided = replace(DECLARED, outcome=CorrectionOutcome.REFUSED, decided_by=UserId(3), decided_at=NOW)
    with pytest.raises(Conflict, match="correction_decided"):
        check_decidable(decided, person(4, UnitId(9), Role.AUDITOR))
