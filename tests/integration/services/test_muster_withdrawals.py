"""Control 15, a muster that ends without a result: withdrawn by its opener, or late by another auditor."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, NotPermitted
from app.domain.incident_standards import SAMPLE, parse_standards
from app.domain.muster import Muster, WithdrawalReason
from app.http.muster_paper import muster_paper
from app.services.log import custody_check
from app.services.scans import desk
from app.services.scans.scan_outcome import ScanStatus
from app.services.shifts import muster_draw, muster_pages, muster_withdrawal, musters
from app.services.shifts.blind import is_counting
from app.services.shifts.muster_draw import DrawMusters
from app.services.shifts.muster_withdrawal import WithdrawalTerms, WithdrawMuster
from app.storage.errors import StorageError
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from reports.list_minutes import render_list_minutes
from tests.integration.services.test_musters import close, count, open_muster, page, refusals
from tests.support.databases import SteppingClock
from tests.support.shift_town import ShiftTown, hire


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with a second clerk at the first office and two auditors."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    hire(town, "tra", Role.AUDITOR)
    return town


def withdraw(town: ShiftTown, muster: Muster, *, by: str = "kiem", reason: str = "mistake") -> Muster:
    command = WithdrawMuster(untrusted_muster=muster.code, untrusted_reason=reason)
    return town.use(muster_withdrawal.withdraw, command, by=by)


def refused(town: ShiftTown, muster: Muster, *, by: str = "kiem") -> str:
    with pytest.raises(Conflict) as caught:
        withdraw(town, muster, by=by)
    return str(caught.value.code)


def terms(town: ShiftTown, muster: Muster, *, by: str) -> WithdrawalTerms:
    return town.use(muster_withdrawal.find_terms, muster.code, by=by)


def counting(town: ShiftTown, name: str) -> bool:
    return town.do(lambda uow: is_counting(uow, town.people[name].actor))


def test_control_15_a_muster_is_withdrawn_by_its_opener_with_a_reason(
    town: ShiftTown, reader: Reader
) -> None:
    town.in_hand(2)
    muster = open_muster(town)
    withdrawn = withdraw(town, muster, reason="wrong_hands")
    assert withdrawn.withdrawal is not None
    assert (withdrawn.withdrawal.by, withdrawn.withdrawal.reason) == (
        town.people["kiem"].actor.user,
        WithdrawalReason.WRONG_HANDS,
    )
    assert (withdrawn.is_open, withdrawn.closed_at, withdrawn.partner) == (False, None, None)
    entry = parse_entry(reader.read(lambda uow: list(uow.audit.stream()))[-1])
    assert entry.kind is EntryKind.MUSTER_WITHDRAWN
    assert (entry.facts["muster"], entry.facts["reason"]) == (muster.code, "wrong_hands")
    shown = page(town, muster, "dung")
    assert [one.step for one in shown.entries] == ["opened", "withdrawn"]
    # What was frozen is told to nobody, the opener least: the next muster may freeze the same.
    told = page(town, muster)
    assert (told.lines, told.scanned, told.muster.missing) == (None, 0, 0)
    assert reader.read(custody_check.compare_custody).first is None


def test_whoever_owed_a_count_is_released_and_their_shift_goes_on(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes)
    muster = open_muster(town)
    assert counting(town, "dung")
    assert page(town, muster, "dung").owes
    assert codes[0] not in repr(town.use(desk.read_desk, by="dung"))
    assert town.page(shift).balance is None
    withdraw(town, muster)
    assert not counting(town, "dung")
    assert not page(town, muster, "dung").owes
    assert codes[0] in repr(town.use(desk.read_desk, by="dung"))
    assert town.page(shift).balance is not None
    town.countersign("dung", shift, nonce="1" * 32)


def test_a_count_that_comes_after_the_withdrawal_is_refused_and_says_why(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    muster = open_muster(town)
    count(town, "dung", muster, codes, last=False)
    withdraw(town, muster)
    late = count(town, "dung", muster, [], part=2)
    assert refusals(late) == [Refusal.MUSTER_WITHDRAWN]
    with pytest.raises(Conflict) as caught:
        close(town, muster)
    assert caught.value.code == ConflictCode.MUSTER_WITHDRAWN


def test_the_place_can_be_mustered_and_drawn_again(town: ShiftTown) -> None:
    first = open_muster(town)
    withdraw(town, first)
    again = open_muster(town)
    assert again.code != first.code
    withdraw(town, again)
    drawn = town.use(muster_draw.draw, DrawMusters(untrusted_of="places", untrusted_count="9"), by="kiem")
    assert {muster.unit for muster in drawn} >= {first.unit}
    listed = town.read(muster_pages.list_musters, by="dung").musters
    assert [one.is_open for one in listed] == [True, False, False]


def test_a_second_auditor_withdraws_only_after_the_days_of_the_table_and_a_clerk_never(
    town: ShiftTown, clock: SteppingClock
) -> None:
    muster = open_muster(town)
    asked = terms(town, muster, by="tra")
    assert asked == WithdrawalTerms(
        may_withdraw=False, others_from_at=muster.opened_at + timedelta(days=7), is_sample=True
    )
    assert terms(town, muster, by="kiem").may_withdraw
    assert refused(town, muster, by="tra") == ConflictCode.MUSTER_NOT_OLD
    clock.now = asked.others_from_at - timedelta(seconds=2)
    assert refused(town, muster, by="tra") == ConflictCode.MUSTER_NOT_OLD
    clock.now = asked.others_from_at
    assert refused(town, muster, by="hoa") == ConflictCode.MUSTER_WITHDRAWN_BY_OPENER
    assert terms(town, muster, by="tra").may_withdraw
    withdrawn = withdraw(town, muster, by="tra", reason="abandoned")
    assert withdrawn.withdrawal is not None
    assert withdrawn.withdrawal.by == town.people["tra"].actor.user


def test_an_installation_sets_the_days_by_a_table_of_its_own(town: ShiftTown) -> None:
    own = {**SAMPLE, "name": "qd-12", "source": "Quyết định 12", "sample": False, "muster_open_days": 1}
    standards = parse_standards(json.dumps([own]).encode())

    town.tools = replace(town.tools, incident_standards=standards)
    muster = open_muster(town)
    assert terms(town, muster, by="tra") == WithdrawalTerms(
        may_withdraw=False, others_from_at=muster.opened_at + timedelta(days=1), is_sample=False
    )


def test_what_is_withdrawn_is_withdrawn_once_and_what_is_closed_never(town: ShiftTown) -> None:
    muster = open_muster(town, by="hoa")
    with pytest.raises(InvalidInput):
        withdraw(town, muster, by="hoa", reason="x")
    with pytest.raises(NotFound):
        withdraw(town, muster, by="giang")
    with pytest.raises(NotPermitted):
        withdraw(town, muster, by="chien")
    with pytest.raises(NotFound):
        withdraw(town, replace(muster, code="KK-24.P01-2026-99"), by="hoa")
    withdraw(town, muster, by="hoa")
    assert refused(town, muster, by="hoa") == ConflictCode.MUSTER_WITHDRAWN
    assert not terms(town, muster, by="hoa").may_withdraw
    other = open_muster(town, by="hoa")
    count(town, "dung", other, [])
    close(town, other, by="hoa")
    assert refused(town, other, by="hoa") == ConflictCode.MUSTER_CLOSED


def test_the_database_itself_keeps_what_was_withdrawn(town: ShiftTown) -> None:
    muster = open_muster(town)
    withdrawn = withdraw(town, muster)
    with pytest.raises(StorageError):
        town.do(lambda uow: uow.musters.save(replace(withdrawn, withdrawal=None)))
    assert not page(town, muster).muster.is_open


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Do all of these at once; return what each gave, or the error it ended with."""
    answers: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            answers[place] = call()
        except Conflict as error:
            answers[place] = str(error.code)

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_withdrawal_and_a_closing_at_once_give_one_end(town: ShiftTown, reader: Reader) -> None:
    for _ in range(4):
        muster = open_muster(town)
        count(town, "dung", muster, [])
        ended, closed = at_once(lambda m=muster: withdraw(town, m), lambda m=muster: close(town, m))  # type: ignore[misc]
        after = page(town, muster).muster
        assert not after.is_open
        assert (after.closed_at is None) != (after.withdrawal is None)
        if after.withdrawal is None:
            assert ended == ConflictCode.MUSTER_CLOSED
        else:
            assert closed == ConflictCode.MUSTER_WITHDRAWN
    kinds = [parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))]
    assert kinds.count(EntryKind.MUSTER_WITHDRAWN) + kinds.count(EntryKind.MUSTER_CLOSED) == 4


