"""What an office asked and is asked: raise what is due, print a letter, answer one."""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.tracing import Step, TracerAnswer, TracerState
from app.http.access import access
from app.http.ports import runtime
from app.services.owed import tracers
from app.services.owed.tracers import AnswerTracer, ShownTracer
from app.services.people import units
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _, plural
from app.web.views.choices import code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.model import OuterMark
from reports.tracer import Asked, TracerLetter, render_tracer

BLUEPRINT: Final = Blueprint("tracers", __name__, url_prefix="/tracers")


@BLUEPRINT.get("")
@access(Permission.VIEW_TRACERS)
def show() -> str:
    """List the letters and investigations of this office, newest first."""
    return _page(Form())


@BLUEPRINT.post("/due")
@access(Permission.ISSUE_TRACER)
def raise_due() -> BaseResponse:
    """Raise what is due for this agency's own items."""
    raised = runtime().write(tracers.raise_own, actor=require_person().actor)
    flash(plural("Đã lập %(num)d văn bản.", "Đã lập %(num)d văn bản.", raised), "ok")
    return redirect(url_for("tracers.show"), code=303)


@BLUEPRINT.post("/<number:tracer>/answer")
@access(Permission.ANSWER_TRACER)
def answer(tracer: int) -> BaseResponse:
    """Answer a letter, once."""
    form = posted()
    command = AnswerTracer(tracer=tracer, untrusted_answer=form.value("answer"))
    try:
        runtime().write(tracers.answer, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(form.refused(error, at="answer")), 422)
    flash(_("Đã ghi câu trả lời vào nhật ký."), "ok")
    return redirect(url_for("tracers.show"), code=303)


@BLUEPRINT.get("/<number:tracer>.pdf")
@access(Permission.VIEW_TRACERS)
def letter(tracer: int) -> Response:
    """Give the letter to sign, seal and send; an investigation has none."""
    shown = runtime().read(tracers.get_letter, tracer, actor=require_person().actor)
    if shown.tracer.answer_due_at is None:
        raise NotFound
    answer = Response(render_tracer(_on_paper(shown)), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{shown.code}.pdf"'
    return answer


def _page(form: Form) -> str:
    person = require_person()
    before = parse_number(request.args.get("before", ""))
    waiting_only = request.args.get("show", "") == "waiting"
    page = runtime().read(tracers.list_tracers, actor=person.actor, waiting_only=waiting_only, before=before)
    may_raise = person.may(Permission.ISSUE_TRACER)
    return render_template(
        "tracers/list.html",
        form=form,
        rows=[_row(one, person.actor.unit, page.seen) for one in page.rows],
        due=runtime().read(tracers.count_due, actor=person.actor) if may_raise else 0,
        may_raise=may_raise,
        waiting_only=waiting_only,
        before=page.next_before,
        answers=code_options(TracerAnswer, "tracer_answer"),
    )


def _row(shown: ShownTracer, unit: int, seen: frozenset[str]) -> dict[str, object]:
    tracer = shown.tracer
    asks_us = tracer.to_unit == unit and require_person().may(Permission.ANSWER_TRACER)
    unanswered = tracer.answer is None and tracer.step is Step.TRACER
    return {
        "id": tracer.id,
        "number": shown.number,
        "year": tracer.year,
        "step": tracer.step,
        "clock": tracer.clock,
        "code": shown.item.code,
        "seen": shown.item.code in seen,
        "issuer": shown.issuer.short_name,
        "to": shown.to_unit.short_name,
        "raised_at": tracer.raised_at,
        "answer_due_at": tracer.answer_due_at,
        "state": shown.state,
        "is_late": shown.state is TracerState.LATE,
        "answer": tracer.answer,
        "answered_at": tracer.answered_at,
        "answered_by": shown.answered_by.full_name if shown.answered_by else "",
        "may_answer": asks_us and unanswered and shown.state is not TracerState.SETTLED,
    }


def _on_paper(shown: ShownTracer) -> TracerLetter:
    tracer, item = shown.tracer, shown.item
    named = {unit.id: unit.name for unit in runtime().read(units.list_units, actor=require_person().actor)}
    return TracerLetter(
        asked=Asked(tracer.clock.value),
        number=shown.number,
        code=shown.code,
        issuer=shown.issuer.name,
        to=shown.to_unit.name,
        item_code=item.code,
        mark=OuterMark(item.grade.secrecy.value),
        sender=named.get(item.sender_unit, shown.issuer.name),
        recipient=named.get(item.recipient_unit, "–"),
        accepted_at=item.accepted_at,
        delivered_at=item.closed_at if item.is_delivered else None,
        due_at=shown.clock.due_at,
        raised_at=tracer.raised_at,
        answer_due_at=tracer.answer_due_at or tracer.raised_at,
        origin=runtime().settings.origin,
    )
