"""What is handed in at a counter: who may give it, by which letter, and what the clerk's word does."""

from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.authority import Authority, AuthorityKind, Backing
from app.domain.bag import Bag, BagState
from app.domain.bag_custody import decide_bag
from app.domain.consignment import Consignment, Custodian, State
from app.domain.custody import LineFacts, Refusal
from app.domain.decision import HandGiver
from app.domain.grades import Secrecy
from app.domain.handing_in import find_letter_refusal
from app.domain.handover_policy import Demand
from app.domain.held_back import Hold
from app.domain.ids import BagCode, BagId, UnitId
from app.domain.validity import Validity
from app.domain.witness import Witness
from audit.evidence import Giver, Take, Verdict
from tests.unit.domain.builders import (
    CLERK,
    COURIER,
    ELSEWHERE,
    NOW,
    OTHER_COURIER,
    OUTSIDER,
    POST_OFFICE,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    in_custody,
    offered_to_post,
    person,
    registered,
)
from tests.unit.domain.scans import accepted, refusal, take_scan


def letter(up_to: Secrecy | None = None) -> Authority:
    return Authority(
        id=1,
        number="15/GGT",
        kind=AuthorityKind.LETTER,
        unit=SENDING_UNIT,
        holder=SENDER.user,
        valid_from_at=NOW,
        valid_until_at=NOW.replace(year=2027),
        issued_by=SENDER_COLLEAGUE.user,
        issued_at=NOW,
        up_to=up_to,
    )


VALID = Backing(standing=Validity.VALID, paper=letter())
AN = HandGiver(user=SENDER.user, unit=SENDING_UNIT, fits=True, present=True, backing=VALID)


def brought(verdict: Verdict = Verdict.ACCEPT, *, seal: str = "", giver: HandGiver = AN) -> Take:
    scan = take_scan(CLERK, verdict, seal=seal, check=None)
    return replace(scan, giver=Giver(unit="24.H01", user=int(giver.user)))


def facts(giver: HandGiver = AN, **changes: object) -> LineFacts:
    asked = LineFacts(place=None, giver=giver, authority_asked=True, backing=VALID)
    return replace(asked, **changes)  # type: ignore[arg-type]


def refused(item: Consignment, giver: HandGiver = AN, **changes: object) -> Refusal:
    return refusal(item, brought(giver=giver), CLERK, POST_OFFICE, facts(giver, **changes))


def test_an_accepted_line_makes_the_clerk_answer_for_it_and_starts_the_posts_clock() -> None:
    after = accepted(registered(), brought(), CLERK, POST_OFFICE, facts())
    assert (after.custodian.user, after.custodian.unit) == (CLERK.user, POST_OFFICE)
    assert (after.state, after.accepted_at, after.offer) == (State.IN_CUSTODY, NOW, None)


def test_a_refused_line_leaves_everything_as_it_was() -> None:
    item = registered(seal="NP-1")
    assert accepted(item, brought(Verdict.REFUSE), CLERK, POST_OFFICE, facts()) == item
    # The letter is asked for what changes hands, and this does not.
    unbacked = replace(AN, backing=Backing())
    assert accepted(item, brought(Verdict.REFUSE), CLERK, POST_OFFICE, facts(unbacked)) == item


@pytest.mark.parametrize(
    ("giver", "expected"),
    [
        (replace(AN, present=False), Refusal.GIVER_NOT_PRESENT),
        (replace(AN, fits=False), Refusal.GIVER_OF_ANOTHER_AGENCY),
        (replace(AN, user=OUTSIDER.user, unit=ELSEWHERE), Refusal.NOT_REGISTERED_BY_GIVER),
        (replace(AN, user=SENDER_COLLEAGUE.user), Refusal.WRONG_CUSTODIAN),
    ],
    ids=["absent", "of another agency", "did not register it", "a colleague's"],
)
def test_only_the_agencys_person_who_answers_for_it_gives(giver: HandGiver, expected: Refusal) -> None:
    assert refused(registered(), giver) is expected
    turned_down = brought(Verdict.REFUSE, giver=giver)
    assert refusal(registered(), turned_down, CLERK, POST_OFFICE, facts(giver)) is expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (None, Refusal.GIVER_LETTER_MISSING),
        (Validity.EXPIRED, Refusal.GIVER_LETTER_EXPIRED),
        (Validity.FUTURE, Refusal.GIVER_LETTER_NOT_YET),
        (Validity.REVOKED, Refusal.GIVER_LETTER_REVOKED),
    ],
)
def test_a_letter_that_does_not_stand_refuses_where_one_is_asked_for(
    standing: Validity | None, expected: Refusal
) -> None:
    giver = replace(AN, backing=Backing(standing=standing, paper=None if standing is None else letter()))
    assert refused(registered(), giver) is expected
    unasked = facts(giver, authority_asked=False)
    assert accepted(registered(), brought(), CLERK, POST_OFFICE, unasked).state is State.IN_CUSTODY


