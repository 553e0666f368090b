"""How the commands talk: facts to standard output, progress and complaints to standard error.

What a script would read must never be mixed with what a person watches.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NoReturn

import click
from click.termui import progressbar

from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


@contextmanager
def open_runtime(toolbox: Toolbox) -> Iterator[RuntimePort]:
    """Open the installation that the KT1_* variables describe."""
    with toolbox.open_runtime(toolbox.read_config()) as runtime:
        yield runtime


def say(text: str) -> None:
    """Print one line that a script may read."""
    click.echo(text)


def tell(text: str) -> None:
    """Print one line for the person who watches."""
    click.echo(text, err=True)


def fail(text: str) -> NoReturn:
    """End the command with exit code 1 and one clear line."""
    raise click.ClickException(text)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far long work has come; yields a function of the steps done and how many there are."""
    with ExitStack() as stack:
        bar: ProgressBar[int] | None = None
        shown = 0

        def advance(done: int, total: int) -> None:
            nonlocal bar, shown
            if bar is None:
                bar = stack.enter_context(progressbar(length=total, label=label, file=sys.stderr))
            bar.update(max(0, done - shown))
            shown = max(shown, done)

        yield advance
