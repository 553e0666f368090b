"""Musters: open one, let the system draw, count blind at the station, close it with a person of the place.

Nothing of what is expected is rendered before the closing: `app/services/shifts/muster_pages.py` gives
nothing before. The partner's password goes to the service and nowhere else.
"""

from secrets import token_hex
from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.muster import DrawOf, Muster, MusterFinding, WithdrawalReason
from app.http.access import access
from app.http.i18n import words
from app.http.muster_paper import muster_paper
from app.http.ports import runtime
from app.http.security_log import report
from app.services.people.login import LoginRefused
from app.services.scans import presence
from app.services.scans.presence import Attestation
from app.services.shifts import muster_draw, muster_pages, muster_withdrawal, musters
from app.services.shifts.muster_draw import DrawMusters
from app.services.shifts.muster_withdrawal import WithdrawMuster
from app.services.shifts.musters import CloseMuster, OpenMuster
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.shift_texts import shift_texts
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.person import require_person
from reports.list_minutes import render_list_minutes

BLUEPRINT: Final = Blueprint("musters", __name__, url_prefix="/musters")
_MOST_LINES: Final = 500


@BLUEPRINT.get("")
@access(Permission.VIEW_MUSTER)
def show_all() -> str:
    """List musters, open ones first, with the forms to open one and to draw."""
    return _list(Form(untrusted={}))


@BLUEPRINT.post("")
@access(Permission.OPEN_MUSTER)
def open_one() -> BaseResponse:
    """Open a muster of a place or of one person."""
    form = posted()
    command = OpenMuster(untrusted_unit=form.value("unit"), untrusted_person=form.value("person"))
    try:
        muster = runtime().write(musters.open_muster, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_list(form.refused(error, at="unit")), 422)
    flash(_("Đã mở kiểm kê %(code)s.", code=muster.code), "ok")
    return redirect(url_for("musters.show", code=muster.code), code=303)


@BLUEPRINT.post("/open/drawn")
@access(Permission.DRAW_MUSTER)
def draw() -> BaseResponse:
    """Let the system draw whom to muster."""
    form = posted()
    command = DrawMusters(untrusted_of=form.value("of"), untrusted_count=form.value("count"))
    try:
        opened = runtime().write(muster_draw.draw, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_list(form.refused(error, at="count")), 422)
    return _opened(opened)


@BLUEPRINT.post("/open/all")
@access(Permission.DRAW_MUSTER)
def open_all() -> BaseResponse:
    """Open the annual inventory: a muster of every place that has none open, each an entry of its own."""
    actor, port = require_person().actor, runtime()
    opened = []
    for unit in port.read(muster_draw.list_places, actor=actor):
        try:
            command = OpenMuster(untrusted_unit=unit.code)
            opened.append(port.write(musters.open_muster, command, actor=actor))
        except Conflict:
            continue
    return _opened(opened)


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_MUSTER)
def show(code: str) -> str:
    """Show one muster; what was expected and found only when it is closed."""
    return _page(code, "")


@BLUEPRINT.get("/<code>/count")
@access(Permission.KEEP_SHIFT)
def count(code: str) -> BaseResponse:
    """Show the counting station, which is told nothing of what is expected."""
    actor = require_person().actor
    page = runtime().read(muster_pages.show, code, actor=actor)
    if not page.muster.is_open or not page.muster.concerns(actor.user, actor.unit):
        return redirect(url_for("musters.show", code=code), code=303)
    body = render_template(
        "shifts/count.html",
        title=_("Kiểm kê đột xuất"),
        subject=page.muster.code,
        done_url=url_for("musters.show", code=page.muster.code),
        unit_code=page.unit.code,
        texts=shift_texts(),
        log=runtime().settings.origin,
    )
    return make_response(body)


