"""Errors are declared beside the entry: by two persons, never an edit, and custody does not notice."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Role
from app.domain.correction import Correction, CorrectionOutcome
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.services.incidents import corrections
from app.services.incidents.corrections import DecideCorrection, DeclareError
from app.services.items import labels
from app.services.items.labels import LabelForm, PrintLabels
from app.services.log import audit_trail, keys, log
from app.services.log.custody_check import compare_custody
from app.services.log.events import Event
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.vault import Vault
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.owner import as_owner

TEXT = "Máy in kẹt giấy, nhãn chưa hề ra khỏi máy"


@pytest.fixture
def desk(office: Office) -> Office:
    """Employ a second auditor."""
    office.actors["quy"] = office.employ("quy", "Hà Quý", Role.AUDITOR)
    return office


def printed(desk: Office, code: str, reason: str = "") -> int:
    """Print a label and return the number of its entry."""
    command = PrintLabels(codes=(code,), form=LabelForm.A6, untrusted_reason=reason)
    desk.write(labels.print_labels, command, actor=desk.actors["an"])
    return last(desk).index


def last(desk: Office) -> Entry:
    return parse_entry(desk.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def declare(desk: Office, entry: int, by: str = "hanh", **changes: str) -> Correction:
    command = DeclareError(
        entry=entry,
        untrusted_reason=changes.get("reason", "did_not_occur"),
        untrusted_corrective=changes.get("corrective", ""),
        untrusted_text=changes.get("text", TEXT),
    )
    return desk.write(corrections.declare, command, actor=desk.actors[by])


def decide(desk: Office, found: Correction, by: str = "giang", *, confirm: bool = True) -> Correction:
    command = DecideCorrection(correction=found.id, confirm=confirm)
    return desk.write(corrections.decide, command, actor=desk.actors[by])


def test_control_11_an_error_is_declared_by_one_confirmed_by_another_and_nothing_is_edited(
    desk: Office,
) -> None:
    code = desk.register()
    wrong = printed(desk, code)
    before = desk.read(lambda uow: uow.audit.find(wrong))
    found = declare(desk, wrong)
    proposed = last(desk)
    assert proposed.kind is EntryKind.CORRECTION_PROPOSED
    assert TEXT not in proposed.data.decode()
    assert decide(desk, found).outcome is CorrectionOutcome.CONFIRMED
    said = last(desk)
    assert said.kind is EntryKind.ERROR_DECLARED
    assert before is not None
    assert (said.facts["entry"], said.facts["leaf"]) == (wrong, before.leaf.hex())
    assert said.facts["declarer"] == int(desk.actors["hanh"].user)
    assert [item.code for item in said.items] == [code]
    assert desk.read(lambda uow: uow.audit.find(wrong)) == before
    assert desk.read(log.verify_log, jobs=1).first_bad is None
    assert desk.read(compare_custody).first is None


def test_the_timeline_shows_the_entry_as_it_was_and_that_it_is_wrong(desk: Office) -> None:
    code = desk.register()
    wrong = printed(desk, code)
    declare(desk, wrong)
    assert not [event for event in timeline(desk, code) if event.error]
    decide(desk, desk.read(waiting(desk))[0].correction)
    (shown,) = [event for event in timeline(desk, code) if event.error]
    assert (shown.index, shown.kind) == (wrong, EntryKind.LABEL_PRINTED)
    assert shown.is_verified


def timeline(desk: Office, code: str) -> tuple[Event, ...]:
    return desk.read(audit_trail.get_timeline, code, actor=desk.actors["an"]).events


def waiting(desk: Office):  # type: ignore[no-untyped-def]  # noqa: ANN201  # a use case with its person
    return lambda uow: corrections.list_corrections(
        uow, actor=desk.actors["giang"], tools=desk.town.tools, is_open=True
    )


def test_later_entries_that_say_it_right_are_named(desk: Office) -> None:
    code = desk.register()
    wrong = printed(desk, code)
    right = printed(desk, code, "In lại")
    declare(desk, wrong, corrective=f"{right}")
    assert last(desk).facts["corrective"] == str(right)


@pytest.mark.parametrize("corrective", ["0", "999999", "x", "-1", "9" * 40])
def test_only_later_entries_of_the_same_item_say_it_right(desk: Office, corrective: str) -> None:
    code = desk.register()
    wrong = printed(desk, code)
    with pytest.raises(InvalidInput):
        declare(desk, wrong, corrective=corrective)
    desk.register()
    with pytest.raises(InvalidInput):
        declare(desk, wrong, corrective=str(last(desk).index))


def test_a_handover_is_not_declared_wrong(desk: Office) -> None:
    code = desk.register()
    desk.town.post([code])
    with pytest.raises((Conflict, NotFound)):
        declare(desk, last(desk).index, by="giang")
    assert desk.read(compare_custody).first is None


@pytest.mark.parametrize("by", ["an", "hanh"])
def test_a_second_person_decides(desk: Office, by: str) -> None:
    found = declare(desk, printed(desk, desk.register()), by=by)
    with pytest.raises(NotPermitted):
        decide(desk, found, by="hanh")
    promoted = replace(desk.actors[by], role=Role.AUDITOR)
    with pytest.raises(Conflict, match="own_correction"):
        desk.write(corrections.decide, DecideCorrection(correction=found.id, confirm=True), actor=promoted)
    decide(desk, found)
    with pytest.raises(Conflict, match="correction_decided"):
        decide(desk, found, by="quy")


def test_an_auditor_declares_and_another_auditor_decides(desk: Office) -> None:
    found = declare(desk, printed(desk, desk.register()), by="giang")
    with pytest.raises(Conflict, match="own_correction"):
        decide(desk, found, by="giang")
    decide(desk, found, by="quy")


def test_refused_the_entry_stands_and_may_be_declared_again(desk: Office) -> None:
    code = desk.register()
    wrong = printed(desk, code)
    found = declare(desk, wrong)
    with pytest.raises(Conflict, match="correction_stands"):
        declare(desk, wrong, by="an")
    decide(desk, found, confirm=False)
    assert last(desk).kind is EntryKind.CORRECTION_REFUSED
    assert not [event for event in timeline(desk, code) if event.error]
    decide(desk, declare(desk, wrong))
    with pytest.raises(Conflict, match="correction_stands"):
        declare(desk, wrong)


@pytest.mark.parametrize("name", ["binh", "oanh", "chien", "dung"])
def test_another_office_declares_nothing_here(desk: Office, name: str) -> None:
    wrong = printed(desk, desk.register())
    with pytest.raises(NotFound):
        declare(desk, wrong, by=name)


@pytest.mark.parametrize("name", ["hoa", "khanh"])
def test_roles_without_an_office_of_the_mail_declare_nothing(desk: Office, name: str) -> None:
    wrong = printed(desk, desk.register())
    with pytest.raises(NotPermitted):
        declare(desk, wrong, by=name)


def test_every_mistake_of_the_form_is_named(desk: Office) -> None:
    wrong = printed(desk, desk.register())
    with pytest.raises(InvalidInput) as caught:
        declare(desk, wrong, reason="because", corrective="x", text=" ")
    assert {problem.field for problem in caught.value.problems} == {"reason", "corrective", "text"}


def test_a_change_of_the_vault_key_reaches_what_was_written(desk: Office) -> None:
    declare(desk, printed(desk, desk.register()))
    both = Vault({"v1": bytes(range(32)), "v2": bytes(range(1, 33))}, "v2")
    desk.town.tools = replace(desk.town.tools, vault=both)
    keys.reseal_all(desk.write)
    desk.town.tools = replace(desk.town.tools, vault=Vault({"v2": bytes(range(1, 33))}, "v2"))
    assert [one.text.text for one in desk.read(waiting(desk))] == [TEXT]


ATTACKS = {
    "another entry": "UPDATE corrections SET entry_idx = 0",
    "decide again": "UPDATE corrections SET outcome = 'refused'",
    "another who declared": "UPDATE corrections SET declared_by_id = 1",
    "forget it": "DELETE FROM corrections",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize("owner", [False, True], ids=["application", "owner"])
def test_what_was_decided_stays_decided(
    desk: Office, engines: Engines, database: Database, attack: str, *, owner: bool
) -> None:
    decide(desk, declare(desk, printed(desk, desk.register())))
    if owner:
        with pytest.raises(DatabaseError), as_owner(database, guards_stay=True) as connection:
            connection.exec_driver_sql(attack)
    else:
        with engines.write.connect() as connection, pytest.raises(DatabaseError):
            connection.exec_driver_sql(attack)
