"""The manifest of a closed bag: what is in it, frozen, so that sender and receiver speak of the same list.

Its digest stands in the log entry of the closing and in the code on the printed manifest. It must never hold
anything of an item but its code. Format: docs/formats/manifest.md.
"""

from dataclasses import dataclass
from datetime import datetime

from audit import fields
from audit.errors import MalformedEvidence
from crypto import canonical, timestamps
from crypto.canonical import JsonValue
from crypto.errors import NotCanonical

FORMAT = "kt1/manifest/1"
_NAMES = frozenset(
    {
        "format", "log", "bag", "asset", "from", "to", "year", "number", "serial", "last", "seal",
        "weight_g", "closed_by", "closed_at", "lines",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One bag as it was closed; `origin` and `destination` are unit codes, `lines` sorted codes."""

    log: str
    bag: str
    asset: str
    origin: str
    destination: str
    year: int
    number: int
    serial: int
    last: bool
    seal: str
    weight_g: int
    closed_by: int
    closed_at: datetime
    lines: tuple[str, ...]


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the canonical bytes; the time is cut to milliseconds."""
    lines: list[JsonValue] = list(manifest.lines)
    return canonical.encode(
        {
            "format": FORMAT,
            "log": manifest.log,
            "bag": manifest.bag,
            "asset": manifest.asset,
            "from": manifest.origin,
            "to": manifest.destination,
            "year": manifest.year,
            "number": manifest.number,
            "serial": manifest.serial,
            "last": manifest.last,
            "seal": manifest.seal,
            "weight_g": manifest.weight_g,
            "closed_by": manifest.closed_by,
            "closed_at": timestamps.format_at(manifest.closed_at),
            "lines": lines,
        }
    )


def parse_manifest(untrusted: bytes) -> Manifest:
    """Read canonical bytes; raises MalformedEvidence that names the field."""
    try:
        value = fields.as_object(canonical.parse(untrusted), "manifest")
    except NotCanonical as error:
        raise MalformedEvidence("manifest", reason=str(error)) from None
    fields.check_names(value, _NAMES)
    if value["format"] != FORMAT:
        raise MalformedEvidence("format", reason=f"must be {FORMAT}")
    lines, last = value["lines"], value["last"]
    if not isinstance(lines, list) or not lines or not isinstance(last, bool):
        raise MalformedEvidence("lines", reason="must be a list of codes")
    codes = tuple(str(code) for code in lines)
    if list(codes) != lines or codes != tuple(sorted(set(codes))):
        raise MalformedEvidence("lines", reason="must be codes in order, each once")
    return Manifest(
        log=fields.text(value, "log", fields.LOG),
        bag=fields.text(value, "bag", fields.CODE),
        asset=fields.text(value, "asset", fields.CODE),
        origin=fields.text(value, "from", fields.UNIT_CODE),
        destination=fields.text(value, "to", fields.UNIT_CODE),
        year=fields.count(value, "year"),
        number=fields.count(value, "number"),
        serial=fields.count(value, "serial"),
        last=last,
        seal=fields.text(value, "seal", fields.SEAL),
        weight_g=fields.count(value, "weight_g"),
        closed_by=fields.count(value, "closed_by"),
        closed_at=fields.moment(value, "closed_at"),
        lines=codes,
    )
