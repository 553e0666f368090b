"""Fetched at a post office's counter, on both databases: by a letter with its dates, or by a mandate."""

from dataclasses import replace
from datetime import timedelta

from app.domain.consignment import State
from app.domain.grades import Grade, Secrecy
from app.domain.ids import ConsignmentCode
from app.domain.mandate import MandateKind
from app.domain.register import VIETNAM
from app.services.items import mandates
from app.services.items.mandates import GrantMandate
from app.services.log import custody_check, log
from app.services.log.published_log import PublishedLog
from app.services.people import accounts, authorities
from app.services.people.accounts import ChangeAccount
from app.services.people.authorities import IssueAuthority, RevokeAuthority
from app.services.recovery.recover import recover
from app.services.scans import desk, offers
from app.services.scans.presence import take_nonce
from app.storage.engine import Engines
from app.storage.refill import Refill
from audit.entry import Entry, parse_entry
from audit.evidence import EntryMode, Purpose, Take, TakeReason, Verdict
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.publishing import publish_now, stored
from tests.support.restored import dump, restore
from tests.support.town import ELSEWHERE, POST, RECEIVING, SENDING, accept

PLAIN = Grade(secrecy=Secrecy.NONE, express=False, appointed_at=None)


def at_office(office: Office, count: int = 1, **changes: object) -> list[ConsignmentCode]:
    """Bring items into the hands of Dung, the clerk of the post office."""
    codes = office.town.register(count, **changes)
    office.town.post(codes)
    assert office.town.pass_on("chien", "dung", codes, place=POST).status == "accepted"
    return codes


def introduce(office: Office, person: str, *, by: str = "binh", number: str = "15/GGT", days: int = 3) -> int:
    """Issue a letter of introduction that ends so many days from now."""
    until = (office.town.clock() + timedelta(days=days)).astimezone(VIETNAM)
    form = {
        "holder": str(int(office.actors[person].user)),
        "number": number,
        "valid_until": f"{until:%d/%m/%Y %H:%M}",
    }
    return office.write(authorities.issue, IssueAuthority(untrusted=form), actor=office.actors[by])


def call(office: Office, codes: list[ConsignmentCode], purpose: Purpose = Purpose.DELIVERY) -> str:
    """Offer items at the counter; return the nonce."""
    to = RECEIVING if purpose is Purpose.DELIVERY else SENDING
    offer = office.town.offer("dung", codes, to=to, place=POST, purpose=purpose)
    assert office.town.send("dung", offer).status == "accepted"
    return offer.nonce


def fetch(office: Office, codes: list[ConsignmentCode], nonce: str, taker: str = "mai") -> str:
    """Let somebody take them at the counter; return what became of the first line."""
    taken = office.town.send(taker, office.town.take(taker, nonce, accept(codes), place=POST))
    return taken.lines[0].refusal or "accepted"


