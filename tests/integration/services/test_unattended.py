"""Things in nobody's hands, on both databases: found, shown to whom it concerns, asked about, raised once."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Role
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.domain.unattended import UnattendedReason, UnattendedStep
from app.services.log.custody_check import compare_custody
from app.services.owed import unattended
from app.services.owed.unattended import AnswerUnattended, UnattendedPage
from app.storage.engine import Engines
from app.storage.writer import Writer
from audit.entry import Entry, parse_entry
from audit.evidence import AttemptAction, Purpose
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, RECEIVING, SENDING


@pytest.fixture
def town(writer: Writer, clock: object, signer: FileSigner) -> ShiftTown:
    made = ShiftTown(writer, clock, signer)  # type: ignore[arg-type]
    hire(made, "hoa", Role.CLERK)
    hire(made, "kiem", Role.AUDITOR)
    return made


def forward(town: ShiftTown, **step: float) -> None:
    town.clock.now += timedelta(**step)  # type: ignore[attr-defined]


def page(town: ShiftTown, by: str) -> UnattendedPage:
    return town.use(unattended.list_unattended, by=by)


def shown(town: ShiftTown, by: str = "kiem") -> dict[str, UnattendedReason]:
    return {one.found.code: one.found.reason for one in page(town, by).rows}


def run(town: ShiftTown) -> int:
    """Let the installation's command do what is due."""
    return town.do(lambda uow: unattended.raise_unattended(uow, now=town.clock(), tools=town.tools))


def entries(town: ShiftTown, *kinds: EntryKind) -> list[Entry]:
    read = town.do(lambda uow: [parse_entry(row.data) for row in uow.audit.list_latest(limit=30)])
    return [entry for entry in reversed(read) if entry.kind in kinds]


def offered(town: ShiftTown) -> str:
    """Leave an item that An has given out to the post and nobody took."""
    (code,) = town.register()
    town.send("an", town.offer("an", [code], to=POST, place=SENDING))
    return str(code)


def answer(town: ShiftTown, by: str, *, said: str = "secured", note: str = "Trong két") -> None:
    (row,) = page(town, by).rows
    assert row.question is not None
    command = AnswerUnattended(question=row.question, untrusted_answer=said, untrusted_note=note)
    say(town, command, by=by)


def say(town: ShiftTown, command: AnswerUnattended, *, by: str) -> None:
    actor = town.people[by].actor
    town.do(lambda uow: unattended.answer(uow, command, actor=actor, now=town.clock()))


def test_control_13_an_item_without_custody_action_is_shown_asked_about_and_raised_each_once(
    town: ShiftTown,
) -> None:
    code = offered(town)
    offer = town.item(code).offer
    assert offer is not None
    forward(town, minutes=119)
    assert shown(town) == {}
    forward(town, minutes=2)
    assert shown(town) == {code: UnattendedReason.OFFER_UNANSWERED}
    assert run(town) == 0
    forward(town, hours=6)
    assert (run(town), run(town)) == (1, 0)
    (asked,) = entries(town, EntryKind.UNATTENDED_ASKED)
    assert asked.facts == {
        "reason": "offer_unanswered",
        "since": format_at(offer.offered_at),
        "unit": SENDING,
    }
    assert [item.code for item in asked.items] == [code]
    forward(town, hours=16)
    assert (run(town), run(town)) == (1, 0)
    raised, opened = entries(town, EntryKind.UNATTENDED_RAISED, EntryKind.INCIDENT_OPENED)[::-1]
    assert raised.facts["incident"] == opened.facts["incident"] == f"{SENDING}/2026/1"
    assert opened.facts["kind"] == "late"
    (row,) = page(town, "kiem").rows
    assert row.incident is not None
    # Somebody answers for it all the while.
    assert town.item(code).custodian.user == town.people["an"].actor.user
    assert town.do(compare_custody).first is None


def test_what_was_raised_and_still_stands_hides_nothing_newer(town: ShiftTown) -> None:
    old = [offered(town) for _ in range(3)]
    forward(town, days=30)

    def run_one() -> int:
        step = partial(unattended.raise_unattended, now=town.clock(), tools=town.tools, limit=1)
        return town.do(step)

    while run_one():
        pass
    assert len(entries(town, EntryKind.UNATTENDED_RAISED)) == len(old)
    offered(town)
    forward(town, days=30)
    assert sum(iter(run_one, 0)) > 0
    assert len(entries(town, EntryKind.UNATTENDED_RAISED)) == len(old) + 1


