"""The unit's own page of who receives for it: the dated list, and delegations. Each line is an entry."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.mandate import MandateKind
from app.domain.validity import Validity
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.services.items import mandates
from app.services.items.mandates import GrantMandate, ShownMandate
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("receivers", __name__, url_prefix="/receivers")


@BLUEPRINT.get("")
@access(Permission.MANAGE_RECEIVERS)
def show() -> str:
    """List who receives, with the form for another line."""
    return _page(Form())


@BLUEPRINT.post("")
@access(Permission.MANAGE_RECEIVERS)
def grant() -> BaseResponse:
    """Add a line."""
    form = posted()
    command = GrantMandate(untrusted=form.untrusted)
    try:
        runtime().write(mandates.grant, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    flash(_("Đã ghi và đưa vào nhật ký."), "ok")
    return redirect(url_for("receivers.show"), code=303)


@BLUEPRINT.post("/<number:mandate>/revoke")
@access(Permission.MANAGE_RECEIVERS)
def revoke(mandate: int) -> BaseResponse:
    """End a line before its time."""
    try:
        runtime().write(mandates.revoke, mandate, actor=require_person().actor)
    except Conflict as error:
        return make_response(_page(Form().refused(error, at="user")), 409)
    flash(_("Đã thu hồi. Từ lúc này người đó không nhận được nữa theo dòng này."), "warn")
    return redirect(url_for("receivers.show"), code=303)


def _page(form: Form) -> str:
    actor = require_person().actor
    people = runtime().read(mandates.list_colleagues, actor=actor)
    return render_template(
        "receivers/list.html",
        form=form,
        rows=[_row(one) for one in runtime().read(mandates.list_mandates, actor=actor)],
        people=[
            Option(value=str(user.id), label=f"{user.full_name} · {words(f'role.{user.role}')}")
            for user in people
        ],
        kinds=code_options(MandateKind, "mandate_kind"),
    )


def _row(shown: ShownMandate) -> dict[str, object]:
    mandate = shown.mandate
    return {
        "id": mandate.id,
        "person": shown.user.full_name,
        "kind": mandate.kind,
        "opens_named": mandate.opens_named,
        "basis": mandate.basis,
        "from": mandate.valid_from_at,
        "until": mandate.valid_until_at,
        "granted_by": shown.granted_by.full_name,
        "state": shown.state,
        "may_revoke": shown.state in {Validity.VALID, Validity.FUTURE},
    }
