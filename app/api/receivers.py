"""`/api/v1/receivers`: who receives for the caller's unit. The same use cases as the page."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.receiver_schemas import MandateAnswer, MandateBody, MandatePath, MandatesAnswer
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.items import mandates
from app.services.items.mandates import GrantMandate, ShownMandate
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_receivers", __name__, url_prefix="/api/v1/receivers")


@API.get(
    "",
    responses=answers(200, MandatesAnswer, 401, 403),
    security=BY_DEVICE,
    operation_id="listMandates",
)
@access(Permission.MANAGE_RECEIVERS)
def show_all() -> Response:
    """List who receives for the caller's unit, and what is over, newest first."""
    found = runtime().read(mandates.list_mandates, actor=auth.current_actor())
    return jsonify(mandates=[_mandate(one) for one in found])


@API.post(
    "",
    responses=answers(201, MandateAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="grantMandate",
    openapi_extensions=json_body(MandateBody, "Who, by what right, and for how long."),
)
@access(Permission.MANAGE_RECEIVERS)
def grant() -> tuple[Response, int]:
    """Let a colleague of the caller's own unit receive, by its list or by the caller's word."""
    body = read_model(MandateBody)
    said = {name: str(value) for name, value in body.model_dump().items() if name != "opens_named"}
    command = GrantMandate(untrusted=said | ({"opens_named": "yes"} if body.opens_named else {}))
    granted = runtime().write(mandates.grant, command, actor=auth.current_actor())
    return jsonify(_read(granted)), 201


@API.post(
    "/<mandate>/revoke",
    responses=answers(200, MandateAnswer, 401, 403, 404, 409, 422, 503),
    security=BY_DEVICE,
    operation_id="revokeMandate",
)
@access(Permission.MANAGE_RECEIVERS)
def revoke(path: MandatePath) -> Response:
    """End a mandate of the caller's unit before its time. 409: it is over or ended already."""
    runtime().write(mandates.revoke, int(path.mandate), actor=auth.current_actor())
    return jsonify(_read(int(path.mandate)))


def _read(identity: int) -> dict[str, object]:
    found = runtime().read(mandates.list_mandates, actor=auth.current_actor())
    return next(_mandate(one) for one in found if one.mandate.id == identity)


def _mandate(shown: ShownMandate) -> dict[str, object]:
    mandate = shown.mandate
    return {
        "id": mandate.id,
        "user": mandate.user,
        "kind": mandate.kind,
        "opens_named": mandate.opens_named,
        "basis": mandate.basis,
        "valid_from": format_at(mandate.valid_from_at),
        "valid_until": format_at(mandate.valid_until_at),
        "granted_by": mandate.granted_by,
        "granted_at": format_at(mandate.granted_at),
        "revoked_at": None if mandate.revoked_at is None else format_at(mandate.revoked_at),
        "state": shown.state,
    }
