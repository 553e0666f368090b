"""Builds small real logs, honest and dishonest, and the bundles and trust files that carry them."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from audit.bundle import write_bundle
from audit.chain import EMPTY, ChainHead, extend
from audit.enrolment import challenge
from audit.entry import EntryDraft, ItemLine, Outcome, SealedEntry
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

ORIGIN = "kt1.test/24"
STARTED_AT = datetime(2026, 11, 22, 7, 43, 6, 123_000, tzinfo=UTC)


def signer(name: str) -> FileSigner:
    """Return the same key for the same name in every run."""
    return FileSigner(SigningKey.from_seed(sha256(name.encode()).digest()))


LOG = signer("log")
GIVER = signer("giver's device")
TAKER = signer("taker's device")
STRANGER = signer("stranger")


def trust(*keys: TrustedKey, origin: str = ORIGIN) -> Trust:
    """Trust the log key for everything unless told otherwise."""
    whole = TrustedKey(public_key=LOG.public_key, first=0, until=None)
    return Trust(origin=origin, log_keys=keys or (whole,))


def created() -> EntryDraft:
    """Draft entry 0."""
    return EntryDraft(
        kind=EntryKind.LOG_CREATED, facts={"origin": ORIGIN, "public_key": LOG.public_key.to_text()}
    )


def enrolled(device: FileSigner, owner: int, *, origin: str = ORIGIN) -> EntryDraft:
    """Draft the enrolment of a device."""
    return EntryDraft(
        kind=EntryKind.DEVICE_ENROLLED,
        facts={
            "device": device.key_id,
            "public_key": device.public_key.to_text(),
            "owner": owner,
            "proof": b64encode(device.sign(challenge(origin, owner, device.public_key))),
        },
    )


def revoked(device: FileSigner) -> EntryDraft:
    """Draft the revocation of a device."""
    return EntryDraft(kind=EntryKind.DEVICE_REVOKED, facts={"device": device.key_id})


def registered(code: str) -> EntryDraft:
    """Draft the registration of a consignment."""
    return EntryDraft(
        kind=EntryKind.REGISTERED,
        facts={"actor": 1, "sender": "24.UBND", "recipient": "24.SKHCN"},
        items=(ItemLine(code=code, outcome=Outcome.ACCEPTED),),
        commitments={"abstract": sha256(code.encode()).hexdigest()},
    )


def _scan_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def offer(codes: Sequence[str], number: int = 1, device: FileSigner = GIVER) -> Offer:
    """Build a giver's statement."""
    return Offer(
        log=ORIGIN,
        scan=_scan_id(number),
        at=STARTED_AT,
        device=device.key_id,
        actor=1,
        place="24.UBND",
        seq=number,
        nonce=f"{number:032x}",
        purpose=Purpose.TRANSFER,
        to=Recipient(unit="24.BD", user=None),
        lines=tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes),
    )


def take(codes: Sequence[str], number: int = 2, device: FileSigner = TAKER) -> Take:
    """Build a taker's answer."""
    return Take(
        log=ORIGIN,
        scan=_scan_id(number),
        at=STARTED_AT,
        device=device.key_id,
        actor=2,
        place="24.UBND",
        seq=number,
        nonce=f"{number - 1:032x}",
        lines=tuple(
            TakeLine(code=code, entry=EntryMode.TYPED, verdict=Verdict.ACCEPT, seal="NP-0017")
            for code in codes
        ),
    )


def scanned(evidence: Evidence, device: FileSigner, *, items: Iterable[ItemLine] | None = None) -> EntryDraft:
    """Draft the entry that reports a scan; every line is accepted unless `items` say otherwise."""
    kind = EntryKind.HANDOVER_OFFERED if isinstance(evidence, Offer) else EntryKind.HANDOVER_TAKEN
    if items is None:
        items = (ItemLine(code=line.code, outcome=Outcome.ACCEPTED) for line in evidence.lines)
    return EntryDraft(
        kind=kind,
        facts={"actor": evidence.actor, "scan": evidence.scan},
        items=tuple(items),
        envelopes=(sign_evidence(evidence, device),),
    )


def seal(drafts: Iterable[EntryDraft], log_signer: FileSigner = LOG) -> list[bytes]:
    """Chain and sign drafts into a log, the way storage does: one batch after another."""
    head, heads = EMPTY, dict[str, str]()
    stored: list[bytes] = []
    for number, draft in enumerate(drafts):
        at = STARTED_AT + timedelta(seconds=number)
        (entry,) = extend(head, [draft], at=at, signer=log_signer, item_heads=heads)
        head = follow(entry)
        heads |= dict.fromkeys(entry.chained, entry.leaf.hex())
        stored.append(entry.data)
    return stored


def follow(entry: SealedEntry) -> ChainHead:
    """Return the head behind an entry."""
    return ChainHead(size=entry.index + 1, leaf=entry.leaf)


def honest_drafts(consignments: int = 3) -> list[EntryDraft]:
    """Draft a whole small story: two devices, and each consignment registered, offered and taken."""
    drafts = [created(), enrolled(GIVER, 1), enrolled(TAKER, 2)]
    for number in range(consignments):
        code = f"RT{number:08d}5VN"
        drafts += [
            registered(code),
            scanned(offer([code], 2 * number + 1), GIVER),
            scanned(take([code], 2 * number + 2), TAKER),
        ]
    return drafts


def bundle(
    entries: Sequence[bytes],
    *,
    promised: Sequence[bytes] | None = None,
    origin: str = ORIGIN,
    log_signer: FileSigner = LOG,
) -> bytes:
    """Return a bundle of `entries` under the signed header of the `promised` ones (the same unless given)."""
    honest = entries if promised is None else promised
    stream = io.BytesIO()
    write_bundle(
        stream,
        honest,
        origin=origin,
        size=len(honest),
        head=sha256(b"\x00" + honest[-1]).digest() if honest else bytes(32),
        at=STARTED_AT,
        signer=log_signer,
    )
    header = b"\n".join(stream.getvalue().split(b"\n", 2)[:2]) + b"\n"
    return header + b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def write(path: Path, data: bytes) -> Path:
    """Write and return the path."""
    path.write_bytes(data)
    return path
