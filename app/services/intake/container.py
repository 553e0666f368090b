"""Looks at an XLSX file as a zip archive before any spreadsheet library may open it.

Everything here is bounded: members, unpacked bytes, tags, names. Never trusts a size written in the archive's
directory; each member is unpacked under a byte budget, because a lying header is how a zip bomb starts. What
the file can make us look for is never searched with a pattern that may back up.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from app.domain.errors import ProblemCode
from app.services.intake.table import Limits

_REQUIRED = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
# Markup declarations have no place in a spreadsheet part and are the door to entity expansion.
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CHUNK = 1 << 16


class UnreadableFile(Exception):  # noqa: N818  # it names the file's state, as the domain's errors do
    """The file as a whole cannot be used; `code` says why. Never leaves the intake package."""

    def __init__(self, code: ProblemCode) -> None:
        super().__init__(str(code))
        self.code = code


def verify_archive(untrusted_file: bytes, limits: Limits) -> None:
    """Raise UnreadableFile unless this is a plain XLSX archive within its limits.

    Codes: `not_a_workbook`, `encrypted_file`, `too_large`, `active_content`, `damaged_file`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(untrusted_file)) as archive:
            members = archive.infolist()
            _verify_directory(members, limits)
            budget = _Budget(bytes_left=limits.unpacked_bytes, tags_left=limits.tags)
            for member in members:
                _verify_member(archive, member, budget)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise UnreadableFile(ProblemCode.DAMAGED_FILE) from error


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked, of all members together."""

    bytes_left: int
    tags_left: int


def _verify_directory(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise UnreadableFile(ProblemCode.TOO_LARGE)
    names = [member.filename for member in members]
    if not _REQUIRED.issubset(names):
        raise UnreadableFile(ProblemCode.NOT_A_WORKBOOK)
    if len(set(names)) != len(names) or any(name.startswith("/") or ".." in name for name in names):
        # Two members of one name show one content to a checker and another to a reader.
        raise UnreadableFile(ProblemCode.DAMAGED_FILE)
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableFile(ProblemCode.ENCRYPTED_FILE)
    if any(name.lower().endswith((".bin", ".vbs", ".exe")) and "vba" in name.lower() for name in names):
        raise UnreadableFile(ProblemCode.ACTIVE_CONTENT)
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise UnreadableFile(ProblemCode.ACTIVE_CONTENT)


def _verify_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> None:
    """Unpack one member within the budget. What a part is called says nothing about what it holds."""
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            # NUL bytes are dropped so that a part written in UTF-16 cannot hide a declaration.
            window = (tail + chunk).replace(b"\x00", b"")
            if _DECLARATION.search(window):
                raise UnreadableFile(ProblemCode.DAMAGED_FILE)
            tail = chunk[-64:]
            budget.bytes_left -= len(chunk)
            # A library keeps a hundred bytes and more for every tag, so a small file could fill the memory.
            budget.tags_left -= chunk.count(b"<")
            if min(budget.bytes_left, budget.tags_left) < 0:
                raise UnreadableFile(ProblemCode.TOO_LARGE)
