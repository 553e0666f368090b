"""The stock of seals: what each office must still have, issuing a range, voiding a number."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import InvalidInput
from app.domain.seal_stock import Issue, VoidReason
from app.http.access import access
from app.http.ports import runtime
from app.services.bags import seals
from app.services.bags.seals import IssueSeals, Stock, VoidSeal
from app.services.people import units
from app.services.people.units import UnitKind
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("seals", __name__, url_prefix="/seals")


@BLUEPRINT.get("")
@access(Permission.VIEW_SEALS)
def show() -> str:
    """Show the balance of one's own office, or of all."""
    return _page(Form())


@BLUEPRINT.post("/issues")
@access(Permission.ISSUE_SEALS)
def issue() -> BaseResponse:
    """Give a range to an office."""
    form = posted()
    command = IssueSeals(
        untrusted_office=form.value("office"),
        untrusted_first=form.value("first"),
        untrusted_last=form.value("last"),
    )
    try:
        runtime().write(seals.issue, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    flash(_("Đã cấp niêm phong và ghi vào nhật ký."), "ok")
    return redirect(url_for("seals.show"), code=303)


@BLUEPRINT.post("/voids")
@access(Permission.VOID_SEAL)
def void() -> BaseResponse:
    """Say of a number that it will never be used."""
    form = posted()
    command = VoidSeal(untrusted_seal=form.value("seal"), untrusted_reason=form.value("reason"))
    try:
        runtime().write(seals.void, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    flash(_("Đã hủy niêm phong và ghi vào nhật ký. Giữ lại niêm phong hỏng để đối chiếu."), "ok")
    return redirect(url_for("seals.show"), code=303)


def _page(form: Form) -> str:
    person = require_person()
    stock = runtime().read(seals.list_stock, actor=person.actor)
    offices = [
        Option(value=unit.code, label=f"{unit.name} · {unit.code}")
        for unit in runtime().read(units.list_units, actor=person.actor)
        if unit.active and unit.kind == UnitKind.POINT
    ]
    return render_template(
        "seals/list.html",
        form=form,
        issues=[_shown(one, stock) for one in stock.issues],
        left=sum(one.left for one in stock.issues),
        offices=offices,
        reasons=code_options(VoidReason, "void_reason"),
    )


def _shown(one: Issue, stock: Stock) -> dict[str, object]:
    numbers = one.range
    return {
        "office": stock.units[one.unit].name,
        "first": f"{numbers.prefix}{numbers.first:0{numbers.width}d}".upper(),
        "last": f"{numbers.prefix}{numbers.last:0{numbers.width}d}".upper(),
        "count": numbers.count,
        "used": one.used,
        "voided": one.voided,
        "left": one.left,
        "issued_at": one.issued_at,
    }
