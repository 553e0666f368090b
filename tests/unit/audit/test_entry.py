"""An entry is sealed, read back and refused exactly by its form; the chain links what is appended."""

import json

import pytest

from audit.chain import EMPTY, ChainHead, extend
from audit.entry import (
    MAX_ENTRY_BYTES,
    EntryDraft,
    ItemLine,
    Outcome,
    parse_entry,
    seal_entry,
    verify_entry,
)
from audit.errors import ChainBroken, MalformedEntry
from audit.evidence import MAX_LINES
from audit.kinds import REQUIRED_FACTS, EntryKind
from crypto import canonical
from crypto.digest import leaf_hash
from crypto.errors import BadSignature
from tests.support import logs

CODE = "RT000000005VN"
SEALED = seal_entry(logs.registered(CODE), index=7, prev=b"p" * 32, at=logs.STARTED_AT, signer=logs.LOG)


def test_what_is_sealed_is_read_back() -> None:
    entry = parse_entry(SEALED.data)
    assert (entry.index, entry.prev, entry.key) == (7, b"p" * 32, logs.LOG.key_id)
    assert (entry.kind, entry.at) == (EntryKind.REGISTERED, logs.STARTED_AT)
    assert entry.items == (ItemLine(code=CODE, outcome=Outcome.ACCEPTED),)
    assert entry.leaf == SEALED.leaf == leaf_hash(SEALED.data)
    verify_entry(entry, logs.LOG.public_key)


def test_another_key_does_not_verify() -> None:
    with pytest.raises(BadSignature):
        verify_entry(parse_entry(SEALED.data), logs.STRANGER.public_key)


def test_the_signature_ends_the_entry() -> None:
    assert SEALED.data[-98:].startswith(b',"sig":"')
    assert SEALED.data.endswith(b'=="}')


@pytest.mark.parametrize(
    "changes",
    [
        {"index": -1},
        {"index": True},
        {"index": "7"},
        {"kind": "erased"},
        {"kind": 1},
        {"format": "kt1/entry/2"},
        {"prev": "00"},
        {"prev": "AB" * 32},
        {"key": "xyz"},
        {"at": "2026-11-22"},
        {"sig": "AAAA"},
        {"sig": "A" * 88},
        {"facts": []},
        {"facts": {"actor": 1, "sender": "a"}},
        {"facts": {"actor": True, "sender": "a", "recipient": "b"}},
        {"commitments": {"abstract": "secret"}},
        {"commitments": {"Ab Stract": "00" * 32}},
        {"commitments": []},
        {"envelopes": {}},
        {"envelopes": [{}]},
        {"items": {}},
        {"items": [{"code": CODE}]},
        {"items": [{"code": "", "outcome": "accepted", "prev": "", "refusal": ""}]},
        {"items": [{"code": CODE, "outcome": "lost", "prev": "", "refusal": ""}]},
        {"items": [{"code": CODE, "outcome": "accepted", "prev": "", "refusal": "wrong_state"}]},
        {"items": [{"code": CODE, "outcome": "refused", "prev": "", "refusal": ""}]},
        {"items": [{"code": CODE, "outcome": "accepted", "prev": "ff", "refusal": ""}]},
        {"colour": "red"},
    ],
    ids=json.dumps,
)
def test_any_other_form_is_refused(changes: dict[str, canonical.JsonValue]) -> None:
    value = json.loads(SEALED.data) | changes
    with pytest.raises(MalformedEntry):
        parse_entry(canonical.encode(value))


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_demands_its_facts(kind: EntryKind) -> None:
    with pytest.raises(MalformedEntry, match=next(iter(REQUIRED_FACTS[kind]))):
        seal_entry(
            EntryDraft(kind=kind, facts={}), index=0, prev=bytes(32), at=logs.STARTED_AT, signer=logs.LOG
        )


def test_a_report_of_a_scan_carries_the_scan() -> None:
    draft = EntryDraft(kind=EntryKind.HANDOVER_TAKEN, facts={"actor": 1, "scan": "x"})
    with pytest.raises(MalformedEntry, match="envelope"):
        seal_entry(draft, index=0, prev=bytes(32), at=logs.STARTED_AT, signer=logs.LOG)


def test_an_entry_has_a_longest_length() -> None:
    facts: dict[str, canonical.JsonValue] = {"account": 1, "note": "x" * MAX_ENTRY_BYTES}
    draft = EntryDraft(kind=EntryKind.ACCOUNT_CHANGED, facts=facts)
    with pytest.raises(MalformedEntry, match="65535"):
        seal_entry(draft, index=0, prev=bytes(32), at=logs.STARTED_AT, signer=logs.LOG)
    with pytest.raises(MalformedEntry, match="65535"):
        parse_entry(b" " * (MAX_ENTRY_BYTES + 1))


def test_the_longest_list_fits_one_entry_with_every_line_refused() -> None:
    codes = [f"RT{number:09d}VN" for number in range(MAX_LINES)]
    taken = logs.take([f"{code}|k1|ABCDEFGHIJKLMNOP" for code in codes])
    items = [
        ItemLine(code=code, outcome=Outcome.REFUSED, refusal="named_person_only", prev="ab" * 32)
        for code in codes
    ]
    draft = logs.scanned(taken, logs.TAKER, items=items)
    sealed = seal_entry(draft, index=10**9, prev=bytes(32), at=logs.STARTED_AT, signer=logs.LOG)
    assert len(parse_entry(sealed.data).items) == MAX_LINES


def test_a_batch_links_to_the_head_to_itself_and_to_its_items() -> None:
    head = ChainHead(size=4, leaf=b"h" * 32)
    offered = logs.scanned(logs.offer([CODE]), logs.GIVER)
    taken = logs.scanned(logs.take([CODE]), logs.TAKER)
    first, second = extend(
        head, [offered, taken], at=logs.STARTED_AT, signer=logs.LOG, item_heads={CODE: "cd" * 32}
    )
    assert parse_entry(first.data).prev == b"h" * 32
    assert parse_entry(first.data).items[0].prev == "cd" * 32
    assert parse_entry(second.data).prev == first.leaf
    assert parse_entry(second.data).items[0].prev == first.leaf.hex()
    assert (second.index, second.chained) == (5, (CODE,))


@pytest.mark.parametrize("refusal", ["unknown_code", "forged_label"])
def test_a_refused_stranger_starts_no_chain(refusal: str) -> None:
    line = ItemLine(code="what?", outcome=Outcome.REFUSED, refusal=refusal)
    draft = logs.scanned(logs.offer(["what?"]), logs.GIVER, items=[line])
    one, two = extend(EMPTY, [draft, draft], at=logs.STARTED_AT, signer=logs.LOG, item_heads={})
    assert (one.chained, two.chained) == ((), ())
    assert parse_entry(two.data).items[0].prev == ""


def test_a_refused_item_stays_in_its_chain() -> None:
    line = ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="wrong_state")
    draft = logs.scanned(logs.offer([CODE]), logs.GIVER, items=[line])
    (entry,) = extend(EMPTY, [draft], at=logs.STARTED_AT, signer=logs.LOG, item_heads={CODE: "cd" * 32})
    assert entry.chained == (CODE,)
    assert parse_entry(entry.data).items[0].prev == "cd" * 32


def test_an_impossible_head_is_refused() -> None:
    with pytest.raises(ChainBroken):
        extend(ChainHead(size=3, leaf=bytes(32)), [], at=logs.STARTED_AT, signer=logs.LOG, item_heads={})
