"""Control 15, musters on demand: frozen when opened, counted blind, closed by two, drawn by the log."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, NotPermitted
from app.domain.muster import Muster, MusterFinding, draw
from app.services.log import custody_check
from app.services.scans import desk
from app.services.scans.presence import Attested
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.services.shifts import muster_draw, muster_pages, musters
from app.services.shifts.muster_draw import DrawMusters
from app.services.shifts.muster_pages import MusterPage
from app.services.shifts.musters import CloseMuster, OpenMuster
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, plain
from tests.support.shift_town import ShiftTown, close_incident, hire
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with a second clerk at the first office and two auditors."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    hire(town, "tra", Role.AUDITOR)
    return town


def open_muster(town: ShiftTown, unit: str = POST, *, person: str = "", by: str = "kiem") -> Muster:
    return town.use(musters.open_muster, OpenMuster(untrusted_unit=unit, untrusted_person=person), by=by)


def count(
    town: ShiftTown, name: str, muster: Muster, codes: list[str], *, part: int = 1, last: bool = True
) -> ScanOutcome:
    facts: dict[str, int | str] = {"part": part, "last": "yes" if last else "no"}
    return town.send(name, town.act(name, EvidenceKind.COUNT, muster.code, facts=facts, lines=plain(codes)))


def close(town: ShiftTown, muster: Muster, *, partner: str = "dung", by: str = "kiem") -> Muster:
    nonce = uuid.uuid4().hex
    attested = town.attest(by, partner, nonce=nonce, subject=muster.code, on_duty=False)
    assert isinstance(attested, Attested)
    command = CloseMuster(
        untrusted_muster=muster.code,
        untrusted_nonce=nonce,
        partner=town.people[partner].actor.user,
    )
    return town.use(musters.close_muster, command, by=by)


def page(town: ShiftTown, muster: Muster, by: str = "kiem") -> MusterPage:
    return town.read(muster_pages.show, muster.code, by=by)


def findings(town: ShiftTown, muster: Muster) -> dict[str, MusterFinding]:
    lines = page(town, muster).lines
    assert lines is not None
    return dict(lines)


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def refused_closing(town: ShiftTown, muster: Muster, **how: str) -> str:
    with pytest.raises(Conflict) as caught:
        close(town, muster, **how)
    return str(caught.value.code)


def test_control_15_muster_holds_what_was_scanned_against_what_was_frozen(
    town: ShiftTown, reader: Reader
) -> None:
    held, others = town.in_hand(3), town.in_hand(1, "duc")
    stray = str(town.register()[0])
    town.post([stray])
    town.pass_on("chien", "khanh", [stray], place=OTHER_POST)
    muster = open_muster(town)
    assert muster.expected == 4
    count(town, "dung", muster, [*held[:2], stray])
    count(town, "duc", muster, others)
    closed = close(town, muster)
    assert (closed.missing, closed.unexpected) == (1, 1)
    assert closed.partner == town.people["dung"].actor.user
    assert findings(town, muster) == {
        held[2]: MusterFinding.MISSING,
        stray: MusterFinding.UNEXPECTED,
        held[0]: MusterFinding.FOUND,
        held[1]: MusterFinding.FOUND,
        others[0]: MusterFinding.FOUND,
    }
    assert reader.read(custody_check.compare_custody).first is None


def test_control_15_muster_opens_an_incident_of_every_difference_by_itself(town: ShiftTown) -> None:
    held = town.in_hand(2)
    muster = open_muster(town, by="hoa")
    count(town, "dung", muster, held[:1])
    close(town, muster, by="hoa")
    entry = last_entry(town, muster)
    (raised,) = entry["facts"]["incidents"]
    assert (raised["kind"], raised["codes"]) == ("count_differs", held[1])
    close_incident(town)


def last_entry(town: ShiftTown, muster: Muster):  # type: ignore[no-untyped-def]  # noqa: ANN201  # JSON
    index = page(town, muster).entries[-1].index
    (row,) = town.do(lambda uow: uow.audit.list_rows([index]))
    return json.loads(row.data)


def test_control_15_muster_tells_movements_after_the_freezing_apart(town: ShiftTown) -> None:
    stays, leaves = town.in_hand(1), town.in_hand(1)
    muster = open_muster(town)
    town.pass_on("dung", "khanh", leaves, place=POST)
    comes = town.in_hand(1)
    passes = town.in_hand(1)
    count(town, "dung", muster, [*stays, *comes, *passes])
    # It came, was counted and went on: the log knows of it, so it is no surprise.
    town.pass_on("dung", "khanh", passes, place=POST)
    closed = close(town, muster)
    assert (closed.missing, closed.unexpected) == (0, 0)
    assert findings(town, muster) == {
        leaves[0]: MusterFinding.MOVED_OUT,
        comes[0]: MusterFinding.MOVED_IN,
        passes[0]: MusterFinding.MOVED_IN,
        stays[0]: MusterFinding.FOUND,
    }
    assert "incidents" not in last_entry(town, muster)["facts"]


def test_control_15_muster_is_blind_for_those_who_count(town: ShiftTown) -> None:
    held = town.in_hand(2)
    muster = open_muster(town)

    def told(name: str) -> str:
        return repr((page(town, muster, name), town.use(desk.read_desk, by=name)))

    assert not [code for code in held if code in told("dung")]
    part = count(town, "dung", muster, [held[0], "ZK999999999VN"], last=False)
    assert refusals(part) == ["", "", Refusal.UNKNOWN_CODE]
    assert not [code for code in held if code in told("dung")]
    count(town, "dung", muster, [held[1]], part=2)
    # Whoever has counted sees their own again; the frozen list stays hidden until the closing.
    assert held[0] in told("dung")
    assert page(town, muster).lines is None
    assert page(town, muster).scanned == 3
    assert page(town, muster, "dung").scanned == 0


def test_a_muster_of_one_person_concerns_nobody_else(town: ShiftTown) -> None:
    mine = town.in_hand(1)
    town.in_hand(1, "hoa")
    muster = open_muster(town, person="dung")
    assert muster.expected == 1
    assert refusals(count(town, "hoa", muster, mine)) == [Refusal.MUSTER_OF_ANOTHER] * 2
    assert town.use(desk.read_desk, by="hoa").held != ()
    with pytest.raises(NotFound):
        page(town, muster, "duc")
    count(town, "dung", muster, mine)
    assert close(town, muster, partner="hoa").missing == 0


def test_who_may_open_count_and_close_a_muster(town: ShiftTown) -> None:
    with pytest.raises(NotPermitted):
        open_muster(town, by="chien")
    with pytest.raises(NotFound):
        open_muster(town, OTHER_POST, by="hoa")
    with pytest.raises(InvalidInput):
        open_muster(town, "24.H01")
    with pytest.raises(InvalidInput):
        open_muster(town, person="giang")
    muster = open_muster(town, by="hoa")
    with pytest.raises(Conflict) as caught:
        open_muster(town)
    assert caught.value.code == ConflictCode.MUSTER_OPEN_ALREADY
    assert refused_closing(town, muster, by="hoa") == ConflictCode.MUSTER_NOT_COUNTED
    assert refusals(count(town, "giang", muster, [])) == [Refusal.MUSTER_OF_ANOTHER]
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    away = town.act("dung", EvidenceKind.COUNT, muster.code, facts=facts, place=OTHER_POST)
    assert refusals(town.send("dung", away)) == [Refusal.WRONG_PLACE]
    nowhere = town.act("dung", EvidenceKind.COUNT, "KK-24.P01-2026-99", facts=facts)
    assert refusals(town.send("dung", nowhere)) == [Refusal.NOT_A_MUSTER]
    assert refusals(count(town, "dung", muster, [], part=2)) == [Refusal.COUNT_PART_MISSING]
    count(town, "dung", muster, [], last=False)
    assert refused_closing(town, muster, by="hoa") == ConflictCode.MUSTER_BEING_COUNTED
    count(town, "dung", muster, [])
    assert refused_closing(town, muster, by="tra") == ConflictCode.MUSTER_OF_OPENER
    assert refused_closing(town, muster, by="hoa", partner="giang") == ConflictCode.PARTNER_NOT_ALLOWED
    closed = close(town, muster, by="hoa")
    assert closed.closed_at is not None
    assert refusals(count(town, "dung", muster, [])) == [Refusal.MUSTER_CLOSED]
    assert refused_closing(town, muster, by="hoa") == ConflictCode.MUSTER_CLOSED


def test_a_partner_must_have_proved_who_they_are_just_now(town: ShiftTown, clock: SteppingClock) -> None:
    muster = open_muster(town)
    count(town, "dung", muster, [])
    command = CloseMuster(
        untrusted_muster=muster.code, untrusted_nonce="d" * 32, partner=town.people["dung"].actor.user
    )
    town.attest("kiem", "dung", nonce="d" * 32, subject=muster.code, on_duty=False)
    clock.now += timedelta(minutes=6)
    with pytest.raises(Conflict) as caught:
        town.use(musters.close_muster, command, by="kiem")
    assert caught.value.code == ConflictCode.PARTNER_NOT_PRESENT


def test_control_15_muster_is_drawn_by_the_log_and_by_nobody(town: ShiftTown) -> None:
    command = DrawMusters(untrusted_of="places", untrusted_count="2")
    with pytest.raises(NotPermitted):
        town.use(muster_draw.draw, command, by="hoa")
    head = town.do(lambda uow: uow.audit.head())
    opened = town.use(muster_draw.draw, command, by="kiem")
    assert len(opened) == 2
    assert all(muster.is_drawn for muster in opened)
    rows = town.do(lambda uow: uow.audit.list_rows(range(head.size, head.size + 3)))
    drawn, *following = [parse_entry(row.data) for row in rows]
    assert drawn.kind is EntryKind.MUSTER_DRAWN
    assert (drawn.facts["seed"], drawn.facts["size"]) == (head.leaf.hex(), head.size)
    assert [entry.facts["muster"] for entry in following] == [muster.code for muster in opened]
    # Anybody can draw again from what the entry names: the same places come out.
    offices = ["24.P01", "24.P02", "24.P03"]
    assert drawn.facts["drawn"] == ",".join(draw(offices, 2, seed=head.leaf))
    # What is being mustered is not drawn again.
    again = town.use(muster_draw.draw, replace(command, untrusted_count="3"), by="kiem")
    assert len(again) == 1
    for wrong in ("0", "51", "x", "-1", "²"):
        with pytest.raises(InvalidInput):
            town.use(muster_draw.draw, replace(command, untrusted_count=wrong), by="kiem")


def test_people_can_be_drawn_too(town: ShiftTown) -> None:
    command = DrawMusters(untrusted_of="people", untrusted_count="3")
    opened = town.use(muster_draw.draw, command, by="kiem")
    assert len({muster.user for muster in opened}) == 3


def test_the_same_count_again_is_a_duplicate(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    muster = open_muster(town)
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    act = town.act("dung", EvidenceKind.COUNT, muster.code, facts=facts, lines=plain(codes))
    first, second = town.send("dung", act), town.send("dung", act)
    assert (second.status, second.entry.index) == (ScanStatus.DUPLICATE, first.entry.index)
