"""What is fetched at a post office's counter: who offers there, who takes, and by which paper."""

from dataclasses import replace

import pytest

from app.domain.access import Actor, Role
from app.domain.authority import Backing
from app.domain.consignment import Consignment, Custodian, State
from app.domain.custody import LineFacts, Refusal
from app.domain.ids import UnitId
from app.domain.mandate import Standing
from app.domain.text import name_key
from app.domain.validity import Validity
from audit.evidence import Purpose, Verdict
from tests.unit.domain.builders import (
    CLERK,
    COURIER,
    ELSEWHERE,
    NAMED_RECEIVER,
    NOW,
    OTHER_NONCE,
    OTHER_RECEIVER,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDING_UNIT,
    in_custody,
    offered,
    offered_at_the_counter,
    offered_for_delivery,
    person,
    registered,
    returned_at_the_counter,
)
from tests.unit.domain.scans import SOUND, accepted, attempt_scan, offer_scan, refusal, take_scan, to_unit

both_verdicts = pytest.mark.parametrize("verdict", list(Verdict))
both_ways = pytest.mark.parametrize(
    ("item", "taker", "state"),
    [
        (offered_at_the_counter(), RECEIVER, State.DELIVERED),
        (returned_at_the_counter(), SENDER, State.RETURNED),
    ],
    ids=["delivery", "return"],
)


def shown(letter: Validity | None, standing: Standing = Standing.BY_ROLE) -> LineFacts:
    """Say what the taker of a graded item has to show."""
    return LineFacts(place=None, authority_asked=True, backing=Backing(standing=letter), standing=standing)


LETTER = shown(Validity.VALID)


def test_a_clerk_offers_at_the_own_counter_to_the_recipient_or_back_to_the_sender() -> None:
    delivery = accepted(
        in_custody(CLERK), offer_scan(CLERK, Purpose.DELIVERY), CLERK, POST_OFFICE, to_unit(RECIPIENT_UNIT)
    )
    returned = accepted(
        in_custody(CLERK, attempts=1),
        offer_scan(CLERK, Purpose.RETURN),
        CLERK,
        POST_OFFICE,
        to_unit(SENDING_UNIT),
    )
    for item, unit in ((delivery, RECIPIENT_UNIT), (returned, SENDING_UNIT)):
        assert item.offer is not None
        assert (item.offer.place, item.offer.to_unit, item.offer.at_counter) == (POST_OFFICE, unit, True)
    assert offered_for_delivery().offer != delivery.offer
    assert not offered_for_delivery().offer.at_counter  # type: ignore[union-attr]


def test_a_counter_serves_no_other_agency_and_returns_nothing_that_was_never_tried() -> None:
    scan = offer_scan(CLERK, Purpose.DELIVERY)
    found = refusal(in_custody(CLERK), scan, CLERK, POST_OFFICE, to_unit(ELSEWHERE))
    assert found is Refusal.WRONG_RECIPIENT
    scan = offer_scan(CLERK, Purpose.RETURN)
    found = refusal(in_custody(CLERK), scan, CLERK, POST_OFFICE, to_unit(SENDING_UNIT))
    assert found is Refusal.NO_ATTEMPT_YET


def test_a_courier_goes_to_the_door_and_keeps_no_counter() -> None:
    scan = offer_scan(COURIER, Purpose.DELIVERY)
    found = refusal(in_custody(), scan, COURIER, POST_OFFICE, to_unit(RECIPIENT_UNIT))
    assert found is Refusal.WRONG_PLACE


def test_what_the_log_refused_before_there_were_counters_is_refused_when_it_is_put_back() -> None:
    before = replace(to_unit(RECIPIENT_UNIT), has_counter=False)
    scan = offer_scan(CLERK, Purpose.DELIVERY)
    assert refusal(in_custody(CLERK), scan, CLERK, POST_OFFICE, before) is Refusal.WRONG_PLACE


@both_ways
def test_whoever_shows_a_valid_letter_takes_at_the_counter(
    item: Consignment, taker: Actor, state: State
) -> None:
    after = accepted(item, take_scan(taker), taker, POST_OFFICE, LETTER)
    assert after.custodian == Custodian(user=taker.user, unit=taker.unit)
    assert (after.state, after.closed_at, after.offer) == (state, NOW, None)


def test_a_delivery_at_the_counter_stops_the_service_clock() -> None:
    after = accepted(offered_at_the_counter(), take_scan(RECEIVER), RECEIVER, POST_OFFICE, LETTER)
    assert after.first_attempt_at == NOW


@both_ways
@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (None, Refusal.AUTHORITY_MISSING),
        (Validity.EXPIRED, Refusal.AUTHORITY_EXPIRED),
        (Validity.FUTURE, Refusal.AUTHORITY_NOT_YET),
        (Validity.REVOKED, Refusal.AUTHORITY_REVOKED),
    ],
)
def test_without_a_valid_letter_nothing_graded_is_given_out(
    item: Consignment, taker: Actor, state: State, letter: Validity | None, expected: Refusal
) -> None:
    del state
    assert refusal(item, take_scan(taker), taker, POST_OFFICE, shown(letter)) is expected
    # To turn the line down takes no paper: the item stays where it is.
    assert accepted(item, take_scan(taker, Verdict.REFUSE), taker, POST_OFFICE, shown(letter)).offer is None


