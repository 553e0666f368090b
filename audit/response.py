"""The answer to a manifest: what the receiver said of each line, tied to the manifest and to the log.

Nobody signs it anew: each line names the log's entry that holds the receiver's own signature. The same
entries give the same bytes on any machine, so the digest on the paper is counted, never looked up. It must
never hold anything of an item but its code. Format: docs/formats/manifest.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit import fields
from audit.entry import Entry, Outcome
from audit.errors import MalformedEvidence
from audit.evidence import Act, Mark, parse_evidence
from audit.kinds import EntryKind
from audit.manifest import Manifest
from crypto import canonical
from crypto.canonical import JsonValue
from crypto.digest import leaf_hash
from crypto.errors import NotCanonical

FORMAT = "kt1/response/1"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAMES = frozenset({"format", "log", "bag", "manifest", "lines"})
_LINE_NAMES = frozenset({"code", "answer", "entry", "hash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """One answered code, with the number and the leaf hash of the entry that tells the answer."""

    code: str
    answer: Mark
    entry: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to one manifest, its lines in the order of their codes; `manifest` is that one's digest."""

    log: str
    bag: str
    manifest: str
    lines: tuple[ResponseLine, ...]


def gather(bag: str, manifest: str, entries: Iterable[tuple[Entry, bytes]]) -> Response:
    """Gather the answers of a bag from its chain: entries, each with its stored bytes, oldest first.

    Raises MalformedEvidence for an envelope that no verified log contains.
    """
    lines: dict[str, ResponseLine] = {}
    log = ""
    for entry, data in entries:
        if entry.kind is not EntryKind.BAG_ANSWERED or not entry.envelopes:
            continue
        said = parse_evidence(entry.envelopes[0].payload)
        if not isinstance(said, Act) or entry.items[0].code != bag:
            continue
        log = said.log
        for item, line in zip(entry.items[1:], said.lines, strict=True):
            if item.outcome is Outcome.ACCEPTED:
                lines[item.code] = ResponseLine(
                    code=item.code, answer=Mark(line.mark), entry=entry.index, hash=leaf_hash(data).hex()
                )
    return Response(log=log, bag=bag, manifest=manifest, lines=tuple(lines[code] for code in sorted(lines)))


def response_bytes(response: Response) -> bytes:
    """Return the canonical bytes."""
    lines: list[JsonValue] = [
        {"code": line.code, "answer": line.answer.value, "entry": line.entry, "hash": line.hash}
        for line in response.lines
    ]
    return canonical.encode(
        {
            "format": FORMAT,
            "log": response.log,
            "bag": response.bag,
            "manifest": response.manifest,
            "lines": lines,
        }
    )


def parse_response(untrusted: bytes) -> Response:
    """Read canonical bytes; raises MalformedEvidence that names the field."""
    try:
        value = fields.as_object(canonical.parse(untrusted), "response")
    except NotCanonical as error:
        raise MalformedEvidence("response", reason=str(error)) from None
    fields.check_names(value, _NAMES)
    if value["format"] != FORMAT:
        raise MalformedEvidence("format", reason=f"must be {FORMAT}")
    found = value["lines"]
    if not isinstance(found, list) or not found:
        raise MalformedEvidence("lines", reason="must be a list of answers")
    lines = tuple(_line(fields.as_object(one, "lines")) for one in found)
    codes = [line.code for line in lines]
    if codes != sorted(set(codes)):
        raise MalformedEvidence("lines", reason="must be codes in order, each once")
    return Response(
        log=fields.text(value, "log", fields.LOG),
        bag=fields.text(value, "bag", fields.CODE),
        manifest=fields.text(value, "manifest", _DIGEST),
        lines=lines,
    )


def check_complete(response: Response, manifest: Manifest, digest: str) -> None:
    """Hold an answer against the manifest of this digest; raises MalformedEvidence that names the field."""
    if (response.log, response.bag, response.manifest) != (manifest.log, manifest.bag, digest):
        raise MalformedEvidence("manifest", reason="answers another manifest")
    listed = {line.code for line in response.lines if line.answer is not Mark.EXCESS}
    if listed != set(manifest.lines):
        raise MalformedEvidence("lines", reason="must answer every line of the manifest, and no other")


def _line(value: fields.JsonObject) -> ResponseLine:
    fields.check_names(value, _LINE_NAMES)
    return ResponseLine(
        code=fields.text(value, "code", fields.CODE),
        answer=fields.choice(value, "answer", Mark),
        entry=fields.count(value, "entry"),
        hash=fields.text(value, "hash", _DIGEST),
    )


def differing(lines: Sequence[ResponseLine]) -> int:
    """Count the lines that are not simply there."""
    return sum(line.answer is not Mark.RECEIVED for line in lines)
