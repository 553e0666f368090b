"""An evidence bundle proves what it discloses to whoever holds a trust file; nothing in it can be changed."""

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import NotFound
from app.domain.ids import ConsignmentCode
from app.http import texts
from app.services import erasures, evidence_export, log
from app.services.erasures import DecideErasure, ProposeErasure
from app.services.evidence_export import Scope
from app.services.evidence_files import Sources
from app.services.log import TrustBeside
from app.services.published_log import PublishedLog
from audit.__main__ import main
from audit.checkpoint import read_head
from audit.errors import BadEntry, CannotVerify, MalformedTrust
from audit.evidence import Purpose
from audit.evidence_bundle import (
    DOMAIN,
    KEYS,
    MANIFEST,
    SUMMARY,
    VERIFIER,
    entry_name,
    proof_name,
    read_evidence_bundle,
)
from audit.trust import CheckpointKey, Trust
from audit.trust_file import format_trust, parse_trust, parse_witnesses
from audit.verify_evidence import EvidenceReport, verify_evidence
from crypto import canonical
from crypto.digest import b64encode, sha256_hex
from tests.support import tlog
from tests.support.office import Office
from tests.support.publishing import publish_now, published_log
from tests.support.town import RECEIVING
from tests.unit.reports.paper import text_of

ABSTRACT = "Về việc kiểm tra đột xuất kho mật"
QUORUM = "".join(f"witness w{n} {one.key.to_text()}\n" for n, one in enumerate(tlog.WITNESSES, 1))
QUORUM += "group g 2 w1 w2 w3\nquorum g\n"


@pytest.fixture
def published(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path / "log")


def witnessed(checkpoint: bytes, _: object) -> bytes:
    """Let two of three witnesses cosign, whatever they are shown."""
    head = read_head(checkpoint)
    lines = "".join(one.sign(head, time=tlog.NOW).to_line() for one in tlog.WITNESSES[:2])
    return checkpoint + lines.encode()


def trust_of(office: Office, *, quorum: str = QUORUM) -> Trust:
    keys = tuple(CheckpointKey(key=one.key) for one in (tlog.LOG, tlog.LOG_PQ))
    beside = TrustBeside(checkpoint_keys=keys, witnesses=parse_witnesses(quorum.encode()))
    return office.read(log.make_trust, beside=beside)


