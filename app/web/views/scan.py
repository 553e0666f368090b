"""The scan station: its page, what lies on the desk, why a code is strange, and the door for signed lists.

It must never take a list that the person's own enrolled key did not sign; the services check it again.
"""

from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request

from app.domain.access import Permission, Role
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.http.access import access
from app.http.attestation import attest_body, attest_giver_body, attest_take_body
from app.http.i18n import words
from app.http.limits import body_limit
from app.http.person import Person
from app.http.ports import runtime
from app.http.security_log import report
from app.services.bags import bag_access
from app.services.incidents.holds import is_stopped
from app.services.people import access as door
from app.services.scans import desk as desks
from app.services.scans import handing_in
from app.services.scans.hand_in_receipt import find_take
from app.services.scans.handover import ScanOutcome, read_ahead
from app.services.scans.scan_batch import receive_all
from app.web.scan_desk import desk_json, receipt_json, refused_json
from app.web.station_texts import station_texts
from app.web.translate import _
from app.web.views.choices import code_options, unit_options
from app.web.views.person import require_person
from audit.evidence import (
    Addressee,
    AttemptAction,
    AttemptReason,
    CoverMark,
    Purpose,
    Take,
    TakeReason,
)
from crypto import canonical
from crypto.envelope import Envelope, from_json
from crypto.errors import CryptoError, MalformedEnvelope
from reports.desk_card import render_desk_card

BLUEPRINT: Final = Blueprint("scan", __name__, url_prefix="/scan")
_MOST_ENVELOPES: Final = 50
_MODES: Final = {
    "offer": "arrow-right",
    "take": "box-arrow-in-down",
    "recall": "arrow-counterclockwise",
    "attempt": "signpost",
}
# Only at a counter: an agency's person brings what it registered, without a device of their own.
_COUNTER_MODE: Final = {"handin": "person-circle"}


@BLUEPRINT.get("")
@access(Permission.SCAN)
def show() -> str:
    """Show the station; couriers choose the place, everybody else stands at their own unit."""
    person = require_person()
    labels = {
        "offer": _("Giao"),
        "take": _("Nhận"),
        "recall": _("Thu hồi"),
        "attempt": _("Phát không thành công"),
        "handin": _("Nhận gửi tại quầy"),
    }
    counter = person.actor.role is Role.CLERK
    modes = {**_MODES, **(_COUNTER_MODE if counter else {})}
    mode = request.args.get("mode", "")
    return render_template(
        "scan/station.html",
        texts=station_texts(),
        mode=mode if mode in modes else "",
        log=runtime().settings.origin,
        modes=[{"mode": mode, "icon": icon, "label": labels[mode]} for mode, icon in modes.items()],
        fixed_place="" if person.actor.role is Role.COURIER else person.unit_code,
        # A clerk stays at the counter: what is delivered there is fetched by the agency's own person.
        counter=counter,
        units=unit_options(person),
        purposes=code_options(Purpose, "purpose"),
        attempt_reasons=code_options(AttemptReason, "attempt_reason"),
        attempt_actions=code_options(AttemptAction, "attempt_action"),
        take_reasons=code_options(TakeReason, "take_reason"),
        cover_marks=code_options(CoverMark, "cover_mark"),
        addressees=code_options(Addressee, "addressee"),
    )


