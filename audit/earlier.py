"""What an auditor kept from before: earlier checkpoints and time stamps, held against the tree of today.

Two checkpoints of one log that contradict each other convict it: both must be kept. A checkpoint larger than
the tree shows that the log was set back. Nothing kept may be passed over because it cannot be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.errors import BadEntry, BadTile, CannotVerify
from audit.guilt import find_guilt
from audit.merkle import root_at
from audit.note import MAX_NOTE_BYTES
from audit.tile_reader import TileReader
from audit.tree_files import bad_file
from audit.trust import Trust
from audit.trusted_checkpoint import TrustedCheckpoint, open_trusted
from crypto.errors import CryptoError
from crypto.time_token import MAX_TOKEN_BYTES, TimeCertificates

TOKEN_SUFFIX, STAMPED_SUFFIX = ".tsr", ".checkpoint"


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that holds by itself, and the file it stands in."""

    path: str
    opened: TrustedCheckpoint


def read_kept(path: Path, limit: int) -> bytes:
    """Read a file an auditor kept; raises CannotVerify, also for an empty or endless one."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise CannotVerify(f"cannot read {path}: {error.strerror}") from None
    if not data or len(data) > limit:
        raise CannotVerify(f"{path} is empty, or longer than {limit} bytes")
    return data


def check_earlier(today: Kept, paths: Iterable[Path], reader: TileReader, trust: Trust) -> list[Kept]:
    """Open earlier checkpoints and hold them against the tree of today; raises BadEntry or CannotVerify."""
    kept = [today]
    for path in paths:
        data = read_kept(path, MAX_NOTE_BYTES)
        found = Kept(str(path), open_trusted(data, trust, str(path), every_type=False, quorum=False))
        _check_guilt(found, kept)
        _check_beginning(found, today, reader)
        kept.append(found)
    return kept[1:]


def _check_guilt(found: Kept, others: Sequence[Kept]) -> None:
    for other in others:
        if find_guilt(found.opened.checkpoint, other.opened.checkpoint) is not None:
            size = found.opened.checkpoint.head.size
            detail = (
                f"the log signed two roots for {size} entries: keep it and {other.path}, they prove its guilt"
            )
            raise BadEntry(None, "guilt", detail, found.path)


def _check_beginning(found: Kept, today: Kept, reader: TileReader) -> None:
    old, new = found.opened.checkpoint.head, today.opened.checkpoint.head
    if old.size > new.size:
        detail = f"the log had {old.size} entries and shows {new.size}: it was set back or cut off"
        raise BadEntry(None, "rollback", detail, found.path)
    try:
        root = root_at(old.size, reader.node)
    except BadTile as error:
        raise bad_file(error) from None
    if root != old.root:
        detail = (
            f"the tree of {new.size} entries does not begin with this one of {old.size}: the log was forked"
        )
        raise BadEntry(None, "consistency", detail, found.path)


def list_tokens(paths: Iterable[Path]) -> list[Path]:
    """List token files; a folder gives every `.tsr` in it, and must hold one. Raises CannotVerify."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{TOKEN_SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise CannotVerify(f"{path} holds no {TOKEN_SUFFIX} file: nothing was checked")
        found += inside
    return found


def list_stamped(tokens: Iterable[Path]) -> list[Path]:
    """List the checkpoints that lie beside tokens of the same name."""
    return [path for token in tokens if (path := token.with_suffix(STAMPED_SUFFIX)).exists()]


def check_tokens(tokens: Iterable[Path], kept: Sequence[Kept], trust: Trust) -> int:
    """Verify time stamps over verified checkpoints and count them; raises BadEntry or CannotVerify."""
    paths = list(tokens)
    if paths and not trust.time_authorities:
        raise CannotVerify("the trust file names no time authority: no time stamp can be checked")
    certificates = TimeCertificates.parse(trust.time_authorities)
    for path in paths:
        beside = str(path.with_suffix(STAMPED_SUFFIX))
        messages = [item for item in kept if item.path == beside] or list(kept)
        _check_token(path, read_kept(path, MAX_TOKEN_BYTES), certificates, messages)
    return len(paths)


def _check_token(path: Path, data: bytes, certificates: TimeCertificates, over: Sequence[Kept]) -> None:
    refused = ""
    for item in over:
        try:
            certificates.verify(data, item.opened.checkpoint.data)
        except CryptoError as error:
            refused = str(error)
        else:
            return
    raise BadEntry(None, "time stamp", refused, str(path))
