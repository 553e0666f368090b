"""Units: added and changed by administrators, found by code and by name without tone marks, never deleted."""

import pytest

from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.ids import UnitId
from app.services.people import units
from app.services.people.units import AddUnit, AmendUnit
from audit.entry import Entry, parse_entry
from crypto.canonical import encode
from crypto.digest import sha256_hex
from tests.support.office import Office
from tests.support.town import RECEIVING

FORM = {"code": "24.h09", "kind": "agency", "name": "Sở Y tế", "province": "24", "commune": "07210"}


def add(office: Office, *, by: str = "khanh", **changes: str) -> UnitId:
    command = AddUnit(untrusted={**FORM, **changes})
    return office.write(units.add_unit, command, actor=office.actors[by])


def test_a_new_unit_is_found_by_code_and_by_name_without_tones(office: Office) -> None:
    unit = add(office)
    assert office.read(units.find_open_unit, " 24.H09 ") == unit
    found = office.read(lambda uow: uow.units.list(search_key="so y te"))
    assert [one.id for one in found] == [unit]


@pytest.mark.parametrize("name", ["an", "chien", "giang", "hoa"])
def test_only_administrators_change_units(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        add(office, by=name)


def test_a_taken_code_and_a_bad_form_are_refused(office: Office) -> None:
    with pytest.raises(Conflict, match="unit_taken"):
        add(office, code=RECEIVING)
    with pytest.raises(InvalidInput) as caught:
        add(office, code="?", kind="castle", name="", province="x", commune="1", parent="nowhere")
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"code", "kind", "name", "province", "commune", "parent"}


def test_a_closed_unit_keeps_its_code_and_receives_nothing_new(office: Office) -> None:
    unit = office.town.units[RECEIVING]
    form = {"kind": "agency", "name": "Sở Nội vụ", "province": "24"}
    command = AmendUnit(unit=unit, untrusted=form, active=False)
    office.write(units.amend_unit, command, actor=office.actors["khanh"])
    with pytest.raises(InvalidInput) as caught:
        office.register()
    assert [(one.field, one.code) for one in caught.value.problems] == [("recipient_unit", "unknown_unit")]
    shown = {one.code for one in office.read(units.list_units, actor=office.actors["an"])}
    assert RECEIVING not in shown
    kept = {one.code for one in office.read(units.list_units, actor=office.actors["khanh"])}
    assert RECEIVING in kept
    missing = AmendUnit(unit=UnitId(9999), untrusted=form, active=True)
    with pytest.raises(NotFound):
        office.write(units.amend_unit, missing, actor=office.actors["khanh"])


def latest(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def test_a_new_unit_is_an_entry(office: Office) -> None:
    add(office)
    entry = latest(office)
    assert (entry.kind, entry.facts["count"], entry.facts["unit"]) == ("unit_added", 1, "24.H09")
    assert entry.facts["actor"] == office.actors["khanh"].user


def test_a_changed_unit_is_an_entry_that_says_what_changed(office: Office) -> None:
    form = {
        "kind": "agency",
        "name": "Sở Nội vụ",
        "short_name": "Sở Nội vụ",
        "province": "24",
        "address": "Số 1",
    }
    command = AmendUnit(unit=office.town.units[RECEIVING], untrusted=form, active=False)
    office.write(units.amend_unit, command, actor=office.actors["khanh"])
    entry = latest(office)
    assert (entry.kind, entry.facts["unit"]) == ("unit_changed", RECEIVING)
    assert entry.facts["changed"] == ["active", "address"]
    assert (entry.facts["old_address"], entry.facts["new_address"]) == ("", "Số 1")
    assert (entry.facts["old_active"], entry.facts["new_active"]) == (True, False)


def test_a_loaded_list_is_one_entry_that_states_every_unit(office: Office) -> None:
    child = {**FORM, "code": "24.H10", "parent": "24.H09"}
    before = office.read(lambda uow: uow.audit.head()).size
    commands = [AddUnit(untrusted=FORM), AddUnit(untrusted=child)]
    assert office.write(units.add_units, commands, actor=None) == 2
    assert office.read(lambda uow: uow.audit.head()).size == before + 1
    values = {
        "kind": "agency",
        "name": "Sở Y tế",
        "short_name": "Sở Y tế",
        "province": "24",
        "commune": "07210",
    }
    values |= {"address": ""}
    both = [
        {**values, "unit": "24.H09", "parent": "", "active": True},
        {**values, "unit": "24.H10", "parent": "24.H09", "active": True},
    ]
    digest = sha256_hex(encode(both))  # type: ignore[arg-type]  # JSON
    assert latest(office).facts == {"count": 2, "digest": digest, "units": both}


def test_a_long_list_takes_several_entries_and_none_is_too_long(office: Office) -> None:
    before = office.read(lambda uow: uow.audit.head()).size
    name = "Ủy ban nhân dân xã " + "ắ" * 100
    commands = [AddUnit(untrusted={**FORM, "code": f"24.X{n:04}", "name": name}) for n in range(300)]
    assert office.write(units.add_units, commands, actor=None) == 300
    rows = office.read(lambda uow: uow.audit.list_range(before, before + 100))
    assert len(rows) > 1
    listed = [unit for row in rows for unit in parse_entry(row.data).facts["units"]]  # type: ignore[union-attr]
    assert [unit["unit"] for unit in listed] == [f"24.X{n:04}" for n in range(300)]  # type: ignore[index,call-overload]


def test_a_list_with_one_bad_unit_adds_none_and_an_empty_one_says_nothing(office: Office) -> None:
    before = office.read(lambda uow: uow.audit.head()).size
    commands = [AddUnit(untrusted=FORM), AddUnit(untrusted={**FORM, "code": RECEIVING})]
    with pytest.raises(Conflict, match="unit_taken"):
        office.write(units.add_units, commands, actor=None)
    assert office.read(units.find_open_unit, "24.H09") is None
    assert office.write(units.add_units, [], actor=None) == 0
    assert office.read(lambda uow: uow.audit.head()).size == before