def test_a_take_or_a_recall_ends_it_by_itself(town: ShiftTown) -> None:
    code = offered(town)
    forward(town, hours=9)
    assert run(town) == 1
    offer = town.item(code).offer
    assert offer is not None
    town.send("an", town.recall("an", offer.nonce, [code]))
    assert shown(town) == {}
    forward(town, days=3)
    assert run(town) == 0
    # Given out anew it is another time, with a clock of its own.
    town.send("an", town.offer("an", [code], to=POST, place=SENDING))
    forward(town, hours=9)
    assert run(town) == 1


def test_each_sees_what_they_answer_for(town: ShiftTown) -> None:
    code = offered(town)
    carried = str(town.in_hand(1)[0])
    town.send("dung", town.offer("dung", [carried], to=POST))
    forward(town, hours=3)
    assert set(shown(town, "kiem")) == {code, carried}
    assert set(shown(town, "hanh")) == {code}
    assert set(shown(town, "hoa")) == {carried}
    assert shown(town, "chien") == shown(town, "binh") == {}
    counted = town.use(unattended.count_unattended, by="kiem")
    assert counted == 2


def test_the_supervisor_answers_once_and_that_buys_time(town: ShiftTown) -> None:
    offered(town)
    forward(town, hours=9)
    with pytest.raises(AssertionError):
        answer(town, "hanh")
    run(town)
    with pytest.raises(Conflict, match="own_unattended"):
        answer(town, "an")
    answer(town, "hanh")
    (said,) = entries(town, EntryKind.UNATTENDED_ANSWERED)
    assert (said.facts["answer"], said.facts["note"]) == ("secured", "Trong két")
    with pytest.raises(Conflict, match="unattended_answered"):
        answer(town, "hanh")
    forward(town, hours=15)
    assert run(town) == 0
    forward(town, hours=1)
    assert run(town) == 1


def test_what_the_supervisor_does_not_find_is_a_loss_at_once(town: ShiftTown) -> None:
    offered(town)
    forward(town, hours=9)
    run(town)
    answer(town, "hanh", said="not_found", note="Két trống")
    assert run(town) == 1
    (opened,) = entries(town, EntryKind.INCIDENT_OPENED)
    assert opened.facts["kind"] == "loss"


def test_strangers_neither_answer_nor_learn_that_there_is_a_question(town: ShiftTown) -> None:
    offered(town)
    forward(town, hours=9)
    run(town)
    (row,) = page(town, "hanh").rows
    command = AnswerUnattended(question=row.question or 0, untrusted_answer="secured", untrusted_note="x")
    with pytest.raises(NotFound):
        say(town, command, by="binh")
    with pytest.raises(NotFound):
        say(town, replace(command, question=999), by="hanh")
    with pytest.raises(NotPermitted):
        say(town, command, by="chien")


def test_whoever_ends_a_shift_with_something_in_hand_leaves_it_unattended(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes)
    town.countersign("dung", shift, nonce="5" * 32)
    assert shown(town, "hoa") == {}
    forward(town, minutes=31)
    assert shown(town, "hoa") == dict.fromkeys(codes, UnattendedReason.SHIFT_ENDED)
    town.open_shift()
    assert shown(town, "hoa") == {}


def test_what_others_hand_over_meanwhile_stops_no_clock_but_their_own(town: ShiftTown) -> None:
    (code,) = town.in_hand(1)
    shift = town.open_shift()
    town.count("dung", shift, [code])
    town.countersign("dung", shift, nonce="5" * 32)
    (kept,) = town.register()
    town.post([kept])
    town.send("chien", replace(town.attempt("chien", [kept]), action=AttemptAction.HOLD_AT_OFFICE))
    forward(town, hours=4)
    (other,) = town.register()
    town.post([other])
    assert shown(town) == {code: UnattendedReason.SHIFT_ENDED, kept: UnattendedReason.HELD_AT_OFFICE}


