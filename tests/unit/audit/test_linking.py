"""Linking a draft to the log changes the links and nothing else."""

from dataclasses import fields, replace
from datetime import UTC, datetime

from audit.chain import ChainHead, extend
from audit.entry import EntryDraft, ItemLine, Outcome, parse_entry
from audit.kinds import EntryKind
from crypto.envelope import EVIDENCE_TYPE, sign
from tests.support.logs import signer

LINES = (
    ItemLine(code="RT000000005VN", outcome=Outcome.ACCEPTED),
    ItemLine(code="RT000000014VN", outcome=Outcome.REFUSED, refusal="not_custodian"),
    ItemLine(code="RT000000028VN", outcome=Outcome.REFUSED, refusal="unknown_code"),
)
HEADS = {line.code: f"{number}" * 64 for number, line in enumerate(LINES, 1)}


def test_every_part_of_a_draft_is_in_its_entry() -> None:
    envelope = sign(b"{}", EVIDENCE_TYPE, signer("device"))
    draft = EntryDraft(
        kind=EntryKind.HANDOVER_TAKEN,
        facts={"actor": 7, "scan": "x"},
        items=LINES,
        commitments={"receiver_name": "0" * 64},
        envelopes=(envelope,),
    )
    head = ChainHead(size=3, leaf=b"\x03" * 32)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    (sealed,) = extend(head, [draft], at=now, signer=signer("log"), item_heads=HEADS)
    entry = parse_entry(sealed.data)
    assert (entry.kind, entry.facts, entry.commitments) == (draft.kind, draft.facts, draft.commitments)
    assert entry.envelopes == draft.envelopes
    # What names no item of the log belongs to no chain, whatever its code.
    prevs = (HEADS[LINES[0].code], HEADS[LINES[1].code], "")
    assert entry.items == tuple(replace(line, prev=prev) for line, prev in zip(LINES, prevs, strict=True))
    assert sealed.chained == (LINES[0].code, LINES[1].code)


def test_linking_knows_every_field_that_a_draft_and_a_line_have() -> None:
    # audit.chain writes the fields out where it links: a new one must be added there too.
    assert {item.name for item in fields(EntryDraft)} == {
        "kind",
        "facts",
        "items",
        "commitments",
        "envelopes",
    }
    assert {item.name for item in fields(ItemLine)} == {"code", "outcome", "refusal", "prev"}
