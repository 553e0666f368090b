"""`kt1 suspense`: raise what is due by now: letters, investigations, what nobody holds, who is not back.

Safe to run from two machines and at any moment: what is due follows from the tables, and is raised once.
"""

import time

import click

from app.cli.console import open_runtime, say, tell
from app.cli.toolbox import Toolbox
from app.domain.errors import LogHalted
from app.http.ports import RuntimePort
from app.services.owed.tracers import AT_ONCE, raise_due
from app.services.owed.unattended import raise_unattended
from app.services.shifts.sections import raise_sections


@click.command()
@click.option("--every", type=click.IntRange(60, 86_400), help="Go on, once in so many seconds.")
@click.pass_obj
def suspense(toolbox: Toolbox, /, every: int | None) -> None:
    """Raise letters and investigations whose days have come; ask after what and who is missing."""
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
        raised = sum(
            runtime.write(raise_some, limit=AT_ONCE)
            for raise_some in (raise_due, raise_unattended, raise_sections)
        )
        total += raised
        if raised == 0:
            return total
