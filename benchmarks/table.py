"""Prints one promise a line: the median over the rounds, its spread, the target, met or MISSED.

It must never fail a run: machines are noisy, so a missed target is printed as missed.
"""

import statistics
import sys
from collections.abc import Sequence


def say(line: str) -> None:
    """Print a line at once, so that a long run shows where it is."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def promise(
    text: str,
    values: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    middle: float | None = None,
) -> None:
    """Print a figure beside its target; the figure is the median of the values unless `middle` says other."""
    figure = statistics.median(values) if middle is None else middle
    met = (at_least is None or figure >= at_least) and (at_most is None or figure <= at_most)
    target = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
    spread = f"({min(values):.2f}-{max(values):.2f})" if len(values) > 1 else ""
    say(f"  {text:64} {figure:8.2f} {spread:16} {target:8} {'met' if met else 'MISSED'}")


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * len(ordered)))]
