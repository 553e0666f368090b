"""Control 13: what lies out of anybody's hands for x minutes is shown, asked about, and raised."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import Actor
from app.domain.consignment import Custodian
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.incident import IncidentKind
from app.domain.unattended import (
    Answered,
    Terms,
    Traces,
    Unattended,
    UnattendedAnswer,
    UnattendedReason,
    UnattendedStep,
    asks_at,
    check_answerable,
    find_reasons,
    incident_kind,
    next_step,
    parse_answer,
    raises_at,
    unattended,
)
from app.domain.unattended_terms import SAMPLE_TERMS, parse_terms
from tests.unit.domain.builders import (
    AUDITOR,
    CLERK,
    COURIER,
    NOW,
    OTHER_COURIER,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
)

MINUTE = timedelta(minutes=1)
TERMS = Terms(show=10 * MINUTE, ask=30 * MINUTE, escalate=90 * MINUTE)
IN_HAND = Traces(
    code="ZK473124829VN",
    is_bag=False,
    custodian=Custodian(user=COURIER.user, unit=POST_OFFICE),
    asked=POST_OFFICE,
    held_at=NOW,
)
OFFERED = replace(IN_HAND, offered_at=NOW)
FOUND = Unattended(
    code=OFFERED.code,
    is_bag=False,
    custodian=OFFERED.custodian,
    asked=POST_OFFICE,
    reason=UnattendedReason.OFFER_UNANSWERED,
    since=NOW,
)
LATER = NOW + 5 * MINUTE


def test_what_somebody_has_in_hand_is_attended() -> None:
    assert find_reasons(IN_HAND) == {}


@pytest.mark.parametrize(
    ("traces", "reason", "since"),
    [
        (OFFERED, UnattendedReason.OFFER_UNANSWERED, NOW),
        (replace(IN_HAND, account_closed_at=LATER), UnattendedReason.CUSTODIAN_CLOSED, LATER),
        (replace(IN_HAND, unit_closed_at=LATER), UnattendedReason.UNIT_CLOSED, LATER),
        (replace(IN_HAND, shift_closed_at=LATER), UnattendedReason.SHIFT_ENDED, LATER),
        # Taken after the shift was over: nobody looks after it from then on, not from last month.
        (replace(IN_HAND, shift_closed_at=NOW - 600 * MINUTE), UnattendedReason.SHIFT_ENDED, NOW),
        (replace(IN_HAND, kept_at=LATER), UnattendedReason.HELD_AT_OFFICE, LATER),
        (replace(IN_HAND, sealed_at=NOW), UnattendedReason.BAG_OVERDUE, NOW),
        (replace(IN_HAND, sealed_at=NOW, scanned_at=LATER), UnattendedReason.BAG_OVERDUE, LATER),
        # A leg says when the bag is there, however late or often it was scanned on the way.
        (
            replace(IN_HAND, sealed_at=NOW, scanned_at=LATER + MINUTE, due_at=LATER),
            UnattendedReason.BAG_OVERDUE,
            LATER,
        ),
    ],
)
def test_each_reason_has_its_own_beginning(traces: Traces, reason: UnattendedReason, since: object) -> None:
    assert find_reasons(traces) == {reason: since}


def test_a_handover_after_the_attempt_is_the_one_into_the_store() -> None:
    assert find_reasons(replace(IN_HAND, held_at=LATER, kept_at=NOW)) == {}
    on_offer = replace(IN_HAND, kept_at=NOW, offered_at=LATER)
    assert find_reasons(on_offer) == {UnattendedReason.OFFER_UNANSWERED: LATER}


def test_control_13_an_item_out_of_custody_action_for_x_minutes_is_shown_then_asked_then_raised() -> None:
    def at(minutes: int) -> tuple[bool, UnattendedStep | None]:
        now = NOW + minutes * MINUTE
        shown = unattended(OFFERED, UnattendedReason.OFFER_UNANSWERED, TERMS, now=now)
        return shown is not None, next_step(FOUND, TERMS, done=frozenset(), answered=None, now=now)

    assert at(9) == (False, None)
    assert at(10) == (True, None)
    assert at(29) == (True, None)
    assert at(30) == (True, UnattendedStep.ASKED)
    # A machine that slept for a day asks first all the same.
    assert at(2000) == (True, UnattendedStep.ASKED)
    asked = frozenset({UnattendedStep.ASKED})
    assert next_step(FOUND, TERMS, done=asked, answered=None, now=NOW + 89 * MINUTE) is None
    assert next_step(FOUND, TERMS, done=asked, answered=None, now=NOW + 90 * MINUTE) is UnattendedStep.RAISED
    both = asked | {UnattendedStep.RAISED}
    assert next_step(FOUND, TERMS, done=both, answered=None, now=NOW + 9000 * MINUTE) is None


def test_a_bag_on_a_leg_is_late_a_grace_after_its_planned_arrival_and_asked_about_at_the_same_distances() -> (
    None
):
    terms = Terms(show=60 * MINUTE, ask=90 * MINUTE, escalate=200 * MINUTE, grace=10 * MINUTE)
    riding = replace(IN_HAND, is_bag=True, sealed_at=NOW - 500 * MINUTE, scanned_at=NOW, due_at=NOW)

    def at(minutes: int, traces: Traces = riding) -> Unattended | None:
        return unattended(traces, UnattendedReason.BAG_OVERDUE, terms, now=NOW + minutes * MINUTE)

    assert at(9) is None
    found = at(10)
    assert found is not None
    assert (found.since, found.is_planned) == (NOW, True)
    assert asks_at(found, terms) == NOW + 40 * MINUTE
    assert raises_at(found, terms, None) == NOW + 150 * MINUTE
    said_at = NOW + 60 * MINUTE
    bought = raises_at(found, terms, Answered(answer=UnattendedAnswer.SECURED, at=said_at))
    assert bought == said_at + 110 * MINUTE
    loose = replace(riding, due_at=None)
    assert at(59, loose) is None
    left = at(60, loose)
    assert left is not None
    assert (left.is_planned, asks_at(left, terms)) == (False, NOW + 90 * MINUTE)


def test_a_table_from_before_there_was_a_grace_goes_on_by_the_samples() -> None:
    old = {name: value for name, value in SAMPLE_TERMS["bag_overdue"].items() if "grace" not in name}
    assert parse_terms({**SAMPLE_TERMS, "bag_overdue": old}) == parse_terms(SAMPLE_TERMS)
    own = parse_terms({**SAMPLE_TERMS, "bag_overdue": {**old, "leg_grace_minutes": 0}})
    assert own[UnattendedReason.BAG_OVERDUE].grace == timedelta()
    for name, row in (
        ("bag_overdue", {**old, "leg_grace_minutes": -1}),
        ("bag_overdue", {**old, "leg_grace_minutes": "60"}),
        ("shift_ended", {**SAMPLE_TERMS["shift_ended"], "leg_grace_minutes": 60}),
    ):
        with pytest.raises(ValueError, match="unattended"):
            parse_terms({**SAMPLE_TERMS, name: row})


def test_an_answer_buys_the_time_once_more_and_not_found_none_at_all() -> None:
    said_at = NOW + 40 * MINUTE
    secured = Answered(answer=UnattendedAnswer.SECURED, at=said_at)
    assert raises_at(FOUND, TERMS, secured) == said_at + 60 * MINUTE
    missing = Answered(answer=UnattendedAnswer.NOT_FOUND, at=said_at)
    assert raises_at(FOUND, TERMS, missing) == said_at
    assert incident_kind(missing) is IncidentKind.LOSS
    assert incident_kind(secured) is incident_kind(None) is IncidentKind.LATE


ASKED = frozenset({UnattendedStep.ASKED})


@pytest.mark.parametrize("actor", [CLERK, AUDITOR])
def test_the_supervisor_of_the_place_or_an_auditor_answers(actor: Actor) -> None:
    check_answerable(POST_OFFICE, COURIER.user, ASKED, actor=actor)


def test_at_an_agency_a_colleague_answers() -> None:
    check_answerable(RECIPIENT_UNIT, COURIER.user, ASKED, actor=RECEIVER)


@pytest.mark.parametrize("actor", [COURIER, OTHER_COURIER, OUTSIDER, RECEIVER])
def test_nobody_else_answers(actor: Actor) -> None:
    with pytest.raises(NotFound):
        check_answerable(POST_OFFICE, COURIER.user, ASKED, actor=actor)


def test_nobody_answers_unasked_twice_or_for_themselves() -> None:
    with pytest.raises(NotFound):
        check_answerable(POST_OFFICE, COURIER.user, frozenset(), actor=CLERK)
    with pytest.raises(Conflict, match="unattended_answered"):
        check_answerable(POST_OFFICE, COURIER.user, ASKED | {UnattendedStep.ANSWERED}, actor=CLERK)
    with pytest.raises(Conflict, match="own_unattended"):
        check_answerable(POST_OFFICE, CLERK.user, ASKED, actor=CLERK)
    with pytest.raises(InvalidInput):
        parse_answer("because")


def test_the_sample_names_a_clock_for_every_reason() -> None:
    terms = parse_terms(SAMPLE_TERMS)
    assert set(terms) == set(UnattendedReason)
    assert all(one.show <= one.ask < one.escalate for one in terms.values())


@pytest.mark.parametrize(
    "row",
    [
        {"show_minutes": 10, "ask_minutes": 5, "incident_minutes": 90},
        {"show_minutes": 1, "ask_minutes": 90, "incident_minutes": 90},
        {"show_minutes": -1, "ask_minutes": 5, "incident_minutes": 90},
        {"show_minutes": True, "ask_minutes": 5, "incident_minutes": 90},
        {"show_minutes": 1, "ask_minutes": 5},
        "soon",
    ],
)
def test_a_clock_that_makes_no_sense_is_refused(row: object) -> None:
    with pytest.raises(ValueError, match="unattended"):
        parse_terms({**SAMPLE_TERMS, "shift_ended": row})


@pytest.mark.parametrize("table", [None, {}, {"offer_unanswered": SAMPLE_TERMS["offer_unanswered"]}])
def test_a_table_that_leaves_a_reason_out_is_refused(table: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse_terms(table)
