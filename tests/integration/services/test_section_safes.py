"""What a closed section leaves behind: in the safe, under a seal that is read again, told to few."""

import pytest

from app.domain.access import Role
from app.domain.errors import InvalidInput, NotFound
from app.domain.incident import IncidentKind
from app.domain.section import SafeSeal
from app.storage.writer import Writer
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_sections import conflict, incident_kinds, problems, refusals
from tests.support.databases import SteppingClock
from tests.support.section_town import SEAL, close, entries, lock_away, page, reopen, safe
from tests.support.shift_town import ShiftTown, hire


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def test_what_is_left_in_hand_lies_in_the_safe_under_a_seal_or_the_section_stays_open(
    town: ShiftTown,
) -> None:
    town.in_hand(1)
    number = safe(town)
    assert conflict(town) == "section_not_secured"
    assert problems(town, access_key=number) == {("seal", "required")}
    assert problems(town, seal=SEAL) == {("access_key", "required")}
    assert problems(town, access_key="999", seal=SEAL) == {("access_key", "not_a_choice")}
    assert problems(town, access_key=number, seal="np-88888") == {("seal", "not_in_stock")}
    override = safe(town, kind="override", name="Chìa dự phòng")
    assert problems(town, access_key=override, seal=SEAL) == {("access_key", "not_a_choice")}
    closing = close(town, access_key=number, seal=SEAL)
    assert (closing.things, closing.seal) == (1, SEAL)


def test_a_seal_of_a_safe_is_used_once_and_for_nothing_else(town: ShiftTown) -> None:
    town.in_hand(1)
    number = safe(town)
    reopen(town, close(town, access_key=number, seal=SEAL), seal=SEAL)
    assert problems(town, access_key=number, seal=SEAL) == {("seal", "seal_gone")}
    bag, _ = town.packed(1)
    assert refusals(town.close("dung", bag, seal=SEAL)) == {"seal_used"}


def test_a_section_with_nothing_in_hand_closes_without_a_safe(town: ShiftTown) -> None:
    assert conflict(town, access_key=safe(town), seal=SEAL) == "section_safe_empty"
    closing = close(town)
    assert (closing.things, closing.safe, closing.seal) == (0, None, "")
    assert reopen(town, closing).seal_state is SafeSeal.NONE


def test_a_seal_that_differs_opens_the_section_and_an_incident_about_all_that_lay_there(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(2)
    closing = lock_away(town)
    with pytest.raises(InvalidInput):
        reopen(town, closing)
    after = reopen(town, closing, seal="np-0099")
    assert after.seal_state is SafeSeal.DIFFERS
    assert incident_kinds(town) == [IncidentKind.SEAL_BROKEN]
    [opened] = entries(town, EntryKind.INCIDENT_OPENED)
    assert {item.code for item in opened.items} == set(codes)
    [reopened] = entries(town, EntryKind.SECTION_REOPENED)
    assert reopened.facts["incident"] == opened.facts["incident"]


def test_what_lies_in_the_safe_is_told_to_the_office_in_number_and_to_the_auditor_by_code(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(2)
    closing = lock_away(town)
    mine, other, auditor = (page(town, closing, by=name) for name in ("dung", "hoa", "kiem"))
    assert (mine.things, set(mine.codes)) == (2, set(codes))
    assert (other.things, other.codes) == (2, ())
    assert set(auditor.codes) == set(codes)
    for name in ("chien", "giang", "an"):
        shown = page(town, closing, by=name)
        assert (shown.things, shown.codes, shown.safe, shown.astray) == (None, (), None, None)
    reopen(town, closing, seal=SEAL)
    with pytest.raises(NotFound):
        page(town, closing, by="chien")


def test_whoever_sits_at_a_count_is_not_told_how_much_lies_in_the_safe(town: ShiftTown) -> None:
    town.in_hand(1)
    shift = town.open_shift()
    closing = lock_away(town)
    town.begin_count(shift)
    shown = page(town, closing)
    assert (shown.things, shown.codes, shown.astray) == (None, (), None)
