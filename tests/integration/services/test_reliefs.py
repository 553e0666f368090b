"""Control 8, relief: the counted list handed to a named successor, line by line, with both signatures."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.bag import contents_digest
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.relief import Relief, ReliefResult
from app.domain.shift import Shift
from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.services.shifts import relief_pages, reliefs
from app.services.shifts.relief_pages import ReliefPage
from app.services.shifts.reliefs import ListRelief
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import Entry, parse_entry
from audit.evidence import EntryMode, EvidenceKind, Offer, TakeLine, TakeReason, Verdict
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import plain
from tests.support.shift_town import ShiftTown, close_incident, hire
from tests.support.town import POST, accept


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with two more clerks at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "thu", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def counted(town: ShiftTown, number: int) -> tuple[Shift, list[str]]:
    """Let the leaver count so many things; the count balances."""
    codes = town.in_hand(number)
    shift = town.open_shift()
    assert town.count("dung", shift, codes).status is ScanStatus.ACCEPTED
    return shift, codes


def list_relief(town: ShiftTown, shift: Shift, successor: str = "hoa", *, by: str = "dung") -> Relief:
    command = ListRelief(untrusted_shift=shift.code, untrusted_successor=successor)
    return town.use(reliefs.list_relief, command, by=by)


def refused_list(town: ShiftTown, shift: Shift, successor: str = "hoa") -> str:
    with pytest.raises(Conflict) as caught:
        list_relief(town, shift, successor)
    return str(caught.value.code)


def refused_closing(town: ShiftTown, shift: Shift) -> str:
    with pytest.raises(Conflict) as caught:
        town.close_shift("dung", shift, supervisor="hoa")
    return str(caught.value.code)


def offer(town: ShiftTown, codes: Sequence[str], *, to: str = "hoa") -> Offer:
    """Let the leaver sign the offer of a part of the list, to the successor by name."""
    said = town.offer("dung", codes, to=POST, to_user=to, place=POST)
    assert town.send("dung", said).status is ScanStatus.ACCEPTED
    return said


def take(
    town: ShiftTown,
    said: Offer,
    codes: Sequence[str],
    *,
    refusing: Sequence[str] = (),
    reason: TakeReason = TakeReason.DAMAGED,
) -> ScanOutcome:
    """Let the successor answer line by line."""
    turned_down = [
        TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=reason) for code in refusing
    ]
    return town.send("hoa", town.take("hoa", said.nonce, [*accept(codes), *turned_down], place=POST))


def page(town: ShiftTown, shift: Shift, by: str = "dung") -> ReliefPage:
    return town.read(relief_pages.show, shift.code, by=by)


def lines(town: ShiftTown, shift: Shift, by: str = "dung") -> dict[str, ReliefResult]:
    found = page(town, shift, by).lines
    assert found is not None
    return dict(found)


def entries(reader: Reader, kind: EntryKind) -> list[Entry]:
    found = (parse_entry(data) for data in reader.read(lambda uow: list(uow.audit.stream())))
    return [entry for entry in found if entry.kind is kind]


def test_control_8_relief_is_a_list_that_both_sign_line_by_line(town: ShiftTown, reader: Reader) -> None:
    shift, codes = counted(town, 3)
    relief = list_relief(town, shift)
    (listed,) = entries(reader, EntryKind.RELIEF_LISTED)
    assert listed.facts["digest"] == contents_digest(codes)
    assert (listed.facts["lines"], listed.facts["shift"]) == (3, shift.code)
    assert listed.facts["successor"] == relief.successor == town.people["hoa"].actor.user
    assert set(lines(town, shift).values()) == {ReliefResult.WAITING}
    said = offer(town, codes)
    assert set(lines(town, shift, "hoa").values()) == {ReliefResult.OFFERED}
    # The list alone moves nothing: custody goes with the successor's own signature.
    assert town.item(codes[0]).custodian == town.people_custodian("dung")
    take(town, said, codes)
    assert lines(town, shift) == dict.fromkeys(sorted(codes), ReliefResult.TAKEN)
    closed = town.countersign("dung", shift, nonce="1" * 32)
    assert town.do(lambda uow: uow.shifts.list_lines(closed.id, "closing")) == frozenset()
    (closing,) = entries(reader, EntryKind.SHIFT_CLOSED)
    assert (closing.facts["closing"], closing.facts["successor"]) == (0, relief.successor)
    proof = [(entry.kind, entry.user) for entry in page(town, shift).entries]
    leaver, successor = town.people["dung"].actor.user, relief.successor
    assert proof == [
        (EntryKind.RELIEF_LISTED, leaver),
        (EntryKind.HANDOVER_OFFERED, leaver),
        (EntryKind.HANDOVER_TAKEN, successor),
        (EntryKind.SHIFT_CLOSED, leaver),
    ]
    assert reader.read(custody_check.compare_custody).first is None


def test_control_8_relief_keeps_the_shift_open_while_a_line_is_not_taken(town: ShiftTown) -> None:
    shift, codes = counted(town, 2)
    list_relief(town, shift)
    assert refused_closing(town, shift) == ConflictCode.RELIEF_UNFINISHED
    take(town, offer(town, codes[:1]), codes[:1])
    assert refused_closing(town, shift) == ConflictCode.RELIEF_UNFINISHED
    offer(town, codes[1:])
    assert refused_closing(town, shift) == ConflictCode.RELIEF_UNFINISHED
    # Counting anew what is left does not turn a relief that has begun into a closing like any other.
    town.count("dung", shift, codes[1:])
    assert refused_closing(town, shift) == ConflictCode.RELIEF_UNFINISHED


def test_control_8_relief_leaves_a_refused_line_with_the_leaver_until_it_is_explained(
    town: ShiftTown, reader: Reader
) -> None:
    shift, codes = counted(town, 2)
    list_relief(town, shift)
    outcome = take(town, offer(town, codes), codes[:1], refusing=codes[1:])
    (raised,) = json.loads(outcome.entry.data)["facts"]["incidents"]
    assert raised["kind"] == "damaged"
    assert town.item(codes[1]).custodian == town.people_custodian("dung")
    assert lines(town, shift) == {codes[1]: ReliefResult.REFUSED, codes[0]: ReliefResult.TAKEN}
    assert refused_closing(town, shift) == ConflictCode.RELIEF_UNFINISHED
    close_incident(town)
    assert lines(town, shift)[codes[1]] is ReliefResult.EXPLAINED
    closed = town.countersign("dung", shift, nonce="1" * 32)
    assert town.do(lambda uow: uow.shifts.list_lines(closed.id, "closing")) == {codes[1]}
    (closing,) = entries(reader, EntryKind.SHIFT_CLOSED)
    assert (closing.facts["closing"], closing.facts["explained"]) == (1, 1)
    # The page of a closed shift stays as it was, whatever happens to the item later.
    town.pass_on("dung", "duc", codes[1:], place=POST)
    assert lines(town, shift) == {codes[1]: ReliefResult.EXPLAINED, codes[0]: ReliefResult.TAKEN}


def test_control_8_relief_opens_the_successors_shift_with_the_last_closing_and_what_was_taken(
    town: ShiftTown,
) -> None:
    own = town.in_hand(1, "hoa")
    before = town.open_shift("hoa")
    town.count("hoa", before, own)
    town.countersign("hoa", before, supervisor="thu", nonce="1" * 32)
    shift, codes = counted(town, 2)
    list_relief(town, shift)
    take(town, offer(town, codes), codes)
    stray = town.in_hand(1, "hoa")
    following = town.open_shift("hoa")
    assert town.do(lambda uow: uow.shifts.list_lines(following.id, "opening")) == {*own, *codes}
    town.count("hoa", following, [*own, *codes, *stray])
    balance = town.page(following, "hoa").balance
    assert balance is not None
    assert (balance.came, balance.left, balance.is_balanced) == (frozenset(stray), frozenset(), True)


def test_what_a_successor_took_into_an_open_shift_came_in_it(town: ShiftTown) -> None:
    following = town.open_shift("hoa")
    shift, codes = counted(town, 2)
    list_relief(town, shift)
    take(town, offer(town, codes), codes)
    town.count("hoa", following, codes)
    balance = town.page(following, "hoa").balance
    assert balance is not None
    assert (balance.opening, balance.came) == (frozenset(), frozenset(codes))


def test_a_relief_is_of_a_whole_count_that_balances_and_is_not_outdated(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    assert refused_list(town, shift) == ConflictCode.COUNT_MISSING
    town.count("dung", shift, codes[:1])
    assert refused_list(town, shift) == ConflictCode.SHIFT_UNBALANCED
    town.count("dung", shift, codes)
    town.pass_on("dung", "duc", codes[1:], place=POST)
    assert refused_list(town, shift) == ConflictCode.COUNT_OUTDATED
    town.count("dung", shift, codes[:1])
    list_relief(town, shift)
    town.begin_count(shift)
    assert refused_list(town, shift) == ConflictCode.COUNT_MISSING


def test_whoever_has_nothing_in_hand_has_nothing_to_hand_over(town: ShiftTown) -> None:
    shift = town.open_shift()
    town.count("dung", shift, [])
    assert refused_list(town, shift) == ConflictCode.RELIEF_EMPTY


def test_a_bag_is_closed_or_emptied_before_it_is_handed_over(town: ShiftTown) -> None:
    bag, codes = town.packed(2)
    shift = town.open_shift()
    town.count("dung", shift, [bag, *codes])
    assert refused_list(town, shift) == ConflictCode.RELIEF_BAG_OPEN
    town.close("dung", bag)
    town.count("dung", shift, [bag])
    list_relief(town, shift)
    assert town.hand_bag("dung", "hoa", bag, place=POST).status is ScanStatus.ACCEPTED
    assert lines(town, shift) == {bag: ReliefResult.TAKEN}
    assert town.countersign("dung", shift, supervisor="thu", nonce="1" * 32).closed_at is not None


def test_what_waits_for_another_taker_is_recalled_before_it_is_listed(town: ShiftTown) -> None:
    shift, codes = counted(town, 1)
    town.send("dung", town.offer("dung", codes, to=POST, place=POST))
    assert refused_list(town, shift) == ConflictCode.RELIEF_OFFERED


@pytest.mark.parametrize("name", ["dung", "giang", "kiem", "an", "niemand"])
def test_a_successor_is_another_of_the_post_at_the_same_office(town: ShiftTown, name: str) -> None:
    shift, _codes = counted(town, 1)
    assert refused_list(town, shift, name) == ConflictCode.SUCCESSOR_NOT_ALLOWED


def test_a_relief_that_has_not_begun_is_given_up_by_counting_anew(town: ShiftTown) -> None:
    shift, codes = counted(town, 1)
    list_relief(town, shift)
    town.count("dung", shift, codes)
    closed = town.countersign("dung", shift, nonce="1" * 32)
    assert town.do(lambda uow: uow.shifts.list_lines(closed.id, "closing")) == set(codes)


def test_a_closed_shift_is_handed_over_by_nobody_and_another_persons_by_nobody_else(town: ShiftTown) -> None:
    shift, _codes = counted(town, 1)
    with pytest.raises(NotFound):
        list_relief(town, shift, by="thu")
    town.countersign("dung", shift, nonce="1" * 32)
    assert refused_list(town, shift) == ConflictCode.SHIFT_CLOSED


def test_a_line_that_went_to_a_third_person_is_told_as_that(town: ShiftTown) -> None:
    shift, codes = counted(town, 1)
    list_relief(town, shift)
    town.pass_on("dung", "duc", codes, place=POST)
    assert lines(town, shift) == {codes[0]: ReliefResult.ELSEWHERE}
    assert town.countersign("dung", shift, nonce="1" * 32).closed_at is not None


def test_a_relief_is_shown_to_both_their_office_and_the_auditor_and_not_while_either_counts(
    town: ShiftTown,
) -> None:
    shift, codes = counted(town, 1)
    list_relief(town, shift, "chien")
    for name in ("dung", "chien", "thu", "kiem"):
        assert set(lines(town, shift, name)) == set(codes)
    for name in ("duc", "giang"):
        with pytest.raises(NotFound):
            page(town, shift, name)
    own = town.open_shift("chien")
    town.begin_count(own, "chien")
    assert page(town, shift, "chien").lines is None
    town.begin_count(shift)
    assert page(town, shift, "kiem").lines is None


def test_a_relief_waits_for_its_successor_until_the_leaver_closes(town: ShiftTown) -> None:
    shift, codes = counted(town, 1)
    list_relief(town, shift)

    def mine(name: str) -> list[tuple[str, int | None]]:
        actor = town.people[name].actor
        found = town.do(lambda uow: relief_pages.list_mine(uow, actor=actor, now=town.clock()))
        return [(one.shift.code, one.lines) for one in found]

    assert (mine("hoa"), mine("thu")) == ([(shift.code, 1)], [])
    take(town, offer(town, codes), codes)
    town.countersign("dung", shift, nonce="1" * 32)
    assert mine("hoa") == []


def test_successors_are_the_post_of_ones_own_office(town: ShiftTown) -> None:
    found = {user.username for user in town.read(relief_pages.list_successors, by="dung")}
    assert found >= {"hoa", "thu", "chien", "duc"}
    assert found.isdisjoint({"dung", "giang", "kiem"})
    assert {user.username for user in town.read(relief_pages.list_successors, by="giang")} == {"khanh"}


def test_a_code_that_was_keyed_in_at_the_count_is_told_apart(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    keyed = town.key_in("dung", codes[0], witness="hoa")
    town.attest("dung", "hoa", nonce=keyed.nonce, subject=codes[0])
    town.send("dung", keyed)
    read = [replace(line, entry=EntryMode.TYPED) if line.code == codes[0] else line for line in plain(codes)]
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    town.send("dung", town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, lines=read))
    list_relief(town, shift)
    assert page(town, shift).typed == {codes[0]}
