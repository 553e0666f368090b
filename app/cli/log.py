"""`kt1 log`: verify the log on this machine, and hand it over to whoever verifies it on theirs.

The verifier used here is the auditor's own (`python -m audit verify`). It must never print GOOD for a log of
which nothing was checked.
"""

import os
from pathlib import Path

import click

from app.cli.console import fail, open_runtime, progress, say, tell
from app.cli.toolbox import Toolbox
from app.domain.held import Custody
from app.http.ports import RuntimePort
from app.services.log import log as log_services
from app.services.log.custody_check import CustodyReport, compare_custody, list_replayed
from audit.verify import Report


@click.group()
def log() -> None:
    """Verify the signed, hash-chained log, or export it."""


@log.command()
@click.option("--jobs", type=click.IntRange(1, 1024), help="Processes; one for each core when left out.")
@click.pass_obj
def verify(toolbox: Toolbox, /, jobs: int | None) -> None:
    """Check every entry of the database's log, then replay it: every item must be where the log says.

    Exit 1 names the first bad entry, or the first item whose state or custodian is not the log's.
    """
    with open_runtime(toolbox) as runtime:
        report = verify_database(runtime, jobs=jobs)
        custody = compare_database(runtime) if report.first_bad is None else None
    for line in describe(report):
        say(line)
    if custody is not None:
        _judge_custody(custody)
    if report.first_bad is not None:
        bad = report.first_bad
        where = "the header" if bad.index is None else f"entry {bad.index}"
        fail(f"BAD: the first bad thing is {where} ({bad.check}): {bad.detail}")
    say("GOOD: everything above was checked and holds.")


@log.command()
@click.option("--check", is_flag=True, help="Hold the tables against it instead of printing it.")
@click.pass_obj
def replay(toolbox: Toolbox, /, *, check: bool) -> None:
    """Rebuild from the log's entries alone who has every item and bag, and print it, a line each.

    Columns, separated by tabs: code, state, user id, unit, the bag it lies in or "-". No signature is
    verified: run `kt1 log verify` for that. With --check, exit 1 names the first row that is not as the log
    says.
    """
    with open_runtime(toolbox) as runtime:
        if check:
            _judge_custody(compare_database(runtime))
            say("GOOD: the tables say what the log says.")
            return
        for code, custody in runtime.read(list_replayed):
            say("\t".join((code, custody.state, str(custody.user), custody.unit, custody.inside or "-")))


@log.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.pass_obj
def export(toolbox: Toolbox, /, file: Path) -> None:
    """Write the whole log to FILE as a bundle for `python -m audit verify`. The export itself is an entry."""
    with open_runtime(toolbox) as runtime:
        entries = export_bundle(runtime, file)
    tell(f"{entries} entries written to {file}")
    tell(
        f"verify it anywhere: python -m audit verify {file} --trust trust.json   (kt1 keys trust trust.json)"
    )


def verify_database(runtime: RuntimePort, *, jobs: int | None = None) -> Report:
    """Verify with progress on standard error."""
    with progress("entries") as advance:
        return runtime.read(log_services.verify_log, jobs=jobs, progress=advance)


def compare_database(runtime: RuntimePort) -> CustodyReport:
    """Replay the verified log against every item, with progress on standard error."""
    with progress("entries replayed") as advance:
        return runtime.read(compare_custody, progress=advance)


def _judge_custody(report: CustodyReport) -> None:
    say(f"custody    {report.items} consignments and bags held against a replay of the log")
    first = report.first
    if first is not None:
        fail(
            f"BAD: the first consignment that is not as the log says is {first.code} ({first.differs}):"
            f" the log says {_told(first.logged)}, the database {_told(first.stored)}"
        )


def _told(custody: Custody | None) -> str:
    if custody is None:
        return "nothing"
    inside = f", in bag {custody.inside}" if custody.inside else ""
    return f"{custody.state}, user {custody.user} of {custody.unit}{inside}"


def export_bundle(runtime: RuntimePort, file: Path) -> int:
    """Record the export, then write it under a temporary name and move it in place; returns the entries."""
    runtime.write(log_services.record_export, actor=None)
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            head = runtime.read(log_services.export_log, stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return head.size


def describe(report: Report) -> tuple[str, ...]:
    """Say what was checked and how many of each."""
    return (
        f"log        {report.origin}",
        f"entries    {report.entries} checked",
        f"signatures {report.log_signatures} by the log, {report.device_signatures} by devices",
        f"devices    {report.devices} enrolled",
        f"items      {report.items} links of consignments' own chains",
        f"head       {report.head}",
    )