def last(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def forward(office: Office, **step: float) -> None:
    office.town.clock.now += timedelta(**step)  # type: ignore[attr-defined]


def test_a_graded_item_is_fetched_with_a_letter_and_the_entry_names_it(office: Office) -> None:
    codes = at_office(office, 2)
    letter = introduce(office, "mai")
    assert fetch(office, codes, call(office, codes)) == "accepted"
    entry = last(office)
    assert (entry.facts["authority"], entry.facts["authority_number"]) == (letter, "15/GGT")
    for code in codes:
        item = office.town.item(code)
        assert (item.state, item.custodian.user) == (State.DELIVERED, office.actors["mai"].user)
        assert item.first_attempt_at == item.closed_at
    assert office.read(log.verify_log, jobs=1).first_bad is None
    assert office.read(custody_check.compare_custody).first is None


def test_what_is_fetched_is_a_delivery_at_the_counter_with_its_number_in_the_register(office: Office) -> None:
    (code,) = at_office(office)
    introduce(office, "mai")
    assert fetch(office, [code], call(office, [code])) == "accepted"
    (kept,) = office.read(lambda uow: uow.deliveries.list(office.town.item(code).id))
    assert (kept.outcome, kept.place_id) == ("delivered", office.town.units[POST])
    assert (kept.giver_id, kept.taker_id) == (office.actors["dung"].user, office.actors["mai"].user)
    assert last(office).facts["register_first"] == 1


def test_a_letter_expired_yesterday_refuses_and_the_item_stays_with_the_clerk(office: Office) -> None:
    (code,) = at_office(office)
    introduce(office, "mai", days=1)
    nonce = call(office, [code])
    forward(office, days=2)
    assert fetch(office, [code], nonce) == "authority_expired"
    assert "authority" not in last(office).facts
    item = office.town.item(code)
    assert (item.state, item.custodian.user) == (State.IN_CUSTODY, office.actors["dung"].user)
    introduce(office, "mai", number="16/GGT")
    assert fetch(office, [code], nonce) == "accepted"
    assert last(office).facts["authority_number"] == "16/GGT"


def test_without_a_letter_or_with_a_revoked_one_nothing_graded_is_given_out(office: Office) -> None:
    (code,) = at_office(office)
    nonce = call(office, [code])
    assert fetch(office, [code], nonce) == "authority_missing"
    letter = introduce(office, "mai")
    command = RevokeAuthority(authority=letter, untrusted_reason="lost")
    office.write(authorities.revoke, command, actor=office.actors["binh"])
    assert fetch(office, [code], nonce) == "authority_revoked"
    # A colleague's letter introduces the colleague.
    assert fetch(office, [code], nonce, "binh") == "authority_missing"


def test_the_letter_of_another_agency_introduces_nobody_here(office: Office) -> None:
    (code,) = at_office(office)
    introduce(office, "oanh", by="oanh")
    nonce = call(office, [code])
    assert fetch(office, [code], nonce, "oanh") == "wrong_place"
    assert office.town.item(code).custodian.user == office.actors["dung"].user


def test_a_letter_of_the_agency_that_its_holder_has_left_says_nothing(office: Office) -> None:
    (code,) = at_office(office)
    introduce(office, "oanh", by="oanh")
    move(office, "oanh", RECEIVING)
    assert fetch(office, [code], call(office, [code]), "oanh") == "authority_missing"


def move(office: Office, name: str, unit: str) -> None:
    """Let a person change their agency, as an administrator records it."""
    form = {
        "full_name": office.town.people[name].full_name,
        "position": "",
        "role": "focal_point",
        "unit": unit,
    }
    command = ChangeAccount(user=office.actors[name].user, untrusted=form, active=True)
    office.write(accounts.change_account, command, actor=office.actors["khanh"])


def grant(office: Office, person: str, *, kind: MandateKind, **changes: str) -> int:
    form = {
        "user": str(int(office.actors[person].user)),
        "kind": kind.value,
        "basis": "15/GUQ",
        "valid_from": "22/11/2026 00:00",
        "valid_until": "01/12/2026 00:00",
        **changes,
    }
    return office.write(mandates.grant, GrantMandate(untrusted=form), actor=office.actors["binh"])


def test_a_delegation_does_without_a_letter_and_the_agencys_list_counts_before_one(office: Office) -> None:
    first, second = at_office(office, 2)
    grant(office, "mai", kind=MandateKind.DELEGATE)
    assert fetch(office, [first], call(office, [first])) == "accepted"
    assert "authority" not in last(office).facts
    grant(office, "mai", kind=MandateKind.RECEIVER)
    introduce(office, "binh", by="mai")
    nonce = call(office, [second])
    assert fetch(office, [second], nonce, "binh") == "not_a_receiver"
    assert fetch(office, [second], nonce, "mai") == "accepted"


def test_an_expired_letter_is_not_named_where_a_delegation_was_enough(office: Office) -> None:
    (code,) = at_office(office)
    introduce(office, "mai", days=1)
    grant(office, "mai", kind=MandateKind.DELEGATE)
    nonce = call(office, [code])
    forward(office, days=2)
    assert fetch(office, [code], nonce) == "accepted"
    assert "authority" not in last(office).facts


def test_what_bears_no_mark_is_fetched_without_a_letter(office: Office) -> None:
    plain = at_office(office, grade=PLAIN)
    introduce(office, "mai")
    assert fetch(office, plain, call(office, plain)) == "accepted"
    assert "authority" not in last(office).facts


def test_a_letter_is_not_named_at_the_agencys_own_door(office: Office) -> None:
    codes = office.town.register()
    office.town.post(codes)
    introduce(office, "mai")
    done = office.town.pass_on("chien", "mai", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    assert done.status == "accepted"
    assert "authority" not in last(office).facts


def test_a_named_item_waits_for_its_person_at_the_counter(office: Office) -> None:
    (code,) = at_office(office, named_only=True, receiver_name="Trần Thị Bình")
    introduce(office, "mai")
    introduce(office, "binh", number="16/GGT")
    nonce = call(office, [code])
    assert fetch(office, [code], nonce, "mai") == "named_person_only"
    assert fetch(office, [code], nonce, "binh") == "accepted"


def before(office: Office, witness: str, take: Take) -> str:
    """Send a take before a second person, who proves that they are there; return what became of its line."""
    town = office.town
    name = next(name for name, one in office.actors.items() if one.user == take.actor)
    second = office.actors[witness].user
    take = replace(take, witness=int(second))
    actor = office.actors[name].user
    town.do(
        lambda uow: uow.witness_tickets.add(
            take_nonce(take.scan), take.nonce, actor=actor, witness=second, now=town.clock()
        )
    )
    return town.send(name, take).lines[0].refusal or "accepted"


def test_top_secret_is_fetched_by_its_label_and_before_a_second_person(office: Office) -> None:
    town = office.town
    codes = town.register(grade=replace(PLAIN, secrecy=Secrecy.A))
    for giver, taker, second, place in (("an", "chien", "hanh", SENDING), ("chien", "dung", "duc", POST)):
        offer = town.offer(giver, codes, place=place)
        town.send(giver, offer)
        take = town.take(taker, offer.nonce, accept(codes), place=place)
        assert before(office, second, take) == "accepted"
    introduce(office, "mai")
    nonce = call(office, codes)
    typed = replace(accept(codes)[0], entry=EntryMode.TYPED)
    keyed = town.send("mai", town.take("mai", nonce, [typed], place=POST))
    assert keyed.lines[0].refusal == "possession_not_proven"
    assert fetch(office, codes, nonce) == "witness_required"
    # A colleague of the agency or anybody of the counter may stand by, but not the clerk who hands over.
    own = town.take("mai", nonce, accept(codes), place=POST)
    assert before(office, "dung", own) == "witness_is_actor"
    assert before(office, "binh", town.take("mai", nonce, accept(codes), place=POST)) == "accepted"
    facts = last(office).facts
    assert (facts["witness"], facts["authority_number"]) == (int(office.actors["binh"].user), "15/GGT")


def test_a_sender_fetches_back_what_could_not_be_delivered(office: Office) -> None:
    codes = office.town.register()
    office.town.post(codes)
    office.town.send("chien", office.town.attempt("chien", codes))
    office.town.pass_on("chien", "dung", codes, place=POST)
    nonce = call(office, codes, Purpose.RETURN)
    assert fetch(office, codes, nonce, "an") == "authority_missing"
    introduce(office, "hanh", by="an")
    assert fetch(office, codes, nonce, "hanh") == "accepted"
    assert office.town.item(codes[0]).state is State.RETURNED


def test_what_is_turned_down_at_the_counter_stays_there_and_was_tried(office: Office) -> None:
    (code,) = at_office(office)
    nonce = call(office, [code])
    (line,) = accept([code])
    turned_down = replace(line, verdict=Verdict.REFUSE, reason=TakeReason.WRONG_ADDRESSEE)
    taken = office.town.send("mai", office.town.take("mai", nonce, [turned_down], place=POST))
    assert taken.status == "accepted"
    item = office.town.item(code)
    assert (item.attempts, item.custodian.user, item.offer) == (1, office.actors["dung"].user, None)
    assert item.first_attempt_at is not None


def test_the_call_to_the_counter_lies_on_the_desk_of_the_agency_with_its_place(office: Office) -> None:
    (code,) = at_office(office)
    call(office, [code])
    found = office.read(desk.read_desk, actor=office.actors["mai"])
    (waiting,) = found.incoming
    assert waiting.offer is not None
    assert (waiting.code, waiting.offer.place) == (code, office.town.units[POST])
    assert [item.code for item in office.read(offers.list_offered, actor=office.actors["mai"]).items] == [
        code
    ]
    assert office.read(desk.read_desk, actor=office.actors["oanh"]).incoming == ()


def test_couriers_and_other_offices_keep_no_counter(office: Office) -> None:
    codes = office.town.register()
    office.town.post(codes)
    offer = office.town.offer("chien", codes, to=RECEIVING, place=POST, purpose=Purpose.DELIVERY)
    assert office.town.send("chien", offer).lines[0].refusal == "wrong_place"
    (code,) = at_office(office)
    for place in (ELSEWHERE, RECEIVING):
        offer = office.town.offer("dung", [code], to=RECEIVING, place=place, purpose=Purpose.DELIVERY)
        assert office.town.send("dung", offer).lines[0].refusal == "wrong_place"
    wrong = office.town.offer("dung", [code], to=ELSEWHERE, place=POST, purpose=Purpose.DELIVERY)
    assert office.town.send("dung", wrong).lines[0].refusal == "wrong_recipient"


def test_what_was_fetched_at_a_counter_is_put_back_from_the_log(
    office: Office, published: PublishedLog, database: Database, engines: Engines
) -> None:
    codes = at_office(office, 2)
    old = dump(database)
    introduce(office, "mai")
    nonce = call(office, codes)
    assert fetch(office, codes, nonce, "binh") == "authority_missing"
    assert fetch(office, codes, nonce) == "accepted"
    publish_now(office, published)
    entries = stored(office)
    restore(database, old)
    recover(office, Refill(engines.write), log=published, tools=office.town.tools)
    assert stored(office) == entries
    assert office.town.item(codes[1]).custodian.user == office.actors["mai"].user
    assert office.read(custody_check.compare_custody).first is None
