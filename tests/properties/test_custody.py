"""Custody against a naive model: whatever people scan, exactly one person answers for the item.

The machine throws every kind of scan by every kind of person at one item, mostly absurd ones. Beside the
rules it keeps a model so simple that it can be read as the law: who holds it, what is offered to whom, is it
over. After each step the model and the item must agree, and a refusal must have changed nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain import custody
from app.domain.access import Actor, Role, is_addressed_to, may_see
from app.domain.authority import Backing
from app.domain.consignment import Consignment, State
from app.domain.custody import Accepted, Action, LineFacts, Refusal, Refused
from app.domain.decision import HandGiver
from app.domain.ids import UnitId, UserId
from app.domain.mandate import Standing
from app.domain.validity import Validity
from audit.evidence import Checklist, CoverMark, Giver, Handover, Offer, Purpose, Recall, Take, Verdict
from tests.unit.domain.builders import (
    AUDITOR,
    CLERK,
    COURIER,
    ELSEWHERE,
    NOW,
    OTHER_COURIER,
    OTHER_RECEIVER,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    STRANGE_COURIER,
    registered,
)
from tests.unit.domain.scans import SOUND, attempt_scan, offer_scan, recall_scan, take_scan

PEOPLE = (
    SENDER,
    SENDER_COLLEAGUE,
    RECEIVER,
    OTHER_RECEIVER,
    COURIER,
    OTHER_COURIER,
    CLERK,
    OUTSIDER,
    STRANGE_COURIER,
    AUDITOR,
)
UNITS = (SENDING_UNIT, RECIPIENT_UNIT, POST_OFFICE, ELSEWHERE)
SEAL = "NP-004711"

people = st.sampled_from(PEOPLE)
units = st.sampled_from(UNITS)
nonces = st.sampled_from(["00" * 16, "11" * 16, "22" * 16])
# Three in four are accepted, so that items get somewhere.
verdicts = st.sampled_from([Verdict.ACCEPT, Verdict.ACCEPT, Verdict.ACCEPT, Verdict.REFUSE])
seals = st.sampled_from(["", SEAL, "NP-000000"])
TORN = replace(SOUND, mark=CoverMark.DAMAGED)
checks = st.sampled_from([SOUND, SOUND, SOUND, None, TORN, replace(SOUND, pieces=2)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the model remembers of an offer."""

    nonce: str
    purpose: Purpose
    to_unit: UnitId
    to_user: UserId | None
    place: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the policy asks of a taker, and what the taker has."""

    asked: bool
    letter: Validity | None
    mandate: bool


papers = st.builds(
    Paper,
    asked=st.booleans(),
    letter=st.sampled_from([None, *Validity, Validity.VALID]),
    mandate=st.booleans(),
)


class Custody(RuleBasedStateMachine):
    """One item, many hands."""

    item: Consignment
    holder: Actor
    offered: Offered | None
    over: bool
    posted: bool
    failures: int

    @initialize(named_only=st.booleans(), sealed=st.booleans())
    def register(self, *, named_only: bool, sealed: bool) -> None:
        self.item = registered(named_only=named_only, seal=SEAL if sealed else "")
        self.holder, self.offered = SENDER, None
        self.over, self.posted, self.failures = False, False, 0
        self.now = NOW

    def scan(self, scan: Handover, actor: Actor, facts: LineFacts) -> bool:
        """Decide the scan, keep what it did, and tell whether it was accepted."""
        self.now += timedelta(minutes=1)
        before = self.item
        decision = custody.decide(before, scan, scan.lines[0], actor, facts=facts, now=self.now)
        if isinstance(decision, Refused):
            assert isinstance(decision.code, Refusal)
            assert not self.is_right(scan, actor, facts), f"{decision.code} against the model"
            return False
        assert isinstance(decision, Accepted)
        assert self.is_right(scan, actor, facts), "accepted against the model"
        assert not before.state.is_final
        self.item = decision.after
        return True

    def is_right(self, scan: Handover, actor: Actor, facts: LineFacts) -> bool:
        """Say by the model alone whether this scan is to be accepted."""
        stands_right = (
            actor.role is Role.COURIER or facts.place == actor.unit or self.fetches(scan, actor, facts)
        )
        handler = actor.role in {Role.COURIER, Role.CLERK, Role.FOCAL_POINT}
        if self.over or facts.forged or not handler or not stands_right:
            return False
        post = actor.role in {Role.COURIER, Role.CLERK}
        mine = actor.user == self.holder.user
        match scan:
            case Offer():
                return mine and self.offered is None and self.is_right_offer(scan, actor, facts)
            case Take(giver=None):
                return self.is_right_take(scan, actor, facts)
            case Take():
                return self.is_right_hand_in(scan, actor, facts)
            case Recall():
                return mine and self.offered is not None and self.offered.nonce == scan.nonce
            case _:
                idle = self.offered is None or self.offered.purpose is Purpose.DELIVERY
                # The law counts an attempt at the address on the item, nowhere else.
                return mine and post and self.posted and idle and facts.place == RECIPIENT_UNIT

    def fetches(self, scan: Handover, actor: Actor, facts: LineFacts) -> bool:
        """Say whether somebody comes to a counter for what is offered there to their own unit."""
        offer = self.offered
        if not isinstance(scan, Take) or offer is None or offer.purpose is Purpose.TRANSFER:
            return False
        return facts.place == offer.place == POST_OFFICE and offer.to_unit == actor.unit

    def is_right_offer(self, scan: Offer, actor: Actor, facts: LineFacts) -> bool:
        if not facts.to_user_fits or scan.to.user == actor.user:
            return False
        if scan.purpose is Purpose.TRANSFER:
            return True
        door = RECIPIENT_UNIT if scan.purpose is Purpose.DELIVERY else SENDING_UNIT
        tried = scan.purpose is Purpose.DELIVERY or self.failures > 0
        posted = self.posted and actor.role in {Role.COURIER, Role.CLERK}
        stands = facts.place == door or (actor.role is Role.CLERK and facts.place == POST_OFFICE)
        return posted and tried and facts.to_unit == door and stands

    def is_right_take(self, scan: Take, actor: Actor, facts: LineFacts) -> bool:
        offer, line = self.offered, scan.lines[0]
        if offer is None or offer.nonce != scan.nonce or actor.user == self.holder.user:
            return False
        asked = actor.unit == offer.to_unit and offer.to_user in {None, actor.user}
        if facts.place != offer.place or not asked:
            return False
        focal, mandated = actor.role is Role.FOCAL_POINT, facts.standing is Standing.VALID
        relief = actor.unit == self.holder.unit
        proper = (not focal or relief) if offer.purpose is Purpose.TRANSFER else focal or mandated
        named = offer.purpose is Purpose.DELIVERY and self.item.named_only
        fits = not named or actor.name_key == RECEIVER.name_key
        intact = not self.item.seal or line.seal == self.item.seal
        ticked = offer.purpose is Purpose.TRANSFER or line.check == SOUND
        # At a counter a graded item is given to whoever shows a letter or stands on the agency's own list.
        at_counter = offer.purpose is not Purpose.TRANSFER and offer.place == POST_OFFICE
        shown = facts.backing.standing is Validity.VALID or facts.standing is Standing.VALID
        backed = not at_counter or not facts.authority_asked or shown
        return proper and (line.verdict is Verdict.REFUSE or (backed and fits and intact and ticked))

    @rule(actor=people, purpose=st.sampled_from(list(Purpose)), to=units, place=units, nonce=nonces,
          to_user=st.none() | people)  # fmt: skip
    def offer(
        self, actor: Actor, purpose: Purpose, to: UnitId, place: UnitId, nonce: str, to_user: Actor | None
    ) -> None:
        name = None if to_user is None else to_user.user
        fits = to_user is None or to_user.unit == to
        scan = offer_scan(actor, purpose, to_user=name, nonce=nonce)
        if self.scan(scan, actor, LineFacts(place=place, to_unit=to, to_user_fits=fits)):
            self.offered = Offered(nonce=nonce, purpose=purpose, to_unit=to, to_user=name, place=place)

    @precondition(lambda self: self.offered is None)
    @rule(purpose=st.sampled_from(list(Purpose)), nonce=nonces, post=st.booleans())
    def offer_sensibly(self, purpose: Purpose, nonce: str, *, post: bool) -> None:
        """Give the machine a fair chance to get far: the holder offers where it makes sense."""
        door = {Purpose.DELIVERY: RECIPIENT_UNIT, Purpose.RETURN: SENDING_UNIT}
        to = door.get(purpose, POST_OFFICE if post else self.holder.unit)
        works_there = self.holder.role is Role.CLERK
        place = self.holder.unit if works_there else door.get(purpose, self.holder.unit)
        self.offer(self.holder, purpose, to, place, nonce, None)

    @rule(actor=people, place=units, nonce=nonces, verdict=verdicts, seal=seals, check=checks, paper=papers)
    def take(
        self,
        actor: Actor,
        place: UnitId,
        nonce: str,
        verdict: Verdict,
        seal: str,
        check: Checklist | None,
        paper: Paper,
    ) -> None:
        carries = actor.role in {Role.COURIER, Role.CLERK}
        facts = LineFacts(
            place=place,
            receiver_key=RECEIVER.name_key,
            authority_asked=not carries and paper.asked,
            backing=Backing(standing=paper.letter),
            standing=Standing.VALID if paper.mandate else Standing.BY_ROLE,
        )
        if not self.scan(take_scan(actor, verdict, seal=seal, nonce=nonce, check=check), actor, facts):
            return
        assert self.offered is not None
        purpose, self.offered = self.offered.purpose, None
        if verdict is Verdict.REFUSE:
            self.failures += purpose is Purpose.DELIVERY
            return
        self.holder = actor
        self.over = purpose is not Purpose.TRANSFER
        self.posted = self.posted or actor.role in {Role.COURIER, Role.CLERK}

    @precondition(lambda self: self.offered is not None)
    @rule(
        choice=st.integers(0, 5),
        seal=st.sampled_from(["", SEAL]),
        verdict=verdicts,
        check=checks,
        paper=papers,
    )
    def take_sensibly(
        self, choice: int, seal: str, verdict: Verdict, check: Checklist | None, paper: Paper
    ) -> None:
        """Let somebody of the unit that was asked answer at the right place."""
        assert self.offered is not None
        asked = [actor for actor in PEOPLE if actor.unit == self.offered.to_unit]
        taker = asked[choice % len(asked)]
        self.take(taker, self.offered.place, self.offered.nonce, verdict, seal, check, paper)

    @rule(
        clerk=people,
        giver=st.sampled_from([SENDER, SENDER, SENDER_COLLEAGUE, RECEIVER, OUTSIDER, COURIER]),
        place=units,
        verdict=verdicts,
        seal=seals,
        paper=papers,
        present=st.booleans(),
    )
    def hand_in(
        self,
        clerk: Actor,
        giver: Actor,
        place: UnitId,
        verdict: Verdict,
        seal: str,
        paper: Paper,
        *,
        present: bool,
    ) -> None:
        """Let somebody bring the item to a counter, where mostly nobody should take it in."""
        fits = giver.role is Role.FOCAL_POINT
        named = HandGiver(
            user=giver.user,
            unit=giver.unit,
            fits=fits,
            present=present,
            backing=Backing(standing=paper.letter),
        )
        valid = Backing(standing=Validity.VALID)
        facts = LineFacts(place=place, giver=named, authority_asked=paper.asked, backing=valid)
        scan = take_scan(clerk, verdict, seal=seal, nonce="ee" * 16, check=None)
        if not self.scan(replace(scan, giver=Giver(unit="U", user=int(giver.user))), clerk, facts):
            return
        if verdict is Verdict.ACCEPT:
            self.holder, self.posted = clerk, True

    @precondition(lambda self: self.holder.role is Role.FOCAL_POINT and not self.offered)
    @rule(verdict=verdicts, seal=seals, paper=papers)
    def hand_in_sensibly(self, verdict: Verdict, seal: str, paper: Paper) -> None:
        self.hand_in(CLERK, self.holder, POST_OFFICE, verdict, seal, paper, present=True)

    def is_right_hand_in(self, scan: Take, actor: Actor, facts: LineFacts) -> bool:
        giver, line = facts.giver, scan.lines[0]
        if giver is None or actor.role is not Role.CLERK or self.offered is not None or self.posted:
            return False
        own = giver.user == self.holder.user and giver.unit == SENDING_UNIT
        backed = not facts.authority_asked or giver.backing.standing is Validity.VALID
        intact = not self.item.seal or line.seal == self.item.seal
        return (
            giver.present and giver.fits and own and (line.verdict is Verdict.REFUSE or (backed and intact))
        )

    @rule(actor=people, place=units, nonce=nonces)
    def recall(self, actor: Actor, place: UnitId, nonce: str) -> None:
        if self.scan(recall_scan(actor, nonce=nonce), actor, LineFacts(place=place)):
            self.offered = None

    @rule(actor=people, place=units)
    def attempt(self, actor: Actor, place: UnitId) -> None:
        if self.scan(attempt_scan(actor), actor, LineFacts(place=place)):
            assert place == RECIPIENT_UNIT
            self.offered = None
            self.failures += 1

    @precondition(lambda self: self.posted)
    @rule()
    def attempt_sensibly(self) -> None:
        self.attempt(self.holder, RECIPIENT_UNIT)

    @rule(actor=people, place=units)
    def scan_a_forged_label(self, actor: Actor, place: UnitId) -> None:
        assert not self.scan(take_scan(actor), actor, LineFacts(place=place, forged=True))

    @invariant()
    def exactly_one_person_answers_for_it(self) -> None:
        assert (self.item.custodian.user, self.item.custodian.unit) == (self.holder.user, self.holder.unit)

    @invariant()
    def an_offer_is_pending_exactly_when_the_model_says_so(self) -> None:
        offer = self.item.offer
        assert (offer is None) == (self.offered is None)
        if offer is not None and self.offered is not None:
            assert offer.by == self.holder.user
            assert (offer.nonce, offer.purpose) == (self.offered.nonce, self.offered.purpose)

    @invariant()
    def final_states_are_final_and_closed(self) -> None:
        assert self.item.state.is_final == self.over == (self.item.closed_at is not None)
        assert not (self.over and self.item.offer)

    @invariant()
    def the_clocks_run_in_order(self) -> None:
        assert (self.item.accepted_at is not None) == self.posted
        assert self.item.attempts == self.failures
        stopped = self.failures > 0 or self.item.state is State.DELIVERED
        assert (self.item.first_attempt_at is not None) == stopped
        clock = [self.item.accepted_at, self.item.first_attempt_at, self.item.closed_at]
        known = [at for at in clock if at is not None]
        assert known == sorted(known)

    @invariant()
    def nothing_else_about_the_item_ever_changes(self) -> None:
        seal, named_only = self.item.seal, self.item.named_only
        fresh = registered(named_only=named_only, seal=seal)
        moved_back = replace(
            self.item,
            state=fresh.state,
            custodian=fresh.custodian,
            offer=None,
            accepted_at=None,
            first_attempt_at=None,
            attempts=0,
            closed_at=None,
        )
        assert moved_back == fresh

    @invariant()
    def the_preview_agrees_with_the_offers_address(self) -> None:
        for actor in PEOPLE:
            may_take = Action.TAKE in custody.preview(self.item, actor).actions
            assert not may_take or is_addressed_to(self.item, actor)
            if may_take:
                assert may_see(self.item, actor, was_custodian=False)


TestCustody = Custody.TestCase
TestCustody.settings = settings(max_examples=250, stateful_step_count=60)
