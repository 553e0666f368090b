"""What follows when something stays owed, and who may answer for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.clock import Clock, ClockKind, ClockState
from app.domain.consignment import State
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.ids import ConsignmentId
from app.domain.service_standard import FollowUp
from app.domain.tracing import (
    Step,
    Tracer,
    TracerAnswer,
    TracerState,
    asked_unit,
    check_answerable,
    is_due,
    parse_answer,
    state_of,
)
from tests.unit.domain.builders import (
    COURIER,
    NOW,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDING_UNIT,
    in_custody,
    in_state,
)

DAYS = FollowUp(reminder_days=0, tracer_days=3, investigation_days=6, answer_hours=24)
OPEN = Clock(state=ClockState.OVERDUE, started_at=NOW, due_at=NOW)
LETTER = Tracer(
    id=1,
    consignment_id=ConsignmentId(1),
    clock=ClockKind.ACKNOWLEDGEMENT,
    step=Step.TRACER,
    issuer=SENDING_UNIT,
    year=2026,
    number=1,
    to_unit=RECIPIENT_UNIT,
    raised_at=NOW,
    raised_by=None,
    answer_due_at=NOW + timedelta(hours=24),
)


@pytest.mark.parametrize(("step", "days"), [(Step.REMINDER, 0), (Step.TRACER, 3), (Step.INVESTIGATION, 6)])
def test_a_step_follows_after_its_days_and_not_a_second_before(step: Step, days: int) -> None:
    turn = NOW + timedelta(days=days)
    assert not is_due(OPEN, DAYS, step, now=turn)
    assert is_due(OPEN, DAYS, step, now=turn + timedelta(seconds=1))


@pytest.mark.parametrize("state", [ClockState.WAITING, ClockState.MET, ClockState.MISSED, ClockState.EARLY])
def test_nothing_follows_when_nothing_is_owed(state: ClockState) -> None:
    assert not is_due(replace(OPEN, state=state), DAYS, Step.TRACER, now=NOW + timedelta(days=99))
    assert not is_due(Clock(state=state), DAYS, Step.TRACER, now=NOW + timedelta(days=99))


def test_the_office_that_must_know_is_asked() -> None:
    assert asked_unit(in_custody(COURIER), ClockKind.DELIVERY, holder=POST_OFFICE) == POST_OFFICE
    delivered = in_state(State.DELIVERED)
    assert asked_unit(delivered, ClockKind.ACKNOWLEDGEMENT, holder=POST_OFFICE) == RECIPIENT_UNIT


def test_only_the_office_that_was_asked_answers_and_once() -> None:
    check_answerable(LETTER, actor=RECEIVER)
    for other in (SENDER, COURIER):
        with pytest.raises(NotFound):
            check_answerable(LETTER, actor=other)
    with pytest.raises(Conflict, match="tracer_answered"):
        check_answerable(replace(LETTER, answer=TracerAnswer.SLIP_SENT), actor=RECEIVER)
    with pytest.raises(NotFound):
        check_answerable(replace(LETTER, step=Step.INVESTIGATION, answer_due_at=None), actor=RECEIVER)


def test_the_answer_has_its_own_clock() -> None:
    due = NOW + timedelta(hours=24)
    assert state_of(LETTER, is_open=True, now=due) is TracerState.WAITING
    assert state_of(LETTER, is_open=True, now=due + timedelta(seconds=1)) is TracerState.LATE
    answered = replace(LETTER, answer=TracerAnswer.HELD_HERE)
    assert state_of(answered, is_open=True, now=due + timedelta(days=9)) is TracerState.ANSWERED
    assert state_of(LETTER, is_open=False, now=due + timedelta(days=9)) is TracerState.SETTLED


def test_an_answer_is_one_of_a_few_words() -> None:
    assert parse_answer("not_received") is TracerAnswer.NOT_RECEIVED
    with pytest.raises(InvalidInput):
        parse_answer("the courier Lê Đức Chiến has it")
