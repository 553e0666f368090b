"""An act says exactly what its kind says, and nothing else is read as one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.errors import MalformedEvidence
from audit.evidence import Act, ActLine, EntryMode, EvidenceKind, evidence_payload, parse_evidence
from audit.glance import glance
from audit.manifest import Manifest, manifest_bytes, parse_manifest
from crypto import canonical

PACK = Act(
    log="kt1.example/24",
    scan="00000000-0000-4000-8000-000000000010",
    at=datetime(2026, 11, 22, 7, 43, 6, 123000, tzinfo=UTC),
    device="f96efa1735ab3f11",
    actor=1,
    place="24.BD",
    seq=10,
    nonce="10" * 16,
    kind=EvidenceKind.PACK,
    subject="ZT000000005VN",
    entry=EntryMode.SCAN,
    witness=None,
    facts={},
    lines=(ActLine(code="ZK000000005VN", entry=EntryMode.TYPED),),
)
SEAL_CHECK: dict[str, Any] = {"kind": "check_seal", "facts": {"seal": "NP-0018"}, "lines": []}


def value(**changes: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(evidence_payload(PACK))
    return found | changes


def read(changed: dict[str, Any]) -> object:
    return parse_evidence(canonical.encode(changed))


def test_an_act_is_read_as_it_was_said() -> None:
    assert parse_evidence(evidence_payload(PACK)) == PACK


def test_an_act_names_its_subject_before_its_lines() -> None:
    seen = glance(evidence_payload(PACK))
    assert (seen.kind, seen.codes) == (EvidenceKind.PACK, ["ZT000000005VN", "ZK000000005VN"])


def test_a_seal_check_has_no_lines() -> None:
    assert isinstance(read(value(**SEAL_CHECK)), Act)


def test_a_count_may_have_no_lines_and_is_about_a_shift_that_is_no_item() -> None:
    counted = value(kind="count", subject="CA-24.BD-2026-7", facts={"part": 1, "last": "yes"}, lines=[])
    assert isinstance(read(counted), Act)
    seen = glance(canonical.encode(counted))
    assert (seen.codes, seen.about) == ([], "CA-24.BD-2026-7")


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a fact of another kind": (value(facts={"seal": "NP-1"}), "facts"),
    "a missing fact": (value(**SEAL_CHECK | {"facts": {}}), "facts"),
    "an empty seal": (value(**SEAL_CHECK | {"facts": {"seal": ""}}), "seal"),
    "a seal that begins with a space": (value(**SEAL_CHECK | {"facts": {"seal": " NP"}}), "seal"),
    "a seal that is a number": (value(**SEAL_CHECK | {"facts": {"seal": 18}}), "seal"),
    "a fact that is a truth value": (value(**SEAL_CHECK | {"facts": {"seal": True}}), "seal"),
    "a fact that is a list": (value(**SEAL_CHECK | {"facts": {"seal": ["NP-1"]}}), "seal"),
    "lines where the kind has none": (value(**SEAL_CHECK | {"lines": value()["lines"]}), "lines"),
    "no lines where the kind has some": (value(lines=[]), "lines"),
    "a mark where the kind has none": (
        value(lines=[{"code": "ZK000000005VN", "entry": "scan", "mark": "missing"}]),
        "mark",
    ),
    "an unknown mark": (
        value(kind="answer", lines=[{"code": "ZK000000005VN", "entry": "scan", "mark": "eaten"}]),
        "mark",
    ),
    "an answer without a mark": (value(kind="answer"), "mark"),
    "its subject among its lines": (value(subject="ZK000000005VN"), "code"),
    "a witness who is nobody": (value(witness=0), "witness"),
    "a witness with a name": (value(witness="an"), "witness"),
    "an unknown way of reading the subject": (value(entry="guessed"), "entry"),
    "a field of an offer": (value(purpose="transfer"), "purpose"),
    "a code twice": (value(lines=value()["lines"] * 2), "code"),
    "an opening without a weight": (
        value(kind="open", lines=[], facts={"seal": "N", "weight_g": 0, "found": "intact"}),
        "weight_g",
    ),
    "a seal found in an unknown state": (
        value(kind="open", lines=[], facts={"seal": "N", "weight_g": 1, "found": "perhaps"}),
        "found",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_malformed_act_is_refused_and_its_field_named(name: str) -> None:
    changed, field = BROKEN[name]
    with pytest.raises(MalformedEvidence) as caught:
        read(changed)
    assert caught.value.field == field


MANIFEST = Manifest(
    log="kt1.example/24",
    bag="ZT000000005VN",
    asset="TUI-001",
    origin="24.BD",
    destination="24.BD2",
    year=2026,
    number=2,
    serial=1,
    last=True,
    seal="NP-0018",
    weight_g=1500,
    closed_by=1,
    closed_at=datetime(2026, 11, 22, 7, 43, 6, 123000, tzinfo=UTC),
    lines=("RT000000005VN", "RT000000014VN"),
)


def test_a_manifest_is_read_as_it_was_frozen() -> None:
    assert parse_manifest(manifest_bytes(MANIFEST)) == MANIFEST


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found | {"format": "kt1/manifest/2"},
        lambda found: found | {"lines": found["lines"][::-1]},
        lambda found: found | {"lines": found["lines"] * 2},
        lambda found: found | {"lines": []},
        lambda found: found | {"lines": [1]},
        lambda found: found | {"last": 1},
        lambda found: found | {"serial": 0},
        lambda found: found | {"more": 1},
        lambda found: {name: one for name, one in found.items() if name != "seal"},
    ],
)
def test_a_manifest_in_another_form_is_refused(spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    found: dict[str, Any] = json.loads(manifest_bytes(MANIFEST))
    with pytest.raises(MalformedEvidence):
        parse_manifest(canonical.encode(spoil(found)))


def test_a_manifest_that_is_not_canonical_is_refused() -> None:
    with pytest.raises(MalformedEvidence):
        parse_manifest(manifest_bytes(MANIFEST).replace(b'"asset"', b' "asset"'))
