"""Makes large logs quickly: every entry is signed by the log, every handover by a device.

A third of the entries registers a new consignment, the rest are handovers of the first few hundred. It must
never be used to make a log that somebody could take for a real one: its keys are public.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from audit.bundle import write_bundle
from audit.chain import EMPTY, ChainHead, extend
from audit.enrolment import challenge
from audit.entry import EntryDraft, ItemLine, Outcome
from audit.evidence import (
    EntryMode,
    Evidence,
    Offer,
    OfferLine,
    Purpose,
    Recipient,
    Take,
    TakeLine,
    Verdict,
    sign_evidence,
)
from audit.kinds import EntryKind
from audit.trust import Trust, TrustedKey
from crypto.digest import b64encode
from crypto.keys import SigningKey
from crypto.signer import FileSigner

ORIGIN = "kt1.bench/24"
AT = datetime(2026, 11, 22, tzinfo=UTC)
LOG = FileSigner(SigningKey.from_seed(hashlib.sha256(b"log").digest()))
DEVICE = FileSigner(SigningKey.from_seed(hashlib.sha256(b"device").digest()))
TRUST = Trust(origin=ORIGIN, log_keys=(TrustedKey(public_key=LOG.public_key, first=0, until=None),))
POOL = 300


def make_log(path: Path, size: int) -> None:
    """Write a bundle of `size` entries (at least 4) to `path`."""
    head = EMPTY
    heads: dict[str, str] = {}
    scratch = path.with_suffix(".entries")
    with scratch.open("wb") as stream:
        for draft in drafts(size):
            known = {item.code: heads[item.code] for item in draft.items if item.code in heads}
            (entry,) = extend(head, [draft], at=AT, signer=LOG, item_heads=known)
            if draft.envelopes or len(heads) < POOL:
                heads |= dict.fromkeys(entry.chained, entry.leaf.hex())
            head = ChainHead(size=entry.index + 1, leaf=entry.leaf)
            stream.write(len(entry.data).to_bytes(2, "big") + entry.data)
    with path.open("wb") as target, scratch.open("rb") as stream:
        write_bundle(
            target, _framed(stream), origin=ORIGIN, size=head.size, head=head.leaf, at=AT, signer=LOG
        )
    scratch.unlink()


def drafts(size: int) -> Iterator[EntryDraft]:
    """Draft the entries of a log of `size`, not linked yet."""
    public_key = LOG.public_key.to_text()
    yield EntryDraft(kind=EntryKind.LOG_CREATED, facts={"origin": ORIGIN, "public_key": public_key})
    device = DEVICE.public_key
    yield EntryDraft(
        kind=EntryKind.DEVICE_ENROLLED,
        facts={
            "device": device.key_id,
            "public_key": device.to_text(),
            "owner": 1,
            "proof": b64encode(DEVICE.sign(challenge(ORIGIN, 1, device))),
        },
    )
    registered = 0
    for number in range(size - 2):
        if number % 3 == 0:
            yield _registered(registered)
            registered += 1
        else:
            code, say = _code(number // 3 % min(registered, POOL)), _offer if number % 3 == 1 else _take
            yield _handover(say(code, number // 3))


def _code(number: int) -> str:
    return f"RT{number:09d}VN"


def _registered(number: int) -> EntryDraft:
    code = _code(number)
    digest = hashlib.sha256(code.encode()).hexdigest()
    return EntryDraft(
        kind=EntryKind.REGISTERED,
        facts={"actor": 1, "sender": "24.UBND", "recipient": "24.SKHCN"},
        items=(ItemLine(code=code, outcome=Outcome.ACCEPTED),),
        commitments={"abstract": digest, "document_numbers": digest, "receiver": digest},
    )


def _handover(evidence: Evidence) -> EntryDraft:
    kind = EntryKind.HANDOVER_OFFERED if isinstance(evidence, Offer) else EntryKind.HANDOVER_TAKEN
    return EntryDraft(
        kind=kind,
        facts={"actor": evidence.actor, "scan": evidence.scan},
        items=tuple(ItemLine(code=line.code, outcome=Outcome.ACCEPTED) for line in evidence.lines),
        envelopes=(sign_evidence(evidence, DEVICE),),
    )


def _offer(code: str, number: int) -> Offer:
    return Offer(
        log=ORIGIN,
        scan=f"00000000-0000-4000-8000-{number:012d}",
        at=AT,
        device=DEVICE.key_id,
        actor=1,
        place="24.UBND",
        seq=number + 1,
        nonce=f"{number:032x}",
        purpose=Purpose.TRANSFER,
        to=Recipient(unit="24.BD", user=None),
        lines=(OfferLine(code=code, entry=EntryMode.SCAN),),
    )


def _take(code: str, number: int) -> Take:
    line = TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.ACCEPT, seal="NP-0017")
    return Take(
        log=ORIGIN,
        scan=f"00000000-0000-4000-9000-{number:012d}",
        at=AT,
        device=DEVICE.key_id,
        actor=1,
        place="24.UBND",
        seq=number + 1,
        nonce=f"{number:032x}",
        lines=(line,),
    )


def _framed(stream: BinaryIO) -> Iterator[bytes]:
    while length := stream.read(2):
        yield stream.read(int.from_bytes(length, "big"))