@BLUEPRINT.get("/desk-card.pdf")
@access(Permission.SCAN)
def desk_card() -> Response:
    """Give the card with the station's command barcodes and the person's own unit, to lie on the desk."""
    person = require_person()
    answer = Response(
        render_desk_card(unit_code=person.unit_code, unit_name=person.unit_name), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = 'inline; filename="kt1-desk-card.pdf"'
    return answer


@BLUEPRINT.get("/offers")
@access(Permission.SCAN)
def desk() -> Response:
    """List what this person holds, what waits for them and what they have offered."""
    person, place = require_person(), request.args.get("place", "")
    return jsonify(desk_json(runtime().read(desks.read_desk, place, actor=person.actor), person))


@BLUEPRINT.get("/lookup")
@access(Permission.SCAN)
def lookup() -> Response:
    """Explain a code that is not on the desk, or name the people of a unit who may take."""
    person = require_person()
    if "unit" in request.args:
        people = runtime().read(desks.list_takers, request.args["unit"][:16], actor=person.actor)
        return jsonify(people=[_taker(one) for one in people])
    code = door.parse_seen_code(request.args.get("code", ""))
    if runtime().read(is_stopped, code, actor=person.actor):
        return jsonify(found=True, stopped=True, text=words("refusal.stopped"))
    try:
        record = runtime().read(door.get_record, code, actor=person.actor)
    except NotFound:
        found = _look_up_bag(code, person)
        if found is not None:
            return jsonify(found=True, text=found)
        strange = _("Không thấy bưu gửi này trong phạm vi của bạn. Để riêng, báo người phụ trách.")
        return jsonify(found=False, text=strange)
    item = record.details.consignment
    holder = record.users[record.custodian.user].full_name
    state = words(f"state.{item.state.value}")
    return jsonify(found=True, text=_("%(state)s. Người giữ: %(holder)s.", state=state, holder=holder))


def _taker(taker: desks.Taker) -> dict[str, object]:
    """Name somebody who may take, and what the giver must know before the offer: the card."""
    name = f"{taker.user.full_name} · {words(f'role.{taker.user.role}')}"
    doubt = "" if taker.doubt is None else words(f"refusal.{taker.doubt}")
    return {"user": int(taker.user.id), "name": name, "doubt": doubt}


def _look_up_bag(code: str, person: Person) -> str | None:
    if not person.may(Permission.VIEW_BAG):
        return None
    try:
        record = runtime().read(bag_access.get_bag_record, code, actor=person.actor)
    except NotFound:
        return None
    holder = record.users[record.custodian.user].full_name
    state = words(f"bag_state.{record.bag.state}")
    return _("%(state)s. Người giữ: %(holder)s.", state=state, holder=holder)


@BLUEPRINT.post("/witness")
@access(Permission.SCAN)
def witness() -> Response:
    """Let a second person prove that they read a typed code too."""
    return attest_body(request.get_json(silent=True), actor=require_person().actor)


@BLUEPRINT.post("/take-witness")
@access(Permission.SCAN)
def witness_take() -> Response:
    """Let a second person prove who they are, for one take of the person at this browser."""
    return attest_take_body(request.get_json(silent=True), actor=require_person().actor)


@BLUEPRINT.get("/brought")
@access(Permission.SCAN)
def brought() -> Response:
    """Say what taking in one code needs, where the agency at the counter registered it and has it still."""
    code = door.parse_seen_code(request.args.get("code", ""))
    unit = request.args.get("unit", "")
    try:
        found = runtime().read(handing_in.look_at, code, unit, actor=require_person().actor)
    except NotFound:
        strange = _("Cơ quan đang chọn không có bưu gửi này chờ gửi. Để riêng, hỏi lại người gửi.")
        return jsonify(found=False, text=strange)
    return jsonify(found=True, sealed=found.sealed, demands=sorted(found.demands))


@BLUEPRINT.post("/giver")
@access(Permission.SCAN)
def giver() -> Response:
    """Let whoever hands in at the counter agree to the list that the clerk is about to sign."""
    return attest_giver_body(request.get_json(silent=True), actor=require_person().actor)


@BLUEPRINT.post("/submit")
# The same lists as devices send, so the same limit; browsers send less at a time.
@body_limit("devices_body_bytes")
@access(Permission.SCAN)
def submit() -> Response:
    """Record signed lists, each answered at its own position after the commit that holds it."""
    person = require_person()
    results: list[ScanOutcome | InvalidInput] = []
    takes: list[Take | None] = []
    for read in _read_body():
        result = _receive(read) if isinstance(read, Envelope) else read
        if isinstance(result, InvalidInput):
            report("scan_not_recorded", user=person.actor.user, why=result.problems[0].code)
        results.append(result)
        takes.append(find_take(read) if isinstance(read, Envelope) else None)
    return jsonify(
        results=[
            refused_json(one) if isinstance(one, InvalidInput) else receipt_json(one, take)
            for one, take in zip(results, takes, strict=True)
        ]
    )


def _receive(envelope: Envelope) -> ScanOutcome | InvalidInput:
    try:
        ahead = read_ahead(envelope)
    except InvalidInput as error:
        return error
    (outcome,) = runtime().write(
        receive_all,
        (envelope,),
        actor=require_person().actor,
        codes=ahead.codes,
        scans=ahead.scans,
        devices=ahead.devices,
        units=ahead.units,
    )
    return outcome


def _read_body() -> list[Envelope | InvalidInput]:
    """Read the body strictly: our own pages send canonical JSON, so anything else is refused whole."""
    try:
        body = canonical.parse(request.get_data(cache=False))
    except CryptoError:
        raise InvalidInput("body", ProblemCode.MALFORMED) from None
    untrusted = body.get("envelopes") if isinstance(body, dict) and body.keys() == {"envelopes"} else None
    if not isinstance(untrusted, list) or not untrusted:
        raise InvalidInput("envelopes", ProblemCode.REQUIRED)
    if len(untrusted) > _MOST_ENVELOPES:
        raise InvalidInput("envelopes", ProblemCode.TOO_MANY, params={"most": _MOST_ENVELOPES})
    return [_read_envelope(one) for one in untrusted]


def _read_envelope(untrusted: canonical.JsonValue) -> Envelope | InvalidInput:
    try:
        return from_json(untrusted)
    except MalformedEnvelope:
        return InvalidInput("envelope", ProblemCode.MALFORMED)
