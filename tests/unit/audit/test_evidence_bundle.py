"""The evidence bundle's bytes are the ones another program made from its page."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from audit.entry import parse_entry
from audit.evidence_bundle import (
    FOR_PEOPLE,
    Field,
    FieldState,
    Manifest,
    entry_name,
    read_evidence_bundle,
    write_evidence,
)
from audit.evidence_scope import check_scope
from crypto.digest import sha256_hex
from crypto.keys import SigningKey
from crypto.signer import FileSigner
from tests.house.tree import ROOT

OURS = json.loads((ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8"))
BUNDLES = json.loads((ROOT / "tests/vectors/evidence_bundles.json").read_text(encoding="utf-8"))
LOG = FileSigner(SigningKey.from_seed(bytes.fromhex(OURS["keys"][0]["seed"])))


def made() -> bytes:
    known = json.loads(OURS["evidence_manifest"])
    (index,) = known["entries"]
    shown = known["fields"][0]
    manifest = Manifest(
        origin=known["origin"],
        scope=known["scope"],
        made_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        entries=(index,),
        support=(),
        fields=(
            Field(
                entry=index,
                label="abstract",
                state=FieldState.DISCLOSED,
                salt=shown["salt"],
                value=shown["value"],
            ),
        ),
    )
    files = {
        "checkpoint": b"checkpoint\n",
        f"entries/{index:012}.json": OURS["entries"][index]["data"].encode(),
        f"proofs/{index:012}.tlog-proof": b"proof\n",
    }
    stream = BytesIO()
    write_evidence(manifest, files, LOG, stream)
    return stream.getvalue()


def test_the_manifest_is_the_known_one() -> None:
    with zipfile.ZipFile(BytesIO(made())) as archive:
        assert archive.read("manifest.json").decode() == OURS["evidence_manifest"]


def test_the_same_contents_are_the_same_bytes_without_a_clock() -> None:
    assert made() == made()
    with zipfile.ZipFile(BytesIO(made())) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_was_written_is_read_back_and_its_signature_holds(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(made())
    opened = read_evidence_bundle(path)
    LOG.public_key.verify(opened.signature, opened.signed)
    assert opened.manifest.scope == {"kind": "consignment", "code": "RT000000005VN"}
    assert [field.state for field in opened.manifest.fields] == [FieldState.DISCLOSED]


@pytest.mark.parametrize("vector", BUNDLES, ids=lambda one: json.loads(one["manifest"])["scope"]["kind"])
def test_whole_bundles_are_the_known_ones_and_are_read_back(vector: dict[str, Any], tmp_path: Path) -> None:
    known = json.loads(vector["manifest"])
    manifest = Manifest(
        origin=known["origin"],
        scope=known["scope"],
        made_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        entries=tuple(known["entries"]),
        support=tuple(known["support"]),
        fields=tuple(Field(**{**one, "state": FieldState(one["state"])}) for one in known["fields"]),
    )
    files = {name: text.encode() for name, text in vector["files"].items()}
    files |= {
        entry_name(n): OURS["entries"][n]["data"].encode() for n in (*manifest.entries, *manifest.support)
    }
    assert files.keys() >= FOR_PEOPLE
    path = tmp_path / "evidence.zip"
    with path.open("wb") as stream:
        write_evidence(manifest, files, LOG, stream)
    assert sha256_hex(path.read_bytes()) == vector["zip"]
    opened = read_evidence_bundle(path)
    LOG.public_key.verify(opened.signature, opened.signed)
    assert (opened.manifest, dict(opened.files)) == (manifest, files)
    entries = [parse_entry(files[entry_name(n)]) for n in manifest.entries]
    assert check_scope(manifest.scope, entries) >= 0
