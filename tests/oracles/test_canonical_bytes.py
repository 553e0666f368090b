"""The bytes we sign are those that npm's `canonicalize` writes for the same JSON text."""

import json
import unicodedata
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import canonical
from tests.house.tree import ROOT
from tests.support.oracles import ask

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8"))
BUNDLES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests/vectors/evidence_bundles.json").read_text(encoding="utf-8")
)
TEXTS = st.text().filter(lambda text: unicodedata.is_normalized("NFC", text))
INTEGERS = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
# An array index as a key is put first by JavaScript's own objects: the form must not come from their order.
KEYS = st.text(st.characters(max_codepoint=127), max_size=8) | st.integers(0, 999).map(str)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=10, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=100))
def test_any_value_is_written_the_same(values: list[Any]) -> None:
    written = [canonical.encode(value).decode() for value in values]
    assert ask("canonical.mjs", [json.dumps(value) for value in values]) == written


def test_every_kind_of_entry_and_evidence_is_in_its_form() -> None:
    stored = [entry["data"] for entry in VECTORS["entries"]]
    stored += [text for item in VECTORS["evidence"] for text in item.values()]
    stored += [VECTORS["trust"], VECTORS["bundle_header"]]
    assert len(stored) > 30 - 1
    assert ask("canonical.mjs", stored) == stored


def test_the_manifest_of_every_evidence_bundle_is_in_its_form_that_of_a_bag_too() -> None:
    stored = [VECTORS["evidence_manifest"], *(bundle["manifest"] for bundle in BUNDLES)]
    assert any("bags" in json.loads(text)["scope"] for text in stored)
    assert ask("canonical.mjs", stored) == stored


def test_what_we_refuse_as_not_canonical_is_written_another_way() -> None:
    others = ['{"b":1,"a":2}', '{"a": 1}', '"\\u0041"', "1.0", "-0", '"\\/"']
    assert all(mine != theirs for mine, theirs in zip(others, ask("canonical.mjs", others), strict=True))
