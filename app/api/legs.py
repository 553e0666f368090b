"""`/api/v1/legs`: a person's legs, one with what is aboard, and the escort who proves to be there.

Planned and cancelled by the clerks of its office, here as on the page; leaving and arriving travel as signed
acts by `POST /api/v1/scans`. The answer to a manifest is fetched here too: both are papers that travel with
bags.
"""

from datetime import datetime
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bag_schemas import WitnessAnswer, WitnessBody
from app.api.bodies import read_model
from app.api.leg_schemas import (
    CancelLegBody,
    LegAnswer,
    LegPath,
    LegsAnswer,
    LegsQuery,
    PlanLegBody,
    ResponseAnswer,
)
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.schemas import CodePath
from app.domain.access import Permission
from app.domain.leg import Leg
from app.http.access import access
from app.http.attestation import attest_from
from app.http.ports import runtime
from app.services.bags import bag_responses
from app.services.legs import leg_pages, legs
from app.services.legs.leg_pages import LegList, LegQueue
from app.services.legs.legs import CancelLeg, PlanLeg
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_legs", __name__, url_prefix="/api/v1")


@API.get(
    "/legs",
    responses=answers(200, LegsAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listLegs",
)
@access(Permission.VIEW_LEG)
def show_all(query: LegsQuery) -> Response:
    """List the legs of the device's owner, or of the owner's office, newest first, of one queue or all.

    50 at a time; `before` continues. `load` is null while the caller counts.
    """
    queue = None if query.queue is None else LegQueue(query.queue)
    page = runtime().read(leg_pages.list_legs, queue, actor=auth.current_actor(), before=query.before)
    codes = {unit: found.code for unit, found in page.units.items()}
    return jsonify(
        legs=[_listed(leg, codes[leg.origin], codes[leg.destination], _load(page, leg)) for leg in page.rows],
        next_before=page.next_before,
    )


@API.get(
    "/legs/<code>",
    responses=answers(200, LegAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getLeg",
)
@access(Permission.VIEW_LEG)
def show(path: LegPath) -> Response:
    """Tell what was planned and what happened, what is aboard and what became of it.

    `load` and `aboard` are null while the caller counts.
    """
    return jsonify(_whole(path.code))


@API.post(
    "/legs",
    responses=answers(201, LegAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="planLeg",
    openapi_extensions=json_body(PlanLegBody, "Who carries what, where to, in which vehicle, and when."),
)
@access(Permission.PLAN_LEG)
def plan() -> tuple[Response, int]:
    """Plan a leg from the caller's office; 422 names every problem, a missing escort among them."""
    body = read_model(PlanLegBody)
    form = {
        "to_office": body.to_office,
        "courier": str(body.courier),
        "escort": "" if body.escort is None else str(body.escort),
        "vehicle": body.vehicle,
        "departs_at": body.departs_at,
        "arrives_at": body.arrives_at,
        "codes": " ".join(body.codes),
    }
    leg = runtime().write(legs.plan, PlanLeg(untrusted=form), actor=auth.current_actor())
    answer = jsonify(_whole(leg.code))
    answer.headers["Location"] = f"/api/v1/legs/{leg.code}"
    return answer, 201


@API.post(
    "/legs/<code>/cancel",
    responses=answers(200, LegAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="cancelLeg",
    openapi_extensions=json_body(CancelLegBody, "Why it does not take place."),
)
@access(Permission.PLAN_LEG)
def cancel(path: LegPath) -> Response:
    """Cancel a leg of the caller's office that has not left; 409 once it has. Its number stays used."""
    body = read_model(CancelLegBody)
    command = CancelLeg(untrusted_leg=path.code, untrusted_reason=body.reason)
    leg = runtime().write(legs.cancel, command, actor=auth.current_actor())
    return jsonify(_whole(leg.code))


def _whole(code: str) -> dict[str, object]:
    page = runtime().read(leg_pages.show, code, actor=auth.current_actor())
    leg, units = page.leg, page.units
    load = None if page.is_hidden else len(page.aboard)
    listed = _listed(leg, units[leg.origin].code, units[leg.destination].code, load)
    aboard = [
        {"code": code, "with_courier": code in page.with_courier, "fate": page.fates.get(code)}
        for code in page.aboard
    ]
    return listed | {"aboard": None if page.is_hidden else aboard}


def _load(page: LegList, leg: Leg) -> int | None:
    return None if page.loads is None else page.loads.get(leg.id, 0)


@API.post(
    "/legs/<code>/witness",
    responses=answers(200, WitnessAnswer, 400, 401, 403, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="attestEscort",
    openapi_extensions=json_body(WitnessBody, "Account and password of the escort, and the act's nonce."),
)
@access(Permission.HANDLE_BAG)
def witness(path: LegPath) -> Response:
    """Let the escort prove who they are for the departure of this leg, for five minutes.

    The act that names `witness` must carry this nonce and this subject. 422 for a wrong account or password,
    429 after too many.
    """
    body = read_model(WitnessBody)
    return attest_from({**body.model_dump(), "subject": path.code}, actor=auth.current_actor())


@API.get(
    "/bags/<code>/response",
    responses=answers(200, ResponseAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getResponse",
)
@access(Permission.VIEW_BAG)
def response(path: CodePath) -> Response:
    """Give the complete answer to a bag's manifest (docs/formats/manifest.md); 404 while it is not whole."""
    found = runtime().read(bag_responses.get_response, path.code, actor=auth.current_actor())
    return jsonify(
        code=found.bag.code, digest=found.digest, manifest=found.bag.manifest, response=found.data.decode()
    )


def _listed(leg: Leg, origin: str, destination: str, load: int | None) -> dict[str, object]:
    return {
        "code": leg.code,
        "origin": origin,
        "destination": destination,
        "state": leg.state,
        "overdue": leg.is_overdue(runtime().now()),
        "vehicle": leg.vehicle,
        "courier": leg.courier,
        "escort": leg.escort,
        "load": load,
        "departs_at": format_at(leg.departs_at),
        "arrives_at": format_at(leg.arrives_at),
        "departed_at": _moment(leg.departed_at),
        "arrived_at": _moment(leg.arrived_at),
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_at(value)
