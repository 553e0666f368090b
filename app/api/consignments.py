"""`/api/v1/consignments`: register one, look at one, follow one. Envelope facts only, never a sealed field.

What a person may see is decided by `app/services/people/access.py`: "not yours" and "not there" answer alike.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.schemas import (
    CodePath,
    RecordAnswer,
    RedirectBody,
    RegisteredAnswer,
    RegistrationBody,
    TimelineAnswer,
    TimelineQuery,
)
from app.api.views import record_view, timeline_view
from app.domain.access import Permission
from app.domain.ids import ConsignmentCode
from app.http.access import access
from app.http.ports import runtime
from app.services.items import redirects, registration
from app.services.items.redirects import RedirectItem
from app.services.items.registration import RegisterConsignment
from app.services.log import audit_trail
from app.services.people.access import get_record

API: Final = APIBlueprint("api_consignments", __name__, url_prefix="/api/v1")


@API.post(
    "/consignments",
    responses=answers(201, RegisteredAnswer, 400, 401, 403, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="registerConsignment",
    openapi_extensions=json_body(RegistrationBody, "The registration form."),
)
@access(Permission.REGISTER)
def register() -> tuple[Response, int]:
    """Register an outgoing consignment of the device owner's unit.

    409 `duplicate` warns that the same document was registered for the same recipient on the same day; send
    `confirm_duplicate` to register it all the same. 422 names every wrong field.
    """
    body = read_model(RegistrationBody)
    command = RegisterConsignment(untrusted=_form(body), accept_duplicate=body.confirm_duplicate)
    actor, port = auth.current_actor(), runtime()
    registered = port.write(registration.register, command, actor=actor)
    record = port.read(get_record, registered.code, actor=actor)
    answer = jsonify(
        consignment=record_view(record),
        register_number=registered.register.number,
        register_year=registered.register.year,
    )
    answer.headers["Location"] = f"/api/v1/consignments/{registered.code}"
    return answer, 201


@API.get(
    "/consignments/<code>",
    responses=answers(200, RecordAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getConsignment",
)
@access(Permission.VIEW_CONSIGNMENT)
def show(path: CodePath) -> Response:
    """Tell who answers for a consignment now, what is offered to whom, and how its two clocks stand."""
    record = runtime().read(get_record, path.code, actor=auth.current_actor())
    return jsonify(record_view(record))


@API.get(
    "/consignments/<code>/timeline",
    responses=answers(200, TimelineAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getTimeline",
)
@access(Permission.VIEW_CONSIGNMENT)
def timeline(path: CodePath, query: TimelineQuery) -> Response:
    """List what happened to a consignment, newest first, each with the log entry that records it.

    100 events at a time; `before` continues with the older ones.
    """
    actor = auth.current_actor()
    found = runtime().read(audit_trail.get_timeline, path.code, actor=actor, before=query.before)
    return jsonify(timeline_view(found))


@API.post(
    "/consignments/<code>/redirect",
    responses=answers(200, RecordAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="redirectConsignment",
    openapi_extensions=json_body(RedirectBody, "The new recipient."),
)
@access(Permission.REDIRECT)
def redirect(path: CodePath) -> Response:
    """Send an item of the caller's unit to another unit while the post carries it.

    409 `not_redirectable` before dispatch, after the end, and while an offer waits for its taker.
    """
    body, actor = read_model(RedirectBody), auth.current_actor()
    command = RedirectItem(
        code=ConsignmentCode(path.code), untrusted_unit=body.recipient_unit, untrusted_reason=body.reason
    )
    runtime().write(redirects.redirect, command, actor=actor)
    return jsonify(record_view(runtime().read(get_record, path.code, actor=actor)))


def _form(body: RegistrationBody) -> dict[str, str]:
    """Write the body as the form's text fields, so that form, API and import are read by one parser."""
    fields = body.model_dump(exclude={"confirm_duplicate", "document_numbers"})
    form = {name: _text(value) for name, value in fields.items()}
    form["document_numbers"] = "; ".join(body.document_numbers)
    form["appointed"] = "1" if body.appointed_at else ""
    return form


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)
