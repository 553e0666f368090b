"""What a bundle is about: an item as its parties may see it, a period, an incident; and what is too much."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, NotPermitted, ProblemCode
from app.domain.ids import ConsignmentCode
from app.services.evidence import evidence_choice, evidence_export
from app.services.evidence.evidence_scope import IncidentScope, ItemScope, Period, parse_incident
from app.services.log.published_log import PublishedLog
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry
from audit.errors import BadEntry
from audit.evidence import Purpose
from audit.evidence_bundle import SUMMARY, read_evidence_bundle
from audit.verify_evidence import verify_evidence
from tests.support.evidence import ABSTRACT, all_time, delivered, forged, made, trust_of, write
from tests.support.office import Office
from tests.support.publishing import append, publish_now
from tests.support.town import POST, RECEIVING, SENDING
from tests.unit.reports.paper import text_of

REFERENCE = "SC-2026/07"


def two_delivered(office: Office) -> tuple[ConsignmentCode, ConsignmentCode]:
    """Deliver two items on the same lists; they come back rising."""
    codes = [office.register(abstract=ABSTRACT), office.register()]
    office.town.post(codes)
    office.town.pass_on("chien", "binh", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    first, second = sorted(codes)
    return first, second


def test_an_incident_of_items_is_proven_whole_with_their_fields(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    office.register()
    codes = two_delivered(office)
    path = made(office, published, IncidentScope(reference=REFERENCE, codes=codes), tmp_path)
    report = verify_evidence(path, trust_of(office))
    assert report.scope == {"kind": "incident", "reference": REFERENCE, "codes": ",".join(codes)}
    # Two registrations, and four scans that name both.
    assert (report.entries, report.item_links) == (6, 10)
    assert report.disclosed == 6
    paper = " ".join(text_of(read_evidence_bundle(path).files[SUMMARY]).split())
    assert f"Sự cố {REFERENCE}: bưu gửi {codes[0]}, {codes[1]}" in paper


def test_an_incident_within_a_period_holds_what_was_recorded_then(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = office.register()
    since = office.town.clock()
    office.town.post([code])
    period = Period(first_at=since, until_at=office.town.clock() + timedelta(hours=1))
    scope = parse_incident(REFERENCE, [code], period=period)
    report = verify_evidence(made(office, published, scope, tmp_path), trust_of(office))
    # The registration came before; offer and take follow each other.
    assert (report.entries, report.item_links) == (2, 2)


def test_an_incident_of_single_entries_holds_these_and_no_other(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    delivered(office)
    path = made(office, published, IncidentScope(reference=REFERENCE, entries=(1, 4)), tmp_path)
    assert read_evidence_bundle(path).manifest.entries == (1, 4)
    assert verify_evidence(path, trust_of(office)).entries == 2


def test_an_incident_is_of_something_and_its_reference_is_a_line(office: Office) -> None:
    code = office.register()
    for reference, codes, field in (
        ("", [code], "reference"),
        ("a\nb", [code], "reference"),
        ("x" * 61, [code], "reference"),
        (REFERENCE, [], "codes"),
        (REFERENCE, ["ZK000000006VN"], "codes"),
    ):
        with pytest.raises(InvalidInput) as refused:
            parse_incident(reference, codes, period=None)
        assert [problem.field for problem in refused.value.problems] == [field]
    with pytest.raises(ValueError, match="neither items nor a period"):
        IncidentScope(reference=REFERENCE, codes=(code,), entries=(1,))


def test_an_incident_of_an_item_that_has_nothing_to_show_names_it(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = office.register()
    publish_now(office, published)
    long_ago = Period(
        first_at=office.town.clock() - timedelta(days=9), until_at=office.town.clock() - timedelta(days=8)
    )
    for codes, period, said in (
        ((code,), long_ago, ProblemCode.NOTHING_TO_SHOW),
        ((ConsignmentCode("ZK000000005VN"),), None, ProblemCode.UNKNOWN_ITEM),
    ):
        scope = IncidentScope(reference=REFERENCE, codes=codes, period=period)
        with pytest.raises(InvalidInput) as refused:
            write(office, published, scope, tmp_path / "none.zip")
        assert refused.value.problems[0].code is said
        assert refused.value.problems[0].params == {"value": codes[0]}


def test_the_entry_of_an_export_states_the_incident(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    codes = two_delivered(office)
    publish_now(office, published)
    scope = IncidentScope(reference=REFERENCE, codes=codes)
    manifest = write(office, published, scope, tmp_path / "one.zip", with_fields=False)
    office.write(evidence_export.record_evidence, manifest, actor=None)
    (row,) = office.read(lambda uow: uow.audit.list_latest(limit=1))
    assert parse_entry(row.data).facts == {
        "scope": "incident",
        "reference": REFERENCE,
        "codes": ",".join(codes),
        "fields": 0,
    }


def test_too_many_entries_are_counted_and_refused_before_any_is_read(
    office: Office, published: PublishedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = two_delivered(office)
    publish_now(office, published)
    monkeypatch.setattr(evidence_choice, "MOST_ENTRIES", 4)
    size = office.read(lambda uow: uow.audit.head()).size
    for scope, count in (
        (all_time(office), size),
        (ItemScope(code=codes[0]), 5),
        (IncidentScope(reference=REFERENCE, codes=codes), 10),
    ):
        with pytest.raises(InvalidInput) as refused:
            write(office, published, scope, tmp_path / "none.zip")
        (problem,) = refused.value.problems
        assert (problem.code, problem.params) == (ProblemCode.TOO_MANY_ENTRIES, {"count": count, "most": 4})


def test_a_sender_gets_the_whole_story_of_an_item_that_travelled_with_its_own(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    report = verify_evidence(
        made(office, published, ItemScope(code=code), tmp_path, by="an"), trust_of(office)
    )
    assert (report.entries, report.item_links, report.disclosed) == (5, 5, 3)
    assert "entries" not in report.scope


def test_entries_that_name_other_agencies_items_are_left_out_and_the_bundle_says_so(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    mine = office.register()
    theirs = office.register(by="binh", recipient_unit=SENDING)
    office.town.post([mine])
    assert office.town.pass_on("binh", "chien", [theirs], place=RECEIVING).status == "accepted"
    office.town.pass_on("chien", "duc", [mine, theirs], place=POST)
    path = made(office, published, ItemScope(code=mine), tmp_path, by="an")
    report = verify_evidence(path, trust_of(office))
    assert (report.entries, report.item_links) == (3, 0)
    assert report.scope["entries"] == ",".join(map(str, read_evidence_bundle(path).manifest.entries))
    assert theirs.encode() not in path.read_bytes()
    paper = " ".join(text_of(read_evidence_bundle(path).files[SUMMARY]).split())
    assert "không phải toàn bộ" in paper


def test_some_entries_of_an_item_are_not_passed_off_as_others(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    path = made(office, published, ItemScope(code=code), tmp_path, with_fields=False)
    said = {"kind": "consignment", "code": code, "entries": "1,2"}
    with pytest.raises(BadEntry, match="scope"):
        verify_evidence(forged(office, path, {"scope": said}), trust_of(office))
    entries = ",".join(map(str, read_evidence_bundle(path).manifest.entries))
    said = {"kind": "consignment", "code": "ZK000000005VN", "entries": entries}
    with pytest.raises(BadEntry, match="scope"):
        verify_evidence(forged(office, path, {"scope": said}), trust_of(office))


def test_whoever_may_not_know_the_item_is_told_that_there_is_none(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = office.register()
    publish_now(office, published)
    file = tmp_path / "none.zip"
    # Before the post has it, the item is not even there for its recipient.
    with pytest.raises(NotFound):
        write(office, published, ItemScope(code=code), file, by="binh")
    for name in ("chien", "duc", "hoa", "khanh"):
        with pytest.raises(NotPermitted):
            write(office, published, ItemScope(code=code), file, by=name)
    office.town.post([code])
    publish_now(office, published)
    # On the way the recipient knows of it, and none of its entries is its business yet.
    with pytest.raises(Conflict, match=ConflictCode.ENTRIES_OF_OTHERS):
        write(office, published, ItemScope(code=code), file, by="binh")


def test_only_the_auditor_exports_a_period_or_a_whole_incident_and_reads_no_sealed_value_by_it(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    publish_now(office, published)
    incident = IncidentScope(reference=REFERENCE, codes=(code,))
    forbidden = [(incident, "chien"), (incident, "khanh")]
    forbidden += [(all_time(office), name) for name in ("an", "binh", "chien", "khanh")]  # type: ignore[misc]
    for scope, name in forbidden:
        with pytest.raises(NotPermitted):
            write(office, published, scope, tmp_path / "none.zip", by=name)
    # A party gets of an incident what it may have of its own item, and the scope claims no more than that.
    theirs = write(office, published, incident, tmp_path / "theirs.zip", by="an")
    assert theirs.scope.keys() == {"kind", "reference", "entries"}
    path = made(office, published, IncidentScope(reference=REFERENCE, codes=(code,)), tmp_path, by="giang")
    report = verify_evidence(path, trust_of(office))
    assert (report.entries, report.disclosed, report.withheld) == (5, 0, 4)
    assert ABSTRACT.encode() not in path.read_bytes()


def test_a_period_is_found_by_halving_and_holds_what_lies_in_it(office: Office) -> None:
    delivered(office)
    rows = office.read(lambda uow: uow.audit.list_range(0, 10_000))
    size = len(rows)
    for first in (rows[0].at - timedelta(days=1), rows[3].at, rows[-1].at):
        for until in (rows[3].at, rows[-1].at, rows[-1].at + timedelta(seconds=1)):
            found = office.read(
                lambda uow, first=first, until=until: uow.audit.find_between(first, until, size=size)
            )
            inside = [row.index for row in rows if first <= row.at < until]
            assert list(range(*found)) == inside


def test_a_period_in_a_long_log_costs_few_reads_and_no_index_of_times(
    office: Office, engines: Engines
) -> None:
    append(office, 3_000)
    row = office.read(lambda uow: uow.audit.find(1_500))
    assert row is not None
    ran: list[str] = []
    with engines.read.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *said: ran.append(str(said[2])))
        UnitOfWork(connection, writable=False).audit.find_between(row.at, row.at, size=3_000)
    # Twice the logarithm of the log's length, each by the primary key.
    reads = [statement for statement in ran if statement.startswith("SELECT")]
    assert 1 < len(reads) <= 2 * 12
    assert all("audit_log.idx = " in statement for statement in reads)
