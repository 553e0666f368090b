"""One line for every way a command can fail, and the exit code that goes with it.

0 done, 1 failed, 2 misuse. A person at a terminal must never be shown a stack trace for something foreseen.
"""

import sys

import click

from app.domain.errors import CheckpointsLost, Conflict, DomainError, InvalidInput, LogHalted, Problem
from app.http.texts import has_text, text
from app.keystore import KeysError
from audit.errors import AuditError
from config import ConfigError
from crypto.errors import CryptoError

DONE, FAILED, MISUSE = 0, 1, 2
FORESEEN: tuple[type[Exception], ...] = (
    DomainError,
    KeysError,
    ConfigError,
    AuditError,
    CryptoError,
    OSError,
)


def explain(error: Exception) -> str:
    """Say in one line, or one line a problem, what stopped the command."""
    if isinstance(error, InvalidInput):
        return "\n".join(_of_problem(problem) for problem in error.problems)
    if isinstance(error, DomainError):
        family = "conflict" if isinstance(error, Conflict) else "error"
        key = f"{family}.{error.code}"
        said = text(key, locale="en") if has_text(key) else str(error.code)
        # What exactly does not fit is for the operator, who is the one that reads this line.
        return f"{said} ({error})" if isinstance(error, LogHalted | CheckpointsLost) and str(error) else said
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}"
    return str(error)


def exit_code(error: Exception) -> int:
    """Wrong settings are misuse; everything else that was foreseen is a failure."""
    return MISUSE if isinstance(error, ConfigError) else FAILED


def report(error: Exception) -> int:
    """Print the line and return the exit code."""
    click.echo(f"kt1: {explain(error)}", err=True)
    return exit_code(error)


def report_stop() -> int:
    """Answer Ctrl-C: what was committed stays, nothing is half done."""
    sys.stderr.write("\nkt1: stopped\n")
    return FAILED


def _of_problem(problem: Problem) -> str:
    place = "".join(
        (
            f"row {problem.row}, " if problem.row is not None else "",
            f"column {problem.column}, " if problem.column is not None else "",
            problem.field,
        )
    )
    key = f"problem.{problem.code}"
    words = text(key, locale="en", **problem.params) if has_text(key) else str(problem.code)
    return f"{place}: {words}"
