"""The whole log: begun once, listed, exported as a bundle, verified.

Never changes an entry. An export is itself an entry, so that nobody takes the log away unseen.

    begin_log(uow, *, now, tools) -> None                                 write; once, by `kt1 init`
    list_entries(uow, *, before, actor, now, tools) -> LogPage            read
    record_export(uow, *, actor, now, tools) -> PendingEntry              write; then
    export_log(uow, stream, *, now, tools, actor=None) -> ChainHead  read; raises LogHalted
    verify_log(uow, *, now, tools, folder, jobs, progress) -> Report  read; names the first bad entry
    make_trust(uow, *, now, tools, beside) -> Trust  read; `audit.trust_file.format_trust` makes the file
    trust_of(port, *more) -> Trust                   what an auditor of this installation is given
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Protocol, TypeVar

from app.domain.access import Actor, Permission
from app.domain.errors import LogHalted
from app.services.log.log_keys import list_log_keys
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.records import LogRow
from app.storage.uow import UnitOfWork
from audit.bundle import write_bundle
from audit.chain import ChainHead
from audit.entry import EntryDraft, parse_entry
from audit.errors import AuditError, MalformedBundle
from audit.kinds import EntryKind
from audit.trust import NOBODY, CheckpointKey, RevokedDevice, Trust, Witnesses
from audit.verify import Progress, Report, verify_bundle

T = TypeVar("T")
_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """The newest entries first; `next_before` continues, None at the beginning of the log."""

    rows: tuple[LogRow, ...]
    size: int
    head: str
    counts: dict[str, int]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBeside:
    """What a trust file says beside the keys of entries: none of it stands in the log or its database."""

    checkpoint_keys: tuple[CheckpointKey, ...] = ()
    witnesses: Witnesses = NOBODY
    time_authorities: tuple[bytes, ...] = ()
    revoked_devices: tuple[RevokedDevice, ...] = ()


NOTHING_BESIDE = TrustBeside()


def begin_log(uow: UnitOfWork, *, now: datetime, tools: Tools) -> None:
    """Write entry 0, which says whose log this is and by which key; a log that has begun stays as it is."""
    del now
    if uow.audit.head().size == 0:
        facts = {"origin": tools.origin, "public_key": tools.signer.public_key.to_text()}
        uow.audit.append(EntryDraft(kind=EntryKind.LOG_CREATED, facts=facts))


def list_entries(
    uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools, before: int | None = None
) -> LogPage:
    """Return one page of the log for those who may read all of it."""
    del now, tools
    require(actor, Permission.VIEW_LOG)
    rows = uow.audit.list_latest(before=before, limit=_PAGE)
    head = uow.audit.head()
    return LogPage(
        rows=rows,
        size=head.size,
        head=head.leaf.hex(),
        counts=uow.audit.count_by_kind(),
        next_before=rows[-1].index if rows and rows[-1].index > 0 else None,
    )


def record_export(uow: UnitOfWork, *, actor: Actor | None, now: datetime, tools: Tools) -> PendingEntry:
    """Note that the log leaves the house; the export that follows contains this entry."""
    del now, tools
    if actor is not None:
        require(actor, Permission.EXPORT_LOG)
    facts = {"size": uow.audit.head().size}
    return uow.audit.append(
        EntryDraft(
            kind=EntryKind.LOG_EXPORTED,
            facts=facts if actor is None else {**facts, "actor": int(actor.user)},
        )
    )


def export_log(
    uow: UnitOfWork, stream: BinaryIO, *, now: datetime, tools: Tools, actor: Actor | None = None
) -> ChainHead:
    """Write the bundle of everything committed so far; raises LogHalted when entries and head do not fit."""
    if actor is not None:
        require(actor, Permission.EXPORT_LOG)
    head = uow.audit.head()
    try:
        write_bundle(
            stream,
            uow.audit.stream(size=head.size),
            origin=tools.origin,
            size=head.size,
            head=head.leaf,
            at=now,
            signer=tools.signer,
        )
    except MalformedBundle:
        raise LogHalted from None
    return head


def verify_log(
    uow: UnitOfWork,
    *,
    now: datetime,
    tools: Tools,
    folder: Path | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify the database's log with the verifier that an auditor uses; the report names the first bad entry.

    The log is written to a temporary bundle first, as stored: the verifier then sees exactly what an auditor
    would. Raises audit's CannotVerify when there is nothing to check.
    """
    head = uow.audit.head()
    with TemporaryDirectory(dir=folder, prefix="kt1-verify-") as scratch:
        path = Path(scratch) / "log.kt1"
        with path.open("wb") as stream:
            _write_as_stored(uow, stream, head, now=now, tools=tools)
        return verify_bundle(path, make_trust(uow, now=now, tools=tools), jobs=jobs, progress=progress)


