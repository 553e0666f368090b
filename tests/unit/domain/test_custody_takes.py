"""The taker's half: who may take what from whom, what it does, and what a refused line leaves behind."""

from dataclasses import replace

import pytest

from app.domain.access import Actor, Role
from app.domain.consignment import Consignment, Custodian, State
from app.domain.custody import LineFacts, Refusal
from app.domain.grades import Grade, Secrecy
from app.domain.ids import UnitId
from app.domain.text import name_key
from audit.evidence import Addressee, Checklist, CoverMark, Purpose, Verdict
from tests.unit.domain.builders import (
    CLERK,
    COURIER,
    ELSEWHERE,
    NAMED_RECEIVER,
    NOW,
    OTHER_COURIER,
    OTHER_NONCE,
    OTHER_RECEIVER,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    STRANGE_COURIER,
    in_custody,
    offered,
    offered_for_delivery,
    offered_for_return,
    offered_to_post,
    person,
    registered,
)
from tests.unit.domain.scans import SOUND, accepted, refusal, take_scan

both_verdicts = pytest.mark.parametrize("verdict", list(Verdict))


def offered_at_the_post_office(item: Consignment) -> Consignment:
    return offered(item, Purpose.TRANSFER, to_unit=POST_OFFICE, place=POST_OFFICE)


def test_the_first_take_by_the_post_is_the_acceptance() -> None:
    item = offered_to_post()
    after = accepted(item, take_scan(COURIER), COURIER, SENDING_UNIT)
    assert after == replace(
        item,
        state=State.IN_CUSTODY,
        custodian=Custodian(user=COURIER.user, unit=POST_OFFICE),
        offer=None,
        accepted_at=NOW,
    )


def test_a_later_take_moves_custody_and_leaves_the_time_of_acceptance() -> None:
    item = offered_at_the_post_office(in_custody())
    after = accepted(item, take_scan(CLERK), CLERK, POST_OFFICE)
    assert after.custodian == Custodian(user=CLERK.user, unit=POST_OFFICE)
    assert after.accepted_at == item.accepted_at != NOW


def test_a_colleague_of_the_sending_unit_may_take_over_and_the_item_stays_registered() -> None:
    item = offered(registered(), Purpose.TRANSFER, to_unit=SENDING_UNIT, place=SENDING_UNIT)
    after = accepted(item, take_scan(SENDER_COLLEAGUE), SENDER_COLLEAGUE, SENDING_UNIT)
    assert after.custodian == Custodian(user=SENDER_COLLEAGUE.user, unit=SENDING_UNIT)
    assert (after.state, after.accepted_at) == (State.REGISTERED, None)


@both_verdicts
def test_a_transfer_is_refused_to_a_focal_point_of_another_unit(verdict: Verdict) -> None:
    item = offered(registered(), Purpose.TRANSFER, to_unit=ELSEWHERE, place=SENDING_UNIT)
    at_the_sender = replace(item, offer=replace(item.offer, place=ELSEWHERE)) if item.offer else item
    assert refusal(at_the_sender, take_scan(OUTSIDER, verdict), OUTSIDER, ELSEWHERE) is Refusal.WRONG_UNIT


@both_verdicts
def test_a_take_is_refused_when_nothing_is_offered(verdict: Verdict) -> None:
    found = refusal(in_custody(), take_scan(OTHER_COURIER, verdict), OTHER_COURIER, ELSEWHERE)
    assert found is Refusal.NOT_OFFERED


@both_verdicts
def test_a_take_is_refused_when_the_offer_has_changed(verdict: Verdict) -> None:
    scan = take_scan(COURIER, verdict, nonce=OTHER_NONCE)
    assert refusal(offered_to_post(), scan, COURIER, SENDING_UNIT) is Refusal.OFFER_CHANGED


@both_verdicts
def test_nobody_takes_from_himself(verdict: Verdict) -> None:
    item = offered_at_the_post_office(in_custody())
    assert refusal(item, take_scan(COURIER, verdict), COURIER, POST_OFFICE) is Refusal.OWN_OFFER


@both_verdicts
def test_a_take_is_refused_at_another_place_than_the_offer(verdict: Verdict) -> None:
    assert (
        refusal(offered_to_post(), take_scan(COURIER, verdict), COURIER, POST_OFFICE) is Refusal.WRONG_PLACE
    )


@both_verdicts
def test_a_take_is_refused_to_a_unit_that_was_not_offered(verdict: Verdict) -> None:
    scan = take_scan(STRANGE_COURIER, verdict)
    assert refusal(offered_to_post(), scan, STRANGE_COURIER, SENDING_UNIT) is Refusal.WRONG_TAKER