def test_a_letter_speaks_for_its_mark_and_those_below() -> None:
    for up_to, too_high in (
        (Secrecy.C, {Secrecy.A, Secrecy.B}),
        (Secrecy.B, {Secrecy.A}),
        (Secrecy.A, set()),
        (None, set()),
    ):
        giver = replace(AN, backing=Backing(standing=Validity.VALID, paper=letter(up_to)))
        found = {mark for mark in Secrecy if find_letter_refusal(giver, mark) is not None}
        assert found == too_high
    limited = replace(AN, backing=Backing(standing=Validity.VALID, paper=letter(Secrecy.C)))
    assert refused(registered(), limited) is Refusal.MARK_ABOVE_AUTHORITY


def test_the_clerks_own_card_is_asked_for_as_at_every_take() -> None:
    expired = Backing(standing=Validity.EXPIRED, paper=letter())
    assert refused(registered(), backing=expired) is Refusal.AUTHORITY_EXPIRED
    low = Backing(standing=Validity.VALID, paper=letter(Secrecy.C))
    assert refused(registered(), backing=low) is Refusal.MARK_ABOVE_AUTHORITY


@pytest.mark.parametrize("item", [in_custody(), in_custody(CLERK), offered_to_post()])
def test_what_is_with_the_post_or_offered_to_it_is_not_handed_in(item: Consignment) -> None:
    expected = Refusal.WRONG_CUSTODIAN if item.state is State.IN_CUSTODY else Refusal.ALREADY_OFFERED
    assert refused(item) is expected


def test_only_a_clerk_at_the_own_counter_takes_in() -> None:
    scan = replace(brought(), actor=int(COURIER.user))
    assert refusal(registered(), scan, COURIER, POST_OFFICE, facts()) is Refusal.ROLE_NOT_ALLOWED
    for place in (SENDING_UNIT, ELSEWHERE, UnitId(99)):
        assert refusal(registered(), brought(), CLERK, place, facts()) is Refusal.WRONG_PLACE
    focal = person(12, SENDING_UNIT, Role.FOCAL_POINT)
    assert refusal(registered(), brought(), focal, SENDING_UNIT, facts()) is Refusal.ROLE_NOT_ALLOWED


def test_quarantine_possession_witness_and_seal_are_asked_for_as_at_every_take() -> None:
    quarantined = replace(registered(), hold=Hold.QUARANTINED)
    assert refused(quarantined) is Refusal.QUARANTINED
    asked = frozenset({Demand.POSSESSION, Demand.WITNESS})
    assert refused(registered(), demands=asked) is Refusal.POSSESSION_NOT_PROVEN
    assert refused(registered(), demands=asked, proven=True) is Refusal.WITNESS_REQUIRED
    giver = Witness(user=SENDER.user, unit=SENDING_UNIT, may_witness=True, on_duty=True, present=True)
    assert refused(registered(), demands=asked, proven=True, witness=giver) is Refusal.WITNESS_IS_ACTOR
    third = replace(giver, user=OTHER_COURIER.user, unit=POST_OFFICE)
    seen = facts(demands=asked, proven=True, witness=third)
    assert accepted(registered(), brought(), CLERK, POST_OFFICE, seen).state is State.IN_CUSTODY
    sealed = registered(seal="NP-1")
    assert refused(sealed) is Refusal.SEAL_MISSING
    other = brought(seal="NP-2")
    assert refusal(sealed, other, CLERK, POST_OFFICE, facts()) is Refusal.SEAL_DIFFERS


def test_an_agency_hands_in_no_bags() -> None:
    scan = brought()
    bag = Bag(
        id=BagId(1),
        code=BagCode("ZT000000005VN"),
        asset="TUI-1",
        origin=POST_OFFICE,
        destination=ELSEWHERE,
        state=BagState.CLOSED,
        custodian=Custodian(user=CLERK.user, unit=POST_OFFICE),
        started_at=NOW,
    )
    told = replace(facts(), place=POST_OFFICE)
    assert decide_bag(bag, scan, scan.lines[0], CLERK, facts=told, now=NOW) is Refusal.NOT_REGISTERED_BY_GIVER


def test_a_statement_is_never_decided_with_another_persons_facts() -> None:
    other = replace(AN, user=SENDER_COLLEAGUE.user)
    with pytest.raises(ValueError, match="names"):
        refusal(registered(), brought(), CLERK, POST_OFFICE, facts(other))
