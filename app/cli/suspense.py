"""`kt1 suspense`: raise what is due by now: letters, investigations, and what is in nobody's hands.

Safe to run from two machines and at any moment: what is due follows from the tables, and is raised once.
"""

import time

import click

from app.cli.console import open_runtime, say, tell
from app.cli.toolbox import Toolbox
from app.domain.errors import LogHalted
from app.http.ports import RuntimePort
from app.services.tracers import AT_ONCE, raise_due
from app.services.unattended import raise_unattended


@click.command()
@click.option("--every", type=click.IntRange(60, 86_400), help="Go on, once in so many seconds.")
@click.pass_obj
def suspense(toolbox: Toolbox, /, every: int | None) -> None:
    """Raise letters and investigations whose days have come, and ask after what is in nobody's hands."""
    with open_runtime(toolbox) as runtime:
        say(f"raised {raise_everything(runtime)}")
        while every is not None:
            time.sleep(every)
            try:
                say(f"raised {raise_everything(runtime)}")
            except LogHalted:
                # What does not fit now will not fit by itself: a person must look.
                raise
            except toolbox.known_failures as error:
                tell(f"not raised now: {error}")


def raise_everything(runtime: RuntimePort) -> int:
    """Raise in small transactions, so that no handover waits for a long list."""
    total = 0
    while True:
        raised = runtime.write(raise_due, limit=AT_ONCE) + runtime.write(raise_unattended, limit=AT_ONCE)
        total += raised
        if raised == 0:
            return total
