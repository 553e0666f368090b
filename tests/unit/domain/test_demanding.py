"""What the policy asks when a thing changes hands: proof of possession, and a witness who is neither side."""

from dataclasses import replace

import pytest

from app.domain.custody import LineFacts, Refusal
from app.domain.handover_policy import Demand
from app.domain.ids import UserId
from app.domain.witness import Witness
from audit.evidence import Verdict
from tests.unit.domain.builders import COURIER, POST_OFFICE, SENDER, SENDING_UNIT, offered_to_post
from tests.unit.domain.scans import accepted, refusal, take_scan

ASKED = LineFacts(place=None, demands=frozenset({Demand.POSSESSION, Demand.WITNESS}))
SECOND = Witness(user=UserId(777), unit=POST_OFFICE, may_witness=True, on_duty=True, present=True)
COMPLETE = replace(ASKED, proven=True, witness=SECOND)


def test_a_taker_who_scanned_before_a_witness_gets_the_item() -> None:
    after = accepted(offered_to_post(), take_scan(COURIER), COURIER, SENDING_UNIT, COMPLETE)
    assert after.custodian.user == COURIER.user


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(COMPLETE, proven=False), Refusal.POSSESSION_NOT_PROVEN),
        (replace(COMPLETE, witness=None), Refusal.WITNESS_REQUIRED),
        (replace(COMPLETE, witness=replace(SECOND, user=COURIER.user)), Refusal.WITNESS_IS_ACTOR),
        (replace(COMPLETE, witness=replace(SECOND, user=SENDER.user)), Refusal.WITNESS_IS_ACTOR),
        (replace(COMPLETE, witness=replace(SECOND, may_witness=False)), Refusal.WITNESS_NOT_ALLOWED),
        (replace(COMPLETE, witness=replace(SECOND, on_duty=False)), Refusal.WITNESS_OFF_DUTY),
        (replace(COMPLETE, witness=replace(SECOND, present=False)), Refusal.WITNESS_NOT_PRESENT),
        (replace(COMPLETE, forged=True, forgery=Refusal.TAIL_WRONG), Refusal.TAIL_WRONG),
        (replace(COMPLETE, forged=True, forgery=Refusal.TAIL_LOCKED), Refusal.TAIL_LOCKED),
    ],
)
def test_a_take_is_refused_for_what_is_asked_and_not_there(facts: LineFacts, expected: Refusal) -> None:
    assert refusal(offered_to_post(), take_scan(COURIER), COURIER, SENDING_UNIT, facts) is expected


def test_what_is_turned_down_needs_neither_proof_nor_witness() -> None:
    scan = take_scan(COURIER, Verdict.REFUSE)
    assert accepted(offered_to_post(), scan, COURIER, SENDING_UNIT, ASKED).offer is None


def test_what_is_not_asked_is_not_missed() -> None:
    assert (
        accepted(offered_to_post(), take_scan(COURIER), COURIER, SENDING_UNIT).custodian.user == COURIER.user
    )
