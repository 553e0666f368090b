"""Erasure: two persons, one entry, no value left, every proof as valid as before."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Actor, Role
from app.domain.erasure import Erasure, ErasureOutcome, SealedField
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.ids import ConsignmentCode
from app.services.items import erasures
from app.services.items.erasures import DecideErasure, ProposeErasure
from app.services.items.sealed_fields import COLUMNS
from app.services.log import keys, log
from app.services.people import access as door
from app.storage.engine import Engines
from app.storage.scrub import scrub
from audit.entry import Entry, parse_entry
from audit.evidence import Purpose
from audit.kinds import EntryKind
from crypto.vault import Vault
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.owner import as_owner
from tests.support.town import RECEIVING

ABSTRACT = "Về việc kiểm tra đột xuất kho lưu trữ mật"
DECISION = "Quyết định 12/QĐ-UBND ngày 20/11/2026"


def sent(office: Office, **changes: str) -> ConsignmentCode:
    """Register an item and bring it into the courier's hands."""
    code = office.register(by="an", accept_duplicate=True, abstract=ABSTRACT, **changes)
    office.town.post([code])
    return code


def propose(office: Office, code: str, *fields: str, by: str = "an", **changes: str) -> None:
    command = ProposeErasure(
        code=ConsignmentCode(code),
        untrusted_fields=fields or ("abstract",),
        untrusted_reason=changes.get("reason", "misplaced_secret"),
        untrusted_decision=changes.get("decision", DECISION),
    )
    office.write(erasures.propose, command, actor=office.actors[by])


def waiting(office: Office) -> Erasure:
    found = office.read(erasures.list_erasures, actor=office.actors["giang"], is_open=True)
    return found[0].erasure


def approve(office: Office, *, by: Actor | None = None, approve: bool = True) -> Erasure:
    command = DecideErasure(erasure=waiting(office).id, approve=approve)
    return office.write(erasures.decide, command, actor=by or office.actors["giang"])


def last_entry(office: Office, code: str) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_for_code(code))[-1].data)


def opened(office: Office, code: str) -> door.OpenedFields:
    record = office.read(door.get_record, code, actor=office.actors["an"])
    assert record.opened is not None
    return record.opened


def test_one_proposes_another_approves_and_the_value_is_gone(office: Office) -> None:
    code = sent(office)
    before = office.read(lambda uow: uow.consignments.get_details(code))
    propose(office, code, "abstract", "document_numbers")
    assert opened(office, code).abstract == ABSTRACT
    done = approve(office)
    assert done.outcome is ErasureOutcome.ERASED
    after = office.read(lambda uow: uow.consignments.get_details(code))
    assert (after.abstract_sealed, after.document_numbers_sealed, after.document_index) == (b"", b"", None)
    assert after.receiver_sealed == before.receiver_sealed
    assert after.commitments == before.commitments
    shown = opened(office, code)
    assert (shown.abstract, shown.document_numbers) == ("", "")
    assert shown.receiver_name == "Trần Thị Bình"


def test_the_erasure_is_an_entry_with_both_persons_and_the_digests(office: Office) -> None:
    code = sent(office)
    digests = office.read(lambda uow: uow.consignments.get_details(code)).commitments
    propose(office, code)
    proposed = last_entry(office, code)
    assert proposed.kind is EntryKind.ERASURE_PROPOSED
    assert proposed.facts["actor"] == int(office.actors["an"].user)
    approve(office)
    erased = last_entry(office, code)
    assert erased.kind is EntryKind.FIELD_ERASED
    assert erased.facts == {
        "actor": int(office.actors["giang"].user),
        "proposer": int(office.actors["an"].user),
        "fields": "abstract",
        "reason": "misplaced_secret",
        "decision": DECISION,
    }
    assert erased.commitments == {"abstract": digests["abstract"]}