def make_trust(
    uow: UnitOfWork, *, now: datetime, tools: Tools, beside: TrustBeside = NOTHING_BESIDE
) -> Trust:
    """Return whom `beside` and the log's own rotations name; `trust_of` makes what an auditor is given."""
    del now
    return Trust(
        origin=tools.origin,
        log_keys=list_log_keys(uow, tools=tools),
        checkpoint_keys=beside.checkpoint_keys,
        witnesses=beside.witnesses,
        time_authorities=beside.time_authorities,
        revoked_devices=beside.revoked_devices,
    )


class TrustPort(Protocol):
    """What `trust_of` needs of a runtime."""

    @property
    def beside(self) -> TrustBeside:
        """Keys of checkpoints, witnesses and time authorities, from keys and configuration."""
        ...

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case."""
        ...


def trust_of(port: TrustPort, *, more: TrustBeside = NOTHING_BESIDE) -> Trust:
    """Return all an auditor of this installation trusts, to be handed over by another way than the log.

    All trust files come from here. `more` adds keys and revocations, and replaces the
    witnesses if it names any.
    """
    beside, recorded = port.beside, port.read(list_disputed)
    return port.read(
        make_trust,
        beside=TrustBeside(
            # Whoever names a key that is known anyway gets a file that counts it once, by the log's own word.
            checkpoint_keys=(
                *_unknown(more.checkpoint_keys, beside.checkpoint_keys),
                *beside.checkpoint_keys,
            ),
            witnesses=beside.witnesses if more.witnesses == NOBODY else more.witnesses,
            time_authorities=(*more.time_authorities, *beside.time_authorities),
            revoked_devices=_earliest((*more.revoked_devices, *recorded)),
        ),
    )


def list_disputed(uow: UnitOfWork) -> tuple[RevokedDevice, ...]:
    """Return the devices that revocations in the log put in doubt from an earlier entry on (`as_of`)."""
    disputed = []
    for row in uow.audit.list_device_revocations():
        try:
            facts = parse_entry(row.data).facts
        except AuditError:
            # The verifier names a damaged entry; here it only cannot speak.
            continue
        device, as_of = facts.get("device"), facts.get("as_of")
        if isinstance(device, str) and isinstance(as_of, int):
            disputed.append(RevokedDevice(key_id=device, until=as_of))
    return tuple(disputed)


def _unknown(named: tuple[CheckpointKey, ...], known: tuple[CheckpointKey, ...]) -> tuple[CheckpointKey, ...]:
    keys = {item.key for item in known}
    return tuple(item for item in dict.fromkeys(named) if item.key not in keys)


def _earliest(revoked: tuple[RevokedDevice, ...]) -> tuple[RevokedDevice, ...]:
    """Name each device once: what is in doubt stays in doubt."""
    first: dict[str, RevokedDevice] = {}
    for item in revoked:
        if item.key_id not in first or item.until < first[item.key_id].until:
            first[item.key_id] = item
    return tuple(first.values())


def _write_as_stored(
    uow: UnitOfWork, stream: BinaryIO, head: ChainHead, *, now: datetime, tools: Tools
) -> None:
    try:
        write_bundle(
            stream,
            uow.audit.stream(),
            origin=tools.origin,
            size=head.size,
            head=head.leaf,
            at=now,
            signer=tools.signer,
        )
    except MalformedBundle:
        # The entries do not end where the head says. What was written is all there is, and the verifier says
        # which entry is missing or changed.
        return