def delivered(office: Office) -> ConsignmentCode:
    """Send one item the whole way, in the company of another on every list."""
    codes = [office.register(abstract=ABSTRACT), office.register()]
    office.town.post(codes)
    office.town.pass_on("chien", "binh", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    return codes[0]


def sources(published: PublishedLog) -> Sources:
    return Sources(log=published, words=texts.text, witnesses=parse_witnesses(QUORUM.encode()).witnesses)


def ask(office: Office, published: PublishedLog, code: ConsignmentCode, *, with_fields: bool) -> bytes:
    return office.read(
        evidence_export.make_evidence,
        Scope(code=code),
        sources=sources(published),
        with_fields=with_fields,
    )


def made(
    office: Office, published: PublishedLog, scope: Scope, folder: Path, *, with_fields: bool = True
) -> Path:
    publish_now(office, published, witnessing=witnessed)
    data = office.read(
        evidence_export.make_evidence, scope, sources=sources(published), with_fields=with_fields
    )
    path = folder / "evidence.zip"
    path.write_bytes(data)
    return path


def rewritten(path: Path, name: str, data: bytes | None) -> Path:
    """Change or drop one file of a bundle."""
    with zipfile.ZipFile(path) as old:
        files = {item.filename: old.read(item) for item in old.infolist()}
    if data is None:
        del files[name]
    else:
        files[name] = data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new:
        for one, content in files.items():
            new.writestr(zipfile.ZipInfo(one), content)
    path.write_bytes(buffer.getvalue())
    return path


def test_one_consignments_whole_story_is_proven_with_its_fields(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    report = verify_evidence(made(office, published, Scope(code=code), tmp_path), trust_of(office))
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
    path = made(office, published, Scope(code=code), tmp_path)
    opened = read_evidence_bundle(path)
    own = {row.index for row in office.read(lambda uow: uow.audit.list_for_code(code))}
    assert set(opened.manifest.entries) == own
    assert other.encode() not in path.read_bytes()


def test_values_stay_sealed_unless_they_are_asked_for(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    path = made(office, published, Scope(code=code), tmp_path, with_fields=False)
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
    files = read_evidence_bundle(made(office, published, Scope(code=code), tmp_path)).files
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


def test_the_same_evidence_is_the_same_file(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    code, now = delivered(office), office.town.clock()
    made(office, published, Scope(code=code), tmp_path)
    twice = [
        office.read(
            evidence_export.make_evidence,
            Scope(code=code),
            sources=sources(published),
            with_fields=True,
            now=now,
        )
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


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
    path = made(office, published, Scope(code=code), tmp_path)
    report = verify_evidence(path, trust_of(office))
    # The digest stands where it was made and where it was erased; both say so.
    assert (report.disclosed, report.withheld, report.erased) == (2, 1, 2)
    assert ABSTRACT.encode() not in path.read_bytes()


def test_a_period_is_proven_too(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    before = office.town.clock() - timedelta(days=1)
    delivered(office)
    scope = Scope(first_at=before, until_at=office.town.clock() + timedelta(days=1))
    report = verify_evidence(made(office, published, scope, tmp_path, with_fields=False), trust_of(office))
    assert report.entries == report.size
    assert report.scope["kind"] == "period"


def test_every_file_that_is_changed_or_gone_is_named(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    good, trust = path.read_bytes(), trust_of(office)
    names = zipfile.ZipFile(path).namelist()
    assert len(names) > 18
    for name in names:
        path.write_bytes(good)
        data = zipfile.ZipFile(path).read(name)
        rewritten(path, name, data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
        with pytest.raises(BadEntry) as caught:
            verify_evidence(path, trust)
        assert caught.value.path == name
        path.write_bytes(good)
        rewritten(path, name, None)
        with pytest.raises((BadEntry, CannotVerify)) as gone:
            verify_evidence(path, trust)
        assert name in str(gone.value)


def test_a_file_nobody_knows_is_refused_even_when_the_log_vouches_for_it(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    files = {**json.loads(json.dumps(manifest_of(path)["files"])), "run-me.pyz": sha256_hex(b"x")}
    forged(office, rewritten(path, "run-me.pyz", b"x"), {"files": files})
    with pytest.raises(BadEntry, match=r"run-me\.pyz: extra"):
        verify_evidence(path, trust_of(office))


def test_a_period_with_an_entry_left_out_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    before = office.town.clock() - timedelta(days=1)
    delivered(office)
    scope = Scope(first_at=before, until_at=office.town.clock() + timedelta(days=1))
    path = made(office, published, scope, tmp_path, with_fields=False)
    opened = read_evidence_bundle(path).manifest
    entries = list(opened.entries)
    gone = entries.pop(-2)
    fields = json.loads(json.dumps(manifest_of(path)["fields"]))
    change: dict[str, object] = {
        "entries": entries,
        "fields": [one for one in fields if one["entry"] != gone],
    }
    with pytest.raises(BadEntry, match="left out"):
        verify_evidence(forged(office, path, change, (entry_name(gone), proof_name(gone))), trust_of(office))


@pytest.mark.parametrize(
    "scope",
    [
        {"kind": "everything"},
        {"kind": "consignment"},
        {"kind": "period", "from": "2020-01-01T00:00:00.000Z", "until": "2020-01-02T00:00:00.000Z"},
        {"kind": "period", "from": "yesterday", "until": "2020-01-02T00:00:00.000Z"},
        {"kind": "incident", "reference": "SC-1", "codes": ""},
        {"kind": "incident", "reference": "SC-1", "entries": "1"},
    ],
)
def test_a_scope_that_the_entries_do_not_bear_out_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path, scope: dict[str, str]
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    with pytest.raises(BadEntry, match="scope"):
        verify_evidence(forged(office, path, {"scope": scope}), trust_of(office))


def test_an_extra_file_is_named(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    with pytest.raises(BadEntry, match=r"more\.txt: extra"):
        verify_evidence(rewritten(path, "more.txt", b"x"), trust_of(office))


def forged(office: Office, path: Path, change: dict[str, object], drop: tuple[str, ...] = ()) -> Path:
    """Change the manifest and sign it anew with the log's own key, as a dishonest keeper could."""
    value = json.loads(zipfile.ZipFile(path).read(MANIFEST))
    del value["sig"]
    value |= change
    for name in drop:
        del value["files"][name]
        rewritten(path, name, None)
    signature = b64encode(office.town.tools.signer.sign(DOMAIN + canonical.encode(value)))
    return rewritten(path, MANIFEST, canonical.encode({**value, "sig": signature}))


def manifest_of(path: Path) -> dict[str, object]:
    return dict(json.loads(zipfile.ZipFile(path).read(MANIFEST)))


def test_a_story_with_an_entry_left_out_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    entries = list(read_evidence_bundle(path).manifest.entries)
    gone = entries.pop(2)
    drop = (entry_name(gone), proof_name(gone))
    with pytest.raises(BadEntry, match="item chain"):
        verify_evidence(forged(office, path, {"entries": entries}, drop), trust_of(office))


def test_another_value_than_was_committed_to_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    fields = json.loads(json.dumps(manifest_of(path)["fields"]))
    shown = next(one for one in fields if one["label"] == "abstract")
    shown["value"] += "!"
    with pytest.raises(BadEntry, match="commitment"):
        verify_evidence(forged(office, path, {"fields": fields}), trust_of(office))


@pytest.mark.parametrize("state", ["erased", "none"])
def test_a_commitment_is_never_passed_over_nor_called_erased(
    office: Office, published: PublishedLog, tmp_path: Path, state: str
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
    fields = json.loads(json.dumps(manifest_of(path)["fields"]))
    first = fields.pop(0)
    if state == "erased":
        fields.insert(0, {**first, "state": "erased", "salt": "", "value": ""})
    with pytest.raises(BadEntry, match="field"):
        verify_evidence(forged(office, path, {"fields": fields}), trust_of(office))


def test_too_few_witnesses_are_bad_and_none_in_the_trust_file_cannot_be_checked(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    code = delivered(office)
    publish_now(office, published)
    path = tmp_path / "evidence.zip"
    path.write_bytes(ask(office, published, code, with_fields=False))
    with pytest.raises(BadEntry, match="quorum"):
        verify_evidence(path, trust_of(office))
    alone = trust_of(office, quorum="quorum none\n")
    with pytest.raises(CannotVerify, match="no witnesses"):
        verify_evidence(path, alone)
    assert verify_evidence(path, alone, require_witnesses=False).witnesses == ()


def test_what_is_not_published_is_not_proven(office: Office, published: PublishedLog) -> None:
    publish_now(office, published)
    code = office.register()
    with pytest.raises(NotFound):
        ask(office, published, code, with_fields=False)


def test_an_export_is_an_entry_and_one_of_nothing_is_not(office: Office) -> None:
    code = office.register()
    office.write(evidence_export.record_evidence, Scope(code=code), with_fields=True)
    counts = office.read(lambda uow: uow.audit.count_by_kind())
    assert counts["evidence_exported"] == 1
    with pytest.raises(NotFound):
        office.write(
            evidence_export.record_evidence, Scope(code=ConsignmentCode("ZK000000005VN")), with_fields=True
        )


def test_the_command_answers_by_its_exit_code(
    office: Office, published: PublishedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(office, published, Scope(code=delivered(office)), tmp_path)
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
