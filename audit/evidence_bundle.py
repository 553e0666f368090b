"""An evidence bundle: one ZIP with chosen entries, their proofs and the fields that are disclosed of them.

    manifest.json   what the file is about and what is in it, with the SHA-256 of every other file; signed
    checkpoint      the published checkpoint, with its cosignatures
    entries/N.json  the entries, byte for byte as stored; N is the index in twelve digits
    proofs/N.tlog-proof
    README.txt, summary.pdf, kt1-verify.pyz, keys-for-reading.txt
                    for people; the manifest vouches for their bytes, and nothing in them is believed

The same contents make the same bytes. Nothing here is verified (`audit.verify_evidence`). Format:
docs/formats/evidence-bundle.md.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from audit.errors import BadEntry, CannotVerify
from crypto import canonical, timestamps
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode, sha256_hex
from crypto.errors import CryptoError
from crypto.signer import Signer

FORMAT = "kt1/evidence-bundle/1"
DOMAIN = b"kt1/evidence-bundle/v1\n"
MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint"
READ_ME = "README.txt"
SUMMARY = "summary.pdf"
VERIFIER = "kt1-verify.pyz"
# Its name and its form keep it from being taken for a trust file: keys that come with a bundle prove nothing.
KEYS = "keys-for-reading.txt"
FOR_PEOPLE = frozenset({READ_ME, SUMMARY, VERIFIER, KEYS})
MAX_BUNDLE_BYTES = 256_000_000
_NAMES = {"entries", "fields", "files", "format", "key", "made_at", "origin", "scope", "sig", "support"}
_FIELD_NAMES = {"entry", "label", "salt", "state", "value"}
_FILE = re.compile(r"[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class FieldState(StrEnum):
    """What the bundle says of one commitment; it must say something of each."""

    DISCLOSED = "disclosed"
    WITHHELD = "withheld"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One commitment of one entry; `salt` (hexadecimal) and `value` are "" unless it is disclosed."""

    entry: int
    label: str
    state: FieldState
    salt: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the bundle is about: `entries` are disclosed, `support` are the enrolments that they lean on."""

    origin: str
    scope: Mapping[str, str]
    made_at: datetime
    entries: tuple[int, ...]
    support: tuple[int, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A bundle in form: its manifest, what the manifest's signature covers, and every file's bytes."""

    manifest: Manifest
    key: str
    signature: bytes
    signed: bytes
    files: Mapping[str, bytes]


def entry_name(index: int) -> str:
    """Name the file of an entry."""
    return f"entries/{index:012}.json"


def proof_name(index: int) -> str:
    """Name the file of an entry's proof."""
    return f"proofs/{index:012}.tlog-proof"


def write_evidence(manifest: Manifest, files: Mapping[str, bytes], signer: Signer, stream: BinaryIO) -> None:
    """Write the ZIP; `files` are all but the manifest, by name, asked for one at a time, twice."""
    names = sorted(files)
    value: dict[str, JsonValue] = {
        "entries": list(manifest.entries),
        "fields": [
            {
                "entry": field.entry,
                "label": field.label,
                "salt": field.salt,
                "state": field.state.value,
                "value": field.value,
            }
            for field in manifest.fields
        ],
        "files": {name: sha256_hex(files[name]) for name in names},
        "format": FORMAT,
        "key": signer.key_id,
        "made_at": timestamps.format_at(manifest.made_at),
        "origin": manifest.origin,
        "scope": dict(manifest.scope),
        "support": list(manifest.support),
    }
    signature = b64encode(signer.sign(DOMAIN + canonical.encode(value)))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, MANIFEST, canonical.encode({**value, "sig": signature}))
        for name in names:
            _add(archive, name, files[name])


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # Nothing of the machine or the moment: the same contents are the same file everywhere.
    item = zipfile.ZipInfo(name, _EPOCH)
    item.create_system, item.external_attr = 3, 0o644 << 16
    archive.writestr(item, data)


