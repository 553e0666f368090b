"""Packs the verifier into one file: `python -m audit.pack dist/kt1-verify.pyz` (`make verifier`).

The file holds exactly the modules the verifier imports, stored as they are, under one date: the same sources
give the same bytes on every machine, so that two people can compare digests. It must never hold the appending
side, or anything that needs more than Python and `cryptography`.
"""

import ast
import hashlib
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("audit", "crypto")
_START = "audit.__main__"
_DATE = (1980, 1, 1, 0, 0, 0)
_MAIN = b'''"""The KT1 verifier as one file."""

import sys

from audit.__main__ import main

if __name__ == "__main__":
    sys.exit(main(program="kt1-verify.pyz"))
'''


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the archive, and its digest on standard output."""
    (target,) = sys.argv[1:] if arguments is None else arguments
    data = pack()
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    sys.stdout.write(f"{hashlib.sha256(data).hexdigest()}  {path}\n")
    return 0


def pack() -> bytes:
    """Return the archive's bytes."""
    files = {"__main__.py": _MAIN} | {
        _path(name).relative_to(_ROOT).as_posix(): _path(name).read_bytes() for name in modules()
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            # Not compressed: compressors differ from one machine to the next.
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            archive.writestr(entry, files[name])
    return b"#!/usr/bin/env python3\n" + stream.getvalue()


def modules() -> frozenset[str]:
    """Name every module of ours that the verifier imports, by reading the sources."""
    found, waiting = set[str](), [_START, *_PACKAGES]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(name)
    return frozenset(found)


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_path(name).read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [node.module, *(item for item in inside if item.partition(".")[0] in _PACKAGES)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        # What is named in a package may be a module of it, or something it defines.
        yield from (item for item in names if item.partition(".")[0] in _PACKAGES and _path(item).exists())


def _path(name: str) -> Path:
    place = _ROOT.joinpath(*name.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


if __name__ == "__main__":
    sys.exit(main())
