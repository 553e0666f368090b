"""The giver's half: who may offer what to whom, recall, and the attempt that failed."""

from dataclasses import replace

import pytest

from app.domain.access import Actor
from app.domain.consignment import Consignment, PendingOffer
from app.domain.custody import Refusal
from app.domain.ids import UnitId
from audit.evidence import Purpose
from tests.unit.domain.builders import (
    CLERK,
    COURIER,
    ELSEWHERE,
    NONCE,
    NOW,
    OTHER_COURIER,
    OTHER_NONCE,
    POST_OFFICE,
    RECIPIENT_UNIT,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    in_custody,
    offered_for_delivery,
    offered_for_return,
    offered_to_post,
    registered,
)
from tests.unit.domain.scans import accepted, attempt_scan, offer_scan, recall_scan, refusal, to_unit


def test_an_offer_makes_the_item_offered_and_leaves_custody_with_the_giver() -> None:
    before = registered()
    scan = offer_scan(SENDER, to_user=COURIER.user)
    after = accepted(before, scan, SENDER, SENDING_UNIT, to_unit(POST_OFFICE))
    expected = PendingOffer(
        nonce=NONCE,
        purpose=Purpose.TRANSFER,
        to_unit=POST_OFFICE,
        to_user=COURIER.user,
        place=SENDING_UNIT,
        by=SENDER.user,
        offered_at=NOW,
    )
    assert after == replace(before, offer=expected)


def test_a_courier_offers_wherever_he_stands() -> None:
    scan = offer_scan(COURIER)
    assert accepted(in_custody(), scan, COURIER, ELSEWHERE, to_unit(POST_OFFICE)).offer is not None


@pytest.mark.parametrize("actor", [SENDER_COLLEAGUE, COURIER])
def test_an_offer_is_refused_when_the_item_is_in_other_hands(actor: Actor) -> None:
    scan = offer_scan(actor)
    found = refusal(registered(), scan, actor, SENDING_UNIT, to_unit(POST_OFFICE))
    assert found is Refusal.WRONG_CUSTODIAN


@pytest.mark.parametrize("purpose", list(Purpose))
def test_an_offer_is_refused_while_another_is_pending(purpose: Purpose) -> None:
    scan = offer_scan(COURIER, purpose, nonce=OTHER_NONCE)
    item = offered_to_post(in_custody())
    assert refusal(item, scan, COURIER, RECIPIENT_UNIT, to_unit(RECIPIENT_UNIT)) is Refusal.ALREADY_OFFERED


def test_a_transfer_is_refused_when_the_unit_does_not_exist() -> None:
    assert (
        refusal(registered(), offer_scan(SENDER), SENDER, SENDING_UNIT, to_unit(None)) is Refusal.WRONG_UNIT
    )


@pytest.mark.parametrize(
    ("purpose", "destination"),
    [
        (Purpose.TRANSFER, POST_OFFICE),
        (Purpose.DELIVERY, RECIPIENT_UNIT),
        (Purpose.RETURN, SENDING_UNIT),
    ],
)
def test_an_offer_is_refused_when_the_person_is_not_of_the_unit(
    purpose: Purpose, destination: UnitId
) -> None:
    scan = offer_scan(COURIER, purpose, to_user=OTHER_COURIER.user)
    facts = to_unit(destination, fits=False)
    assert refusal(in_custody(attempts=1), scan, COURIER, destination, facts) is Refusal.WRONG_UNIT


def test_an_offer_to_oneself_is_refused() -> None:
    scan = offer_scan(COURIER, to_user=COURIER.user)
    assert refusal(in_custody(), scan, COURIER, ELSEWHERE, to_unit(POST_OFFICE)) is Refusal.OWN_OFFER


def test_a_delivery_is_offered_at_the_recipients_door() -> None:
    scan = offer_scan(COURIER, Purpose.DELIVERY)
    after = accepted(in_custody(), scan, COURIER, RECIPIENT_UNIT, to_unit(RECIPIENT_UNIT))
    assert after.offer is not None
    assert after.offer.purpose is Purpose.DELIVERY


def test_a_delivery_is_refused_anywhere_but_at_the_recipients_door() -> None:
    scan = offer_scan(COURIER, Purpose.DELIVERY)
    found = refusal(in_custody(), scan, COURIER, POST_OFFICE, to_unit(RECIPIENT_UNIT))
    assert found is Refusal.WRONG_PLACE


@pytest.mark.parametrize("unit", [SENDING_UNIT, ELSEWHERE, None])
def test_a_delivery_is_refused_to_any_unit_but_the_recipient(unit: UnitId | None) -> None:
    scan = offer_scan(COURIER, Purpose.DELIVERY)
    found = refusal(in_custody(), scan, COURIER, RECIPIENT_UNIT, to_unit(unit))
    assert found is Refusal.WRONG_RECIPIENT


@pytest.mark.parametrize("purpose", [Purpose.DELIVERY, Purpose.RETURN])
def test_only_the_post_offers_delivery_and_return(purpose: Purpose) -> None:
    scan = offer_scan(SENDER, purpose)
    assert (
        refusal(registered(), scan, SENDER, SENDING_UNIT, to_unit(SENDING_UNIT)) is Refusal.ROLE_NOT_ALLOWED
    )