def test_a_mandate_says_as_much_as_a_letter() -> None:
    mandated = shown(None, Standing.VALID)
    item = offered_at_the_counter()
    assert accepted(item, take_scan(RECEIVER), RECEIVER, POST_OFFICE, mandated).is_delivered


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.UNLISTED, Refusal.NOT_A_RECEIVER),
        (Standing.EXPIRED, Refusal.DELEGATION_EXPIRED),
        (Standing.FUTURE, Refusal.DELEGATION_NOT_YET),
    ],
)
def test_a_letter_puts_nobody_on_the_agencys_list(standing: Standing, expected: Refusal) -> None:
    facts = shown(Validity.VALID, standing)
    assert refusal(offered_at_the_counter(), take_scan(RECEIVER), RECEIVER, POST_OFFICE, facts) is expected


def test_what_bears_no_mark_needs_at_the_counter_what_it_needs_at_the_door() -> None:
    nothing = LineFacts(place=None, backing=Backing())
    after = accepted(offered_at_the_counter(), take_scan(RECEIVER), RECEIVER, POST_OFFICE, nothing)
    assert after.is_delivered


def test_at_the_own_door_nobody_shows_a_letter() -> None:
    after = accepted(offered_for_delivery(), take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT, shown(None))
    assert after.is_delivered


def test_a_named_item_is_for_the_named_person_at_the_counter_too() -> None:
    item = offered_at_the_counter(in_custody(CLERK, named_only=True))
    facts = replace(LETTER, receiver_key=name_key(NAMED_RECEIVER))
    found = refusal(item, take_scan(OTHER_RECEIVER), OTHER_RECEIVER, POST_OFFICE, facts)
    assert found is Refusal.NAMED_PERSON_ONLY
    assert accepted(item, take_scan(RECEIVER), RECEIVER, POST_OFFICE, facts).is_delivered


def test_the_checklist_and_the_seal_are_asked_at_the_counter_too() -> None:
    item = offered_at_the_counter(in_custody(CLERK, seal="NP-1"))
    unticked = take_scan(RECEIVER, seal="NP-1", check=None)
    assert refusal(item, unticked, RECEIVER, POST_OFFICE, LETTER) is Refusal.CHECK_MISSING
    miscounted = take_scan(RECEIVER, seal="NP-1", check=replace(SOUND, pieces=2))
    assert refusal(item, miscounted, RECEIVER, POST_OFFICE, LETTER) is Refusal.CHECK_DIFFERS
    assert refusal(item, take_scan(RECEIVER), RECEIVER, POST_OFFICE, LETTER) is Refusal.SEAL_MISSING


@both_verdicts
@pytest.mark.parametrize(
    ("item", "actor", "place"),
    [
        (offered_at_the_counter(), OUTSIDER, POST_OFFICE),
        (offered_at_the_counter(), SENDER, POST_OFFICE),
        (offered_at_the_counter(), RECEIVER, ELSEWHERE),
        (offered_for_delivery(), RECEIVER, POST_OFFICE),
        (in_custody(CLERK), RECEIVER, POST_OFFICE),
        (
            offered(registered(), Purpose.TRANSFER, to_unit=RECIPIENT_UNIT, place=POST_OFFICE),
            RECEIVER,
            POST_OFFICE,
        ),
    ],
    ids=["not called", "the sender", "another counter", "called to the door", "no offer", "a transfer"],
)
def test_nobody_else_scans_outside_the_own_unit(
    item: Consignment, actor: Actor, place: UnitId, verdict: Verdict
) -> None:
    assert refusal(item, take_scan(actor, verdict), actor, place, LETTER) is Refusal.WRONG_PLACE


def test_an_agencys_person_may_only_take_at_a_counter() -> None:
    item = offered_at_the_counter()
    assert refusal(item, offer_scan(RECEIVER), RECEIVER, POST_OFFICE) is Refusal.WRONG_PLACE
    assert refusal(item, attempt_scan(RECEIVER), RECEIVER, POST_OFFICE) is Refusal.WRONG_PLACE


def test_an_offer_that_waits_at_the_counter_is_not_answered_at_the_own_door() -> None:
    item = offered_at_the_counter()
    assert refusal(item, take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT, LETTER) is Refusal.WRONG_PLACE
    scan = take_scan(RECEIVER, nonce=OTHER_NONCE)
    assert refusal(item, scan, RECEIVER, POST_OFFICE, LETTER) is Refusal.OFFER_CHANGED


def test_a_colleague_of_the_agency_without_the_role_comes_with_a_delegation_only() -> None:
    porter = person(29, RECIPIENT_UNIT, Role.COURIER)
    item = offered_at_the_counter()
    assert refusal(item, take_scan(porter), porter, POST_OFFICE, LETTER) is Refusal.NOT_A_RECEIVER
    delegated = shown(None, Standing.VALID)
    assert accepted(item, take_scan(porter), porter, POST_OFFICE, delegated).custodian.user == porter.user


def test_a_failed_delivery_is_never_told_from_the_counter() -> None:
    item = offered_at_the_counter()
    assert refusal(item, attempt_scan(CLERK), CLERK, POST_OFFICE) is Refusal.WRONG_PLACE


def test_what_is_turned_down_at_the_counter_was_tried() -> None:
    scan = take_scan(RECEIVER, Verdict.REFUSE)
    after = accepted(offered_at_the_counter(), scan, RECEIVER, POST_OFFICE, LETTER)
    assert (after.attempts, after.first_attempt_at, after.state) == (1, NOW, State.IN_CUSTODY)
    assert after.custodian.user == CLERK.user
