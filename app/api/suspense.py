"""`/api/v1/suspense` and `/api/v1/acknowledgements`: what is owed, and the slip that ends it.

The same questions as the queues of the first page, within what the device's owner may know about.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.receiver_schemas import RaisedAnswer
from app.api.schemas import (
    FiledAnswer,
    SlipBody,
    SuspenseAnswer,
    SuspenseQuery,
    TracerAnswerBody,
    TracerPath,
    TracersAnswer,
    TracersQuery,
)
from app.api.views import clocks_view
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.items import search
from app.services.owed import acknowledgements, tracers
from app.services.owed.acknowledgements import FileReceipt
from app.services.owed.tracers import AnswerTracer, ShownTracer
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_suspense", __name__, url_prefix="/api/v1")


@API.get(
    "/suspense",
    responses=answers(200, SuspenseAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listOwed",
)
@access(Permission.SEARCH)
def owed(query: SuspenseQuery) -> Response:
    """List what is owed: deliveries that are overdue, slips that are awaited, slips that are overdue.

    50 at a time; `before` continues.
    """
    asked = {"queue": query.queue} | ({} if query.before is None else {"before": str(query.before)})
    page = runtime().read(search.search, asked, actor=auth.current_actor()).page
    return jsonify(
        items=[
            {"code": item.code} | clocks_view(page.clocks[item.id])
            for item in (row.consignment for row in page.rows)
        ],
        total=page.total,
        next_before=page.next_before,
    )


@API.post(
    "/acknowledgements",
    responses=answers(201, FiledAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="fileReceipt",
    openapi_extensions=json_body(SlipBody, "The code on the slip."),
)
@access(Permission.FILE_RECEIPT)
def file_receipt() -> tuple[Response, int]:
    """File a slip that came back to the sender; that of a delivery ends the item's second clock.

    404 also for a slip of another agency's item. 409: filed before, or no slip that the item's state allows.
    """
    command = FileReceipt(untrusted_slip=read_model(SlipBody).slip)
    filed = runtime().write(acknowledgements.file_receipt, command, actor=auth.current_actor())
    answer = jsonify(
        code=filed.code,
        receipt=filed.receipt.kind,
        entry_mode=filed.receipt.entry_mode,
        filed_at=format_at(filed.receipt.filed_at),
    )
    return answer, 201


@API.get(
    "/tracers",
    responses=answers(200, TracersAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listTracers",
)
@access(Permission.VIEW_TRACERS)
def list_tracers(query: TracersQuery) -> Response:
    """List tracer letters and investigations that the caller's unit asked or is asked, 50 at a time."""
    page = runtime().read(tracers.list_tracers, actor=auth.current_actor(), before=query.before)
    return jsonify(tracers=[_tracer(one) for one in page.rows], next_before=page.next_before)


@API.post(
    "/tracers/due",
    responses=answers(200, RaisedAnswer, 401, 403, 503),
    security=BY_DEVICE,
    operation_id="raiseDueTracers",
)
@access(Permission.ISSUE_TRACER)
def raise_due() -> Response:
    """Raise the letters and investigations that are due for the items of the caller's own agency."""
    return jsonify(raised=runtime().write(tracers.raise_own, actor=auth.current_actor()))


@API.post(
    "/tracers/<tracer>/answer",
    responses=answers(200, TracersAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="answerTracer",
    openapi_extensions=json_body(TracerAnswerBody, "The answer."),
)
@access(Permission.ANSWER_TRACER)
def answer_tracer(path: TracerPath) -> Response:
    """Answer a letter that asks the caller's unit, once; returns it as it stands then."""
    command = AnswerTracer(tracer=path.tracer, untrusted_answer=read_model(TracerAnswerBody).answer)
    actor = auth.current_actor()
    answered = runtime().write(tracers.answer, command, actor=actor)
    shown = runtime().read(tracers.get_letter, answered.id, actor=actor)
    return jsonify(tracers=[_tracer(shown)], next_before=None)


def _tracer(shown: ShownTracer) -> dict[str, object]:
    tracer = shown.tracer
    return {
        "id": tracer.id,
        "number": shown.number,
        "code": shown.item.code,
        "clock": tracer.clock,
        "step": tracer.step,
        "issuer": shown.issuer.code,
        "to_unit": shown.to_unit.code,
        "raised_at": format_at(tracer.raised_at),
        "answer_due_at": None if tracer.answer_due_at is None else format_at(tracer.answer_due_at),
        "state": shown.state,
        "answer": tracer.answer,
    }