@both_verdicts
def test_a_take_is_refused_to_anybody_but_the_person_named_in_the_offer(verdict: Verdict) -> None:
    item = offered_to_post(to_user=COURIER.user)
    scan = take_scan(OTHER_COURIER, verdict)
    assert refusal(item, scan, OTHER_COURIER, SENDING_UNIT) is Refusal.WRONG_TAKER
    assert accepted(item, take_scan(COURIER, verdict), COURIER, SENDING_UNIT).offer is None


def test_a_delivery_closes_the_item_with_the_receiver_answering_for_it() -> None:
    item = offered_for_delivery()
    after = accepted(item, take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT)
    assert after == replace(
        item,
        state=State.DELIVERED,
        custodian=Custodian(user=RECEIVER.user, unit=RECIPIENT_UNIT),
        offer=None,
        first_attempt_at=NOW,
        closed_at=NOW,
    )


def test_a_delivery_after_a_failed_attempt_leaves_the_service_clock_at_the_first() -> None:
    item = offered_for_delivery(in_custody(attempts=1))
    after = accepted(item, take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT)
    assert (after.first_attempt_at, after.closed_at) == (item.first_attempt_at, NOW)


@both_verdicts
@pytest.mark.parametrize("role", [Role.COURIER, Role.CLERK])
def test_only_a_focal_point_receives_for_an_agency(role: Role, verdict: Verdict) -> None:
    porter = person(29, RECIPIENT_UNIT, role)
    scan = take_scan(porter, verdict)
    assert refusal(offered_for_delivery(), scan, porter, RECIPIENT_UNIT) is Refusal.NOT_A_RECEIVER


def test_a_named_item_is_taken_by_the_named_person() -> None:
    item = offered_for_delivery(in_custody(named_only=True))
    named = LineFacts(place=None, receiver_key=name_key(NAMED_RECEIVER))
    assert accepted(item, take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT, named).state is State.DELIVERED


@pytest.mark.parametrize("receiver_key", [name_key(NAMED_RECEIVER), None])
def test_a_named_item_is_refused_to_a_colleague_of_the_named_person(receiver_key: str | None) -> None:
    item = offered_for_delivery(in_custody(named_only=True))
    facts = LineFacts(place=None, receiver_key=receiver_key)
    found = refusal(item, take_scan(OTHER_RECEIVER), OTHER_RECEIVER, RECIPIENT_UNIT, facts)
    assert found is Refusal.NAMED_PERSON_ONLY


def test_a_colleague_of_the_named_person_may_send_the_item_back_with_the_courier() -> None:
    item = offered_for_delivery(in_custody(named_only=True))
    facts = LineFacts(place=None, receiver_key=name_key(NAMED_RECEIVER))
    scan = take_scan(OTHER_RECEIVER, Verdict.REFUSE)
    assert accepted(item, scan, OTHER_RECEIVER, RECIPIENT_UNIT, facts).attempts == 1


def test_a_named_item_travels_through_any_handlers_hands() -> None:
    item = offered_to_post(registered(named_only=True))
    assert accepted(item, take_scan(COURIER), COURIER, SENDING_UNIT).custodian.user == COURIER.user


def test_a_return_closes_the_item_with_its_sender() -> None:
    item = offered_for_return()
    after = accepted(item, take_scan(SENDER_COLLEAGUE), SENDER_COLLEAGUE, SENDING_UNIT)
    assert after == replace(
        item,
        state=State.RETURNED,
        custodian=Custodian(user=SENDER_COLLEAGUE.user, unit=SENDING_UNIT),
        offer=None,
        closed_at=NOW,
    )


def test_a_return_is_taken_back_by_a_focal_point_only() -> None:
    porter = person(19, SENDING_UNIT, Role.CLERK)
    found = refusal(offered_for_return(), take_scan(porter), porter, SENDING_UNIT)
    assert found is Refusal.NOT_A_RECEIVER


@pytest.mark.parametrize(
    ("item", "taker", "attempts"),
    [
        (offered_to_post(), COURIER, 0),
        (offered_for_delivery(), RECEIVER, 1),
        (offered_for_return(), SENDER, 1),
    ],
)
def test_a_refused_line_stays_with_the_giver(item: Consignment, taker: Actor, attempts: int) -> None:
    assert item.offer is not None
    after = accepted(item, take_scan(taker, Verdict.REFUSE), taker, item.offer.place)
    assert (after.custodian, after.state, after.offer) == (item.custodian, item.state, None)
    assert after.attempts == attempts


def test_a_refused_line_at_the_recipients_door_stops_the_service_clock() -> None:
    scan = take_scan(RECEIVER, Verdict.REFUSE)
    after = accepted(offered_for_delivery(), scan, RECEIVER, RECIPIENT_UNIT)
    assert (after.attempts, after.first_attempt_at, after.closed_at) == (1, NOW, None)