@BLUEPRINT.post("/<code>/close")
@access(Permission.OPEN_MUSTER)
def close(code: str) -> BaseResponse:
    """Close one's own muster with the person of the place who stands there."""
    actor, nonce = require_person().actor, token_hex(16)
    attestation = Attestation(
        username=request.form.get("username", ""),
        password=request.form.get("password", ""),
        address=request.remote_addr or "",
        nonce=nonce,
        subject=code[:64],
    )
    found = presence.attest(runtime().write, attestation, actor=actor)
    if isinstance(found, LoginRefused):
        report("witness_not_attested", user=actor.user, why=found.reason)
        return make_response(_page(code, words(f"error.{found.reason}")), 422)
    command = CloseMuster(untrusted_muster=code, untrusted_nonce=nonce, partner=found.witness)
    try:
        runtime().write(musters.close_muster, command, actor=actor)
    except Conflict as error:
        return make_response(_page(code, words(f"conflict.{error.code}")), 409)
    flash(_("Kiểm kê đã kết thúc, %(name)s cùng ký.", name=found.full_name), "ok")
    return redirect(url_for("musters.show", code=code), code=303)


@BLUEPRINT.post("/<code>/withdraw")
@access(Permission.OPEN_MUSTER)
def withdraw(code: str) -> BaseResponse:
    """End a muster without a result."""
    command = WithdrawMuster(untrusted_muster=code, untrusted_reason=request.form.get("reason", ""))
    try:
        runtime().write(muster_withdrawal.withdraw, command, actor=require_person().actor)
    except Conflict as error:
        return make_response(_page(code, words(f"conflict.{error.code}")), 409)
    except InvalidInput:
        return make_response(_page(code, _("Chọn lý do hủy kiểm kê.")), 422)
    flash(_("Đã hủy kiểm kê %(code)s. Ai còn nợ quét thì không phải quét nữa.", code=code), "ok")
    return redirect(url_for("musters.show", code=code), code=303)


@BLUEPRINT.get("/<code>/minutes.pdf")
@access(Permission.VIEW_MUSTER)
def minutes(code: str) -> Response:
    """Give the minutes of a muster that has ended."""
    page = runtime().read(muster_pages.show, code, actor=require_person().actor)
    paper = muster_paper(page, origin=runtime().settings.origin)
    if paper is None:
        raise NotFound
    answer = Response(render_list_minutes(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{page.muster.code}.pdf"'
    return answer


def _opened(opened: list[Muster] | tuple[Muster, ...]) -> BaseResponse:
    if opened:
        codes = ", ".join(muster.code for muster in opened)
        flash(_("Đã mở %(number)s cuộc kiểm kê: %(codes)s.", number=len(opened), codes=codes), "ok")
    else:
        flash(_("Không mở cuộc nào: mọi nơi đều đang kiểm kê."), "warn")
    return redirect(url_for("musters.show_all"), code=303)


def _list(form: Form) -> str:
    person, port = require_person(), runtime()
    number = parse_number(request.args.get("page", "")) or 1
    page = port.read(muster_pages.list_musters, actor=person.actor, page=number)
    places, people = [], []
    if person.may(Permission.OPEN_MUSTER):
        units = port.read(muster_draw.list_places, actor=person.actor)
        names = {unit.id: unit.short_name for unit in units}
        places = [Option(value=unit.code, label=f"{unit.name} · {unit.code}") for unit in units]
        people = [
            Option(value=user.username, label=f"{user.full_name} · {names[user.unit_id]}")
            for user in port.read(muster_draw.list_people, actor=person.actor)
            if user.unit_id in names
        ]
    return render_template(
        "musters/list.html",
        form=form,
        page=page,
        places=places,
        people=people,
        kinds=code_options(DrawOf, "draw_of"),
        may_draw=person.may(Permission.DRAW_MUSTER),
    )


def _page(code: str, fault: str) -> str:
    actor = require_person().actor
    page = runtime().read(muster_pages.show, code, actor=actor)
    lines = [] if page.lines is None else list(page.lines.items())
    figures = {finding: sum(found is finding for _code, found in lines) for finding in MusterFinding}
    is_open, port = page.muster.is_open, runtime()
    return render_template(
        "musters/show.html",
        fault=fault,
        page=page,
        muster=page.muster,
        lines=lines[:_MOST_LINES],
        figures=figures,
        may_count=is_open and page.muster.concerns(actor.user, actor.unit),
        may_close=is_open and page.muster.opened_by == actor.user,
        terms=port.read(muster_withdrawal.find_terms, code, actor=actor),
        reasons=code_options(WithdrawalReason, "muster_withdrawal_reason"),
    )
