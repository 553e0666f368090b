"""Declare an entry wrong, and decide on what others declared. The entry itself is never changed."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.correction import CORRECTABLE, CorrectionReason
from app.domain.errors import Conflict, InvalidInput
from app.http.access import access
from app.http.ports import runtime
from app.services.incidents import corrections
from app.services.incidents.corrections import DecideCorrection, DeclareError, ShownCorrection
from app.services.log import audit_trail
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("corrections", __name__)


@BLUEPRINT.get("/entries/<number:index>/correction")
@access(Permission.DECLARE_ERROR)
def ask(index: int) -> str:
    """Ask why the entry is wrong."""
    return _form_page(index, Form())


@BLUEPRINT.post("/entries/<number:index>/correction")
@access(Permission.DECLARE_ERROR)
def declare(index: int) -> BaseResponse:
    """Put the declaration before the auditors."""
    form = posted()
    command = DeclareError(
        entry=index,
        untrusted_reason=form.value("reason"),
        untrusted_corrective=form.value("corrective"),
        untrusted_text=form.value("text"),
    )
    try:
        runtime().write(corrections.declare, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_form_page(index, form.refused(error, at="reason")), 422)
    flash(_("Đã gửi đề nghị đính chính. Kiểm tra viên xác nhận rồi mới có hiệu lực."), "ok")
    return redirect(url_for("entries.show", index=index), code=303)


@BLUEPRINT.get("/corrections")
@access(Permission.DECIDE_CORRECTION)
def show_all() -> str:
    """List what waits for a decision, and the latest decisions."""
    return _list_page(Form())


@BLUEPRINT.post("/corrections/<number:correction>/confirm")
@access(Permission.DECIDE_CORRECTION)
def confirm(correction: int) -> BaseResponse:
    """Confirm that the entry is wrong."""
    return _decide(DecideCorrection(correction=correction, confirm=True))


@BLUEPRINT.post("/corrections/<number:correction>/refuse")
@access(Permission.DECIDE_CORRECTION)
def refuse(correction: int) -> BaseResponse:
    """Let the entry stand."""
    return _decide(DecideCorrection(correction=correction, confirm=False))


def _decide(command: DecideCorrection) -> BaseResponse:
    try:
        runtime().write(corrections.decide, command, actor=require_person().actor)
    except Conflict as error:
        return make_response(_list_page(Form().refused(error, at="waiting")), 409)
    flash(_("Đã ghi vào nhật ký."), "ok")
    return redirect(url_for("corrections.show_all"), code=303)


def _form_page(index: int, form: Form) -> str:
    view = runtime().read(audit_trail.get_entry, index, actor=require_person().actor)
    kind = view.event.kind
    return render_template(
        "corrections/declare.html",
        form=form,
        index=index,
        kind=kind,
        at=view.event.recorded_at,
        reasons=code_options(
            [one for one in CorrectionReason if kind is not None and one in CORRECTABLE.get(kind, ())],
            "correction_reason",
        ),
    )


def _list_page(form: Form) -> str:
    actor = require_person().actor
    return render_template(
        "corrections/list.html",
        form=form,
        waiting=[
            _shown(one) for one in runtime().read(corrections.list_corrections, actor=actor, is_open=True)
        ],
        decided=[
            _shown(one) for one in runtime().read(corrections.list_corrections, actor=actor, is_open=False)
        ],
    )


def _shown(one: ShownCorrection) -> dict[str, object]:
    found = one.correction
    decider = one.users.get(found.decided_by) if found.decided_by is not None else None
    return {
        "id": found.id,
        "entry": found.entry,
        "kind": found.kind,
        "reason": found.reason,
        "text": one.text,
        "corrective": found.corrective,
        "declarer": one.users[found.declared_by].full_name,
        "declared_at": found.declared_at,
        "recorder": one.users[found.recorded_by].full_name,
        "decider": decider.full_name if decider else "",
        "decided_at": found.decided_at,
        "outcome": found.outcome,
        "is_own": require_person().actor.user in {found.declared_by, found.recorded_by},
    }
