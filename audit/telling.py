"""What the verifier says: on paper for people, as one JSON object for machines, and a bar while they wait.

It must never say GOOD without having been told how many of what were checked.
"""

import sys
import time
from collections.abc import Callable

from audit.errors import locate
from audit.receipt import ReceiptReport
from audit.verify import Depth, Report
from audit.verify_evidence import EvidenceReport

_BAR_WIDTH = 30
_REDRAW_SECONDS = 0.2


def describe(report: Report) -> str:
    """Say what was checked and how many of each, and the first bad thing or GOOD."""
    lines = [
        f"log          {report.origin}",
        f"depth        {report.depth}: " + _DEPTHS[report.depth],
        f"entries      {report.entries} checked, each hashed as stored and linked to the one before",
    ]
    if report.checkpoints:
        seen = "quorum met" if report.witnessed else "the trust file asks for no witnesses"
        lines += [
            f"tiles        {report.tiles}, each bound to the root of {report.size} entries",
            f"checkpoints  {report.checkpoints}, with {report.checkpoint_signatures} signatures by the log",
            f"cosignatures {report.cosignatures} by witnesses: {seen}",
            f"time stamps  {report.tokens} over checkpoints",
            f"root         {report.root}",
        ]
    if report.rotations:
        lines.append(
            f"rotations    {report.rotations} of checkpoint keys, each signed by the old and the new keys"
        )
    if report.depth is Depth.FULL:
        lines += [
            f"signatures   {report.log_signatures} by the log, {report.device_signatures} in envelopes",
            f"devices      {report.devices} enrolled",
            f"items        {report.items} links of consignments' own chains",
        ]
    lines.append(f"head         {report.head}")
    bad = report.first_bad
    if bad is None:
        return "\n".join([*lines, "GOOD: everything above was checked and holds."])
    where = locate(bad.index, bad.path)
    return "\n".join([*lines, f"BAD: the first bad thing is {where} ({bad.check}): {bad.detail}"])


def describe_receipt(report: ReceiptReport) -> str:
    """Say what a good receipt shows."""
    seen = ", ".join(f"{name} at {at}" for name, at in report.cosignatures.items()) or "nobody"
    return "\n".join(
        (
            f"log          {report.origin}",
            f"entry        {report.index} ({report.kind}, {report.at}), hashed as given, signed by the log",
            f"leaf         {report.leaf}",
            f"tree         {report.size} entries, {report.hashes} hashes from the entry to its root",
            f"checkpoint   {report.log_signatures} signature by the log",
            f"cosignatures {len(report.cosignatures)}: {seen}",
            "GOOD: everything above was checked and holds.",
        )
    )


def describe_evidence(report: EvidenceReport) -> str:
    """Say what a good evidence file shows."""
    about = ", ".join(f"{name} {value}" for name, value in sorted(report.scope.items()))
    return "\n".join(
        (
            f"log        {report.origin}, {report.size} entries under the checkpoint",
            f"about      {about}",
            f"entries    {report.entries} disclosed, {report.support} enrolments, {report.proofs} proofs",
            f"signatures {report.log_signatures} by the log, {report.device_signatures} by devices",
            f"items      {report.item_links} links of consignments' own chains, none left out between",
            f"fields     {report.disclosed} disclosed, {report.withheld} withheld, {report.erased} erased",
            f"witnesses  {', '.join(report.witnesses) or 'none: the log alone says so'}",
            f"unchecked  {', '.join(report.reading) or 'nothing'}: for reading, only signed for by the log",
            "GOOD: everything else above was checked and holds.",
        )
    )


def draw_bar() -> Callable[[int, int], None]:
    """Return what draws the bar on standard error."""
    started = drawn = time.monotonic()

    def draw(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < _REDRAW_SECONDS and done < total:
            return
        drawn = now
        bar = "#" * (_BAR_WIDTH * done // total)
        left = (now - started) * (total - done) / max(done, 1)
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r[{bar:<{_BAR_WIDTH}}] {done}/{total} entries, {left:.0f} s left {end}")
        sys.stderr.flush()

    return draw


_DEPTHS = {
    Depth.FULL: "every signature, and everything else",
    Depth.TREE: "chain and what is signed over the whole; no signature of an entry or a device",
}
