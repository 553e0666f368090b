"""The story of the played days, scene by scene, and the table of controls at its end.

Three agencies, two post offices and a hub: everything of one day four days ago, the next morning, and today.
"""

from collections.abc import Sequence

from app.cli.console import say
from app.cli.demo.day import Day
from app.cli.demo.ledger import Step
from app.cli.demo.scenes import (
    asking_after,
    bagging,
    closing,
    collecting,
    delivering,
    morning_after,
    mustering,
    opening,
    registering,
    relieving,
    today,
    unpacking,
    wrong_seal,
)

PAST = (
    opening,
    registering,
    collecting,
    bagging,
    wrong_seal,
    unpacking,
    delivering,
    closing,
    mustering,
    relieving,
    morning_after,
)
"""What is played by a clock that is set: the server's time and the devices' are the story's."""
PRESENT = (asking_after, today)
"""What is played by the machine's own clock, by a server started like any other."""


def play_past(day: Day) -> None:
    """Play the first day and the next morning."""
    for scene in PAST:
        scene.play(day)


def play_present(day: Day) -> None:
    """Play today."""
    for scene in PRESENT:
        scene.play(day)


def print_controls(found: Sequence[tuple[Step, int]]) -> None:
    """Print what each control did and where the log holds it."""
    shown = [(step, index) for step, index in found if step.control]
    widest = max(len(step.control) for step, _ in shown)
    say(f"\n  {'kiểm soát':<{widest}}  {'bản ghi':>8}  chuyện đã xảy ra")
    for step, index in shown:
        refusal = f" → từ chối ({step.refusal})" if step.refusal else ""
        say(f"  {step.control:<{widest}}  {'#' + str(index):>8}  {step.what}{refusal}")
    say("")
