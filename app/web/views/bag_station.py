"""The bag station: its page, what it may know of a scanned bag, and the door for the second person.

Signed acts come in by the scan station's door. It must never send a recorded seal number to a browser, nor
keep a password.
"""

from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from app.domain.access import Permission, Role
from app.domain.bag import BagState
from app.http.access import access
from app.http.attestation import attest_body
from app.http.i18n import words
from app.http.ports import runtime
from app.services.bags import bag_access
from app.services.bags.bag_access import BagRecord
from app.services.people.access import parse_seen_code
from app.web.bag_pages import dispatch_words
from app.web.bag_station_texts import bag_station_texts
from app.web.translate import _
from app.web.views.choices import code_options, unit_options
from app.web.views.person import require_person
from audit.evidence import Mark, SealReason, SealState

BLUEPRINT: Final = Blueprint("bag_station", __name__, url_prefix="/bags/station")
_TASKS: Final = {
    "pack": "box-arrow-in-down",
    "unpack": "box-arrow-right",
    "close": "box-seam",
    "check_seal": "shield-check",
    "open": "people",
    "answer": "list-ul",
    "change_seal": "arrow-repeat",
}


@BLUEPRINT.get("")
@access(Permission.HANDLE_BAG)
def show() -> str:
    """Show the station; couriers choose the place, everybody else stands at their own unit."""
    person = require_person()
    labels = {
        "pack": _("Xếp vào"),
        "unpack": _("Lấy ra"),
        "close": _("Đóng túi"),
        "check_seal": _("Kiểm niêm phong"),
        "open": _("Mở túi"),
        "answer": _("Trả lời bản kê"),
        "change_seal": _("Thay niêm phong"),
    }
    task = request.args.get("task", "")
    return render_template(
        "bags/station.html",
        texts=bag_station_texts(),
        task=task if task in _TASKS else "",
        code=parse_seen_code(request.args.get("code", "")),
        log=runtime().settings.origin,
        tasks=[{"task": one, "icon": icon, "label": labels[one]} for one, icon in _TASKS.items()],
        fixed_place="" if person.actor.role is Role.COURIER else person.unit_code,
        places=unit_options(person),
        marks=code_options(Mark, "mark"),
        seal_states=code_options(SealState, "seal_state"),
        seal_reasons=code_options(SealReason, "seal_reason"),
    )


@BLUEPRINT.get("/bag")
@access(Permission.HANDLE_BAG)
def find() -> Response:
    """Tell what the station may know of a scanned bag; of its seal, nothing."""
    code = parse_seen_code(request.args.get("code", ""))
    record = runtime().read(bag_access.get_bag_record, code, actor=require_person().actor)
    return jsonify(bag=_bag(record))


@BLUEPRINT.post("/witness")
@access(Permission.HANDLE_BAG)
def witness() -> Response:
    """Let a second person prove who they are, for one act of the person at this browser."""
    return attest_body(request.get_json(silent=True), actor=require_person().actor)


def _bag(record: BagRecord) -> dict[str, object]:
    bag, me = record.bag, require_person().actor
    return {
        "code": bag.code,
        "state": bag.state.value,
        "state_text": words(f"bag_state.{bag.state}"),
        "asset": bag.asset,
        "from": record.units[bag.origin].short_name,
        "to": record.units[bag.destination].short_name,
        "dispatch": dispatch_words(bag),
        "mine": bag.custodian.user == me.user,
        "offered": bag.offer is not None,
        "nested": bag.outer is not None,
        "pieces": None if record.contents is None else bag.pieces,
        "manifest": bag.manifest if bag.state is BagState.OPENED else "",
        "contents": None
        if record.contents is None
        else [
            {"code": one.code, "mark": "" if one.mark is None else one.mark.value, "listed": one.is_listed}
            for one in record.contents
        ],
        "url": url_for("bags.show", code=bag.code),
    }
