"""What can go wrong in `audit`, as one tree.

AuditError
├── MalformedEvidence  a device's statement is not in its form (`field`, `line` counted from 1, or None)
├── MalformedEntry     an entry's bytes, or a draft of one, are not in their form
├── MalformedBundle    a bundle's frame or header is not in its form
├── MalformedTrust     a trust file is not in its form
├── MalformedNote      a note, checkpoint, verifier key, proof or witness request is not in its form
├── MalformedPolicy    a policy file is not in its form (`line` counted from 1, or None)
├── NoteRefused        a note's signatures: a known key failed, or nothing known was verified
├── QuorumMissing      a checkpoint is signed, but not by the witnesses the policy asks for
├── ProofRejected      an inclusion or consistency proof does not lead to the root
├── BadTile            a tile or entry bundle (`path`) is missing, malformed or not of the verified tree
├── WitnessBroken      a witness's own keys or memory are missing or cannot be believed
├── ClockWentBack      a signature would be dated before one already made
├── ChainBroken        entries handed to the appending side do not fit the head
├── BadEntry           the verifier's one verdict: `index` or `path`, `check` and what is wrong there
└── CannotVerify       nothing could be checked, which is never success
"""

# ruff: noqa: N818 -- errors are named for what happened, as design.md section 7 lists them.


class AuditError(Exception):
    """Root of every error that leaves this package."""


class MalformedEvidence(AuditError):
    """A statement is not in its form; `line` counts from 1 and is None outside the list."""

    def __init__(self, field: str, line: int | None = None, reason: str = "not in its form") -> None:
        where = field if line is None else f"{field}, line {line}"
        super().__init__(f"{where}: {reason}")
        self.field = field
        self.line = line
        self.reason = reason

    def __reduce__(self) -> tuple[type["MalformedEvidence"], tuple[str, int | None, str]]:
        """Travel between processes by the arguments, which an exception's own form forgets."""
        return (type(self), (self.field, self.line, self.reason))


class MalformedEntry(AuditError):
    """An entry is not in its form."""


class MalformedBundle(AuditError):
    """A bundle's frame or header is not in its form."""


class MalformedTrust(AuditError):
    """A trust file is not in its form."""


class MalformedNote(AuditError):
    """A note, checkpoint, verifier key, proof or witness request is not in its form."""


class MalformedPolicy(AuditError):
    """A policy file is not in its form; `line` counts from 1 and is None when it is the file as a whole."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
        self.reason = reason

    def __reduce__(self) -> tuple[type["MalformedPolicy"], tuple[int | None, str]]:
        """Travel between processes by the arguments, which an exception's own form forgets."""
        return (type(self), (self.line, self.reason))


class NoteRefused(AuditError):
    """A known key's signature does not hold, or no known key signed at all: the text counts for nothing."""


class QuorumMissing(AuditError):
    """The log signed, but fewer witnesses than the policy asks for."""


class ProofRejected(AuditError):
    """A Merkle proof has the wrong length or does not lead to the root."""


class BadTile(AuditError):
    """A file of the published tree is missing, malformed or does not belong to the verified root."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type["BadTile"], tuple[str, str]]:
        """Travel between processes by the arguments, which an exception's own form forgets."""
        return (type(self), (self.path, self.reason))


class WitnessBroken(AuditError):
    """A witness's own keys or memory are missing, damaged or another's: it must not sign."""


class ClockWentBack(AuditError):
    """The clock reads earlier than the time in a signature already made: nothing may be signed."""


class ChainBroken(AuditError):
    """What was handed over does not continue the chain."""


class BadEntry(AuditError):
    """The verifier found something wrong: at an entry (`index`), in a file (`path`), or in the header."""

    def __init__(self, index: int | None, check: str, detail: str, path: str | None = None) -> None:
        super().__init__(f"{locate(index, path)}: {check}: {detail}")
        self.index = index
        self.check = check
        self.detail = detail
        self.path = path

    def __reduce__(self) -> tuple[type["BadEntry"], tuple[int | None, str, str, str | None]]:
        """Travel from a worker process by the arguments, which an exception's own form forgets."""
        return (type(self), (self.index, self.check, self.detail, self.path))


class CannotVerify(AuditError):
    """Nothing could be checked: unreadable, empty, unsigned or unknown input."""


def locate(index: int | None, path: str | None) -> str:
    """Say where something is wrong: a file and perhaps an entry in it, an entry, or a bundle's header."""
    if path is None:
        return "the header" if index is None else f"entry {index}"
    return f"file {path}" if index is None else f"entry {index} in file {path}"