def test_handover_is_refused_when_the_seal_differs() -> None:
    item = offered_to_post(registered(seal="NP-004711"))
    scan = take_scan(COURIER, seal="NP-004712")
    assert refusal(item, scan, COURIER, SENDING_UNIT) is Refusal.SEAL_DIFFERS


@pytest.mark.parametrize("seal", ["NP-004711", "np-004711", " NP-00 4711 "])
def test_handover_is_accepted_when_the_seal_was_read_back(seal: str) -> None:
    item = offered_to_post(registered(seal="NP-004711"))
    assert accepted(item, take_scan(COURIER, seal=seal), COURIER, SENDING_UNIT).offer is None


@pytest.mark.parametrize("seal", ["", "   "])
def test_handover_of_a_sealed_item_is_refused_when_the_seal_is_missing(seal: str) -> None:
    item = offered_to_post(registered(seal="NP-004711"))
    assert refusal(item, take_scan(COURIER, seal=seal), COURIER, SENDING_UNIT) is Refusal.SEAL_MISSING
    delivery = offered_for_delivery(in_custody(seal="NP-004711"))
    assert refusal(delivery, take_scan(RECEIVER, seal=seal), RECEIVER, RECIPIENT_UNIT) is Refusal.SEAL_MISSING


def test_a_line_may_be_refused_without_reading_its_seal() -> None:
    item = offered_to_post(registered(seal="NP-004711"))
    assert accepted(item, take_scan(COURIER, Verdict.REFUSE), COURIER, SENDING_UNIT).offer is None


def test_a_seal_read_where_none_was_recorded_is_no_contradiction() -> None:
    assert accepted(offered_to_post(), take_scan(COURIER, seal="X1"), COURIER, SENDING_UNIT).offer is None


def test_a_line_may_be_refused_because_of_its_seal() -> None:
    item = offered_to_post(registered(seal="NP-004711"))
    scan = take_scan(COURIER, Verdict.REFUSE, seal="NP-004712")
    assert accepted(item, scan, COURIER, SENDING_UNIT).custodian == item.custodian


last_doors = pytest.mark.parametrize(
    ("item", "actor", "place"),
    [
        (offered_for_delivery(), RECEIVER, RECIPIENT_UNIT),
        (offered_for_return(), SENDER_COLLEAGUE, SENDING_UNIT),
    ],
    ids=["delivery", "return"],
)


@last_doors
def test_nobody_signs_for_a_secret_item_without_the_receiving_checklist(
    item: Consignment, actor: Actor, place: UnitId
) -> None:
    assert refusal(item, take_scan(actor, check=None), actor, place) is Refusal.CHECK_MISSING
    assert accepted(item, take_scan(actor), actor, place).custodian.user == actor.user


@last_doors
@pytest.mark.parametrize(
    "found",
    [
        *(replace(SOUND, mark=mark) for mark in CoverMark if mark is not CoverMark.INTACT),
        replace(SOUND, addressee=Addressee.OTHER),
        replace(SOUND, pieces=2),
    ],
    ids=["damaged", "illegible", "missing", "another addressee", "a piece too many"],
)
def test_what_does_not_agree_with_the_registration_is_not_taken(
    item: Consignment, actor: Actor, place: UnitId, found: Checklist
) -> None:
    assert refusal(item, take_scan(actor, check=found), actor, place) is Refusal.CHECK_DIFFERS
    # To turn the line down with its reason is what is to be done, whatever was ticked off.
    assert accepted(item, take_scan(actor, Verdict.REFUSE, check=found), actor, place).offer is None


def test_the_pieces_counted_are_those_that_the_sender_registered() -> None:
    facts = LineFacts(place=None, pieces=3)
    item, scan = offered_for_delivery(), take_scan(RECEIVER, check=replace(SOUND, pieces=3))
    assert accepted(item, scan, RECEIVER, RECIPIENT_UNIT, facts).state is State.DELIVERED
    assert refusal(item, take_scan(RECEIVER), RECEIVER, RECIPIENT_UNIT, facts) is Refusal.CHECK_DIFFERS


def test_a_checklist_is_asked_at_the_last_door_alone_and_of_what_bears_a_mark() -> None:
    on_the_way = offered_to_post()
    assert accepted(on_the_way, take_scan(COURIER, check=None), COURIER, SENDING_UNIT).offer is None
    plain = replace(
        offered_for_delivery(), grade=Grade(secrecy=Secrecy.NONE, express=True, appointed_at=None)
    )
    assert accepted(plain, take_scan(RECEIVER, check=None), RECEIVER, RECIPIENT_UNIT).is_delivered


def test_a_seal_that_differs_is_named_before_the_checklist() -> None:
    item = offered_for_delivery(replace(in_custody(), seal="NP-1"))
    scan = take_scan(RECEIVER, seal="NP-2", check=None)
    assert refusal(item, scan, RECEIVER, RECIPIENT_UNIT) is Refusal.SEAL_DIFFERS
