"""Our code gives the known answers, which none of our code made."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.bundle import BundleReader
from audit.chain import EMPTY, ChainHead, extend
from audit.entry import EntryDraft, parse_entry
from audit.evidence import evidence_payload, open_evidence, parse_evidence, sign_evidence
from audit.kinds import EntryKind
from audit.rotation import draft_rotation, statement, verify_rotation
from audit.trust_file import parse_trust
from audit.verify import verify_bundle
from crypto import canonical, envelope
from crypto.commitment import Opening, commit, verify_commitment
from crypto.digest import leaf_hash
from crypto.keys import PublicKey, SigningKey
from crypto.label_mac import LabelKeys
from crypto.permutation import SerialPermutation
from crypto.signer import FileSigner
from tests.house.tree import ROOT

OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8"))
FOREIGN: dict[str, Any] = json.loads((ROOT / "tests/vectors/foreign.json").read_text(encoding="utf-8"))
SIGNERS = {
    key["key_id"]: FileSigner(SigningKey.from_seed(bytes.fromhex(key["seed"]))) for key in OURS["keys"]
}
LOG = next(iter(SIGNERS.values()))
ORIGIN = "kt1.example/24"


@pytest.mark.parametrize("vector", FOREIGN["ed25519"])
def test_ed25519(vector: dict[str, str]) -> None:
    key = SigningKey.from_seed(bytes.fromhex(vector["seed"]))
    message, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])
    assert key.public_key.raw.hex() == vector["public_key"]
    assert key.sign(message) == signature
    key.public_key.verify(signature, message)


@pytest.mark.parametrize("vector", FOREIGN["pae"])
def test_pre_authentication(vector: dict[str, str]) -> None:
    encoded = envelope.pre_authentication(vector["type"], vector["payload"].encode())
    assert encoded.decode() == vector["encoded"]


@pytest.mark.parametrize("vector", FOREIGN["leaf_hash"])
def test_leaf_hash(vector: dict[str, str]) -> None:
    assert leaf_hash(bytes.fromhex(vector["data"])).hex() == vector["hash"]


@pytest.mark.parametrize("vector", OURS["keys"])
def test_key_names(vector: dict[str, str]) -> None:
    assert PublicKey.from_text(vector["public_key"]).key_id == vector["key_id"]


@pytest.mark.parametrize("vector", OURS["canonical"])
def test_canonical(vector: dict[str, Any]) -> None:
    assert canonical.encode(vector["value"]).hex() == vector["hex"]
    assert canonical.parse(bytes.fromhex(vector["hex"])) == vector["value"]


@pytest.mark.parametrize("vector", OURS["evidence"])
def test_evidence(vector: dict[str, str]) -> None:
    signed = envelope.parse(vector["envelope"].encode())
    signer = SIGNERS[signed.key_id]
    evidence = open_evidence(signed, signer.public_key, log="kt1.example/24")
    assert evidence == parse_evidence(vector["payload"].encode())
    assert evidence_payload(evidence).decode() == vector["payload"]
    assert sign_evidence(evidence, signer).to_bytes().decode() == vector["envelope"]


def test_every_kind_of_entry_has_a_vector_and_is_sealed_to_it() -> None:
    head, heads = EMPTY, dict[str, str]()
    kinds: set[EntryKind] = set()
    for number, vector in enumerate(OURS["entries"]):
        data = vector["data"].encode()
        entry = parse_entry(data)
        draft = EntryDraft(
            kind=entry.kind,
            facts=entry.facts,
            items=entry.items,
            commitments=entry.commitments,
            envelopes=entry.envelopes,
        )
        at = datetime(2026, 11, 22, 7, 43, tzinfo=UTC) + timedelta(seconds=number)
        (sealed,) = extend(head, [draft], at=at, signer=LOG, item_heads=heads)
        assert sealed.data == data
        assert sealed.leaf.hex() == vector["leaf"]
        head = ChainHead(size=number + 1, leaf=sealed.leaf)
        heads |= dict.fromkeys(sealed.chained, sealed.leaf.hex())
        kinds.add(entry.kind)
    assert kinds == set(EntryKind)


def test_the_vectors_are_a_good_log(tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    entries = [vector["data"].encode() for vector in OURS["entries"]]
    framed = b"".join(len(data).to_bytes(2, "big") + data for data in entries)
    path.write_bytes(b"kt1-bundle/1\n" + OURS["bundle_header"].encode() + b"\n" + framed)
    with path.open("rb") as stream:
        assert list(BundleReader(stream)) == entries
    report = verify_bundle(path, parse_trust(OURS["trust"].encode()), jobs=1)
    assert report.first_bad is None
    assert (report.entries, report.device_signatures) == (len(entries), 19)


@pytest.mark.parametrize("vector", OURS["commitments"])
def test_commitment(vector: dict[str, str]) -> None:
    salt = bytes.fromhex(vector["salt"])
    assert commit(vector["label"], vector["value"], salt).digest == vector["digest"]
    verify_commitment(vector["digest"], vector["label"], Opening(salt, vector["value"]))


@pytest.mark.parametrize("vector", OURS["labels"])
def test_label(vector: dict[str, str]) -> None:
    keys = LabelKeys({vector["key_id"]: bytes.fromhex(vector["key"])}, vector["key_id"])
    assert keys.qr_text(vector["code"]) == vector["qr"]
    assert keys.verify(vector["qr"]) == vector["code"]
    assert keys.tail(vector["code"]) == vector["tail"]
    keys.verify_tail(vector["code"], vector["tail"])


def test_permutation() -> None:
    shuffle = SerialPermutation(bytes.fromhex(OURS["permutation"]["key"]))
    assert [[n, shuffle.apply(n)] for n, _ in OURS["permutation"]["serials"]] == OURS["permutation"][
        "serials"
    ]


def test_rotation() -> None:
    vector = OURS["rotation"]
    new = SIGNERS[vector["log_keys"][1]["key_id"]]
    assert statement(ORIGIN, old=LOG.public_key, new=new.public_key).decode() == vector["statement"]
    entry = parse_entry(vector["entry"].encode())
    assert verify_rotation(entry, ORIGIN, LOG.public_key) == new.public_key
    draft = draft_rotation(ORIGIN, old=LOG, new=new)
    assert draft.facts == entry.facts
    head = ChainHead(size=1, leaf=entry.prev)
    (sealed,) = extend(head, [draft], at=entry.at, signer=LOG, item_heads={})
    assert sealed.data == entry.data
