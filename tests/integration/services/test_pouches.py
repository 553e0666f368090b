"""Pouches: whose they are, who has them empty, how they come back, how they are written off."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from app.domain.access import Role
from app.domain.errors import (
    Conflict,
    ConflictCode,
    DomainError,
    InvalidInput,
    NotFound,
    NotPermitted,
    ProblemCode,
)
from app.domain.incident import IncidentKind
from app.domain.incident_search import IncidentSearch
from app.domain.pouch import Balance, PouchState, RetireReason
from app.services.bags import pouch_pages, pouches
from app.services.bags.pouch_pages import PouchQueue
from app.services.bags.pouches import RetirePouch
from app.services.incidents import incident_pages
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import HUB, OTHER_POST
from tests.support.pouch_town import PouchTown
from tests.support.shift_town import close_incident, hire
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PouchTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = PouchTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def problems(make: Callable[[], object]) -> list[tuple[str, ProblemCode, object]]:
    with pytest.raises(InvalidInput) as caught:
        make()
    return [(one.field, one.code, one.params.get("holder")) for one in caught.value.problems]


def conflict(make: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as caught:
        make()
    return caught.value.code


def kinds(reader: Reader) -> list[EntryKind]:
    return [parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))]


def name_of(town: PouchTown, code: str) -> str:
    return town.do(lambda uow: uow.units.list_by_ids({town.units[code]}))[town.units[code]].name


def test_a_pouch_that_nobody_entered_becomes_the_starting_offices_with_its_first_trip(
    town: PouchTown,
) -> None:
    town.start(asset="TUI-001")
    pouch = town.pouch("TUI-001")
    assert (pouch.owner, pouch.holder, pouch.state) == (town.units[POST], town.units[POST], PouchState.HELD)
    assert town.balance() == Balance(owned=1, in_use=1)


def test_the_office_that_empties_a_bag_has_its_pouch(town: PouchTown) -> None:
    town.travel()
    assert town.pouch("TUI-001").holder == town.units[OTHER_POST]
    assert town.balance() == Balance(owned=1, out=1)
    assert town.balance("giang") == Balance(empty=1, of_others=1)


def test_a_pouch_travels_with_its_bag_and_is_counted_where_the_bag_is(town: PouchTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST)
    town.hand_bag("duc", "giang", bag, place=OTHER_POST)
    assert town.balance() == Balance(owned=1, out=1)
    assert town.balance("giang") == Balance(in_use=1, of_others=1)


def test_a_pouch_is_not_started_by_an_office_that_does_not_have_it_and_the_text_says_who_does(
    town: PouchTown,
) -> None:
    town.travel()
    assert problems(lambda: town.start(asset="TUI-001")) == [
        ("asset", ProblemCode.POUCH_ELSEWHERE, name_of(town, OTHER_POST))
    ]
    town.start("giang", to=POST, asset="TUI-001")
    assert town.balance("giang") == Balance(in_use=1, of_others=1)


def test_a_pouch_is_not_in_two_open_trips(town: PouchTown) -> None:
    town.start(asset="TUI-001")
    wrong = ("asset", ProblemCode.POUCH_IN_USE, name_of(town, POST))
    assert problems(lambda: town.start(asset="TUI-001")) == [wrong]
    assert problems(lambda: town.start("son", asset="TUI-001", to=POST)) == [wrong]
    assert problems(lambda: town.send_back("TUI-001", by="dung", to=HUB)) == [
        ("pouches", ProblemCode.POUCH_IN_USE, name_of(town, POST))
    ]


def test_two_offices_that_start_one_pouch_at_once_give_one_trip_and_one_refusal(town: PouchTown) -> None:
    answers: list[object] = []

    def start(name: str, to: str) -> None:
        try:
            answers.append(town.start(name, to=to, asset="TUI-001"))
        except DomainError as error:
            answers.append(error)

    threads = [Thread(target=start, args=pair) for pair in (("dung", OTHER_POST), ("son", POST))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [one for one in answers if isinstance(one, InvalidInput)]
    assert len(answers) == 2
    assert [one.problems[0].code for one in refused] == [ProblemCode.POUCH_IN_USE]


def test_new_pouches_are_entered_by_an_office_once(town: PouchTown, reader: Reader) -> None:
    assert town.enter("tui-8", "TUI-9, TUI-8") == ("TUI-8", "TUI-9")
    assert town.balance() == Balance(owned=2, empty=2)
    wrong = [("pouches", ProblemCode.POUCH_KNOWN, name_of(town, POST))]
    assert problems(lambda: town.enter("TUI-8", by="giang")) == wrong
    assert kinds(reader)[-1] is EntryKind.POUCHES_ENTERED
    with pytest.raises(NotPermitted):
        town.enter("TUI-10", by="duc")


def test_empties_come_back_on_a_numbered_list_that_two_persons_sign(town: PouchTown, reader: Reader) -> None:
    town.travel("TUI-001")
    town.travel("TUI-002", seal="NP-1002")
    sent = town.send_back("TUI-001", "TUI-002")
    assert sent.code == f"VT-{OTHER_POST}-{POST}-{sent.year}-1"
    # Until the list is answered the sender answers for what is on the way.
    assert town.balance("giang") == Balance(on_way=2, of_others=2)
    assert problems(lambda: town.start("giang", to=POST, asset="TUI-001")) == [
        ("asset", ProblemCode.POUCH_ON_WAY, name_of(town, OTHER_POST))
    ]
    answered = town.get_back(sent, {"TUI-001": "received", "TUI-002": "received"})
    assert (answered.sent_by, answered.received_by) == (
        town.people["giang"].actor.user,
        town.people["dung"].actor.user,
    )
    assert town.balance() == Balance(owned=2, empty=2)
    assert town.balance("giang") == Balance()
    assert kinds(reader)[-1] is EntryKind.POUCHES_RECEIVED
    file = town.read(pouch_pages.show_list, sent.code, by="giang")
    assert [one.step for one in file.entries] == ["sent", "received"]
    town.start(asset="TUI-001")


def test_control_12_lists_are_numbered_without_a_gap_for_each_pair_and_year(town: PouchTown) -> None:
    town.enter("A1", "A2", "A3")
    town.enter("B1", by="giang")
    first = town.send_back("A1", by="dung", to=OTHER_POST)
    problems(lambda: town.send_back("A1", by="dung", to=OTHER_POST))
    second = town.send_back("A2", by="dung", to=OTHER_POST)
    other = town.send_back("A3", by="dung", to=HUB)
    back = town.send_back("B1", by="giang", to=POST)
    assert [one.number for one in (first, second, other, back)] == [1, 2, 1, 1]


def test_a_difference_opens_an_incident_by_itself_and_the_missing_pouch_stays_with_its_sender(
    town: PouchTown,
) -> None:
    town.enter("A1", "A2")
    town.enter("B1", by="giang")
    sent = town.send_back("A1", "A2", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "received", "A2": "missing"}, excess="B1 X9", by="giang")
    missing = town.pouch("A2")
    assert (missing.state, missing.holder) == (PouchState.MISSING, town.units[POST])
    assert town.pouch("B1").holder == town.units[OTHER_POST]
    assert town.balance() == Balance(owned=2, out=1, missing=1)
    assert problems(lambda: town.start(asset="A2")) == [
        ("asset", ProblemCode.POUCH_MISSING, name_of(town, POST))
    ]
    for who in ("dung", "giang"):
        (incident,) = town.read(incident_pages.list_incidents, IncidentSearch(), by=who).rows
        assert incident.incident.kind is IncidentKind.COUNT_DIFFERS
        assert incident.incident.id == missing.incident


def test_what_came_besides_the_list_moves_to_the_finder(town: PouchTown) -> None:
    town.enter("A1", "A2")
    sent = town.send_back("A1", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "received"}, excess="A2", by="giang")
    assert town.pouch("A2").holder == town.units[OTHER_POST]


def test_an_answer_leaves_no_line_out_and_is_given_once_by_the_receiving_office(town: PouchTown) -> None:
    town.enter("A1", "A2")
    sent = town.send_back("A1", "A2", by="dung", to=OTHER_POST)
    assert problems(lambda: town.get_back(sent, {"A1": "received"}, by="giang")) == [
        ("mark.A2", ProblemCode.REQUIRED, None)
    ]
    for who in ("dung", "son"):
        with pytest.raises(NotFound):
            town.get_back(sent, {"A1": "received", "A2": "received"}, by=who)
    town.get_back(sent, {"A1": "received", "A2": "received"}, by="giang")
    both = {"A1": "received", "A2": "received"}
    assert conflict(lambda: town.get_back(sent, both, by="giang")) == ConflictCode.POUCH_LIST_ANSWERED


def test_a_missing_pouch_that_is_found_is_entered_again_where_it_is(town: PouchTown) -> None:
    town.enter("A1")
    sent = town.send_back("A1", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "missing"}, by="giang")
    town.enter("A1", by="son")
    found = town.pouch("A1")
    assert (found.state, found.owner, found.holder) == (
        PouchState.HELD,
        town.units[POST],
        town.units[HUB],
    )


def test_a_pouch_is_written_off_by_two_persons_and_never_used_again(town: PouchTown, reader: Reader) -> None:
    town.enter("A1")
    assert conflict(lambda: town.decide("A1")) == ConflictCode.POUCH_NOT_PROPOSED
    town.propose("A1", reason="worn")
    assert conflict(lambda: town.propose("A1", by="hoa")) == ConflictCode.POUCH_PROPOSED
    assert conflict(lambda: town.decide("A1", by="dung")) == ConflictCode.POUCH_SAME_PERSON
    with pytest.raises(NotFound):
        town.decide("A1", by="giang")
    town.decide("A1", by="hoa")
    pouch = town.pouch("A1")
    assert (pouch.state, pouch.retire_reason) == (PouchState.RETIRED, RetireReason.WORN)
    assert town.balance() == Balance()
    assert problems(lambda: town.start(asset="A1"))[0][1] is ProblemCode.POUCH_RETIRED
    assert problems(lambda: town.enter("A1"))[0][1] is ProblemCode.POUCH_RETIRED
    assert conflict(lambda: town.propose("A1")) == ConflictCode.POUCH_RETIRED
    assert kinds(reader)[-1] is EntryKind.POUCH_RETIRED


def test_a_second_person_may_keep_a_pouch(town: PouchTown, reader: Reader) -> None:
    town.enter("A1")
    town.propose("A1")
    town.decide("A1", "keep", by="kiem")
    assert town.pouch("A1").proposal is None
    assert kinds(reader)[-1] is EntryKind.POUCH_RETIREMENT_REFUSED
    town.start(asset="A1")


def test_a_pouch_on_a_trip_or_on_its_way_is_not_written_off(town: PouchTown) -> None:
    town.enter("A1", "A2")
    town.propose("A1")
    town.start(asset="A1")
    assert conflict(lambda: town.decide("A1")) == ConflictCode.POUCH_BUSY
    town.send_back("A2", by="dung", to=OTHER_POST)
    assert conflict(lambda: town.propose("A2")) == ConflictCode.POUCH_BUSY


def test_a_lost_pouch_is_written_off_through_its_closed_incident_by_one_person(
    town: PouchTown, reader: Reader
) -> None:
    town.enter("A1")
    sent = town.send_back("A1", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A1": "missing"}, by="giang")
    command = RetirePouch(untrusted_pouch="A1", untrusted_reason="lost")

    def alone() -> None:
        town.use(pouches.retire_by_incident, command, by="dung")

    assert conflict(alone) == ConflictCode.POUCH_NOT_PROPOSED
    incident = town.pouch("A1").incident
    assert incident is not None
    close_incident(town, incident)
    alone()
    assert town.pouch("A1").retire_reason is RetireReason.LOST
    last = parse_entry(reader.read(lambda uow: list(uow.audit.stream()))[-1])
    assert last.facts["incident"]
    assert "proposer" not in last.facts


def test_a_pouch_of_another_office_is_overdue_after_the_days_of_the_sample(
    town: PouchTown, clock: SteppingClock
) -> None:
    town.travel()
    assert town.balance("giang").overdue == 0
    sheet = town.use(pouch_pages.list_balances, by="giang")
    assert (sheet.return_days, sheet.is_sample) == (30, True)
    clock.now += timedelta(days=30, minutes=1)
    assert town.balance("giang").overdue == 1
    counts = town.use(pouch_pages.count_queues, by="giang")
    assert (counts[PouchQueue.OVERDUE], counts[PouchQueue.OF_OTHERS]) == (1, 1)


def test_every_queue_lists_what_the_balance_counts(town: PouchTown) -> None:
    town.travel("TUI-001")
    town.enter("A1", "A2", "A3")
    town.start(asset="A1")
    sent = town.send_back("A2", by="dung", to=OTHER_POST)
    town.get_back(sent, {"A2": "missing"}, by="giang")
    town.propose("A3")
    listed = {
        queue: [one.pouch.asset for one in town.use(pouch_pages.list_pouches, queue, by="dung").rows]
        for queue in PouchQueue
    }
    assert listed == {
        PouchQueue.EMPTY: ["A3"],
        PouchQueue.IN_USE: ["A1"],
        PouchQueue.OUT: ["TUI-001"],
        PouchQueue.OF_OTHERS: [],
        PouchQueue.OVERDUE: [],
        PouchQueue.MISSING: ["A2"],
        PouchQueue.PROPOSED: ["A3"],
    }
    counts = town.use(pouch_pages.count_queues, by="dung")
    assert counts == {queue: len(assets) for queue, assets in listed.items()}


def test_an_office_sees_its_own_register_and_the_auditor_every_offices(town: PouchTown) -> None:
    town.enter("A1")
    sent = town.send_back("A1", by="dung", to=OTHER_POST)
    assert town.read(pouch_pages.show, "A1", by="giang").lists == (sent,)
    for page, name in ((pouch_pages.show, "A1"), (pouch_pages.show_list, sent.code)):
        with pytest.raises(NotFound):
            town.read(page, name, by="son")
        town.read(page, name, by="kiem")
    assert town.read(pouch_pages.count_coming, by="giang") == 1
    assert [row.unit.code for row in town.use(pouch_pages.list_balances, by="kiem").rows] == [POST]
    with pytest.raises(NotPermitted):
        town.use(pouch_pages.list_balances, by="an")
