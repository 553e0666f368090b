"""Verification of a published tree from its folder and a trust file, by who trusts neither us nor our server.

First the checkpoint, then every file under its root, then what was kept from before, then every entry as in a
bundle. Size and root come from the verified checkpoint alone. It must never import the appending side, and
never call "nothing checked" good.
"""

from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint_rotation import check_boundaries, check_checkpoint_rotations
from audit.checks import Checker, Tally
from audit.device_keys import Device, find_device_changes, revoke_by_trust
from audit.earlier import Kept, check_earlier, check_tokens, list_stamped, list_tokens
from audit.errors import BadEntry, CannotVerify
from audit.links import check_links
from audit.note import MAX_NOTE_BYTES
from audit.tree_files import CHECKPOINT, TreeFiles
from audit.trust import Trust
from audit.trusted_checkpoint import open_trusted
from audit.verify import Depth, Progress, Report, check_entries, find_first_bad, good_entries
from audit.workers import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeJob:
    """What to verify, against whom, how deep, and what the auditor kept from before."""

    folder: Path
    trust: Trust
    depth: Depth = Depth.FULL
    earlier: tuple[Path, ...] = ()
    tokens: tuple[Path, ...] = ()
    jobs: int | None = None
    progress: Progress | None = None


@dataclass(slots=True)
class _State:
    total: Tally
    devices: dict[str, Device]
    kept: list[Kept]
    tiles: int = 0
    tokens: int = 0


def verify_tree(job: TreeJob) -> Report:
    """Check everything in the folder; a bad log is a Report with `first_bad`.

    Raises CannotVerify when there is nothing that could be checked.
    """
    state = _State(total=Tally(first=0), devices={}, kept=[])
    try:
        _check(job, state)
    except BadEntry as bad:
        state.total.bad = bad
    return _report(job, state)


def _check(job: TreeJob, state: _State) -> None:
    # 1. There is a checkpoint, signed as the trust file demands and seen by the quorum, over some entries.
    today = Kept(CHECKPOINT, open_trusted(_read_checkpoint(job.folder), job.trust, CHECKPOINT))
    head = today.opened.checkpoint.head
    if head.size == 0:
        raise CannotVerify("the checkpoint is over no entries: nothing was checked")
    state.kept.append(today)
    # 2. Every tile under its root, every entry under its leaf, every link, and no other file.
    files, runs = TreeFiles(job.folder, head), list[Run]()
    for bundle in files.bundles():
        check_links(bundle.first, bundle.entries, bundle.leaves, state.total)
        if job.depth is Depth.TREE:
            state.total.rotations += check_checkpoint_rotations(bundle.entries, bundle.first, job.trust)
        find_device_changes(bundle.data, bundle.first, state.devices)
        count, length = len(bundle.entries), len(bundle.data)
        runs.append(Run(path=bundle.path, first=bundle.first, count=count, offset=0, length=length))
        if job.depth is Depth.TREE and job.progress is not None:
            job.progress(state.total.entries, head.size)
    files.check_names()
    state.tiles = files.tiles
    # 3. What was kept from before: the same log, grown and never changed, at the times it was stamped.
    tokens = list_tokens(job.tokens)
    state.kept += check_earlier(today, (*job.earlier, *list_stamped(tokens)), files.reader, job.trust)
    state.tokens = check_tokens(tokens, state.kept, job.trust)
    # 4. Every entry, as in a bundle (audit/checks.py, audit/item_chains.py, audit/scan_ids.py).
    if job.depth is Depth.FULL:
        state.total = Tally(first=0)
        revoke_by_trust(state.devices, job.trust.revoked_devices)
        checker = Checker(trust=job.trust, devices=state.devices)
        check_entries(runs, checker, state.total, jobs=job.jobs, progress=job.progress)
    # 5. Keys of checkpoints begin where the log hands over to them, and nowhere else.
    check_boundaries(job.trust, state.total.rotations, head.size)


def _read_checkpoint(folder: Path) -> bytes:
    try:
        with (folder / CHECKPOINT).open("rb") as stream:
            return stream.read(MAX_NOTE_BYTES + 1)
    except OSError as error:
        raise CannotVerify(f"cannot read {folder / CHECKPOINT}: {error.strerror}") from None


def _report(job: TreeJob, state: _State) -> Report:
    total, heads = state.total, [item.opened.checkpoint for item in state.kept]
    return Report(
        origin=job.trust.origin,
        head=total.leaf.hex(),
        entries=good_entries(total),
        signatures=total.log_signatures + total.device_signatures,
        log_signatures=total.log_signatures,
        device_signatures=total.device_signatures,
        items=total.links.count,
        devices=len(state.devices) if job.depth is Depth.FULL else 0,
        first_bad=find_first_bad(total),
        depth=job.depth,
        rotations=len(total.rotations),
        size=heads[0].head.size if heads else 0,
        root=heads[0].head.root.hex() if heads else "",
        tiles=state.tiles,
        checkpoints=len(heads),
        checkpoint_signatures=sum(len(item.log_signatures) for item in heads),
        cosignatures=sum(len(item.cosignatures) for item in heads),
        witnessed=bool(heads) and state.kept[0].opened.is_witnessed,
        tokens=state.tokens,
    )
