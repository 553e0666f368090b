"""One entry of the log on a page of its own; its bytes go to whom `evidence_access.py` says."""

from typing import Final

from flask import Blueprint, Response, render_template, url_for

from app.domain.access import Permission
from app.domain.correction import CORRECTABLE
from app.domain.errors import NotFound
from app.http.access import access
from app.http.ports import runtime
from app.services.log import audit_trail
from app.services.log.audit_trail import EntryView
from app.services.log.receipts import Receipt, ReceiptState
from app.services.scans.hand_in_receipt import get_hand_in, is_hand_in
from app.web.hand_in_paper import hand_in_paper
from app.web.receipts import receipt_of, standings_of
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.hand_in_receipt import render_hand_in

BLUEPRINT: Final = Blueprint("entries", __name__, url_prefix="/entries")
# A list handover names other people's items; whoever may not have its bytes sees no line of it.
_HIDDEN: Final = ""


@BLUEPRINT.get("/<number:index>")
@access(Permission.VIEW_ENTRY)
def show(index: int) -> str:
    """Show one entry and what was checked about it just now."""
    view = runtime().read(audit_trail.get_entry, index, actor=require_person().actor)
    return render_template("log/entry.html", entry=_describe(view))


@BLUEPRINT.get("/<number:index>/receipt.tlog-proof")
@access(Permission.VIEW_ENTRY)
def receipt(index: int) -> Response:
    """Give the receipt, once witnesses have seen a log that holds the entry."""
    view = runtime().read(audit_trail.get_entry, index, actor=require_person().actor)
    found = _receipt_of(view)
    if found is None or found.state is not ReceiptState.READY:
        raise NotFound
    return _file(found.proof, f"kt1-{index}.tlog-proof")


@BLUEPRINT.get("/<number:index>/stored.json")
@access(Permission.VIEW_ENTRY)
def stored(index: int) -> Response:
    """Give the entry's bytes as stored: a receipt is checked together with them."""
    view = runtime().read(audit_trail.get_entry, index, actor=require_person().actor)
    if view.data is None:
        raise NotFound
    return _file(view.data, f"kt1-{index}.entry.json")


@BLUEPRINT.get("/<number:index>/hand-in.pdf")
@access(Permission.VIEW_ENTRY)
def hand_in(index: int) -> Response:
    """Give the receipt for what an agency's person handed in at a counter, to print and sign."""
    found = runtime().read(get_hand_in, index, actor=require_person().actor)
    content = render_hand_in(hand_in_paper(found, origin=runtime().settings.origin))
    answer = Response(content, mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="kt1-{index}-hand-in.pdf"'
    return answer


def _receipt_of(view: EntryView) -> Receipt | None:
    entry = view.event.entry
    return None if entry is None else receipt_of(entry)


def _file(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _describe(view: EntryView) -> dict[str, object]:
    event, entry = view.event, view.event.entry
    standing = standings_of([entry])[entry.index] if entry else None
    envelopes = entry.envelopes if entry and view.data is not None else ()
    return {
        "index": event.index,
        "error": event.error,
        "may_declare": require_person().may(Permission.DECLARE_ERROR) and event.kind in CORRECTABLE,
        "standing": standing,
        "device_at": event.device_at,
        "kind": event.kind,
        "at": event.recorded_at,
        "hash": event.hash_hex,
        "prev": entry.prev.hex() if entry else "",
        "key_id": entry.key if entry else "",
        "things": [
            {
                "code": code,
                "url": url_for("bags.show" if code in view.bags else "consignments.show", code=code),
            }
            for code in view.codes
        ],
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
        "is_hand_in": view.data is not None and any(is_hand_in(one) for one in envelopes),
        "text": view.data.decode("utf-8", "replace") if view.data is not None else _HIDDEN,
        "size": len(view.data) if view.data is not None else 0,
    }
