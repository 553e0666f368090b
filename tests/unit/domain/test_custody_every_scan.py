"""What holds for every scan alike: the label, the final states, the handler and the place."""

from dataclasses import replace

import pytest

from app.domain.access import Actor
from app.domain.consignment import State
from app.domain.custody import LineFacts, Refusal
from app.domain.ids import UnitId
from audit.evidence import Handover
from tests.unit.domain.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    COURIER,
    ELSEWHERE,
    MINISTRY_READER,
    POST_OFFICE,
    SENDER,
    SENDING_UNIT,
    in_state,
    offered_to_post,
    registered,
)
from tests.unit.domain.scans import attempt_scan, offer_scan, recall_scan, refusal, take_scan

EVERY_SCAN: list[Handover] = [
    offer_scan(COURIER),
    take_scan(COURIER),
    recall_scan(COURIER),
    attempt_scan(COURIER),
]
every_scan = pytest.mark.parametrize("scan", EVERY_SCAN, ids=lambda scan: scan.kind)


@every_scan
def test_a_scan_is_refused_when_no_item_has_the_code(scan: Handover) -> None:
    assert refusal(None, scan, COURIER, POST_OFFICE) is Refusal.UNKNOWN_CODE


@every_scan
def test_a_scan_is_refused_when_the_label_is_forged(scan: Handover) -> None:
    forged = LineFacts(place=None, forged=True)
    assert refusal(registered(), scan, COURIER, POST_OFFICE, forged) is Refusal.FORGED_LABEL


def test_a_forged_label_is_named_as_such_even_when_no_item_has_the_code() -> None:
    forged = LineFacts(place=None, forged=True)
    assert refusal(None, take_scan(COURIER), COURIER, POST_OFFICE, forged) is Refusal.FORGED_LABEL


@every_scan
def test_a_scan_is_refused_when_the_item_is_cancelled(scan: Handover) -> None:
    assert refusal(in_state(State.CANCELLED), scan, COURIER, POST_OFFICE) is Refusal.CANCELLED


@every_scan
@pytest.mark.parametrize("state", [State.DELIVERED, State.RETURNED])
def test_a_final_state_is_final(scan: Handover, state: State) -> None:
    assert refusal(in_state(state), scan, COURIER, POST_OFFICE) is Refusal.WRONG_STATE


@every_scan
@pytest.mark.parametrize("actor", [AUDITOR, MINISTRY_READER, ADMINISTRATOR])
def test_only_handlers_scan(scan: Handover, actor: Actor) -> None:
    assert refusal(offered_to_post(), scan, actor, actor.unit) is Refusal.ROLE_NOT_ALLOWED


@every_scan
def test_a_person_who_was_deactivated_does_not_scan(scan: Handover) -> None:
    gone = replace(COURIER, active=False)
    assert refusal(offered_to_post(), scan, gone, SENDING_UNIT) is Refusal.ROLE_NOT_ALLOWED


@every_scan
@pytest.mark.parametrize("actor", [SENDER, CLERK])
def test_focal_points_and_clerks_scan_only_at_their_own_unit(scan: Handover, actor: Actor) -> None:
    assert refusal(offered_to_post(), scan, actor, ELSEWHERE) is Refusal.WRONG_PLACE


@every_scan
@pytest.mark.parametrize("actor", [SENDER, CLERK, COURIER])
def test_a_scan_at_a_place_that_does_not_exist_is_refused(scan: Handover, actor: Actor) -> None:
    nowhere: UnitId | None = None
    assert refusal(offered_to_post(), scan, actor, nowhere) is Refusal.WRONG_PLACE
