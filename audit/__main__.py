"""The offline verifier: `python -m audit verify ... --trust FILE`, `verify-receipt`, `verify-evidence`.

Needs this folder, `crypto/` and the `cryptography` package, nothing else: no network, no server of ours. Exit
codes: 0 everything was checked and is good, 1 something is bad (the first bad entry is named), 2 it could not
be checked. It must never exit 0 without having checked anything.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from audit.errors import AuditError, BadEntry, CannotVerify, locate
from audit.receipt import verify_receipt
from audit.telling import describe, describe_evidence, describe_receipt, draw_bar
from audit.trust import Trust
from audit.trust_file import load_trust
from audit.verify import Depth, verify_bundle
from audit.verify_evidence import verify_evidence
from audit.verify_tree import TreeJob, verify_tree

GOOD, BAD, UNCHECKED = 0, 1, 2


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m audit") -> int:
    """Run the command line, called as `program`, and return its exit code."""
    options = _build_parser(program).parse_args(arguments)
    try:
        trust = load_trust(options.trust)
        if options.command == "verify-receipt":
            return _verify_receipt(options, trust)
        if options.command == "verify-evidence":
            return _verify_evidence(options, trust)
        return _verify(options, trust)
    except (AuditError, OSError) as error:
        return _say_unchecked(str(error), as_json=options.json)
    except KeyboardInterrupt:
        return _say_unchecked("interrupted", as_json=options.json)


def _verify(options: argparse.Namespace, trust: Trust) -> int:
    progress = draw_bar() if sys.stderr.isatty() and not options.json else None
    depth = Depth(options.depth)
    if options.target.is_dir():
        report = verify_tree(
            TreeJob(
                folder=options.target,
                trust=trust,
                depth=depth,
                earlier=tuple(options.checkpoint),
                tokens=tuple(options.time_token),
                jobs=options.jobs,
                progress=progress,
            )
        )
    elif options.checkpoint or options.time_token:
        raise CannotVerify("earlier checkpoints and time stamps are held against a tree folder, not a bundle")
    else:
        report = verify_bundle(options.target, trust, jobs=options.jobs, progress=progress, depth=depth)
    good = report.first_bad is None and report.entries > 0
    if options.json:
        _say(json.dumps({"result": "good" if good else "bad"} | asdict(report), sort_keys=True))
    else:
        _say(describe(report))
    return GOOD if good else BAD


def _verify_receipt(options: argparse.Namespace, trust: Trust) -> int:
    try:
        report = verify_receipt(
            options.proof, options.entry, trust, require_witnesses=not options.without_witnesses
        )
    except BadEntry as bad:
        return _say_bad(bad, as_json=options.json)
    if options.json:
        _say(json.dumps({"result": "good"} | asdict(report), sort_keys=True))
    else:
        _say(describe_receipt(report))
    return GOOD


def _verify_evidence(options: argparse.Namespace, trust: Trust) -> int:
    try:
        report = verify_evidence(options.bundle, trust, require_witnesses=not options.without_witnesses)
    except BadEntry as bad:
        return _say_bad(bad, as_json=options.json)
    if options.json:
        _say(json.dumps({"result": "good"} | asdict(report), sort_keys=True))
    else:
        _say(describe_evidence(report))
    return GOOD


def _say_bad(bad: BadEntry, *, as_json: bool) -> int:
    finding = {"index": bad.index, "path": bad.path, "check": bad.check, "detail": bad.detail}
    text = f"BAD: the first bad thing is {locate(bad.index, bad.path)} ({bad.check}): {bad.detail}"
    _say(json.dumps({"result": "bad", "first_bad": finding}, sort_keys=True) if as_json else text)
    return BAD


def _build_parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Verify a KT1 log, or a receipt from it, offline and without trusting its keeper.",
        epilog="Exit codes: 0 everything named was checked and holds; 1 something is bad, and the first bad"
        " thing is named; 2 it could not be checked. An empty or unsigned input is 2, never 0.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    verify = _add_verify(commands)
    receipt = commands.add_parser("verify-receipt", help="check one receipt with the entry it is about")
    receipt.add_argument("proof", type=Path, help="the receipt, a .tlog-proof file")
    receipt.add_argument("--entry", type=Path, required=True, help="the entry's bytes as stored")
    evidence = commands.add_parser("verify-evidence", help="check an evidence bundle")
    evidence.add_argument("bundle", type=Path, help="the ZIP written by `kt1 log evidence`")
    for command in (receipt, evidence):
        command.add_argument(
            "--without-witnesses", action="store_true", help="be content with the log's own word"
        )
    for command in (verify, receipt, evidence):
        command.add_argument("--trust", type=Path, required=True, help="the trust file, got by another way")
        command.add_argument("--json", action="store_true", help="one JSON object for machines")
    return parser


def _add_verify(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    verify = commands.add_parser("verify", help="check a whole log: a published tree, or a bundle")
    verify.add_argument(
        "target",
        type=Path,
        help="the folder of a published tree (`checkpoint`, `tile/`), or a bundle (`kt1 log export`)",
    )
    verify.add_argument(
        "--depth",
        choices=[depth.value for depth in Depth],
        default=Depth.FULL.value,
        help="full: every signature (default); tree: chain, tree and signed checkpoints only, much faster",
    )
    verify.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        help="a checkpoint kept from before: the tree must begin with its tree (repeatable)",
    )
    verify.add_argument(
        "--time-token",
        type=Path,
        action="append",
        default=[],
        help="a time stamp (.tsr) or a folder of them, each over the checkpoint of its name (.checkpoint)"
        " or else over one that is checked here (repeatable)",
    )
    verify.add_argument("--jobs", type=_parse_jobs, help="processes (default: one for each core)")
    return verify


def _parse_jobs(text: str) -> int:
    jobs = int(text)
    if not 1 <= jobs <= 1024:
        raise argparse.ArgumentTypeError("between 1 and 1024")
    return jobs


def _say_unchecked(why: str, *, as_json: bool) -> int:
    if as_json:
        _say(json.dumps({"result": "unchecked", "error": why}, sort_keys=True))
    else:
        sys.stderr.write(f"COULD NOT CHECK: {why}\n")
    return UNCHECKED


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
