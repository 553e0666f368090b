"""What is in nobody's hands: why, how long, what to do, and the answer of the place that was asked."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.unattended import UnattendedAnswer
from app.http.access import access
from app.http.ports import runtime
from app.services.owed import unattended
from app.services.owed.unattended import AnswerUnattended, ShownUnattended
from app.web.forms import Form, posted
from app.web.section_pages import notice_row
from app.web.translate import _
from app.web.views.choices import code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("unattended", __name__, url_prefix="/unattended")


@BLUEPRINT.get("")
@access(Permission.VIEW_UNATTENDED)
def show() -> str:
    """List what this person answers for, the longest unattended first."""
    return _page(Form())


@BLUEPRINT.post("/<number:question>/answer")
@access(Permission.ANSWER_UNATTENDED)
def answer(question: int) -> BaseResponse:
    """Answer for the place, once."""
    form = posted()
    command = AnswerUnattended(
        question=question, untrusted_answer=form.value("answer"), untrusted_note=form.value("note")
    )
    try:
        runtime().write(unattended.answer, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    except Conflict as error:
        return make_response(_page(form.refused(error, at="answer")), 409)
    flash(_("Đã ghi câu trả lời vào nhật ký."), "ok")
    return redirect(url_for("unattended.show"), code=303)


def _page(form: Form) -> str:
    page = runtime().read(unattended.list_unattended, actor=require_person().actor)
    return render_template(
        "unattended/list.html",
        form=form,
        rows=[_row(one) for one in page.rows],
        is_sample=page.is_sample,
        has_more=page.has_more,
        sections=[
            notice_row(one) | {"things": one.closing.things if page.shows_things else None}
            for one in page.closed
        ],
        answers=code_options(UnattendedAnswer, "unattended_answer"),
    )


def _row(shown: ShownUnattended) -> dict[str, object]:
    found, answered = shown.found, shown.answer
    return {
        "code": found.code,
        "url": url_for("bags.show", code=found.code)
        if found.is_bag
        else url_for("consignments.show", code=found.code),
        "is_bag": found.is_bag,
        "reason": found.reason,
        "since": found.since,
        "age": _age(shown.age),
        "holder": shown.holder.full_name,
        "unit": shown.unit.short_name,
        "asked": shown.asked.short_name,
        "question": shown.question,
        "asks_at": shown.asks_at,
        "raises_at": shown.raises_at,
        "answer": answered.answer if answered else None,
        "note": answered.note if answered else "",
        "incident": shown.incident,
        "may_answer": shown.may_answer,
        "closed": notice_row(shown.closed) if shown.closed else None,
    }


def _age(age: timedelta) -> str:
    """Say how long in the two largest words that a person would use."""
    minutes = int(age.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _("%(days)s ngày %(hours)s giờ", days=days, hours=hours)
    if hours:
        return _("%(hours)s giờ %(minutes)s phút", hours=hours, minutes=minutes % 60)
    return _("%(minutes)s phút", minutes=minutes)
