"""C2SP signed notes: a text and the lines of those who signed it.

The text of a note must never be used before a known key's signature over it has been verified: `parse_note`
calls it untrusted, `open_note` is the only way to a text that counts (CVE-2026-56864). A known key that fails
sinks the whole note, and so does a note nobody known has signed. Format: docs/formats/checkpoint.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from audit.errors import MalformedNote, NoteRefused
from audit.vkey import KEY_ID_LENGTH, VerifierKey, check_name
from crypto.digest import b64decode, b64encode
from crypto.errors import BadSignature, MalformedEncoding

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Verifier(Protocol):
    """A known key together with what its signatures cover."""

    @property
    def key(self) -> VerifierKey:
        """The key."""
        ...

    def verify(self, text: str, signature: bytes) -> int | None:
        """Return the time in the signature (POSIX seconds, None: it has none); raises BadSignature."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who claims to have signed, and the bytes behind the key ID."""

    name: str
    key_id: bytes
    signature: bytes

    def to_line(self) -> str:
        """Return the line with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note in form, of which nothing is verified."""

    untrusted_text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note; `parse_note` of it gives this note back."""
        return format_note(self.untrusted_text, self.signatures)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """A signature that holds: the key, the line, and the time in it (POSIX seconds) if its type has one."""

    key: VerifierKey
    line: NoteSignature
    time: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A text signed by at least one known key, and every signature that was verified, in the note's order."""

    text: str
    verified: tuple[VerifiedSignature, ...]


def parse_signature_lines(untrusted: str) -> tuple[NoteSignature, ...]:
    """Read 1 to 100 signature lines, each with its newline; raises MalformedNote."""
    if not untrusted.endswith("\n"):
        raise MalformedNote("a signature line ends in a newline")
    lines = untrusted[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote(f"a note has at most {MAX_SIGNATURES} signatures")
    return tuple(_parse_line(line) for line in lines)


def parse_note(untrusted: bytes) -> Note:
    """Read a note; raises MalformedNote. Nothing is verified yet."""
    if len(untrusted) > MAX_NOTE_BYTES:
        raise MalformedNote(f"a note is at most {MAX_NOTE_BYTES} bytes")
    try:
        text = untrusted.decode()
    except UnicodeDecodeError:
        raise MalformedNote("a note is UTF-8") from None
    _check_characters(text)
    # The text may hold blank lines itself: the last one separates.
    at = text.rfind("\n\n")
    if at < 0:
        raise MalformedNote("no blank line separates text and signatures")
    return Note(untrusted_text=text[: at + 1], signatures=parse_signature_lines(text[at + 2 :]))


def format_note(text: str, signatures: Iterable[NoteSignature]) -> bytes:
    """Write a note; raises MalformedNote for what `parse_note` would not read back."""
    lines = [signature.to_line() for signature in signatures]
    if not text.endswith("\n") or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise MalformedNote(
            "a note has a text that ends in a newline, and at least one signature, at most 100"
        )
    _check_characters(text)
    return f"{text}\n{''.join(lines)}".encode()


def open_note(untrusted: bytes | Note, verifiers: Iterable[Verifier]) -> OpenedNote:
    """Verify all signatures of known keys, ignore the others; raises MalformedNote or NoteRefused."""
    note = untrusted if isinstance(untrusted, Note) else parse_note(untrusted)
    known = _index(verifiers)
    verified: list[VerifiedSignature] = []
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        try:
            time = verifier.verify(note.untrusted_text, line.signature)
        except BadSignature:
            raise NoteRefused(f"the signature of {line.name} does not hold") from None
        verified.append(VerifiedSignature(key=verifier.key, line=line, time=time))
    if not verified:
        raise NoteRefused("no known key has signed the note")
    return OpenedNote(text=note.untrusted_text, verified=tuple(verified))


def _index(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    """Key verifiers by what a line shows. Two keys that look alike there cannot both be known."""
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        key = verifier.key
        found = known.setdefault((key.name, key.key_id), verifier)
        # Four bytes collide within minutes for who wants them to: the wrong one of two would be tried.
        if found.key != key:
            raise NoteRefused(f"two known keys of {key.name} share one key ID")
    return known


def _parse_line(untrusted: str) -> NoteSignature:
    name, _, encoded = untrusted.removeprefix(_DASH).partition(" ")
    if not untrusted.startswith(_DASH):
        raise MalformedNote("a signature line begins with a dash (U+2014) and a space")
    check_name(name)
    try:
        data = b64decode(encoded)
    except MalformedEncoding as error:
        raise MalformedNote(f"the signature of {name}: {error}") from None
    if len(data) <= KEY_ID_LENGTH:
        raise MalformedNote(f"the signature of {name} is empty")
    return NoteSignature(name=name, key_id=data[:KEY_ID_LENGTH], signature=data[KEY_ID_LENGTH:])


def _check_characters(text: str) -> None:
    if _CONTROL.search(text):
        raise MalformedNote("a note has no control character but newline")
