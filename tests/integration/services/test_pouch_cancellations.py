"""Returns of pouches that their sender takes back before they are answered, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, NotPermitted, ProblemCode
from app.domain.pouch import Balance, PouchCancelReason
from app.services.bags import pouch_pages
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.pouch_town import PouchTown
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PouchTown:
    return PouchTown(writer, clock, signer)


def conflict(act: Callable[[], object]) -> ConflictCode:
    with pytest.raises(Conflict) as caught:
        act()
    return ConflictCode(caught.value.code)


def kinds(reader: Reader) -> list[EntryKind]:
    return [parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))]


def test_a_list_made_by_mistake_is_taken_back_and_its_number_stays_used(
    town: PouchTown, reader: Reader, clock: SteppingClock
) -> None:
    town.travel("TUI-001")
    before = town.pouch("TUI-001")
    sent = town.send_back("TUI-001")
    clock.now += timedelta(minutes=5)
    cancelled = town.take_back(sent)
    assert (cancelled.cancelled_by, cancelled.cancel_reason) == (
        town.people["giang"].actor.user,
        PouchCancelReason.MISTAKE,
    )
    # It lies where it lay, for as long as it has.
    assert town.pouch("TUI-001") == before
    assert town.balance("giang") == Balance(empty=1, of_others=1)
    assert kinds(reader)[-1] is EntryKind.POUCHES_CANCELLED
    file = town.read(pouch_pages.show_list, sent.code, by="dung")
    assert [one.step for one in file.entries] == ["sent", "cancelled"]
    assert not file.may_answer
    assert town.read(pouch_pages.count_coming, by="dung") == 0
    again = town.send_back("TUI-001")
    assert again.code == f"VT-{OTHER_POST}-{POST}-{sent.year}-2"
    assert town.read(pouch_pages.count_coming, by="dung") == 1
    town.get_back(again, {"TUI-001": "received"})


def test_only_the_sending_office_cancels_once_and_before_the_answer(town: PouchTown) -> None:
    town.travel("TUI-001")
    sent = town.send_back("TUI-001")
    for who in ("dung", "son"):
        with pytest.raises(NotFound):
            town.take_back(sent, by=who)
    with pytest.raises(NotPermitted):
        town.take_back(sent, by="duc")
    with pytest.raises(InvalidInput) as caught:
        town.take_back(sent, reason="why not")
    assert [one.code for one in caught.value.problems] == [ProblemCode.NOT_A_CHOICE]
    assert town.read(pouch_pages.show_list, sent.code, by="giang").may_cancel
    town.take_back(sent)
    for late in (lambda: town.take_back(sent), lambda: town.get_back(sent, {"TUI-001": "received"})):
        assert conflict(late) == ConflictCode.POUCH_LIST_CANCELLED
    answered = town.send_back("TUI-001")
    town.get_back(answered, {"TUI-001": "received"})
    assert conflict(lambda: town.take_back(answered)) == ConflictCode.POUCH_LIST_ANSWERED


def test_cancelling_and_answering_at_once_do_one_of_the_two(town: PouchTown) -> None:
    town.travel("TUI-001")
    sent = town.send_back("TUI-001")
    answers: list[object] = []

    def run(act: Callable[[], object]) -> None:
        try:
            answers.append(act())
        except Conflict as error:
            answers.append(error)

    both: tuple[Callable[[], object], ...] = (
        lambda: town.take_back(sent),
        lambda: town.get_back(sent, {"TUI-001": "received"}),
    )
    threads = [Thread(target=run, args=(act,)) for act in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Conflict) for one in answers) == 1
    found = town.read(pouch_pages.show_list, sent.code, by="giang").list
    assert (found.received_at is None) != (found.cancelled_at is None)
