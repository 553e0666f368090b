"""What leaves as an evidence bundle, for both surfaces: the file, its words, and who witnesses the log.

The bundle goes to Vietnamese authorities, so its words are Vietnamese whatever language the screen has. Every
export is an entry, and the bytes leave only after it is committed.
"""

import tempfile
from typing import BinaryIO, Final, cast

from flask import send_file
from werkzeug.wrappers import Response

from app.domain.access import Actor
from app.http import texts
from app.http.ports import RuntimePort
from app.services.evidence import evidence_export
from app.services.evidence.evidence_export import EvidenceRequest
from app.services.evidence.evidence_files import Sources
from app.services.evidence.evidence_scope import Scope

_IN_MEMORY: Final = 8 * 1024 * 1024


def evidence_sources(port: RuntimePort) -> Sources:
    """Return where the rest of a bundle comes from in this installation."""
    round_ = port.witnesses
    return Sources(
        log=port.published,
        words=texts.text,
        witnesses=() if round_ is None else round_.policy.witnesses,
    )


def send_evidence(port: RuntimePort, scope: Scope, *, actor: Actor, with_fields: bool, name: str) -> Response:
    """Make the bundle, record that it leaves, and give it; raises what the services raise."""
    request = EvidenceRequest(scope=scope, with_fields=with_fields, actor=actor)
    spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # send_file closes it
    stream = cast("BinaryIO", spooled)
    try:
        made = port.read(evidence_export.make_evidence, request, stream, sources=evidence_sources(port))
        port.write(evidence_export.record_evidence, made, actor=actor)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    file = f"kt1-{name}-{made.made_at:%Y%m%d%H%M%S}.zip"
    return send_file(stream, mimetype="application/zip", as_attachment=True, download_name=file)