def test_a_count_that_comes_in_while_it_is_withdrawn_stands_before_it_or_is_refused(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(2)
    for _ in range(4):
        muster = open_muster(town)
        _, outcome = at_once(
            lambda m=muster: withdraw(town, m),  # type: ignore[misc]
            lambda m=muster: count(town, "dung", m, codes),  # type: ignore[misc]
        )
        steps = [one.step for one in page(town, muster).entries]
        assert steps[-1] == "withdrawn"
        counted = getattr(outcome, "status", None) is ScanStatus.ACCEPTED
        assert counted == (steps == ["opened", "counted", "withdrawn"])
        assert not counting(town, "dung")


def test_the_minutes_of_a_withdrawn_muster_say_so_and_name_no_code(
    town: ShiftTown, clock: SteppingClock
) -> None:
    codes = town.in_hand(1)
    muster = open_muster(town)
    count(town, "dung", muster, codes)
    assert muster_paper(page(town, muster), origin="log") is None
    clock.now += timedelta(days=8)
    withdraw(town, muster, by="tra", reason="abandoned")
    paper = muster_paper(page(town, muster, "tra"), origin="log")
    assert paper is not None
    assert (paper.title, paper.lines) == ("BIÊN BẢN HỦY KIỂM KÊ", ())
    assert paper.totals == "CUỘC KIỂM KÊ ĐÃ HỦY, KHÔNG CÓ KẾT QUẢ."
    assert ("Lý do hủy", "Bỏ dở, quá hạn") in paper.facts
    assert [one.caption for one in paper.signers] == ["NGƯỜI HỦY KIỂM KÊ", "NGƯỜI MỞ KIỂM KÊ"]
    # It is held to the entry that ended it.
    assert paper.digest == paper.entries[-1].leaf
    assert codes[0] not in repr(paper)
    assert render_list_minutes(paper)[:5] == b"%PDF-"


def test_two_withdrawals_at_once_give_one(town: ShiftTown) -> None:
    muster = open_muster(town)
    answers = at_once(lambda: withdraw(town, muster), lambda: withdraw(town, muster))
    assert sorted(isinstance(one, Muster) for one in answers) == [False, True]
    assert ConflictCode.MUSTER_WITHDRAWN in answers
    assert town.do(lambda uow: musters.people_of(uow, muster.unit, active=True))