@pytest.mark.parametrize("purpose", [Purpose.DELIVERY, Purpose.RETURN])
def test_an_item_that_the_post_never_accepted_is_neither_delivered_nor_returned(purpose: Purpose) -> None:
    never_accepted = replace(registered(), custodian=in_custody().custodian)
    scan = offer_scan(COURIER, purpose)
    found = refusal(never_accepted, scan, COURIER, RECIPIENT_UNIT, to_unit(RECIPIENT_UNIT))
    assert found is Refusal.WRONG_STATE


def test_a_return_is_refused_before_any_attempt() -> None:
    scan = offer_scan(COURIER, Purpose.RETURN)
    found = refusal(in_custody(), scan, COURIER, SENDING_UNIT, to_unit(SENDING_UNIT))
    assert found is Refusal.NO_ATTEMPT_YET


def test_a_return_is_offered_at_the_senders_door_after_an_attempt() -> None:
    scan = offer_scan(COURIER, Purpose.RETURN)
    after = accepted(in_custody(attempts=1), scan, COURIER, SENDING_UNIT, to_unit(SENDING_UNIT))
    assert after.offer is not None


@pytest.mark.parametrize(
    ("unit", "place", "expected"),
    [
        (RECIPIENT_UNIT, SENDING_UNIT, Refusal.WRONG_RECIPIENT),
        (SENDING_UNIT, POST_OFFICE, Refusal.WRONG_PLACE),
    ],
)
def test_a_return_goes_to_the_sender_at_the_senders_door(
    unit: UnitId, place: UnitId, expected: Refusal
) -> None:
    scan = offer_scan(COURIER, Purpose.RETURN)
    assert refusal(in_custody(attempts=1), scan, COURIER, place, to_unit(unit)) is expected


def test_a_recall_withdraws_the_offer_and_changes_nothing_else() -> None:
    item = offered_to_post()
    assert accepted(item, recall_scan(SENDER), SENDER, SENDING_UNIT) == replace(item, offer=None)


def test_a_recall_is_refused_when_nothing_is_offered() -> None:
    assert refusal(registered(), recall_scan(SENDER), SENDER, SENDING_UNIT) is Refusal.NOT_OFFERED


def test_a_recall_is_refused_when_the_offer_has_changed() -> None:
    scan = recall_scan(SENDER, nonce=OTHER_NONCE)
    assert refusal(offered_to_post(), scan, SENDER, SENDING_UNIT) is Refusal.OFFER_CHANGED


@pytest.mark.parametrize("actor", [SENDER_COLLEAGUE, COURIER])
def test_only_the_giver_recalls(actor: Actor) -> None:
    found = refusal(offered_to_post(), recall_scan(actor), actor, SENDING_UNIT)
    assert found is Refusal.WRONG_CUSTODIAN


@pytest.mark.parametrize(
    ("actor", "place"), [(COURIER, POST_OFFICE), (COURIER, SENDING_UNIT), (CLERK, POST_OFFICE)]
)
def test_a_failed_attempt_is_refused_anywhere_but_at_the_recipients_door(actor: Actor, place: UnitId) -> None:
    found = refusal(in_custody(actor), attempt_scan(actor), actor, place)
    assert found is Refusal.WRONG_PLACE


def test_the_first_failed_attempt_stops_the_service_clock() -> None:
    item = in_custody()
    after = accepted(item, attempt_scan(COURIER), COURIER, RECIPIENT_UNIT)
    assert after == replace(item, attempts=1, first_attempt_at=NOW)


def test_a_later_failed_attempt_is_counted_and_leaves_the_clock_stopped() -> None:
    item = in_custody(attempts=2)
    after = accepted(item, attempt_scan(COURIER), COURIER, RECIPIENT_UNIT)
    assert after == replace(item, attempts=3)
    assert after.first_attempt_at == item.first_attempt_at != NOW


def test_a_failed_attempt_ends_the_delivery_offer_that_nobody_took_up() -> None:
    after = accepted(offered_for_delivery(), attempt_scan(COURIER), COURIER, RECIPIENT_UNIT)
    assert (after.offer, after.attempts) == (None, 1)


@pytest.mark.parametrize("item", [offered_to_post(in_custody()), offered_for_return()])
def test_a_failed_attempt_is_refused_while_something_else_is_offered(item: Consignment) -> None:
    assert refusal(item, attempt_scan(COURIER), COURIER, RECIPIENT_UNIT) is Refusal.ALREADY_OFFERED


def test_a_failed_attempt_is_refused_when_the_item_is_in_other_hands() -> None:
    found = refusal(in_custody(), attempt_scan(OTHER_COURIER), OTHER_COURIER, RECIPIENT_UNIT)
    assert found is Refusal.WRONG_CUSTODIAN


def test_only_the_post_attempts_delivery() -> None:
    found = refusal(registered(), attempt_scan(SENDER), SENDER, SENDING_UNIT)
    assert found is Refusal.ROLE_NOT_ALLOWED


def test_an_item_that_the_post_never_accepted_cannot_have_been_attempted() -> None:
    never_accepted = replace(registered(), custodian=in_custody().custodian)
    assert refusal(never_accepted, attempt_scan(COURIER), COURIER, RECIPIENT_UNIT) is Refusal.WRONG_STATE