def read_evidence_bundle(path: Path) -> Opened:
    """Read a bundle strictly; raises CannotVerify when it is none, BadEntry naming the first bad file."""
    files = _unpack(path)
    if MANIFEST not in files:
        raise CannotVerify(f"{path} has no {MANIFEST}: not an evidence bundle")
    value = _parse_manifest(files.pop(MANIFEST))
    promised = value["files"]
    if not isinstance(promised, dict):
        raise _bad_manifest("files maps names to digests")
    for name in sorted({*promised, *files}):
        if name not in files:
            raise BadEntry(None, "missing", "the manifest promises this file", name)
        if name not in promised:
            raise BadEntry(None, "extra", "the manifest does not know this file", name)
        if sha256_hex(files[name]) != promised[name]:
            raise BadEntry(None, "digest", "not the bytes the manifest vouches for", name)
    try:
        return _open(value, files)
    except (CryptoError, KeyError, TypeError, ValueError) as error:
        raise _bad_manifest(str(error)) from None


def _unpack(path: Path) -> dict[str, bytes]:
    try:
        if path.stat().st_size > MAX_BUNDLE_BYTES:
            raise CannotVerify(f"{path} is longer than {MAX_BUNDLE_BYTES} bytes")
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
            for item in items:
                if not _FILE.fullmatch(item.filename) or item.compress_type != zipfile.ZIP_STORED:
                    raise BadEntry(
                        None, "form", "a file is stored as it is, under a plain name", item.filename
                    )
            if len({item.filename for item in items}) != len(items):
                raise BadEntry(None, "form", "one name stands for two files", str(path))
            return {item.filename: archive.read(item) for item in items}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise CannotVerify(f"{path} is not a readable ZIP: {error}") from None


def _parse_manifest(untrusted: bytes) -> dict[str, JsonValue]:
    try:
        value = canonical.parse(untrusted)
    except CryptoError as error:
        raise _bad_manifest(str(error)) from None
    if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT:
        raise _bad_manifest("not the fields of an evidence bundle's manifest")
    return value


def _open(value: dict[str, JsonValue], files: Mapping[str, bytes]) -> Opened:
    scope = value["scope"]
    if not isinstance(scope, dict) or not all(isinstance(text, str) for text in scope.values()):
        raise ValueError("scope is an object of texts")
    untrusted_fields = value["fields"]
    if not isinstance(untrusted_fields, list):
        raise TypeError("fields is a list")
    manifest = Manifest(
        origin=_text(value, "origin"),
        scope={name: str(text) for name, text in scope.items()},
        made_at=timestamps.parse_at(_text(value, "made_at")),
        entries=_indices(value, "entries"),
        support=_indices(value, "support"),
        fields=tuple(_field(item) for item in untrusted_fields),
    )
    body = {name: part for name, part in value.items() if name != "sig"}
    return Opened(
        manifest=manifest,
        key=_text(value, "key"),
        signature=b64decode(_text(value, "sig")),
        signed=DOMAIN + canonical.encode(body),
        files=files,
    )


def _field(untrusted: JsonValue) -> Field:
    if not isinstance(untrusted, dict) or untrusted.keys() != _FIELD_NAMES:
        raise ValueError("a field has entry, label, state, salt and value")
    entry = untrusted["entry"]
    if not isinstance(entry, int) or isinstance(entry, bool):
        raise TypeError("a field belongs to an entry")
    return Field(
        entry=entry,
        label=_text(untrusted, "label"),
        state=FieldState(_text(untrusted, "state")),
        salt=_text(untrusted, "salt"),
        value=_text(untrusted, "value"),
    )


def _indices(value: dict[str, JsonValue], name: str) -> tuple[int, ...]:
    found = value[name]
    if not isinstance(found, list):
        raise TypeError(f"{name} is a list of indexes")
    indices = tuple(
        item for item in found if isinstance(item, int) and not isinstance(item, bool) and item >= 0
    )
    if len(indices) != len(found) or list(indices) != sorted(set(indices)):
        raise ValueError(f"{name} is a rising list of indexes")
    return indices


def _text(value: dict[str, JsonValue], name: str) -> str:
    found = value[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is text")
    return found


def _bad_manifest(why: str) -> BadEntry:
    return BadEntry(None, "manifest form", why, MANIFEST)
