"""An evidence bundle proves what it discloses to whoever holds a trust file; nothing in it can be changed."""

import json
import re
from io import BytesIO
from pathlib import Path

import pytest

from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import ConsignmentCode
from app.services.evidence import evidence_export
from app.services.evidence.evidence_export import EvidenceRequest
from app.services.evidence.evidence_scope import ItemScope
from app.services.items import erasures
from app.services.items.erasures import DecideErasure, ProposeErasure
from app.services.log.published_log import PublishedLog
from audit.__main__ import main
from audit.entry import parse_entry
from audit.errors import MalformedTrust
from audit.evidence_bundle import (
    KEYS,
    SUMMARY,
    VERIFIER,
    entry_name,
    read_evidence_bundle,
)
from audit.kinds import EntryKind
from audit.trust_file import format_trust, parse_trust
from audit.verify_evidence import EvidenceReport, verify_evidence
from crypto.digest import sha256_hex
from tests.support import tlog
from tests.support.evidence import (
    ABSTRACT,
    all_time,
    delivered,
    made,
    rewritten,
    sources,
    trust_of,
    witnessed,
    write,
)
from tests.support.office import Office
from tests.support.publishing import publish_now
from tests.unit.reports.paper import text_of


def test_one_consignments_whole_story_is_proven_with_its_fields(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    report = verify_evidence(made(office, published, ItemScope(code=code), tmp_path), trust_of(office))
    assert isinstance(report, EvidenceReport)
    assert (report.entries, report.item_links, report.support) == (5, 5, 3)
    assert (report.device_signatures, report.proofs) == (4, 8)
    # Abstract, receiver and document numbers are shown; who signed at the door is not ours to show.
    assert (report.disclosed, report.withheld, report.erased) == (3, 1, 0)
    assert report.witnesses == ("w1", "w2")


def test_no_entry_but_the_items_own_is_in_the_bundle(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    other = office.register(abstract="Chuyện của người khác")
    path = made(office, published, ItemScope(code=code), tmp_path)
    opened = read_evidence_bundle(path)
    own = {row.index for row in office.read(lambda uow: uow.audit.list_for_code(code))}
    assert set(opened.manifest.entries) == own
    assert other.encode() not in path.read_bytes()


def test_values_stay_sealed_unless_they_are_asked_for(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    path = made(office, published, ItemScope(code=code), tmp_path, with_fields=False)
    report = verify_evidence(path, trust_of(office))
    assert (report.disclosed, report.withheld) == (0, 4)
    assert ABSTRACT.encode() not in path.read_bytes()
    paper = text_of(read_evidence_bundle(path).files[SUMMARY])
    assert "Báo cáo" not in paper
    # Who it was stays a number, for the log has no names; the role and the unit are no person's.
    assert "Lê Đức Chiến" not in paper
    assert "Giao thông viên" in paper


def test_the_summary_tells_what_the_bundle_discloses_and_of_others_only_how_many(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    files = read_evidence_bundle(made(office, published, ItemScope(code=code), tmp_path)).files
    paper = " ".join(text_of(files[SUMMARY]).split())
    for told in (f"Bưu gửi {code}", "Bên nhận đã quét", "Trích yếu", "Không đưa vào gói", "Trang 1/"):
        assert told in paper
    assert "và 1 bưu gửi khác" in paper
    assert len(set(re.findall(r"[A-Z]{2}[0-9]{9}VN", paper))) == 1
    assert sha256_hex(files[VERIFIER]) in paper
    keys = files[KEYS].decode()
    for one in (*published.keys, *(witness.key for witness in tlog.WITNESSES)):
        assert one.to_text() in keys
    with pytest.raises(MalformedTrust):
        parse_trust(files[KEYS])


def test_the_same_evidence_is_the_same_file(office: Office, published: PublishedLog) -> None:
    scope, now = ItemScope(code=delivered(office)), office.town.clock()
    publish_now(office, published, witnessing=witnessed)
    request = EvidenceRequest(scope=scope, with_fields=True)
    twice = [BytesIO(), BytesIO()]
    for stream in twice:
        office.read(evidence_export.make_evidence, request, stream, sources=sources(published), now=now)
    assert twice[0].getvalue() == twice[1].getvalue()


def test_a_field_that_was_erased_is_proven_to_be(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    wish = ProposeErasure(
        code=code,
        untrusted_fields=("abstract",),
        untrusted_reason="misplaced_secret",
        untrusted_decision="12/QĐ-UBND",
    )
    office.write(erasures.propose, wish, actor=office.actors["an"])
    auditor = office.actors["giang"]
    (one,) = office.read(erasures.list_erasures, actor=auditor, is_open=True)
    office.write(erasures.decide, DecideErasure(erasure=one.erasure.id, approve=True), actor=auditor)
    path = made(office, published, ItemScope(code=code), tmp_path)
    report = verify_evidence(path, trust_of(office))
    # The digest stands where it was made and where it was erased; both say so.
    assert (report.disclosed, report.withheld, report.erased) == (2, 1, 2)
    assert ABSTRACT.encode() not in path.read_bytes()


def test_a_period_is_proven_too(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    delivered(office)
    scope = all_time(office)
    report = verify_evidence(made(office, published, scope, tmp_path, with_fields=False), trust_of(office))
    assert report.entries == report.size
    assert report.scope["kind"] == "period"


def test_what_is_not_published_is_not_proven(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    scope = ItemScope(code=office.register())
    with pytest.raises(Conflict, match=ConflictCode.NOT_PUBLISHED):
        write(office, published, scope, tmp_path / "none.zip")
    publish_now(office, published)
    scope = ItemScope(code=office.register())
    with pytest.raises(Conflict, match=ConflictCode.NOT_PUBLISHED):
        write(office, published, scope, tmp_path / "none.zip")
    with pytest.raises(NotFound):
        write(office, published, ItemScope(code=ConsignmentCode("ZK000000005VN")), tmp_path / "none.zip")


@pytest.mark.parametrize("with_fields", [True, False])
def test_an_export_is_an_entry_that_says_of_what_for_whom_and_whether_values_left(
    office: Office, published: PublishedLog, tmp_path: Path, *, with_fields: bool
) -> None:
    code, an = office.register(), office.actors["an"]
    publish_now(office, published)
    manifest = write(
        office, published, ItemScope(code=code), tmp_path / "one.zip", with_fields=with_fields, by="an"
    )
    office.write(evidence_export.record_evidence, manifest, actor=an)
    (row,) = office.read(lambda uow: uow.audit.list_latest(limit=1))
    entry = parse_entry(row.data)
    assert entry.kind is EntryKind.EVIDENCE_EXPORTED
    assert entry.facts == {
        "scope": "consignment",
        "code": code,
        "fields": int(with_fields),
        "actor": int(an.user),
    }


def test_the_command_answers_by_its_exit_code(
    office: Office, published: PublishedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    trust = tmp_path / "trust.json"
    trust.write_bytes(format_trust(trust_of(office)))
    asked = ["verify-evidence", str(path), "--trust", str(trust)]
    assert main(asked) == 0
    assert "GOOD" in capsys.readouterr().out
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == "good"
    name = entry_name(read_evidence_bundle(path).manifest.entries[0])
    rewritten(path, name, b"{}")
    assert main(asked) == 1
    assert name in capsys.readouterr().out
    path.write_bytes(b"")
    assert main(asked) == 2
    assert "COULD NOT CHECK" in capsys.readouterr().err
