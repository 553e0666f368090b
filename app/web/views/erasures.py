"""Propose the erasure of a value, and decide on what others proposed. No page here ever shows a value."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.erasure import ErasureReason, SealedField
from app.domain.errors import Conflict, InvalidInput
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.services.items import erasures
from app.services.items.erasures import DecideErasure, Proposal, ProposeErasure, list_erasable
from app.services.people import access as door
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("erasures", __name__)


@BLUEPRINT.get("/consignments/<code>/erasure")
@access(Permission.PROPOSE_ERASURE)
def show(code: str) -> str:
    """Show what could be erased, and ask why and by which decision."""
    return _form_page(code, Form())


@BLUEPRINT.post("/consignments/<code>/erasure")
@access(Permission.PROPOSE_ERASURE)
def propose(code: str) -> BaseResponse:
    """Put the proposal before the auditors."""
    form = posted()
    command = ProposeErasure(
        code=door.parse_seen_code(code),
        untrusted_fields=tuple(field.value for field in SealedField if form.value(field.value) == "yes"),
        untrusted_reason=form.value("reason"),
        untrusted_decision=form.value("decision"),
    )
    try:
        runtime().write(erasures.propose, command, actor=require_person().actor, codes=(command.code,))
    except (InvalidInput, Conflict) as error:
        return make_response(_form_page(code, form.refused(error, at="fields")), 422)
    flash(_("Đã gửi đề nghị. Thông tin chỉ bị xóa khi kiểm tra viên duyệt."), "ok")
    return redirect(url_for("consignments.show", code=command.code), code=303)


@BLUEPRINT.get("/erasures")
@access(Permission.DECIDE_ERASURE)
def show_all() -> str:
    """List what waits for a decision, and the latest decisions."""
    actor = require_person().actor
    return render_template(
        "erasures/list.html",
        waiting=[_shown(one) for one in runtime().read(erasures.list_erasures, actor=actor, is_open=True)],
        decided=[_shown(one) for one in runtime().read(erasures.list_erasures, actor=actor, is_open=False)],
    )


@BLUEPRINT.get("/erasures/<number:erasure>")
@access(Permission.DECIDE_ERASURE)
def show_one(erasure: int) -> str:
    """Show one proposal and what either answer does."""
    return _decide_page(erasure, Form())


@BLUEPRINT.post("/erasures/<number:erasure>/approve")
@access(Permission.DECIDE_ERASURE)
def approve(erasure: int) -> BaseResponse:
    """Erase the values for good."""
    return _decide(DecideErasure(erasure=erasure, approve=True))


@BLUEPRINT.post("/erasures/<number:erasure>/refuse")
@access(Permission.DECIDE_ERASURE)
def refuse(erasure: int) -> BaseResponse:
    """Keep the values, and say so in the log."""
    return _decide(DecideErasure(erasure=erasure, approve=False))


def _decide(command: DecideErasure) -> BaseResponse:
    try:
        runtime().write(erasures.decide, command, actor=require_person().actor)
    except Conflict as error:
        return make_response(_decide_page(command.erasure, Form().refused(error, at="decision")), 409)
    if not command.approve:
        flash(_("Không duyệt. Thông tin giữ nguyên, quyết định đã ghi vào nhật ký."), "warn")
    elif runtime().scrub():
        flash(_("Đã xóa. Nhật ký vẫn chứng minh được, nhưng không ai đọc lại được giá trị."), "ok")
    else:
        flash(_("Đã xóa. Bản sao trong tệp tạm của cơ sở dữ liệu sẽ mất ở lần dọn tiếp theo."), "warn")
    return redirect(url_for("erasures.show_all"), code=303)


def _form_page(code: str, form: Form) -> str:
    record = runtime().read(door.get_record, door.parse_seen_code(code), actor=require_person().actor)
    return render_template(
        "erasures/propose.html",
        form=form,
        code=record.details.consignment.code,
        fields=code_options(list_erasable(record.details), "sealed_field"),
        reasons=code_options(ErasureReason, "erasure_reason"),
        back=url_for("consignments.show", code=record.details.consignment.code),
    )


def _decide_page(erasure: int, form: Form) -> str:
    proposal = runtime().read(erasures.get_proposal, erasure, actor=require_person().actor)
    return render_template("erasures/decide.html", form=form, one=_shown(proposal))


def _shown(proposal: Proposal) -> dict[str, object]:
    erasure = proposal.erasure
    return {
        "id": erasure.id,
        "code": proposal.code,
        "agency": proposal.agency,
        "fields": ", ".join(words(f"sealed_field.{field}") for field in erasure.fields),
        "reason": erasure.reason,
        "decision": erasure.decision,
        "proposer": proposal.proposer.full_name,
        "proposed_at": erasure.proposed_at,
        "decider": proposal.decider.full_name if proposal.decider else "",
        "decided_at": erasure.decided_at,
        "outcome": erasure.outcome,
        "is_own": erasure.proposed_by == require_person().actor.user,
    }
