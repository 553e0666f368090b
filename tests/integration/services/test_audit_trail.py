"""Timeline, entries, export and verifier, before and after somebody touched the database behind our back."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from app.domain.errors import LogHalted, NotFound, NotPermitted
from app.services.log import audit_trail, log
from app.services.log.audit_trail import Timeline
from app.services.people import access
from audit.evidence import EntryMode, Purpose, TakeLine, TakeReason, Verdict
from audit.verify import Report, verify_bundle
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.town import POST, RECEIVING, SENDING


@pytest.fixture
def code(office: Office) -> str:
    """Bring one item from agency to agency, with a list handover on the way."""
    first, second = office.register(document_numbers="1/X"), office.register(document_numbers="2/X")
    office.town.post([first, second])
    office.town.pass_on("chien", "binh", [first], place=RECEIVING, purpose=Purpose.DELIVERY)
    return first


def timeline(office: Office, code: str, name: str = "an") -> Timeline:
    return office.read(audit_trail.get_timeline, code, actor=office.actors[name])


def spoil(database: Database, index: int, change: bytes) -> None:
    """Change an entry behind every guard, as whoever owns the machine can."""
    if database.kind == "sqlite":
        with sqlite3.connect(database.database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TRIGGER audit_log_no_update")
            connection.execute("UPDATE audit_log SET data = ? WHERE idx = ?", (change, index))
        connection.close()
        return
    url = database.owner_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection_pg:
        connection_pg.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
        connection_pg.execute("UPDATE audit_log SET data = %s WHERE idx = %s", (change, index))


def data_of(office: Office, index: int) -> bytes:
    row = office.read(lambda uow: uow.audit.find(index))
    assert row is not None
    return bytes(row.data)


def verify(office: Office) -> Report:
    return office.read(log.verify_log, jobs=1)


def test_a_timeline_tells_the_whole_way_newest_first(office: Office, code: str) -> None:
    shown = timeline(office, code)
    assert [event.kind for event in shown.events] == [
        "handover_taken",
        "handover_offered",
        "handover_taken",
        "handover_offered",
        "registered",
    ]
    assert shown.is_verified
    taken = shown.events[0]
    assert taken.signer is not None
    assert taken.signer.username == "binh"
    assert taken.device_names == ("test",)
    assert taken.device_at is not None
    assert taken.device_at < taken.recorded_at
    assert taken.marks is not None
    assert taken.marks.devices == 1
    assert taken.item is not None
    assert taken.item.code == code
    assert shown.events[-1].device_at is None


def test_a_refusal_is_an_event_like_any_other(office: Office) -> None:
    code = office.register()
    town = office.town
    offer = town.offer("an", [code], to=POST)
    town.send("an", offer)
    refuse = TakeLine(
        code=code, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED, seal=""
    )
    town.send("chien", town.take("chien", offer.nonce, [refuse], place=SENDING))
    town.send("chien", town.recall("chien", offer.nonce, [code]))
    shown = timeline(office, code)
    assert shown.is_verified
    recalled, taken = shown.events[0], shown.events[1]
    assert recalled.item is not None
    assert recalled.item.outcome == "refused"
    assert recalled.item.refusal
    assert taken.evidence[0].lines[0].reason is TakeReason.DAMAGED  # type: ignore[union-attr]  # a take


def test_a_timeline_is_for_whoever_may_see_the_item(office: Office, code: str) -> None:
    for name in ("binh", "chien", "giang"):
        assert timeline(office, code, name).is_verified
    with pytest.raises(NotFound):
        timeline(office, code, "oanh")
    for name in ("hoa", "khanh"):
        with pytest.raises(NotPermitted):
            timeline(office, code, name)


def test_a_flipped_byte_is_marked_where_it_was_flipped(office: Office, code: str, database: Database) -> None:
    index = timeline(office, code).events[2].index
    data = data_of(office, index)
    spoil(database, index, data.replace(b"handover_taken", b"handover_takem", 1))
    shown = timeline(office, code)
    marked = [event.index for event in shown.events if not event.is_verified]
    assert index in marked
    assert [event.kind for event in shown.events if event.index == index] == [None]
    report = verify(office)
    assert report.first_bad is not None
    assert report.first_bad.index == index


def test_an_entry_rewritten_under_another_key_is_marked(
    office: Office, code: str, database: Database
) -> None:
    index = timeline(office, code).events[-1].index
    data = data_of(office, index)
    spoil(database, index, data.replace(b'"weight_g":250', b'"weight_g":950', 1))
    event = timeline(office, code).events[-1]
    assert event.entry is not None
    assert event.marks is not None
    assert not event.marks.log_signature
    assert not event.is_verified
    assert timeline(office, code).events[-2].marks is not None
    report = verify(office)
    assert report.first_bad is not None
    assert (report.first_bad.index, report.first_bad.check) == (index, "signature")


def test_an_items_cut_end_is_marked(office: Office, code: str, database: Database) -> None:
    index = timeline(office, code).events[0].index
    statement = "DELETE FROM audit_items WHERE idx = "
    if database.kind == "sqlite":
        with sqlite3.connect(database.database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TRIGGER audit_items_no_delete")
            connection.execute(f"{statement}{index}")
        connection.close()
    else:
        with psycopg.connect(database.owner_url, autocommit=True) as connection_pg:
            connection_pg.execute("ALTER TABLE audit_items DISABLE TRIGGER ALL")
            connection_pg.execute(f"{statement}{index}")
    shown = timeline(office, code)
    assert not shown.is_verified
    assert not shown.events[0].is_verified


def test_the_bytes_of_an_entry_go_to_whoever_may_see_and_read_every_item_in_it(
    office: Office, code: str
) -> None:
    index = timeline(office, code).events[2].index
    # The sender of both items, the courier who signed it, and the auditor.
    for name in ("an", "chien", "giang"):
        seen = office.read(audit_trail.get_entry, index, actor=office.actors[name])
        assert len(seen.codes) == 2
        assert seen.data == data_of(office, index)
        assert seen.event.is_verified
    for name in ("oanh", "duc"):
        with pytest.raises(NotFound):
            office.read(audit_trail.get_entry, index, actor=office.actors[name])
    for missing in (10**6, 0):
        with pytest.raises(NotFound):
            office.read(audit_trail.get_entry, missing, actor=office.actors["an"])


def test_the_bytes_of_an_entry_that_names_anothers_item_stay_with_its_actor(office: Office) -> None:
    mine, theirs = office.register(), office.register(by="binh", recipient_unit="24.H01")
    office.town.post([mine])
    office.town.pass_on("binh", "chien", [theirs], place="24.H02")
    taken = office.town.pass_on("chien", "duc", [mine, theirs], place="24.P01").entry.index
    for name, codes in (("an", (mine,)), ("binh", (theirs,))):
        seen = office.read(audit_trail.get_entry, taken, actor=office.actors[name])
        # Each sees the other's item only where it is coming to its own agency, and reads nothing of it.
        assert set(codes) <= set(seen.codes)
        assert seen.data is None
        assert seen.event.is_verified
    for name in ("duc", "giang"):
        seen = office.read(audit_trail.get_entry, taken, actor=office.actors[name])
        assert seen.data == data_of(office, taken)
    # Who gave it knows the items, but what was read from the seals is the taker's word.
    assert office.read(audit_trail.get_entry, taken, actor=office.actors["chien"]).data is None


def test_the_recipient_of_an_item_on_its_way_has_no_bytes_of_it_yet(office: Office) -> None:
    code = office.register()
    office.town.post([code])
    for event in timeline(office, code).events:
        seen = office.read(audit_trail.get_entry, event.index, actor=office.actors["mai"])
        assert (code in seen.codes, seen.data) == (True, None)


def test_the_log_is_listed_for_auditors_only(office: Office, code: str) -> None:
    page = office.read(log.list_entries, actor=office.actors["giang"])
    assert page.size == page.rows[0].index + 1
    assert page.counts["registered"] == 2
    assert code
    with pytest.raises(NotPermitted):
        office.read(log.list_entries, actor=office.actors["an"])


def test_an_export_is_an_entry_and_verifies_offline(office: Office, code: str, tmp_path: Path) -> None:
    auditor = office.actors["giang"]
    noted = office.write(log.record_export, actor=auditor)
    path = tmp_path / "log.kt1"
    with path.open("wb") as stream:
        head = office.read(log.export_log, stream, actor=auditor)
    assert head.size == noted.index + 1
    report = verify_bundle(path, office.read(log.make_trust), jobs=1)
    assert report.first_bad is None
    assert report.entries == head.size
    assert report.device_signatures == 4
    assert code
    with pytest.raises(NotPermitted):
        office.write(log.record_export, actor=office.actors["an"])


def test_a_missing_entry_stops_the_export_and_is_named(
    office: Office, code: str, database: Database, tmp_path: Path
) -> None:
    index = timeline(office, code).events[1].index
    if database.kind == "sqlite":
        with sqlite3.connect(database.database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TRIGGER audit_log_no_delete")
            connection.execute("DELETE FROM audit_log WHERE idx = ?", (index,))
        connection.close()
    else:
        with psycopg.connect(database.owner_url, autocommit=True) as connection_pg:
            connection_pg.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
            connection_pg.execute("DELETE FROM audit_log WHERE idx = %s", (index,))
    with (tmp_path / "x").open("wb") as stream, pytest.raises(LogHalted):
        office.read(log.export_log, stream)
    report = verify(office)
    assert report.first_bad is not None
    assert report.first_bad.index == index


def test_a_good_log_verifies_and_begins_once(office: Office, code: str) -> None:
    size = office.read(lambda uow: uow.audit.head()).size
    office.write(log.begin_log)
    assert office.read(lambda uow: uow.audit.head()).size == size
    report = verify(office)
    assert report.first_bad is None
    assert report.entries == size
    assert office.read(access.get_consignment, code, actor=office.actors["an"]).code == code
