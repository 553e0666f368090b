"""The form: what it must hold, and until when it may be amended or cancelled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.access import Actor
from app.domain.consignment import Attestations, Consignment, Registration, State
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.grades import Grade, Secrecy
from app.domain.registration import cancel, check_amendable, check_registration, registration_problems
from tests.unit.domain.builders import (
    COURIER,
    LATER,
    NOW,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    in_custody,
    in_state,
    offered_to_post,
    registered,
)

FORM = Registration(
    recipient_unit=RECIPIENT_UNIT,
    receiver_name="Nguyễn Thị Hoà",
    named_only=True,
    grade=Grade(secrecy=Secrecy.B, express=True, appointed_at=NOW + timedelta(hours=4)),
    document_numbers="12/BC-UBND",
    document_date=date(2026, 11, 22),
    document_type="Báo cáo",
    abstract="Về việc kiểm tra",
    pieces=1,
    weight_g=250,
    attestations=Attestations(inner_envelope=False, outer_envelope=True, sealed=True),
    seal="NP-004711",
)


def problems(form: Registration, now: datetime = NOW) -> list[tuple[str, str]]:
    found = registration_problems(form, sender_unit=SENDING_UNIT, now=now)
    return [(problem.field, problem.code) for problem in found]


def test_a_complete_form_may_be_registered() -> None:
    check_registration(FORM, sender_unit=SENDING_UNIT, now=NOW)


def test_tuyet_mat_is_refused_with_an_abstract() -> None:
    secret = replace(
        FORM,
        grade=replace(FORM.grade, secrecy=Secrecy.A),
        attestations=replace(FORM.attestations, inner_envelope=True),
    )
    assert problems(secret) == [("abstract", ProblemCode.ABSTRACT_FORBIDDEN)]
    assert problems(replace(secret, abstract="")) == []


def test_nothing_is_sent_to_oneself() -> None:
    form = replace(FORM, recipient_unit=SENDING_UNIT)
    assert problems(form) == [("recipient_unit", ProblemCode.SAME_UNIT)]


@pytest.mark.parametrize("name", ["", "   "])
def test_only_the_named_person_needs_a_name(name: str) -> None:
    form = replace(FORM, receiver_name=name)
    assert problems(form) == [("receiver_name", ProblemCode.NAMED_RECEIVER_REQUIRED)]
    assert problems(replace(form, named_only=False)) == []


@pytest.mark.parametrize("pieces", [0, -1, 1000])
def test_the_number_of_pieces_is_bounded(pieces: int) -> None:
    assert problems(replace(FORM, pieces=pieces)) == [("pieces", ProblemCode.OUT_OF_RANGE)]


@pytest.mark.parametrize("weight_g", [0, -1, 100_001])
def test_the_weight_is_bounded(weight_g: int) -> None:
    assert problems(replace(FORM, weight_g=weight_g)) == [("weight_g", ProblemCode.OUT_OF_RANGE)]


def test_a_document_is_not_dated_tomorrow() -> None:
    form = replace(FORM, document_date=date(2026, 11, 23))
    assert problems(form) == [("document_date", ProblemCode.IN_FUTURE)]


def test_a_document_of_today_in_vietnam_is_accepted_while_utc_is_still_yesterday() -> None:
    form = replace(FORM, document_date=date(2026, 11, 22))
    assert problems(form, now=datetime(2026, 11, 21, 17, 30, tzinfo=UTC)) == []


def test_every_problem_of_a_form_is_reported_at_once() -> None:
    form = replace(FORM, pieces=0, weight_g=0, receiver_name="", recipient_unit=SENDING_UNIT)
    with pytest.raises(InvalidInput) as caught:
        check_registration(form, sender_unit=SENDING_UNIT, now=NOW)
    assert len(caught.value.problems) == 4


def test_the_sender_may_amend_while_registered_and_not_offered() -> None:
    check_amendable(registered(), actor=SENDER)
    check_amendable(registered(), actor=SENDER_COLLEAGUE)


@pytest.mark.parametrize(
    ("item", "actor"),
    [
        (offered_to_post(), SENDER),
        (in_custody(), SENDER),
        (registered(), RECEIVER),
        (registered(), COURIER),
        *[(in_state(state), SENDER) for state in State if state.is_final],
    ],
)
def test_an_amendment_is_refused_afterwards_and_to_others(item: Consignment, actor: Actor) -> None:
    with pytest.raises(Conflict) as caught:
        check_amendable(item, actor=actor)
    assert caught.value.code == ConflictCode.NOT_AMENDABLE


def test_a_cancellation_closes_the_item() -> None:
    item = registered()
    after = cancel(item, untrusted_reason="Ghi sai nơi nhận", actor=SENDER, now=LATER)
    assert after == replace(item, state=State.CANCELLED, closed_at=LATER)


@pytest.mark.parametrize(
    ("item", "actor"),
    [(offered_to_post(), SENDER), (in_custody(), SENDER), (registered(), RECEIVER)],
)
def test_a_cancellation_is_refused_once_offered_or_moved_and_to_others(
    item: Consignment, actor: Actor
) -> None:
    with pytest.raises(Conflict) as caught:
        cancel(item, untrusted_reason="Ghi sai nơi nhận", actor=actor, now=LATER)
    assert caught.value.code == ConflictCode.NOT_CANCELLABLE


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_cancellation_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        cancel(registered(), untrusted_reason=reason, actor=SENDER, now=LATER)
    assert caught.value.problems[0].code is ProblemCode.REQUIRED
