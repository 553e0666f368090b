"""Whatever is changed in an evidence bundle, left out of it or put into it is found and named."""

import json
import zipfile
from pathlib import Path

import pytest

from app.services.evidence.evidence_scope import ItemScope
from app.services.log.published_log import PublishedLog
from audit.errors import BadEntry, CannotVerify
from audit.evidence_bundle import (
    entry_name,
    proof_name,
    read_evidence_bundle,
)
from audit.verify_evidence import verify_evidence
from crypto.digest import sha256_hex
from tests.support.evidence import (
    all_time,
    delivered,
    forged,
    made,
    manifest_of,
    rewritten,
    trust_of,
    write,
)
from tests.support.office import Office
from tests.support.publishing import publish_now


def test_every_file_that_is_changed_or_gone_is_named(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
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
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    files = {**json.loads(json.dumps(manifest_of(path)["files"])), "run-me.pyz": sha256_hex(b"x")}
    forged(office, rewritten(path, "run-me.pyz", b"x"), {"files": files})
    with pytest.raises(BadEntry, match=r"run-me\.pyz: extra"):
        verify_evidence(path, trust_of(office))


def test_a_period_with_an_entry_left_out_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    delivered(office)
    scope = all_time(office)
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
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    with pytest.raises(BadEntry, match="scope"):
        verify_evidence(forged(office, path, {"scope": scope}), trust_of(office))


def test_an_extra_file_is_named(office: Office, published: PublishedLog, tmp_path: Path) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    with pytest.raises(BadEntry, match=r"more\.txt: extra"):
        verify_evidence(rewritten(path, "more.txt", b"x"), trust_of(office))


def test_a_story_with_an_entry_left_out_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    entries = list(read_evidence_bundle(path).manifest.entries)
    gone = entries.pop(2)
    drop = (entry_name(gone), proof_name(gone))
    with pytest.raises(BadEntry, match="item chain"):
        verify_evidence(forged(office, path, {"entries": entries}, drop), trust_of(office))


def test_another_value_than_was_committed_to_is_refused(
    office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
    fields = json.loads(json.dumps(manifest_of(path)["fields"]))
    shown = next(one for one in fields if one["label"] == "abstract")
    shown["value"] += "!"
    with pytest.raises(BadEntry, match="commitment"):
        verify_evidence(forged(office, path, {"fields": fields}), trust_of(office))


@pytest.mark.parametrize("state", ["erased", "none"])
def test_a_commitment_is_never_passed_over_nor_called_erased(
    office: Office, published: PublishedLog, tmp_path: Path, state: str
) -> None:
    path = made(office, published, ItemScope(code=delivered(office)), tmp_path)
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
    write(office, published, ItemScope(code=code), path, with_fields=False)
    with pytest.raises(BadEntry, match="quorum"):
        verify_evidence(path, trust_of(office))
    alone = trust_of(office, quorum="quorum none\n")
    with pytest.raises(CannotVerify, match="no witnesses"):
        verify_evidence(path, alone)
    assert verify_evidence(path, alone, require_witnesses=False).witnesses == ()
