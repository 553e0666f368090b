"""All that an installation does can be put back from its published log, but for values it never held."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.access import Role
from app.domain.errors import Conflict, ConflictCode, LogBehind, NotFound
from app.services.evidence.evidence_scope import ItemScope
from app.services.items.sealed_fields import LOST, list_lost
from app.services.log import custody_check, keys, log
from app.services.log.published_log import PublishedLog, check_database
from app.services.people import access, accounts
from app.services.people.accounts import RestoreAccount
from app.services.recovery.kinds import NEVER_IN_A_GAP, RESTORED
from app.services.recovery.recover import Watch, recover
from app.storage.engine import Engines
from app.storage.refill import Refill
from audit.entry import parse_entry
from audit.verify_evidence import verify_evidence
from crypto.passwords import verify_password
from crypto.vault import Vault
from tests.integration.services.test_recovery_of_access_keys import ACCESS_KEY_KINDS
from tests.integration.services.test_recovery_of_bags import BAG_KINDS
from tests.integration.services.test_recovery_of_desks import DESK_KINDS
from tests.integration.services.test_recovery_of_legs import LEG_KINDS
from tests.integration.services.test_recovery_of_musters import MUSTER_KINDS
from tests.integration.services.test_recovery_of_pouches import POUCH_KINDS
from tests.integration.services.test_recovery_of_reliefs import RELIEF_KINDS
from tests.integration.services.test_recovery_of_sections import SECTION_KINDS
from tests.integration.services.test_recovery_of_shifts import SHIFT_KINDS
from tests.support.databases import Database
from tests.support.evidence import made, trust_of
from tests.support.gap import Gap, amend, before_the_backup, bring_in, hire, live_on, shown
from tests.support.office import FORM, PASSWORD, Office
from tests.support.publishing import check_published, publish_now, stored
from tests.support.restored import Rows, dump, restore
from tests.support.town import POST


@pytest.fixture
def gap(
    office: Office, published: PublishedLog, database: Database, engines: Engines
) -> tuple[Gap, Rows, list[bytes]]:
    """Lose a database that went on after its backup, and recover it: what was lost, how it was."""
    gap = before_the_backup(office)
    old = dump(database)
    live_on(office, gap)
    publish_now(office, published)
    lost, entries = dump(database), stored(office)
    restore(database, old)
    with pytest.raises(LogBehind):
        office.read(check_database, log=published)
    missing = len(entries) - len(stored(office))
    watch = Watch(lost=gap.lost.append)
    refill = Refill(engines.write)
    assert recover(office, refill, log=published, tools=office.town.tools, watch=watch) == missing
    return gap, lost, entries


def test_the_database_is_as_it_was_but_for_what_is_named_as_lost(
    office: Office,
    published: PublishedLog,
    database: Database,
    gap: tuple[Gap, Rows, list[bytes]],
) -> None:
    _, lost, entries = gap
    assert stored(office) == entries
    office.read(check_database, log=published)
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    assert office.read(custody_check.compare_custody).first is None


def test_entries_of_every_kind_were_put_back(gap: tuple[Gap, Rows, list[bytes]]) -> None:
    kinds = {parse_entry(data).kind for data in gap[2]}
    posts = BAG_KINDS | SHIFT_KINDS | RELIEF_KINDS | LEG_KINDS | POUCH_KINDS
    elsewhere = posts | MUSTER_KINDS | DESK_KINDS | ACCESS_KEY_KINDS | SECTION_KINDS
    # Each kind that is said to come back does, here or in the test of its own.
    assert kinds | elsewhere == RESTORED | NEVER_IN_A_GAP.keys()


def test_the_log_goes_on_and_the_verifier_finds_it_good(
    office: Office, published: PublishedLog, gap: tuple[Gap, Rows, list[bytes]]
) -> None:
    items = gap[0].items
    codes = set(items.values())
    fresh = office.register()
    # No code and no number is given out twice.
    assert fresh not in codes
    office.town.post([fresh])
    # A device of the gap signs on: its key counts, whatever its token was.
    assert office.town.pass_on("chien", "moi", [fresh], place=POST).status == "accepted"
    hire(office, "tam", "Đỗ Tâm", Role.CLERK, POST)
    publish_now(office, published)
    check_published(published, stored(office))
    report = office.read(log.verify_log, jobs=1)
    assert report.first_bad is None
    assert report.entries == len(stored(office))
    assert office.read(custody_check.compare_custody).first is None
    assert trust_of(office).origin == office.town.tools.origin


def test_what_is_lost_is_named_value_by_value(gap: tuple[Gap, Rows, list[bytes]], office: Office) -> None:
    told = {(one.of, one.values) for one in gap[0].lost}
    items, person = gap[0].items, office.actors["moi"].user
    nameless = ("username", "full_name", "position", "locale", "password")
    device = office.town.people["moi"].device.key_id
    form = ("document_type", "document_date")
    assert told >= {
        (f"person {person}", nameless),
        (f"person {office.actors['hoa'].user}", ("password",)),
        (f"person {office.actors['mai'].user}", ("full_name",)),
        (f"device {device}", ("name", "token")),
        (f"item {items['named']}", ("abstract", "receiver_name", "document_numbers", *form)),
        (f"item {items['secret']}", ("receiver_name", "document_numbers", *form)),
        ("imported list", ("file_name",)),
    }


def test_lost_values_are_told_from_erased_ones_and_from_what_the_backup_has(
    office: Office, gap: tuple[Gap, Rows, list[bytes]]
) -> None:
    items = gap[0].items
    details = {
        name: office.read(lambda uow, c=code: uow.consignments.get_details(c)) for name, code in items.items()
    }
    assert details["erased"].abstract_sealed == b""
    assert details["named"].receiver_sealed == LOST
    assert [len(list_lost(details[name])) for name in ("named", "amended", "again", "untouched")] == [
        3,
        2,
        3,
        0,
    ]
    opened = office.read(access.get_record, items["kept"], actor=office.actors["an"]).opened
    assert opened is not None
    assert opened.abstract == FORM["abstract"]
    opened = office.read(access.get_record, items["named"], actor=office.actors["an"]).opened
    assert opened is not None
    assert (opened.abstract, opened.receiver_name) == ("", "")
    # What never left is entered again by its sender, and is no longer lost.
    amend(office, items["amended"], abstract="Nhập lại")
    opened = office.read(access.get_record, items["amended"], actor=office.actors["an"]).opened
    assert opened is not None
    assert opened.abstract == "Nhập lại"


def test_nobody_logs_in_by_a_password_that_was_changed_or_never_came_back(
    office: Office, gap: tuple[Gap, Rows, list[bytes]]
) -> None:
    del gap
    for name in ("moi", "hoa"):
        user = office.read(lambda uow, n=name: uow.users.find(office.actors[n].user))
        assert user is not None
        assert user.must_change_password
        assert not any(
            verify_password(user.password_hash, tried)
            for tried in (PASSWORD, "", "!", "mật khẩu mới dài lắm")
        )


def test_a_person_who_came_back_nameless_is_named_by_the_console_once(
    office: Office, gap: tuple[Gap, Rows, list[bytes]]
) -> None:
    del gap
    user = office.actors["moi"].user
    found = office.read(lambda uow: uow.users.find(user))
    assert found is not None
    assert (found.username, found.full_name, found.role) == (f"lost-{user}", f"#{user}", "courier")
    names = {"username": "giang", "full_name": "Ngô Văn Mới"}
    with pytest.raises(Conflict, match=ConflictCode.USERNAME_TAKEN):
        office.write(accounts.restore_account, RestoreAccount(user=user, untrusted=names))
    names["username"] = "moi"
    office.write(accounts.restore_account, RestoreAccount(user=user, untrusted=names))
    found = office.read(lambda uow: uow.users.find(user))
    assert found is not None
    assert (found.username, found.full_name) == ("moi", "Ngô Văn Mới")
    with pytest.raises(NotFound):
        office.write(accounts.restore_account, RestoreAccount(user=user, untrusted=names))


def test_evidence_of_a_lost_value_withholds_it_and_a_change_of_vault_key_passes_it_over(
    office: Office, published: PublishedLog, gap: tuple[Gap, Rows, list[bytes]], tmp_path: Path
) -> None:
    codes = gap[0].items
    path = made(office, published, ItemScope(code=codes["named"]), tmp_path)
    report = verify_evidence(path, trust_of(office))
    assert (report.disclosed, report.withheld) == (0, 4)
    vault = Vault({"v2": bytes(32), "v1": bytes(range(32))}, "v2")
    office.town.tools = replace(office.town.tools, vault=vault)
    assert keys.reseal_all(office.write) > 0
    opened = office.read(access.get_record, codes["kept"], actor=office.actors["an"]).opened
    assert opened is not None
    assert opened.abstract == FORM["abstract"]
    assert office.read(lambda uow: uow.consignments.get_details(codes["named"])).receiver_sealed == LOST


def test_a_list_that_was_imported_in_the_gap_is_not_taken_twice(
    office: Office, gap: tuple[Gap, Rows, list[bytes]]
) -> None:
    del gap
    with pytest.raises(Conflict, match=ConflictCode.FILE_ALREADY_IMPORTED):
        bring_in(office, 77)
