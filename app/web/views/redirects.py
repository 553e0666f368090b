"""Redirect an item under way: its sender names another unit, and why."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.redirect import RedirectReason
from app.http.access import access
from app.http.ports import runtime
from app.services.items import redirects
from app.services.items.redirects import RedirectItem
from app.services.people import access as door
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import code_options, unit_options
from app.web.views.consignments import item_of
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("redirects", __name__)


@BLUEPRINT.get("/consignments/<code>/redirect")
@access(Permission.REDIRECT)
def show(code: str) -> str:
    """Ask for the new unit and the reason."""
    return _page(code, Form())


@BLUEPRINT.post("/consignments/<code>/redirect")
@access(Permission.REDIRECT)
def order(code: str) -> BaseResponse:
    """Give the item its new address."""
    form = posted()
    command = RedirectItem(
        code=door.parse_seen_code(code),
        untrusted_unit=form.value("recipient_unit"),
        untrusted_reason=form.value("reason"),
    )
    try:
        runtime().write(redirects.redirect, command, actor=require_person().actor, codes=(command.code,))
    except (InvalidInput, Conflict) as error:
        return make_response(_page(code, form.refused(error, at="recipient_unit")), 422)
    flash(_("Đã chuyển tiếp. Người đang giữ thấy địa chỉ mới; nhãn cũ cần được in lại."), "ok")
    return redirect(url_for("consignments.show", code=command.code), code=303)


def _page(code: str, form: Form) -> str:
    person = require_person()
    record = runtime().read(door.get_record, door.parse_seen_code(code), actor=person.actor)
    return render_template(
        "redirects/order.html",
        form=form,
        item=item_of(record, person),
        units=unit_options(person),
        reasons=code_options(RedirectReason, "redirect_reason"),
    )
