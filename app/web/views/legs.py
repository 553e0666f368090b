"""Courier's legs: the lists, the plan, one leg with its sheet, cancelling it, the office's vehicles.

Leaving and arriving are signed at the courier's station (:mod:`app.web.views.leg_station`).
"""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, ConflictCode, InvalidInput
from app.domain.leg import LegCancelReason, LegState
from app.http.access import access
from app.http.ports import runtime
from app.services.legs import leg_pages, legs
from app.services.legs.leg_pages import LegQueue
from app.services.legs.legs import AddVehicle, CancelLeg, PlanLeg
from app.web.forms import Form, posted
from app.web.leg_pages import escort_of, leg_paper, leg_rows, leg_steps, queue_title
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.bags import other_offices
from app.web.views.choices import Option, code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.leg_sheet import render_leg_sheet

BLUEPRINT: Final = Blueprint("legs", __name__, url_prefix="/legs")


@BLUEPRINT.get("")
@access(Permission.VIEW_LEG)
def show_all() -> str:
    """List the legs of one queue; today's where none is asked for."""
    actor, port = require_person().actor, runtime()
    queues = {queue.value: queue for queue in LegQueue}
    asked = request.args.get("queue", LegQueue.TODAY.value)
    queue, before = queues.get(asked), parse_number(request.args.get("before", ""))
    page = port.read(leg_pages.list_legs, queue, actor=actor, before=before)
    counts = port.read(leg_pages.count_queues, actor=actor)
    following = url_for("legs.show_all", queue=asked, before=page.next_before) if page.next_before else ""
    return render_template(
        "legs/list.html",
        rows=leg_rows(page, port.now()),
        queues=[
            {
                "title": queue_title(one),
                "count": counts[one],
                "current": one is queue,
                "url": url_for("legs.show_all", queue=one.value),
            }
            for one in LegQueue
        ],
        everything=queue is None,
        following=following,
    )


@BLUEPRINT.get("/new")
@access(Permission.PLAN_LEG)
def show_plan() -> str:
    """Show the form of a plan."""
    return _plan_page(Form())


@BLUEPRINT.post("/new")
@access(Permission.PLAN_LEG)
def plan() -> BaseResponse:
    """Plan a leg; the bags ticked and the codes typed are one list."""
    form = posted()
    codes = " ".join((*request.form.getlist("bag"), form.value("codes")))
    values = {name: value for name, value in form.untrusted.items() if name != "bag"} | {"codes": codes}
    try:
        leg = runtime().write(legs.plan, PlanLeg(untrusted=values), actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_plan_page(form.refused(error), request.form.getlist("bag")), 422)
    flash(_("Đã lập chặng %(code)s. In phiếu hành trình và giao hàng cho bưu tá.", code=leg.code), "ok")
    return redirect(url_for("legs.show", code=leg.code), code=303)


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_LEG)
def show(code: str) -> str:
    """Show one leg: what was planned and what happened, what is aboard and what became of it."""
    return _page(code, Form())


@BLUEPRINT.post("/<code>/cancel")
@access(Permission.PLAN_LEG)
def cancel(code: str) -> BaseResponse:
    """Cancel a leg that has not left."""
    form = posted()
    command = CancelLeg(untrusted_leg=code, untrusted_reason=form.value("reason"))
    try:
        runtime().write(legs.cancel, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(code, form.refused(error, at="reason")), 422)
    flash(_("Đã hủy chặng %(code)s. Số của chặng không dùng lại.", code=code), "ok")
    return redirect(url_for("legs.show", code=code), code=303)


@BLUEPRINT.get("/<code>/sheet.pdf")
@access(Permission.VIEW_LEG)
def sheet(code: str) -> Response:
    """Give the sheet of the leg on paper."""
    port = runtime()
    page = port.read(leg_pages.show, code, actor=require_person().actor)
    if page.is_hidden:
        raise Conflict(ConflictCode.COUNTING)
    paper = leg_paper(page, log=port.settings.origin)
    answer = Response(render_leg_sheet(paper), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{page.leg.code}.pdf"'
    return answer


@BLUEPRINT.get("/vehicles")
@access(Permission.VIEW_LEG)
def show_vehicles() -> str:
    """Show the register of vehicles."""
    return _vehicles_page(Form())


@BLUEPRINT.post("/vehicles")
@access(Permission.PLAN_LEG)
def add_vehicle() -> BaseResponse:
    """Add a vehicle to one's own office."""
    form = posted()
    command = AddVehicle(untrusted_plate=form.value("plate"), untrusted_dedicated=form.value("dedicated"))
    try:
        vehicle = runtime().write(legs.add_vehicle, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_vehicles_page(form.refused(error)), 422)
    flash(_("Đã thêm xe %(plate)s.", plate=vehicle.plate), "ok")
    return redirect(url_for("legs.show_vehicles"), code=303)


@BLUEPRINT.post("/vehicles/<plate>/retire")
@access(Permission.PLAN_LEG)
def retire_vehicle(plate: str) -> BaseResponse:
    """Take a vehicle out of use."""
    try:
        runtime().write(legs.retire_vehicle, plate, actor=require_person().actor)
    except Conflict as error:
        return make_response(_vehicles_page(posted().refused(error, at="plate")), 409)
    flash(_("Xe %(plate)s đã ngừng dùng.", plate=plate), "ok")
    return redirect(url_for("legs.show_vehicles"), code=303)


def _plan_page(form: Form, ticked: list[str] | None = None) -> str:
    person = require_person()
    choices = runtime().read(leg_pages.list_choices, actor=person.actor)
    return render_template(
        "legs/plan.html",
        form=form,
        offices=other_offices(person),
        couriers=[Option(value=str(user.id), label=user.full_name) for user in choices.couriers],
        escorts=[Option(value=str(user.id), label=user.full_name) for user in choices.escorts],
        vehicles=[
            Option(
                value=one.plate,
                label=f"{one.plate} · {_('chuyên dụng') if one.dedicated else _('xe khác, phải có áp tải')}",
            )
            for one in choices.vehicles
        ],
        bags=choices.bags,
        ticked=ticked or [],
    )


def _page(code: str, form: Form) -> str:
    person = require_person()
    page = runtime().read(leg_pages.show, code, actor=person.actor)
    leg = page.leg
    mine = leg.courier == person.actor.user
    return render_template(
        "legs/show.html",
        form=form,
        page=page,
        leg=leg,
        overdue=leg.is_overdue(runtime().now()),
        steps=leg_steps(page),
        courier=page.people[leg.courier].full_name,
        escort=escort_of(leg, page),
        may_go=mine and not leg.state.is_final,
        may_cancel=person.may(Permission.PLAN_LEG)
        and leg.state is LegState.PLANNED
        and leg.origin == person.actor.unit,
        reasons=code_options(LegCancelReason, "leg_cancel_reason"),
    )


def _vehicles_page(form: Form) -> str:
    found = runtime().read(leg_pages.list_vehicles, actor=require_person().actor)
    return render_template("legs/vehicles.html", form=form, vehicles=found)
