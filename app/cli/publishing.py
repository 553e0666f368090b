"""`kt1 log publish`, `rebuild-tiles`, `recover`, `restore-checkpoint`: the tree others check this log by.

All are safe to stop at any moment and to start again. None of them can sign over an older database.
"""

import time
from pathlib import Path

import click

from app.cli.console import fail, open_runtime, progress, say, tell
from app.cli.toolbox import Toolbox
from app.domain.errors import LogHalted
from app.services.log.checkpoint_restore import restore_checkpoint as restore_store
from app.services.log.publishing import Published, rebuild
from app.services.recovery.facts import Lost
from app.services.recovery.recover import Watch
from crypto.digest import b64encode


@click.command()
@click.option("--every", type=click.IntRange(1, 86_400), help="Go on, once in so many seconds.")
@click.pass_obj
def publish(toolbox: Toolbox, /, every: int | None) -> None:
    """Bring every committed entry into the published tree, and sign its checkpoint with both keys."""
    with open_runtime(toolbox) as runtime:
        say(describe(runtime.publish()))
        while every is not None:
            time.sleep(every)
            try:
                say(describe(runtime.publish()))
            except LogHalted:
                # What does not fit now will not fit by itself: a person must look.
                raise
            except toolbox.known_failures as error:
                tell(f"not published now: {error}")


@click.command("rebuild-tiles")
@click.pass_obj
def rebuild_tiles(toolbox: Toolbox, /) -> None:
    """Write the signed tree's files anew from the database, bit for bit. Nothing is signed."""
    with open_runtime(toolbox) as runtime:
        rebuilt = rebuild(runtime, runtime.published)
    if rebuilt is None:
        fail("nothing is signed yet: kt1 log publish makes the first files")
    say(describe(rebuilt))


@click.command()
@click.pass_obj
def recover(toolbox: Toolbox, /) -> None:
    """Refill a database older than what was signed from the published tree. Stop the server first.

    Puts entries back with all that they did. What the log does not hold (names, passwords, sealed values) is
    lost, and each such value is one line of the output; docs/operations.md says how people work again.
    """
    lost: list[Lost] = []
    with open_runtime(toolbox) as runtime, progress("entries put back") as advance:
        count = runtime.recover(Watch(progress=advance, lost=lost.append))
    for one in lost:
        say(f"lost with entry {one.entry}: {one.of}: {', '.join(one.values)}")
    say(f"{count} entries put back")
    if any(one.of.startswith("person") for one in lost):
        tell("people without a name: kt1 user restore lost-NUMBER; without a password: kt1 user password")
    tell("check it: kt1 log verify")


@click.command("restore-checkpoint")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.pass_obj
def restore_checkpoint(toolbox: Toolbox, /, file: Path) -> None:
    """Put the checkpoint in FILE back into a checkpoint store that was lost. Stop the server first.

    It must be the newest that anyone has, a witness's before all: an older one would let the log contradict
    itself. Nothing is signed.
    """
    with open_runtime(toolbox) as runtime:
        policy = None if runtime.witnesses is None else runtime.witnesses.policy
        opened = restore_store(runtime.published, policy, file.read_bytes())
        entries = runtime.read(lambda uow: uow.audit.head().size)
    say(f"{opened.head.size} entries are signed for; the database has {entries}")
    if entries < opened.head.size:
        tell("the database is an old copy: kt1 log recover")


def describe(published: Published) -> str:
    """Say what is published, in one line."""
    head = published.head
    return f"published {head.size} entries ({published.fresh} new), root {b64encode(head.root)}"