def test_a_person_who_keeps_no_shifts_is_measured_by_none(town: ShiftTown) -> None:
    town.in_hand(1)
    forward(town, days=30)
    assert shown(town) == {}


def test_a_closed_account_or_office_leaves_things_unattended_at_once(town: ShiftTown) -> None:
    (code,) = town.in_hand(1)

    def close(table: str, code_or_id: object, at: datetime) -> None:
        def act(uow: object) -> None:
            if table == "units":
                unit = uow.units.find_by_code(POST)  # type: ignore[attr-defined]
                uow.units.amend(replace(unit, active=False, closed_at=at))  # type: ignore[attr-defined]
            else:
                user = uow.users.find(code_or_id)  # type: ignore[attr-defined]
                uow.users.amend(replace(user, active=False, closed_at=at))  # type: ignore[attr-defined]

        town.do(act)

    close("users", town.people["dung"].actor.user, town.clock())
    assert shown(town) == {code: UnattendedReason.CUSTODIAN_CLOSED}
    close("units", POST, town.clock())
    reasons = {one.found.reason for one in page(town, "kiem").rows}
    assert reasons == {UnattendedReason.CUSTODIAN_CLOSED, UnattendedReason.UNIT_CLOSED}


def test_an_attempt_that_says_keep_at_the_office_waits_for_the_handover_into_the_store(
    town: ShiftTown,
) -> None:
    (code,) = town.register()
    town.post([code])
    town.send("chien", replace(town.attempt("chien", [code]), action=AttemptAction.HOLD_AT_OFFICE))
    forward(town, hours=4)
    assert shown(town, "chien") == {code: UnattendedReason.HELD_AT_OFFICE}
    assert town.pass_on("chien", "dung", [code], place=POST).status == "accepted"
    assert shown(town) == {}


def test_an_attempt_to_be_tried_again_is_in_the_couriers_hands(town: ShiftTown) -> None:
    (code,) = town.register()
    town.post([code])
    town.send("chien", town.attempt("chien", [code]))
    forward(town, days=3)
    assert shown(town) == {}


def test_a_bag_late_without_a_scan_is_asked_of_the_office_it_goes_to(town: ShiftTown) -> None:
    bag, _ = town.packed(2)
    assert town.close("dung", bag).status == "accepted"
    forward(town, hours=20)
    assert town.hand_bag("dung", "duc", bag, place=POST).status == "accepted"
    forward(town, hours=23)
    assert shown(town) == {}
    forward(town, hours=1)
    assert shown(town) == {bag: UnattendedReason.BAG_OVERDUE}
    forward(town, hours=12)
    assert (run(town), run(town)) == (1, 0)
    (asked,) = entries(town, EntryKind.UNATTENDED_ASKED)
    assert asked.facts["unit"] == "24.P02"
    # The question is no scan of the bag: its clock goes on.
    (row,) = page(town, "giang").rows
    assert row.question is not None
    forward(town, hours=36)
    assert run(town) == 1
    assert town.hand_bag("duc", "giang", bag, place="24.P02").status == "accepted"
    assert shown(town) == {}


def test_what_lies_in_a_bag_is_looked_after_with_the_bag(town: ShiftTown) -> None:
    bag, codes = town.packed(2)
    assert town.close("dung", bag).status == "accepted"
    shift = town.open_shift()
    town.count("dung", shift, [bag])
    town.countersign("dung", shift, nonce="6" * 32)
    forward(town, hours=2)
    assert shown(town, "hoa") == {bag: UnattendedReason.SHIFT_ENDED}
    assert not set(codes) & set(shown(town))


def test_a_delivered_item_is_in_the_receivers_hands(town: ShiftTown) -> None:
    (code,) = town.register()
    town.post([code])
    assert (
        town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY).status == "accepted"
    )
    forward(town, days=30)
    assert shown(town) == {}


@pytest.mark.parametrize(
    "attack", ["UPDATE unattended_steps SET step = 'raised'", "DELETE FROM unattended_steps"]
)
def test_the_database_keeps_what_was_done(town: ShiftTown, engines: Engines, attack: str) -> None:
    offered(town)
    forward(town, hours=9)
    assert run(town) == 1
    (row,) = page(town, "kiem").rows
    assert [one.step for one in row.steps] == [UnattendedStep.ASKED]
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)