def test_the_log_verifies_after_an_erasure(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    approve(office)
    report = office.read(log.verify_log, jobs=1)
    assert report.first_bad is None
    assert report.entries == office.read(lambda uow: uow.audit.head().size)
    assert ABSTRACT not in str(last_entry(office, code).facts)


def test_a_refusal_keeps_the_value_and_is_an_entry(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    assert approve(office, approve=False).outcome is ErasureOutcome.REFUSED
    assert last_entry(office, code).kind is EntryKind.ERASURE_REFUSED
    assert opened(office, code).abstract == ABSTRACT
    propose(office, code)


def test_whoever_proposed_never_decides_even_as_an_auditor(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    promoted = replace(office.actors["an"], role=Role.AUDITOR)
    with pytest.raises(Conflict, match="own_erasure"):
        approve(office, by=promoted)
    assert opened(office, code).abstract == ABSTRACT
    assert waiting(office).is_open


@pytest.mark.parametrize("name", ["binh", "oanh"])
def test_only_the_sending_agency_proposes(office: Office, name: str) -> None:
    code = sent(office)
    with pytest.raises(NotFound):
        propose(office, code, by=name)


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa", "khanh"])
def test_roles_that_hold_no_document_propose_nothing(office: Office, name: str) -> None:
    code = sent(office)
    with pytest.raises(NotPermitted):
        propose(office, code, by=name)


@pytest.mark.parametrize("name", ["an", "binh", "chien", "dung", "hoa", "khanh"])
def test_only_an_auditor_decides_and_reads_the_list(office: Office, name: str) -> None:
    propose(office, sent(office))
    with pytest.raises(NotPermitted):
        approve(office, by=office.actors[name])
    with pytest.raises(NotPermitted):
        office.read(erasures.list_erasures, actor=office.actors[name], is_open=True)


def test_before_dispatch_the_sender_amends_instead(office: Office) -> None:
    code = office.register(abstract=ABSTRACT)
    with pytest.raises(Conflict, match="not_erasable"):
        propose(office, code)


def test_the_named_receiver_is_needed_until_the_item_has_ended(office: Office) -> None:
    code = sent(office, named_only="1")
    with pytest.raises(Conflict, match="not_erasable"):
        propose(office, code, "receiver_name")
    office.town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    propose(office, code, "receiver_name")
    approve(office)
    assert opened(office, code).receiver_name == ""


def test_one_proposal_at_a_time_and_one_decision_each(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    with pytest.raises(Conflict, match="erasure_pending"):
        propose(office, code, "receiver_name")
    done = approve(office)
    with pytest.raises(Conflict, match="erasure_decided"):
        office.write(
            erasures.decide, DecideErasure(erasure=done.id, approve=False), actor=office.actors["giang"]
        )
    with pytest.raises(InvalidInput):
        propose(office, code, "abstract")


def test_every_problem_of_a_proposal_is_named(office: Office) -> None:
    code = sent(office)
    with pytest.raises(InvalidInput) as caught:
        propose(office, code, "seal", reason="because", decision="  ")
    assert {problem.field for problem in caught.value.problems} == {"fields", "reason", "decision"}


def test_a_field_never_filled_in_is_not_erasable(office: Office) -> None:
    code = office.register(abstract="", receiver_name="")
    office.town.post([code])
    with pytest.raises(InvalidInput):
        propose(office, code, "abstract")
    details = office.read(lambda uow: uow.consignments.get_details(code))
    assert erasures.list_erasable(details) == (SealedField.DOCUMENT_NUMBERS,)


def test_the_item_goes_on_and_its_page_says_what_went(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    approve(office)
    taken = office.town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    assert taken.status == "accepted"
    record = office.read(door.get_record, code, actor=office.actors["binh"])
    assert [(one.outcome, one.fields) for one in record.erasures] == [
        (ErasureOutcome.ERASED, (SealedField.ABSTRACT,))
    ]


def test_a_change_of_the_vault_key_leaves_erased_values_erased(office: Office) -> None:
    code = sent(office)
    propose(office, code)
    approve(office)
    both = Vault({"v1": bytes(range(32)), "v2": bytes(range(1, 33))}, "v2")
    office.town.tools = replace(office.town.tools, vault=both)
    keys.reseal_all(office.write)
    details = office.read(lambda uow: uow.consignments.get_details(code))
    assert details.abstract_sealed == b""
    assert opened(office, code).receiver_name == "Trần Thị Bình"


@pytest.mark.parametrize("column", sorted(COLUMNS.values()))
def test_the_database_erases_nothing_that_nobody_approved(
    office: Office, engines: Engines, column: str
) -> None:
    code = sent(office)
    propose(office, code)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(f"UPDATE consignments SET {column} = ''")
    assert opened(office, code).abstract == ABSTRACT


def test_an_approval_of_one_field_erases_no_other(office: Office, engines: Engines) -> None:
    propose(office, sent(office))
    approve(office)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql("UPDATE consignments SET receiver_sealed = ''")


ATTACKS = {
    "bring the value back": "UPDATE consignments SET abstract_sealed = document_numbers_sealed",
    "forget that there was one": "UPDATE consignments SET abstract_sealed = NULL",
    "decide again": "UPDATE erasures SET outcome = 'refused'",
    "put another name under it": "UPDATE erasures SET decided_by_id = decided_by_id + 1",
    "change the fields": "UPDATE erasures SET fields = 'receiver_name'",
    "change who proposed": "UPDATE erasures SET proposed_by_id = 1",
    "delete it": "DELETE FROM erasures",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_what_was_decided_stays_decided(office: Office, engines: Engines, attack: str) -> None:
    propose(office, sent(office))
    approve(office)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)


def test_the_owner_of_the_database_meets_the_same_guards(office: Office, database: Database) -> None:
    propose(office, sent(office))
    alone = (
        f"UPDATE erasures SET outcome = 'erased', decided_by_id = {int(waiting(office).proposed_by)},"
        " decided_at = '2026-11-22T00:00:00.000000Z'"
    )
    with pytest.raises(DatabaseError), as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(alone)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_byte_of_the_sealed_value_is_left_in_the_files_of_sqlite(
    office: Office, database: Database, engines: Engines
) -> None:
    code = sent(office)
    sealed = office.read(lambda uow: uow.consignments.get_details(code)).abstract_sealed
    assert sealed
    path = Path(database.database_url.removeprefix("sqlite:///"))
    assert sealed in _bytes_of(path)
    propose(office, code)
    approve(office)
    assert scrub(engines.write)
    assert sealed not in _bytes_of(path)
    assert opened(office, code).abstract == ""


def _bytes_of(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(path.name + "*")))
