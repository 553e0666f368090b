"""The keys that sign the log: which one signs now, which one counted where, and how the next one takes over.

The log itself says it: its first entry names the first key, and each rotation hands over to the next. A key
is never changed otherwise, and a lost key is the end of its log.

    find_signing_key(uow) -> str | None              read; the name of the key that signs next
    find_origin(uow) -> str | None                   read; whose log this is, by its first entry
    list_log_keys(uow, *, tools) -> tuple[TrustedKey, ...]  read; ranges as in the trust file
    rotate(uow, new, *, tools) -> PendingEntry        write; signed by both keys, by `kt1 keys rotate-log`
"""

from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.entry import Entry, parse_entry
from audit.errors import AuditError
from audit.kinds import EntryKind
from audit.rotation import draft_rotation, is_rotation, key_behind
from audit.trust import TrustedKey
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.signer import Signer


def find_signing_key(uow: UnitOfWork) -> str | None:
    """Return the name of the key that must sign the next entry; None for a log not begun, or damaged."""
    latest = uow.audit.list_latest(limit=1)
    try:
        return key_behind(latest[0].data) if latest else None
    except AuditError:
        return None


def find_origin(uow: UnitOfWork) -> str | None:
    """Return the name the log was begun under; None for a log not begun, or damaged."""
    row = uow.audit.find(0)
    entry = None if row is None else _parse(row.data)
    origin = None if entry is None else entry.facts.get("origin")
    return origin if isinstance(origin, str) else None


def list_log_keys(uow: UnitOfWork, *, tools: Tools) -> tuple[TrustedKey, ...]:
    """Return the keys in the order in which they counted; the last one is in use."""
    keys = [_first_key(uow, tools)]
    for row in uow.audit.list_key_changes():
        entry = _parse(row.data)
        if entry is None or not is_rotation(entry):
            continue
        last = keys.pop()
        keys.append(TrustedKey(public_key=last.public_key, first=last.first, until=row.index + 1))
        new = PublicKey.from_text(str(entry.facts.get("public_key")))
        keys.append(TrustedKey(public_key=new, first=row.index + 1, until=None))
    return tuple(keys)


def rotate(uow: UnitOfWork, new: Signer, *, tools: Tools) -> PendingEntry:
    """Hand the log over; whoever signed until now stops at the next write. Start again with the new key."""
    return uow.audit.append(draft_rotation(tools.origin, old=tools.signer, new=new))


def _first_key(uow: UnitOfWork, tools: Tools) -> TrustedKey:
    row = uow.audit.find(0)
    entry = None if row is None else _parse(row.data)
    if entry is None or entry.kind is not EntryKind.LOG_CREATED:
        return TrustedKey(public_key=tools.signer.public_key, first=0, until=None)
    try:
        public_key = PublicKey.from_text(str(entry.facts["public_key"]))
    except CryptoError:
        public_key = tools.signer.public_key
    return TrustedKey(public_key=public_key, first=0, until=None)


def _parse(data: bytes) -> Entry | None:
    try:
        return parse_entry(data)
    except AuditError:
        return None
