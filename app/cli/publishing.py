"""`kt1 log publish`, `rebuild-tiles`, `recover`: the signed tree that others check this log by.

Both are safe to stop at any moment and to start again. Neither can sign over an older database.
"""

import time

import click

from app.cli.console import fail, open_runtime, progress, say, tell
from app.cli.toolbox import Toolbox
from app.domain.errors import LogHalted
from app.services.publishing import Published, rebuild
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

    Puts entries, custody and receipts back as they were. A gap that holds what only the lost database knew
    (new items, people, units, devices) is named, and nothing is changed.
    """
    with open_runtime(toolbox) as runtime, progress("entries put back") as advance:
        count = runtime.recover(advance)
    say(f"{count} entries put back")
    tell("check it: kt1 log verify")


def describe(published: Published) -> str:
    """Say what is published, in one line."""
    head = published.head
    return f"published {head.size} entries ({published.fresh} new), root {b64encode(head.root)}"
