"""Reads and writes the tlog-policy file (`audit.policy` says what it means).

Names are opaque bytes: they must never be normalised or compared in any other way than byte for byte. Format:
docs/formats/policy.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from audit.errors import AuditError, MalformedPolicy
from audit.policy import NO_QUORUM, Policy, PolicyGroup, PolicyLog, PolicyWitness
from audit.tree_head import parse_decimal
from audit.vkey import LOG_TYPES, WITNESS_TYPES, SignatureType, VerifierKey, parse_vkey

MAX_POLICY_BYTES = 1_000_000
_ALLOWED = frozenset({0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)})


def load_policy(path: Path) -> Policy:
    """Read a policy file; raises MalformedPolicy, also when it cannot be read."""
    try:
        with path.open("rb") as stream:
            untrusted = stream.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        raise MalformedPolicy(None, f"cannot read {path}: {error.strerror}") from None
    return parse_policy(untrusted)


def parse_policy(untrusted: bytes) -> Policy:
    """Read a policy's bytes; raises MalformedPolicy with the line."""
    if len(untrusted) > MAX_POLICY_BYTES:
        raise MalformedPolicy(None, "a policy is at most 1 MB")
    if untrusted and not untrusted.endswith(b"\n"):
        raise MalformedPolicy(untrusted.count(b"\n") + 1, "the last line does not end: is the file whole?")
    draft = _Draft()
    for number, line in enumerate(untrusted.split(b"\n"), 1):
        try:
            _read_line(draft, line)
        except MalformedPolicy as error:
            raise MalformedPolicy(number, error.reason) from None
        except AuditError as error:
            raise MalformedPolicy(number, str(error)) from None
    if draft.quorum is None:
        raise MalformedPolicy(None, "a policy has exactly one quorum line")
    return Policy(
        logs=tuple(draft.logs),
        witnesses=tuple(draft.witnesses),
        groups=tuple(draft.groups),
        quorum=draft.quorum,
    )


def format_policy(policy: Policy) -> bytes:
    """Write a policy; `parse_policy` of it gives this policy back."""
    lines = [f"log {log.key.to_text()} {log.url}".rstrip() for log in policy.logs]
    lines += [f"witness {item.name} {item.key.to_text()} {item.url}".rstrip() for item in policy.witnesses]
    lines += [f"group {item.name} {item.threshold} {' '.join(item.members)}" for item in policy.groups]
    lines.append(f"quorum {policy.quorum}")
    data = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
    if parse_policy(data) != policy:
        raise MalformedPolicy(None, "the policy cannot be written: a name or URL holds a space")
    return data


@dataclass(slots=True)
class _Draft:
    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)

    def define(self, name: str) -> str:
        if name == NO_QUORUM or name in self.names:
            raise MalformedPolicy(None, f"the name {name} is reserved or taken")
        self.names.add(name)
        return name

    def add_key(self, text: str, types: frozenset[SignatureType]) -> VerifierKey:
        key = parse_vkey(text)
        if key.type not in types:
            raise MalformedPolicy(None, f"a key of type {key.type:#04x} has no such use")
        if key.public_key.raw in self.keys:
            raise MalformedPolicy(None, "the same public key is listed twice")
        self.keys.add(key.public_key.raw)
        return key


def _read_line(draft: _Draft, untrusted: bytes) -> None:
    if not _ALLOWED.issuperset(untrusted):
        raise MalformedPolicy(None, "the only control character in a policy is the tab")
    text = untrusted.decode(errors="surrogateescape").replace("\t", " ")
    # Python splits at many more spaces than the two that separate words here.
    words = [word for word in text.split(" ") if word]
    if not words or words[0].startswith("#"):
        return
    read = _READERS.get(words[0])
    if read is None:
        raise MalformedPolicy(None, f"a line begins with log, witness, group or quorum, not {words[0]}")
    read(draft, words[1:])


def _read_log(draft: _Draft, words: list[str]) -> None:
    if len(words) not in {1, 2}:
        raise MalformedPolicy(None, "log <vkey> [url]")
    key = draft.add_key(words[0], LOG_TYPES)
    draft.logs.append(PolicyLog(key=key, url="".join(words[1:])))


def _read_witness(draft: _Draft, words: list[str]) -> None:
    if len(words) not in {2, 3}:
        raise MalformedPolicy(None, "witness <name> <vkey> [url]")
    name, key = draft.define(words[0]), draft.add_key(words[1], WITNESS_TYPES)
    draft.witnesses.append(PolicyWitness(name=name, key=key, url="".join(words[2:])))


def _read_group(draft: _Draft, words: list[str]) -> None:
    if len(words) < 3:
        raise MalformedPolicy(None, "group <name> <k, any or all> <member>...")
    name, many, members = words[0], words[1], words[2:]
    for member in members:
        # A witness that could count in two places would weigh twice.
        if member not in draft.names or member in draft.members:
            raise MalformedPolicy(None, f"{member} is not defined before, or is a member already")
        draft.members.add(member)
    threshold = {"any": 1, "all": len(members)}.get(many)
    if threshold is None:
        threshold = parse_decimal(many)
    if not 1 <= threshold <= len(members):
        raise MalformedPolicy(None, f"a group of {len(members)} needs 1 to {len(members)} of them")
    draft.groups.append(PolicyGroup(name=draft.define(name), threshold=threshold, members=tuple(members)))


def _read_quorum(draft: _Draft, words: list[str]) -> None:
    if len(words) != 1 or draft.quorum is not None:
        raise MalformedPolicy(None, "quorum <name>, exactly once")
    if words[0] != NO_QUORUM and words[0] not in draft.names:
        raise MalformedPolicy(None, f"{words[0]} is not defined before")
    draft.quorum = words[0]


_READERS: dict[str, Callable[[_Draft, list[str]], None]] = {
    "log": _read_log,
    "witness": _read_witness,
    "group": _read_group,
    "quorum": _read_quorum,
}
