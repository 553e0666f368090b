"""Verification of a whole log from a bundle and a trust file, by who trusts neither us nor our server.

It streams: of the log itself it holds a few half megabytes at a time and a short note of each. Every entry is
checked once, bytes are hashed as stored, and all cores work. It names the first bad entry. It must never
import the appending side, and never call "nothing checked" good.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audit.bundle import BundleHeader, BundleReader, count_entries, split_entries
from audit.checkpoint_rotation import check_boundaries, check_checkpoint_rotations
from audit.checks import Checker, Tally, bad_position, broken_link, turned_back
from audit.device_keys import Device, find_device_changes, revoke_by_trust
from audit.errors import BadEntry, CannotVerify, MalformedBundle
from audit.links import check_links
from audit.scratch import ScratchFiles
from audit.trust import Trust
from audit.workers import Run, Task, Workers
from crypto.digest import leaf_hash
from crypto.errors import BadSignature

Progress = Callable[[int, int], None]
"""Called with how many entries are checked and how many there are."""

# Longer than the longest entry, so that a run always holds one, and small beside an interpreter.
_RUN_BYTES = 1 << 19


class Depth(StrEnum):
    """How deep: every signature, or the chain and the signatures over the whole (tens of times faster)."""

    FULL = "full"
    TREE = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first bad thing: `index` of the entry, `path` of the file (neither: the header), what is wrong."""

    index: int | None
    check: str
    detail: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked and how many of each; `entries` counts those before the first bad one.

    `depth` says whether every signature was verified, or only the chain and what was signed over all of it.
    """

    origin: str
    head: str
    entries: int
    signatures: int
    log_signatures: int
    device_signatures: int
    items: int
    devices: int
    first_bad: Finding | None
    depth: Depth = Depth.FULL
    rotations: int = 0
    size: int = 0
    root: str = ""
    tiles: int = 0
    checkpoints: int = 0
    checkpoint_signatures: int = 0
    cosignatures: int = 0
    witnessed: bool = False
    tokens: int = 0


def verify_bundle(
    path: Path,
    trust: Trust,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    depth: Depth = Depth.FULL,
) -> Report:
    """Check everything in the bundle against the trust file, by `jobs` processes (None: one for each core).

    Raises CannotVerify when there is nothing that could be checked; a bad log is a Report with `first_bad`.
    """
    # 1. There is a bundle, its header is in form, and there is something to check: an empty log proves
    # nothing.
    header = _read_header(path)
    if header.entries == 0:
        raise CannotVerify("the bundle holds no entries: nothing was checked")
    total = Tally(first=0)
    devices: dict[str, Device] = {}
    try:
        # 2. The header is this log's, signed by a key that counts where the log ends.
        _check_header(header, trust)
        # 3. A first reading finds the devices; what it believes is held against each entry in the second.
        runs: list[Run] = []
        for run, block in _runs(path, header):
            if depth is Depth.TREE:
                entries = split_entries(block)
                check_links(run.first, entries, [leaf_hash(entry) for entry in entries], total)
                total.rotations += check_checkpoint_rotations(entries, run.first, trust)
            else:
                find_device_changes(block, run.first, devices)
            runs.append(run)
        revoke_by_trust(devices, trust.revoked_devices)
        # 4. Every entry: form, position, key, signatures, link, time, devices, evidence (audit/checks.py).
        # 5. Every item's own chain and offers (audit/item_chains.py), every scan's name (audit/scan_ids.py).
        checker = Checker(trust=trust, devices=devices)
        if depth is Depth.FULL:
            check_entries(runs, checker, total, jobs=jobs, progress=progress)
        # 6. The log ends where the header was signed over it: no tail cut off, added or exchanged.
        _check_end(path, header, total, runs[-1].offset + runs[-1].length if runs else 0)
        # 7. Keys of checkpoints begin where the log hands over to them, and nowhere else.
        check_boundaries(trust, total.rotations, header.entries)
    except BadEntry as bad:
        total.bad = bad
    return _report(header, total, len(devices), depth)


def _read_header(path: Path) -> BundleHeader:
    try:
        with path.open("rb") as stream:
            return BundleReader(stream).header
    except OSError as error:
        raise CannotVerify(f"cannot read {path}: {error.strerror}") from None
    except MalformedBundle as error:
        raise CannotVerify(str(error)) from None


def _check_header(header: BundleHeader, trust: Trust) -> None:
    if header.origin != trust.origin:
        raise BadEntry(None, "origin", f"this is the log {header.origin!r}, not {trust.origin!r}")
    # A key that takes over right behind the last entry may sign the header though it signed no entry yet.
    key = trust.find_key(header.key, header.entries - 1) or trust.find_key(header.key, header.entries)
    if key is None:
        raise BadEntry(None, "key", f"key {header.key} does not count here")
    try:
        header.verify(key)
    except BadSignature:
        raise BadEntry(None, "signature", "the header's signature does not fit its bytes") from None


def check_entries(
    runs: list[Run], checker: Checker, total: Tally, *, jobs: int | None, progress: Progress | None
) -> None:
    """Check runs side by side, join them in order, then check across entries; raises the first BadEntry."""
    size, entries = sum(run.length for run in runs), sum(run.count for run in runs)
    with ScratchFiles(size) as files:
        task = Task(checker=checker, partitions=files.partitions)
        found: list[BadEntry] = []
        with Workers(task, jobs if size > _RUN_BYTES else 1) as workers:
            for tally in workers.check(runs):
                if tally.first and tally.first_prev is not None and tally.first_prev != total.leaf:
                    found.append(broken_link(tally.first))
                    break
                if (
                    tally.first_at is not None
                    and total.last_at is not None
                    and tally.first_at < total.last_at
                ):
                    found.append(turned_back(tally.first))
                    break
                files.append(tally.links, tally.scans)
                total.add(tally)
                if tally.bad is not None:
                    found.append(tally.bad)
                    break
                if progress is not None:
                    progress(total.entries, entries)
            found += workers.find_bad_files(files.finish())
    if found:
        raise min(found, key=bad_position)


def _check_end(path: Path, header: BundleHeader, total: Tally, end: int) -> None:
    if total.entries < header.entries:
        raise BadEntry(total.entries, "missing", f"the log has {header.entries} entries; the file ends here")
    if total.leaf != header.head:
        raise BadEntry(header.entries - 1, "chain", "the header was signed over another last entry")
    if path.stat().st_size != end:
        raise BadEntry(header.entries, "surplus", "bytes follow the last entry the header knows")


def _runs(path: Path, header: BundleHeader) -> Iterator[tuple[Run, bytes]]:
    """Cut the file into runs of whole entries; ends early, without complaint, where the file does."""
    with path.open("rb") as stream:
        offset, first = BundleReader(stream).first_entry, 0
        while first < header.entries:
            stream.seek(offset)
            block = stream.read(_RUN_BYTES)
            count, length = count_entries(block, header.entries - first)
            if count == 0:
                return
            yield Run(path=path, first=first, count=count, offset=offset, length=length), block[:length]
            first, offset = first + count, offset + length


def _report(header: BundleHeader, total: Tally, devices: int, depth: Depth) -> Report:
    return Report(
        origin=header.origin,
        head=header.head.hex(),
        entries=good_entries(total),
        signatures=total.log_signatures + total.device_signatures,
        log_signatures=total.log_signatures,
        device_signatures=total.device_signatures,
        items=total.links.count,
        devices=devices,
        first_bad=find_first_bad(total),
        depth=depth,
        rotations=len(total.rotations),
    )


def good_entries(total: Tally) -> int:
    """Return how many entries were checked before the first bad thing."""
    bad = total.bad
    return total.entries if bad is None else min(total.entries, max(bad_position(bad), 0))


def find_first_bad(total: Tally) -> Finding | None:
    """Return the verdict as a report gives it."""
    bad = total.bad
    if bad is None:
        return None
    return Finding(index=bad.index, check=bad.check, detail=bad.detail, path=bad.path)
