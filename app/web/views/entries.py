"""One entry of the log on a page of its own. Its bytes are shown only to those who may read the whole log."""

from typing import Final

from flask import Blueprint, render_template

from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services import audit_trail
from app.services.audit_trail import EntryView
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("entries", __name__, url_prefix="/entries")
# A list handover names other people's items; whoever may not read the whole log sees no line of it.
_HIDDEN: Final = ""


@BLUEPRINT.get("/<number:index>")
@access(Permission.VIEW_ENTRY)
def show(index: int) -> str:
    """Show one entry and what was checked about it just now."""
    view = runtime().read(audit_trail.get_entry, index, actor=require_person().actor)
    return render_template("log/entry.html", entry=_describe(view))


def _describe(view: EntryView) -> dict[str, object]:
    event, entry = view.event, view.event.entry
    envelopes = entry.envelopes if entry and view.data is not None else ()
    return {
        "index": event.index,
        "kind": event.kind,
        "at": event.recorded_at,
        "hash": event.hash_hex,
        "prev": entry.prev.hex() if entry else "",
        "key_id": entry.key if entry else "",
        "codes": view.codes,
        "marks": event.marks,
        "verified": event.is_verified,
        "devices": event.device_names,
        "envelopes": [
            {
                "key_id": envelope.key_id,
                "signature": envelope.signature.hex(),
                "payload": envelope.payload.decode("utf-8", "replace"),
            }
            for envelope in envelopes
        ],
        "text": view.data.decode("utf-8", "replace") if view.data is not None else _HIDDEN,
        "size": len(view.data) if view.data is not None else 0,
    }
