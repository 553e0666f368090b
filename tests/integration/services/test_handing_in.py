"""Handed in at a post office's counter by an agency's messenger, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.consignment import State
from app.domain.errors import NotFound
from app.domain.grades import Grade, Secrecy
from app.domain.handover_policy import Demand
from app.domain.ids import ConsignmentCode
from app.domain.register import VIETNAM
from app.services.log import custody_check, log
from app.services.log.published_log import PublishedLog
from app.services.people import authorities
from app.services.people.authorities import IssueAuthority, RevokeAuthority
from app.services.recovery.recover import recover
from app.services.scans import handing_in
from app.storage.engine import Engines
from app.storage.refill import Refill
from audit.entry import Entry, parse_entry
from audit.evidence import EntryMode, Take, TakeLine, TakeReason, Verdict
from audit.kinds import EntryKind
from tests.support.counter import agree, bring
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.publishing import publish_now, stored
from tests.support.restored import dump, restore
from tests.support.town import ELSEWHERE, POST, SENDING, accept

PLAIN = Grade(secrecy=Secrecy.NONE, express=False, appointed_at=None)


def introduce(
    office: Office, person: str = "an", *, number: str = "15/GGT", days: int = 3, **form: str
) -> int:
    """Let a colleague issue a letter of introduction that ends so many days from now."""
    until = (office.town.clock() + timedelta(days=days)).astimezone(VIETNAM)
    by = "hanh" if person == "an" else "an"
    form = {
        "holder": str(int(office.actors[person].user)),
        "number": number,
        "valid_until": f"{until:%d/%m/%Y %H:%M}",
        **form,
    }
    return office.write(authorities.issue, IssueAuthority(untrusted=form), actor=office.actors[by])


def read(codes: list[ConsignmentCode], **changes: str) -> list[TakeLine]:
    """Word the lines of a transfer: nothing is ticked off before the last door."""
    return accept(codes, check=None, **changes)


def hand_in(office: Office, take: Take, *, agreed: bool = True) -> list[str]:
    """Send a list after its giver has agreed to it; return what became of each line."""
    if agreed:
        agree(office.town, "dung", take)
    return [line.refusal or "accepted" for line in office.town.send("dung", take).lines]


def last(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def test_a_list_is_handed_in_with_a_letter_and_the_entry_names_giver_and_letter(office: Office) -> None:
    codes = office.town.register(3)
    letter = introduce(office)
    assert hand_in(office, bring(office.town, "dung", "an", read(codes))) == ["accepted"] * 3
    entry = last(office)
    assert entry.kind is EntryKind.HANDOVER_TAKEN
    assert entry.facts["giver"] == int(office.actors["an"].user)
    assert (entry.facts["giver_authority"], entry.facts["giver_authority_number"]) == (letter, "15/GGT")
    # The clerk's own card is asked for as at every other take.
    assert entry.facts["authority_number"] == f"{int(office.actors['dung'].user):03d}/TGL"
    for code in codes:
        item = office.town.item(code)
        assert (item.state, item.custodian.user) == (State.IN_CUSTODY, office.actors["dung"].user)
        assert item.accepted_at is not None
    assert office.read(log.verify_log, jobs=1).first_bad is None
    assert office.read(custody_check.compare_custody).first is None


def test_refused_lines_stay_with_the_agency_and_can_be_brought_again(office: Office) -> None:
    good, torn = office.town.register(2)
    introduce(office)
    lines = read([good, torn])
    lines[1] = replace(lines[1], verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    assert hand_in(office, bring(office.town, "dung", "an", lines)) == ["accepted", "accepted"]
    item = office.town.item(torn)
    assert (item.state, item.custodian.user) == (State.REGISTERED, office.actors["an"].user)
    assert item.accepted_at is None
    assert office.read(custody_check.compare_custody).first is None
    assert hand_in(office, bring(office.town, "dung", "an", read([torn]))) == ["accepted"]
    assert office.town.item(torn).custodian.user == office.actors["dung"].user


def test_nothing_is_handed_in_that_its_giver_did_not_agree_to(office: Office) -> None:
    first, second = office.town.register(2)
    introduce(office)
    take = bring(office.town, "dung", "an", read([first]))
    assert hand_in(office, take, agreed=False) == ["giver_not_present"]
    assert "giver" not in last(office).facts
    # Another list than the one that was agreed to: a line more, or a line that was refused.
    take = bring(office.town, "dung", "an", read([first, second]))
    agree(office.town, "dung", replace(take, lines=take.lines[:1]))
    assert hand_in(office, take, agreed=False) == ["giver_not_present"] * 2
    take = bring(office.town, "dung", "an", read([first]))
    turned_down = replace(take.lines[0], verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    agree(office.town, "dung", replace(take, lines=(turned_down,)))
    assert hand_in(office, take, agreed=False) == ["giver_not_present"]
    assert office.town.item(first).custodian.user == office.actors["an"].user
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_an_agreement_holds_for_one_list_and_five_minutes(office: Office) -> None:
    first, second = office.town.register(2)
    introduce(office)
    take = bring(office.town, "dung", "an", read([first]))
    agree(office.town, "dung", take)
    office.town.clock.now += timedelta(minutes=6)  # type: ignore[attr-defined]
    assert hand_in(office, take, agreed=False) == ["giver_not_present"]
    used = bring(office.town, "dung", "an", read([second]))
    assert hand_in(office, used) == ["accepted"]
    again = replace(bring(office.town, "dung", "an", read([second])), nonce=used.nonce)
    assert hand_in(office, again, agreed=False) == ["giver_not_present"]


def test_a_letter_that_is_missing_expired_not_yet_valid_or_revoked_refuses(office: Office) -> None:
    (code,) = office.town.register()

    def brought() -> str:
        return hand_in(office, bring(office.town, "dung", "an", read([code])))[0]

    assert brought() == "giver_letter_missing"
    introduce(office, number="1/GGT", days=9, valid_from="30/11/2026 00:00")
    assert brought() == "giver_letter_not_yet"
    letter = introduce(office, number="2/GGT")
    office.write(
        authorities.revoke,
        RevokeAuthority(authority=letter, untrusted_reason="lost"),
        actor=office.actors["hanh"],
    )
    assert brought() == "giver_letter_revoked"
    introduce(office, number="3/GGT", days=1)
    office.town.clock.now += timedelta(days=2)  # type: ignore[attr-defined]
    assert brought() == "giver_letter_expired"
    assert last(office).facts["giver"] == int(office.actors["an"].user)
    assert "giver_authority" not in last(office).facts
    introduce(office, number="4/GGT")
    assert brought() == "accepted"


def test_a_letter_up_to_a_mark_does_not_do_for_a_higher_one(office: Office) -> None:
    (secret,) = office.town.register()
    (confidential,) = office.town.register(grade=replace(PLAIN, secrecy=Secrecy.C))
    introduce(office, up_to="C")
    take = bring(office.town, "dung", "an", read([secret, confidential]))
    assert hand_in(office, take) == ["mark_above_authority", "accepted"]
    assert office.town.item(secret).custodian.user == office.actors["an"].user
    introduce(office, number="16/GGT", days=1)
    assert hand_in(office, bring(office.town, "dung", "an", read([secret]))) == ["accepted"]
    assert last(office).facts["giver_authority_number"] == "16/GGT"


def test_what_bears_no_mark_is_handed_in_without_a_letter(office: Office) -> None:
    codes = office.town.register(grade=PLAIN)
    assert hand_in(office, bring(office.town, "dung", "an", read(codes))) == ["accepted"]
    assert "giver_authority" not in last(office).facts


def test_only_the_agencys_own_messenger_hands_in_what_it_registered(office: Office) -> None:
    (code,) = office.town.register(grade=PLAIN)
    others = bring(office.town, "dung", "oanh", read([code]))
    assert hand_in(office, others) == ["not_registered_by_giver"]
    posing = bring(office.town, "dung", "oanh", read([code]), unit=SENDING)
    assert hand_in(office, posing) == ["giver_of_another_agency"]
    courier = bring(office.town, "dung", "chien", read([code]))
    assert hand_in(office, courier) == ["giver_of_another_agency"]
    nobody = bring(office.town, "dung", "an", read([code]), unit="24.NONE")
    assert hand_in(office, nobody) == ["giver_of_another_agency"]
    assert office.town.item(code).custodian.user == office.actors["an"].user


def test_what_a_colleague_answers_for_is_theirs_to_hand_over_first(office: Office) -> None:
    (code,) = office.town.register(grade=PLAIN)
    assert hand_in(office, bring(office.town, "dung", "hanh", read([code]))) == ["wrong_custodian"]
    assert office.town.pass_on("an", "hanh", [code], place=SENDING).status == "accepted"
    assert hand_in(office, bring(office.town, "dung", "hanh", read([code]))) == ["accepted"]


def test_what_is_offered_to_a_courier_or_with_the_post_already_is_not_handed_in(office: Office) -> None:
    first, second = office.town.register(2, grade=PLAIN)
    office.town.send("an", office.town.offer("an", [first]))
    office.town.post([second])
    take = bring(office.town, "dung", "an", read([first, second]))
    assert hand_in(office, take) == ["already_offered", "wrong_custodian"]
    assert office.town.item(second).custodian.user == office.actors["chien"].user


def test_only_a_clerk_at_the_own_counter_takes_in(office: Office) -> None:
    (code,) = office.town.register(grade=PLAIN)
    courier = bring(office.town, "chien", "an", read([code]), place=POST)
    agree(office.town, "chien", courier)
    assert office.town.send("chien", courier).lines[0].refusal == "role_not_allowed"
    for place in (SENDING, ELSEWHERE):
        away = bring(office.town, "dung", "an", read([code]), place=place)
        assert hand_in(office, away) == ["wrong_place"]
    assert office.town.item(code).custodian.user == office.actors["an"].user


def test_the_seal_is_read_and_the_label_scanned_as_at_every_take(office: Office) -> None:
    (code,) = office.town.register(seal="NP-77")
    introduce(office)
    assert hand_in(office, bring(office.town, "dung", "an", read([code]))) == ["seal_missing"]
    assert hand_in(office, bring(office.town, "dung", "an", read([code], seal="NP-78"))) == ["seal_differs"]
    typed = [replace(line, entry=EntryMode.TYPED) for line in read([code], seal="NP-77")]
    assert hand_in(office, bring(office.town, "dung", "an", typed)) == ["possession_not_proven"]
    assert hand_in(office, bring(office.town, "dung", "an", read([code], seal="np-77"))) == ["accepted"]


def test_top_secret_is_handed_in_before_a_third_person(office: Office) -> None:
    codes = office.town.register(grade=replace(PLAIN, secrecy=Secrecy.A))
    introduce(office)
    assert hand_in(office, bring(office.town, "dung", "an", read(codes))) == ["witness_required"]
    giver = bring(office.town, "dung", "an", read(codes), witness="an")
    office.town.stand_by("dung", giver, "an")
    assert hand_in(office, giver) == ["witness_is_actor"]
    take = bring(office.town, "dung", "an", read(codes), witness="duc")
    office.town.stand_by("dung", take, "duc")
    assert hand_in(office, take) == ["accepted"]
    assert last(office).facts["witness"] == int(office.actors["duc"].user)


def test_an_unknown_code_or_a_bag_is_no_agencys_to_hand_in(office: Office) -> None:
    (code,) = office.town.register(grade=PLAIN)
    strange = [replace(read([code])[0], code="ZK000000005VN")]
    assert hand_in(office, bring(office.town, "dung", "an", strange)) == ["unknown_code"]


def test_the_station_is_told_what_a_line_needs_and_nothing_of_others(office: Office) -> None:
    (code,) = office.town.register(grade=replace(PLAIN, secrecy=Secrecy.A), seal="NP-77")
    clerk = office.actors["dung"]
    found = office.read(handing_in.look_at, code, SENDING, actor=clerk)
    assert found.sealed
    assert Demand.WITNESS in found.demands
    with pytest.raises(NotFound):
        office.read(handing_in.look_at, code, ELSEWHERE, actor=clerk)
    with pytest.raises(NotFound):
        office.read(handing_in.look_at, code, SENDING, actor=office.actors["chien"])
    (posted,) = office.town.register(grade=PLAIN)
    office.town.post([posted])
    with pytest.raises(NotFound):
        office.read(handing_in.look_at, posted, SENDING, actor=clerk)


def test_what_was_handed_in_is_put_back_from_the_log(
    office: Office, published: PublishedLog, database: Database, engines: Engines
) -> None:
    first, second = office.town.register(2)
    old = dump(database)
    absent = bring(office.town, "dung", "an", read([first]))
    assert hand_in(office, absent, agreed=False) == ["giver_not_present"]
    introduce(office, up_to="B")
    lines = read([first, second])
    lines[1] = replace(lines[1], verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    assert hand_in(office, bring(office.town, "dung", "an", lines)) == ["accepted", "accepted"]
    publish_now(office, published)
    entries = stored(office)
    restore(database, old)
    recover(office, Refill(engines.write), log=published, tools=office.town.tools)
    assert stored(office) == entries
    assert office.town.item(first).custodian.user == office.actors["dung"].user
    assert office.town.item(second).custodian.user == office.actors["an"].user
    (paper,) = office.read(lambda uow: uow.authorities.list_of_people([office.actors["an"].user]))
    assert paper.up_to is Secrecy.B
    assert office.read(custody_check.compare_custody).first is None
