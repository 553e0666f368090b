"""Walk the project's own files, for the tests that hold the house to its rules.

It must never look into .venv, var or anything else that git ignores: those are not ours to judge.
"""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "audit", "crypto", "reports", "scanner_clients")
SINGLE_FILES = ("config.py", "wsgi.py")


@cache
def project_files() -> tuple[Path, ...]:
    """List every file of the project, tracked or about to be, as absolute paths."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(*folders: str) -> list[Path]:
    """List the Python modules below the given folders (all of them when none is given)."""
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders)
    ]


@cache
def product_modules() -> tuple[Path, ...]:
    """List the modules of the product itself: no tests, no benchmarks."""
    return tuple(python_files(*PACKAGES, *SINGLE_FILES))


def parsed(path: Path) -> ast.Module:
    """Parse one module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_roots(tree: ast.Module) -> set[str]:
    """Name the top-level packages that a module imports anywhere in it."""
    roots: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
    return roots


def shown(path: Path) -> str:
    """Name a file the way a person would."""
    return str(path.relative_to(ROOT))
