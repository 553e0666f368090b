"""The published tree, read-only, for whoever may take the log away: `/log/checkpoint` and `/log/tile/...`.

The paths are those of C2SP tlog-tiles, so any such reader can follow them with a session. Nothing here is
verified: a reader begins with the checkpoint and its keys. A path must never reach the disk unparsed.
"""

from typing import Final

from flask import Blueprint, Response

from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.log.published_log import read_file

BLUEPRINT: Final = Blueprint("tiles", __name__, url_prefix="/log")
_BYTES: Final = "application/octet-stream"


@BLUEPRINT.get("/checkpoint")
@access(Permission.EXPORT_LOG)
def checkpoint() -> Response:
    """Give the newest published checkpoint: the only file here that changes."""
    return Response(read_file(runtime().published, "checkpoint"), content_type="text/plain; charset=utf-8")


@BLUEPRINT.get("/tile/entries/<path:untrusted>")
@access(Permission.EXPORT_LOG)
def bundle(untrusted: str) -> Response:
    """Give a bundle of entries."""
    return Response(read_file(runtime().published, f"tile/entries/{untrusted}"), mimetype=_BYTES)


@BLUEPRINT.get("/tile/<path:untrusted>")
@access(Permission.EXPORT_LOG)
def tile(untrusted: str) -> Response:
    """Give a tile of hashes, which never changes."""
    return Response(read_file(runtime().published, f"tile/{untrusted}"), mimetype=_BYTES)
