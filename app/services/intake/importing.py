"""Registers a list that was read and previewed: all rows or none, or the good rows only, in one transaction.

The same file (by digest) is taken once per agency. Nothing is half stored: whatever fails, fails for the
whole list. Every row gets its own code, number and log entry; one more entry says that the list came in.

    prepare(read, file, name, *, actor) -> Preview  `read` is `runtime.read`; no transaction held
    import_list(uow, ImportList, *, actor, now, tools) -> Imported   write
    find_earlier(uow, digest, *, actor, tools) -> ImportBatch | None   read: was this file taken before?
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.ids import ConsignmentCode, UnitId
from app.services.intake.preview import Mode, Preview, read_list
from app.services.items.registration import record_all
from app.services.people.login import Write
from app.services.people.permissions import require
from app.services.people.units import unit_ids
from app.services.tools import Tools
from app.storage.records import ImportBatch
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue

_FILE_CONTEXT = "import/file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportList:
    """A previewed list and what to do with its bad rows."""

    preview: Preview
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What the list became: the codes in the order of its good rows, and how many rows were left out."""

    codes: tuple[ConsignmentCode, ...]
    skipped: int


def prepare(read: Write, untrusted_file: bytes, untrusted_name: str, *, actor: Actor) -> Preview:
    """Read a list for this person's agency, outside any transaction; raises InvalidInput for the file."""
    units, now = read(load_units, actor=actor)
    return read_list(untrusted_file, untrusted_name, units=units, sender_unit=actor.unit, now=now)


def load_units(uow: UnitOfWork, *, actor: Actor, now: datetime) -> tuple[dict[str, UnitId], datetime]:
    """Return the open units by code, and the time at which the list is judged."""
    require(actor, Permission.IMPORT)
    return unit_ids(uow), now


def find_earlier(uow: UnitOfWork, digest: str, *, actor: Actor, tools: Tools) -> ImportBatch | None:
    """Return the earlier import of the same file by this person's agency.

    One put back from the log lies there under the keyed digest, the only one that the log holds.
    """
    require(actor, Permission.IMPORT)
    keyed = tools.vault.blind_index_candidates(digest, context=_FILE_CONTEXT)
    names = (digest, *(one.hex() for one in keyed))
    return next((found for name in names if (found := uow.imports.find(actor.unit, name)) is not None), None)


def import_list(
    uow: UnitOfWork, command: ImportList, *, actor: Actor, now: datetime, tools: Tools
) -> Imported:
    """Register the list; raises InvalidInput with every problem, Conflict for a file taken before."""
    require(actor, Permission.IMPORT)
    preview = command.preview
    if find_earlier(uow, preview.digest, actor=actor, tools=tools) is not None:
        raise Conflict(ConflictCode.FILE_ALREADY_IMPORTED)
    if preview.file_problems or (preview.skips and command.mode is Mode.ALL_OR_NOTHING):
        raise InvalidInput.all_of(preview.problems)
    good = [row.registration for row in preview.rows if row.registration is not None]
    if not good:
        raise InvalidInput("file", ProblemCode.EMPTY_FILE)
    uow.imports.add(
        ImportBatch(
            id=0,
            unit_id=actor.unit,
            user_id=actor.user,
            digest=preview.digest,
            file_name=preview.file_name,
            rows=len(good),
            imported_at=now,
        )
    )
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "rows": len(good),
        "skipped": preview.skips,
        # Keyed, because whoever guesses the file could otherwise prove from the log that it is the one.
        "keyed_digest": tools.vault.blind_index(preview.digest, context=_FILE_CONTEXT).hex(),
    }
    uow.audit.append(EntryDraft(kind=EntryKind.ITEMS_IMPORTED, facts=facts))
    made = record_all(uow, good, actor=actor, now=now, tools=tools)
    return Imported(codes=tuple(one.code for one in made), skipped=preview.skips)
