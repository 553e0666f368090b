"""`/api/v1/holds` and corrections: hold a code back, let it go, declare an entry wrong.

The same use cases as the pages. Who decides on a declared error is an auditor, who carries no device, so that
is done on the pages alone.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.hold_schemas import (
    CorrectionAnswer,
    CorrectionBody,
    EntryPath,
    HoldAnswer,
    HoldBody,
    HoldPath,
    HoldsAnswer,
    HoldsQuery,
    LiftBody,
)
from app.api.openapi import BY_DEVICE, answers, json_body
from app.domain.access import Permission
from app.domain.hold import PlacedHold
from app.http.access import access
from app.http.ports import runtime
from app.services.incidents import corrections, holds
from app.services.incidents.corrections import DeclareError
from app.services.incidents.holds import LiftHold, PlaceHold
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_holds", __name__, url_prefix="/api/v1")


@API.post(
    "/holds",
    responses=answers(201, HoldAnswer, 400, 401, 403, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="placeHold",
    openapi_extensions=json_body(HoldBody, "Which code, how and why."),
)
@access(Permission.HOLD_CODE)
def place() -> tuple[Response, int]:
    """Hold a code back: `quarantined` for an item, `stopped` for any code, also one that is nobody's."""
    body = read_model(HoldBody)
    command = PlaceHold(
        untrusted_hold=body.hold,
        untrusted_code=body.code,
        untrusted_reason=body.reason,
        untrusted_text=body.text,
    )
    placed = runtime().write(holds.place, command, actor=auth.current_actor())
    return jsonify(_hold(placed)), 201


@API.get(
    "/holds",
    responses=answers(200, HoldsAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listHolds",
)
@access(Permission.HOLD_CODE)
def show_all(query: HoldsQuery) -> Response:
    """List what the caller's office holds back now, newest first, 50 at a time."""
    page = runtime().read(holds.list_holds, actor=auth.current_actor(), active=True, before=query.before)
    return jsonify(holds=[_hold(row.placed) for row in page.rows], next_before=page.next_before)


@API.post(
    "/holds/<hold>/lift",
    responses=answers(200, HoldAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="liftHold",
    openapi_extensions=json_body(LiftBody, "Why it may go."),
)
@access(Permission.HOLD_CODE)
def lift(path: HoldPath) -> Response:
    """Let a code go, as another person than placed the hold."""
    body = read_model(LiftBody)
    command = LiftHold(hold=int(path.hold), untrusted_text=body.text)
    return jsonify(_hold(runtime().write(holds.lift, command, actor=auth.current_actor())))


@API.post(
    "/entries/<index>/correction",
    responses=answers(201, CorrectionAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="declareError",
    openapi_extensions=json_body(CorrectionBody, "Why the entry is wrong, and what is right."),
)
@access(Permission.DECLARE_ERROR)
def declare(path: EntryPath) -> tuple[Response, int]:
    """Declare an entry of the caller's office wrong; an auditor decides. 409 for what moved an item."""
    body = read_model(CorrectionBody)
    command = DeclareError(
        entry=int(path.index),
        untrusted_reason=body.reason,
        untrusted_corrective=",".join(map(str, body.corrective)),
        untrusted_text=body.text,
    )
    declared = runtime().write(corrections.declare, command, actor=auth.current_actor())
    return jsonify(id=declared.id, entry=declared.entry, leaf=declared.leaf, reason=declared.reason), 201


def _hold(placed: PlacedHold) -> dict[str, object]:
    return {
        "id": placed.id,
        "hold": placed.hold,
        "code": placed.code,
        "reason": placed.reason,
        "placed_by": placed.placed_by,
        "placed_at": format_at(placed.placed_at),
        "lifted_by": placed.lifted_by,
        "lifted_at": None if placed.lifted_at is None else format_at(placed.lifted_at),
    }
