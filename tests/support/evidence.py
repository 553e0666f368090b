"""Evidence bundles of an office: made of a real log, and changed as a dishonest hand would."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

from app.domain.ids import ConsignmentCode
from app.http import texts
from app.services.evidence import evidence_export
from app.services.evidence.evidence_export import EvidenceRequest
from app.services.evidence.evidence_files import Sources
from app.services.evidence.evidence_scope import Period, PeriodScope, Scope
from app.services.log import log
from app.services.log.log import TrustBeside
from app.services.log.published_log import PublishedLog
from audit.checkpoint import read_head
from audit.evidence import Purpose
from audit.evidence_bundle import (
    DOMAIN,
    MANIFEST,
    Manifest,
)
from audit.trust import CheckpointKey, Trust
from audit.trust_file import parse_witnesses
from crypto import canonical
from crypto.digest import b64encode
from tests.support import tlog
from tests.support.office import Office
from tests.support.publishing import publish_now
from tests.support.town import RECEIVING

ABSTRACT = "Về việc kiểm tra đột xuất kho mật"
QUORUM = "".join(f"witness w{n} {one.key.to_text()}\n" for n, one in enumerate(tlog.WITNESSES, 1))
QUORUM += "group g 2 w1 w2 w3\nquorum g\n"


def witnessed(checkpoint: bytes, _: object) -> bytes:
    """Let two of three witnesses cosign, whatever they are shown."""
    head = read_head(checkpoint)
    lines = "".join(one.sign(head, time=tlog.NOW).to_line() for one in tlog.WITNESSES[:2])
    return checkpoint + lines.encode()


def trust_of(office: Office, *, quorum: str = QUORUM) -> Trust:
    keys = tuple(CheckpointKey(key=one.key) for one in (tlog.LOG, tlog.LOG_PQ))
    beside = TrustBeside(checkpoint_keys=keys, witnesses=parse_witnesses(quorum.encode()))
    return office.read(log.make_trust, beside=beside)


def delivered(office: Office) -> ConsignmentCode:
    """Send one item the whole way, in the company of another on every list."""
    codes = [office.register(abstract=ABSTRACT), office.register()]
    office.town.post(codes)
    office.town.pass_on("chien", "binh", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    return codes[0]


def sources(published: PublishedLog) -> Sources:
    return Sources(log=published, words=texts.text, witnesses=parse_witnesses(QUORUM.encode()).witnesses)


def write(
    office: Office,
    published: PublishedLog,
    scope: Scope,
    path: Path,
    *,
    with_fields: bool = True,
    by: str = "",
) -> Manifest:
    """Make a bundle of what is published, for the console or for one person; nothing is recorded."""
    request = EvidenceRequest(scope=scope, with_fields=with_fields, actor=office.actors[by] if by else None)
    with path.open("wb") as stream:
        return office.read(evidence_export.make_evidence, request, stream, sources=sources(published))


def made(
    office: Office,
    published: PublishedLog,
    scope: Scope,
    folder: Path,
    *,
    with_fields: bool = True,
    by: str = "",
) -> Path:
    """Publish, let the witnesses see it, and make a bundle."""
    publish_now(office, published, witnessing=witnessed)
    path = folder / "evidence.zip"
    write(office, published, scope, path, with_fields=with_fields, by=by)
    return path


def all_time(office: Office) -> PeriodScope:
    """Return a period that holds the whole log."""
    now = office.town.clock()
    return PeriodScope(period=Period(first_at=now - timedelta(days=1), until_at=now + timedelta(days=1)))


def rewritten(path: Path, name: str, data: bytes | None) -> Path:
    """Change or drop one file of a bundle."""
    with zipfile.ZipFile(path) as old:
        files = {item.filename: old.read(item) for item in old.infolist()}
    if data is None:
        del files[name]
    else:
        files[name] = data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new:
        for one, content in files.items():
            new.writestr(zipfile.ZipInfo(one), content)
    path.write_bytes(buffer.getvalue())
    return path


def forged(office: Office, path: Path, change: dict[str, object], drop: tuple[str, ...] = ()) -> Path:
    """Change the manifest and sign it anew with the log's own key, as a dishonest keeper could."""
    value = json.loads(zipfile.ZipFile(path).read(MANIFEST))
    del value["sig"]
    value |= change
    for name in drop:
        del value["files"][name]
        rewritten(path, name, None)
    signature = b64encode(office.town.tools.signer.sign(DOMAIN + canonical.encode(value)))
    return rewritten(path, MANIFEST, canonical.encode({**value, "sig": signature}))


def manifest_of(path: Path) -> dict[str, object]:
    return dict(json.loads(zipfile.ZipFile(path).read(MANIFEST)))
