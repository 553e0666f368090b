"""`/api/v1/unattended`: what is in nobody's hands, and the answer of the place that was asked."""

from typing import Annotated, Final, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.schemas import Code, Shape
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.owed import unattended
from app.services.owed.unattended import AnswerUnattended, ShownUnattended
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_unattended", __name__, url_prefix="/api/v1/unattended")
Answer = Literal["secured", "handing_over", "called_back", "not_found"]


class QuestionPath(Shape):
    """The number by which a place was asked."""

    question: int = Field(ge=0, le=10**15, strict=False)


class AnswerBody(Shape):
    """What the place found, and how it looked; no names."""

    answer: Answer
    note: Annotated[str, Field(min_length=1, max_length=200)]


class UnattendedShape(Shape):
    """One thing in nobody's hands; `custodian` answers for it all the same.

    `closing` is that of the custodian's office, if its section stands closed: `/api/v1/sections`.
    """

    code: Code
    bag: bool
    reason: Literal[
        "offer_unanswered", "custodian_closed", "unit_closed", "shift_ended", "held_at_office", "bag_overdue"
    ]
    since: str
    custodian: int
    unit: str
    asked: str
    question: int | None
    asks_at: str
    raises_at: str
    answer: Answer | None
    incident: int | None
    closing: str | None


class UnattendedAnswer(Shape):
    """What is unattended now, the longest first, at most 200; `sample`: nobody ordered these clocks."""

    unattended: list[UnattendedShape]
    sample: bool
    has_more: bool


@API.get(
    "", responses=answers(200, UnattendedAnswer, 401, 403), security=BY_DEVICE, operation_id="listUnattended"
)
@access(Permission.VIEW_UNATTENDED)
def show() -> Response:
    """List what the caller answers for: a courier's own things, an office's, an auditor's all."""
    page = runtime().read(unattended.list_unattended, actor=auth.current_actor())
    return jsonify(
        unattended=[_view(one) for one in page.rows], sample=page.is_sample, has_more=page.has_more
    )


@API.post(
    "/<question>/answer",
    responses=answers(200, UnattendedAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="answerUnattended",
    openapi_extensions=json_body(AnswerBody, "The answer."),
)
@access(Permission.ANSWER_UNATTENDED)
def answer(path: QuestionPath) -> Response:
    """Answer for the place, once; not by the custodian. Returns what is unattended then."""
    body, actor = read_model(AnswerBody), auth.current_actor()
    command = AnswerUnattended(
        question=path.question, untrusted_answer=str(body.answer), untrusted_note=body.note
    )
    runtime().write(unattended.answer, command, actor=actor)
    page = runtime().read(unattended.list_unattended, actor=actor)
    return jsonify(
        unattended=[_view(one) for one in page.rows], sample=page.is_sample, has_more=page.has_more
    )


def _view(shown: ShownUnattended) -> dict[str, object]:
    found = shown.found
    return {
        "code": found.code,
        "bag": found.is_bag,
        "reason": found.reason,
        "since": format_at(found.since),
        "custodian": int(found.custodian.user),
        "unit": shown.unit.code,
        "asked": shown.asked.code,
        "question": shown.question,
        "asks_at": format_at(shown.asks_at),
        "raises_at": format_at(shown.raises_at),
        "answer": None if shown.answer is None else shown.answer.answer,
        "incident": shown.incident,
        "closing": None if shown.closed is None else shown.closed.closing.code,
    }
