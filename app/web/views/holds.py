"""Hold a code back, see what is held back, let it go as the second person."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.held_back import Hold
from app.domain.hold import HoldReason
from app.http.access import access
from app.http.ports import runtime
from app.services.incidents import holds
from app.services.incidents.holds import HoldPage, LiftHold, PlaceHold, ShownHold
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.choices import code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("holds", __name__, url_prefix="/holds")


@BLUEPRINT.get("")
@access(Permission.HOLD_CODE)
def show_all() -> str:
    """List what is held back now, or what was, with a form to hold another code back."""
    return _page(Form(untrusted={"code": request.args.get("code", "")[:64]}))


@BLUEPRINT.post("")
@access(Permission.HOLD_CODE)
def place() -> BaseResponse:
    """Hold a code back from now on."""
    form = posted()
    command = PlaceHold(
        untrusted_hold=form.value("hold"),
        untrusted_code=form.value("code"),
        untrusted_reason=form.value("reason"),
        untrusted_text=form.value("text"),
    )
    try:
        placed = runtime().write(holds.place, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(form.refused(error, at="code")), 422)
    flash(_("Đã giữ %(code)s. Người khác mới gỡ được.", code=placed.code), "ok")
    return redirect(url_for("holds.show_all"), code=303)


@BLUEPRINT.post("/<number:hold>/lift")
@access(Permission.HOLD_CODE)
def lift(hold: int) -> BaseResponse:
    """Let a code go, as the second person."""
    form = posted()
    command = LiftHold(hold=hold, untrusted_text=form.value("text"))
    try:
        lifted = runtime().write(holds.lift, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        status = 422 if isinstance(error, InvalidInput) else 409
        return make_response(_page(Form(), lifting=hold, lift=form.refused(error, at="text")), status)
    flash(_("Đã gỡ lệnh giữ %(code)s. Cả hai người đều được ghi vào nhật ký.", code=lifted.code), "ok")
    return redirect(url_for("holds.show_all"), code=303)


def _page(form: Form, *, lifting: int = 0, lift: Form | None = None) -> str:
    person, was = require_person(), request.args.get("show") == "lifted"
    page = runtime().read(
        holds.list_holds,
        actor=person.actor,
        active=not was,
        before=parse_number(request.args.get("before", "")),
    )
    return render_template(
        "holds/list.html",
        form=form,
        lifting=lifting,
        lift=lift or Form(),
        was=was,
        rows=[_shown(row, page) for row in page.rows],
        older=page.next_before,
        kinds=code_options(reversed(Hold), "hold"),
        reasons=code_options(HoldReason, "hold_reason"),
    )


def _shown(row: ShownHold, page: HoldPage) -> dict[str, object]:
    placed = row.placed
    lifter = page.users.get(placed.lifted_by) if placed.lifted_by is not None else None
    return {
        "id": placed.id,
        "hold": placed.hold,
        "code": placed.code,
        "is_item": placed.consignment is not None,
        "is_bag": placed.code in page.bags,
        "reason": placed.reason,
        "text": row.text,
        "unit": page.units[placed.unit].short_name,
        "placer": page.users[placed.placed_by].full_name,
        "placed_at": placed.placed_at,
        "lifter": lifter.full_name if lifter else "",
        "lifted_at": placed.lifted_at,
        "lifted_text": row.lifted_text,
        "is_own": placed.placed_by == require_person().actor.user,
    }
