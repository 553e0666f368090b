"""What is held back: the stronger hold counts, a second person lifts it, and custody refuses by it."""

from dataclasses import replace

import pytest

from app.domain.access import Actor, Role
from app.domain.consignment import State
from app.domain.custody import Refusal, preview
from app.domain.decision import LineFacts
from app.domain.errors import Conflict
from app.domain.held_back import Hold
from app.domain.hold import HoldReason, PlacedHold, check_liftable, effective
from app.domain.ids import UnitId, UserId
from audit.evidence import Handover, Verdict
from tests.unit.domain.builders import (
    COURIER,
    NOW,
    POST_OFFICE,
    RECIPIENT_UNIT,
    SENDER,
    SENDING_UNIT,
    in_custody,
    in_state,
    offered_for_delivery,
    offered_to_post,
    person,
)
from tests.unit.domain.scans import (
    accepted,
    attempt_scan,
    offer_scan,
    recall_scan,
    refusal,
    take_scan,
    to_unit,
)

PLACED = PlacedHold(
    id=1,
    hold=Hold.STOPPED,
    code="ZK000000005VN",
    consignment=None,
    incident=None,
    reason=HoldReason.LOST,
    unit=UnitId(1),
    placed_by=UserId(1),
    placed_at=NOW,
    lifted_by=None,
    lifted_at=None,
)
STOPPED = replace(in_custody(), hold=Hold.STOPPED)
QUARANTINED = replace(in_custody(), hold=Hold.QUARANTINED)
SCANS = [offer_scan(COURIER), take_scan(COURIER), recall_scan(COURIER), attempt_scan(COURIER)]


def auditor(user: int) -> Actor:
    return person(user, UnitId(9), Role.AUDITOR)


def test_the_stronger_of_two_holds_counts() -> None:
    assert effective([Hold.QUARANTINED, Hold.STOPPED]) is Hold.STOPPED
    assert effective([Hold.QUARANTINED]) is Hold.QUARANTINED
    assert effective([]) is None


def test_whoever_placed_it_never_lifts_it() -> None:
    check_liftable(PLACED, auditor(2))
    with pytest.raises(Conflict, match="own_hold"):
        check_liftable(PLACED, auditor(1))
    with pytest.raises(Conflict, match="hold_lifted"):
        check_liftable(replace(PLACED, lifted_by=UserId(2), lifted_at=NOW), auditor(3))


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.kind)
def test_a_stopped_item_refuses_every_scan(scan: Handover) -> None:
    assert refusal(STOPPED, scan, COURIER, SENDING_UNIT) is Refusal.STOPPED


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.kind)
def test_a_stopped_code_that_is_no_items_refuses_every_scan(scan: Handover) -> None:
    assert refusal(None, scan, COURIER, POST_OFFICE, LineFacts(place=None, stopped=True)) is Refusal.STOPPED


@pytest.mark.parametrize("state", [State.DELIVERED, State.RETURNED, State.CANCELLED])
def test_a_stop_comes_before_everything_else_that_is_wrong(state: State) -> None:
    ended = replace(in_state(state), hold=Hold.STOPPED)
    forged = LineFacts(place=None, forged=True)
    assert refusal(ended, offer_scan(SENDER), SENDER, UnitId(99), forged) is Refusal.STOPPED


def test_quarantine_blocks_giving() -> None:
    assert refusal(QUARANTINED, offer_scan(COURIER), COURIER, SENDING_UNIT, to_unit(POST_OFFICE)) is (
        Refusal.QUARANTINED
    )


def test_quarantine_blocks_taking_and_not_turning_down() -> None:
    item = replace(offered_to_post(), hold=Hold.QUARANTINED)
    assert refusal(item, take_scan(COURIER), COURIER, SENDING_UNIT) is Refusal.QUARANTINED
    no = take_scan(COURIER, Verdict.REFUSE)
    assert accepted(item, no, COURIER, SENDING_UNIT).custodian == item.custodian


def test_quarantine_blocks_neither_recall_nor_the_record_of_an_attempt() -> None:
    offer = replace(offered_to_post(), hold=Hold.QUARANTINED)
    assert accepted(offer, recall_scan(SENDER), SENDER, SENDING_UNIT).offer is None
    tried = replace(offered_for_delivery(), hold=Hold.QUARANTINED)
    assert accepted(tried, attempt_scan(COURIER), COURIER, RECIPIENT_UNIT).attempts == 1


def test_a_held_item_keeps_its_hold_whatever_happens_to_it() -> None:
    offer = replace(offered_to_post(), hold=Hold.QUARANTINED)
    assert accepted(offer, recall_scan(SENDER), SENDER, SENDING_UNIT).hold is Hold.QUARANTINED


@pytest.mark.parametrize("item", [STOPPED, QUARANTINED], ids=["stopped", "quarantined"])
def test_the_station_offers_nothing_that_would_move_it(item: object) -> None:
    shown = preview(item, COURIER)  # type: ignore[arg-type]  # one of the two items above
    assert not [action for action in shown.actions if action.startswith("offer")]
