"""The register of pouches: balances and queues, one pouch, returns sent and answered, writing off."""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.pouch import PouchCancelReason, PouchState, RetireReason
from app.http.access import access
from app.http.ports import runtime
from app.services.bags import pouch_pages, pouch_returns, pouches
from app.services.bags.pouch_pages import PouchQueue
from app.services.bags.pouch_returns import CancelPouches, ReceivePouches, SendPouches
from app.services.bags.pouches import DecideRetirement, EnterPouches, RetirePouch
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.pouch_pages import pouch_paper, queue_title
from app.web.translate import _
from app.web.views.bags import other_offices
from app.web.views.choices import code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.pouch_list import render_pouch_list

BLUEPRINT: Final = Blueprint("pouches", __name__, url_prefix="/pouches")
_MARK: Final = "mark."


@BLUEPRINT.get("")
@access(Permission.VIEW_POUCH)
def show_all() -> str:
    """Show the balance and one queue."""
    return _register(Form())


@BLUEPRINT.post("")
@access(Permission.HANDLE_POUCH)
def enter() -> BaseResponse:
    """Enter pouches as one's own office's."""
    form = posted()
    command = EnterPouches(untrusted_pouches=form.value("pouches"))
    try:
        assets = runtime().write(pouches.enter, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_register(form.refused(error)), 422)
    flash(_("Đã ghi %(count)s vỏ túi vào sổ.", count=len(assets)), "ok")
    return redirect(url_for("pouches.show_all"), code=303)


@BLUEPRINT.get("/lists")
@access(Permission.VIEW_POUCH)
def show_lists() -> str:
    """List the returns of one's own office."""
    before, waiting = parse_number(request.args.get("before", "")), request.args.get("open") == "1"
    actor = require_person().actor
    page = runtime().read(pouch_pages.list_lists, actor=actor, open_only=waiting, before=before)
    return render_template("pouches/lists.html", page=page, waiting=waiting)


@BLUEPRINT.get("/lists/new")
@access(Permission.HANDLE_POUCH)
def show_sending() -> str:
    """Show the form of a return."""
    return _sending(Form())


@BLUEPRINT.post("/lists/new")
@access(Permission.HANDLE_POUCH)
def send() -> BaseResponse:
    """Send pouches back; those ticked and those typed are one list."""
    form = posted()
    ticked = request.form.getlist("pouch")
    typed = " ".join((*ticked, form.value("pouches")))
    command = SendPouches(untrusted_to=form.value("to_office"), untrusted_pouches=typed)
    try:
        sent = runtime().write(pouch_returns.send, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_sending(form.refused(error), ticked), 422)
    flash(_("Đã lập phiếu %(code)s. In phiếu, gửi kèm vỏ túi.", code=sent.code), "ok")
    return redirect(url_for("pouches.show_list", code=sent.code), code=303)


@BLUEPRINT.get("/lists/<code>")
@access(Permission.VIEW_POUCH)
def show_list(code: str) -> str:
    """Show one return; whoever gets it answers here."""
    return _list_page(code, Form())


@BLUEPRINT.post("/lists/<code>")
@access(Permission.HANDLE_POUCH)
def receive(code: str) -> BaseResponse:
    """Answer every line."""
    form = posted()
    marks = {
        name.removeprefix(_MARK): value for name, value in form.untrusted.items() if name.startswith(_MARK)
    }
    command = ReceivePouches(
        untrusted_list=code, untrusted_marks=marks, untrusted_excess=form.value("excess")
    )
    try:
        runtime().write(pouch_returns.receive, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_list_page(code, form.refused(error, at="excess")), 422)
    flash(_("Đã ký nhận phiếu %(code)s và ghi vào nhật ký.", code=code), "ok")
    return redirect(url_for("pouches.show_list", code=code), code=303)


@BLUEPRINT.post("/lists/<code>/cancel")
@access(Permission.HANDLE_POUCH)
def cancel(code: str) -> BaseResponse:
    """Take a return back that was made by mistake and that nobody has answered."""
    form = posted()
    command = CancelPouches(untrusted_list=code, untrusted_reason=form.value("reason"))
    try:
        runtime().write(pouch_returns.cancel, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_list_page(code, form.refused(error, at="reason")), 422)
    flash(
        _("Đã hủy phiếu %(code)s. Vỏ túi trở lại là rỗng tại đây; số phiếu không dùng lại.", code=code),
        "warn",
    )
    return redirect(url_for("pouches.show_list", code=code), code=303)


@BLUEPRINT.get("/lists/<code>/list.pdf")
@access(Permission.VIEW_POUCH)
def paper(code: str) -> Response:
    """Give a return on paper."""
    port = runtime()
    file = port.read(pouch_pages.show_list, code, actor=require_person().actor)
    answer = Response(render_pouch_list(pouch_paper(file, log=port.settings.origin)), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{file.list.code}.pdf"'
    return answer


@BLUEPRINT.get("/of/<asset>")
@access(Permission.VIEW_POUCH)
def show(asset: str) -> str:
    """Show one pouch with its trips and returns."""
    return _pouch_page(asset, Form())


@BLUEPRINT.post("/of/<asset>/propose")
@access(Permission.RETIRE_POUCH)
def propose(asset: str) -> BaseResponse:
    """Propose to write a pouch off, or do it where a closed incident says so."""
    form = posted()
    command = RetirePouch(untrusted_pouch=asset, untrusted_reason=form.value("reason"))
    by_incident = form.value("by") == "incident"
    try:
        if by_incident:
            runtime().write(pouches.retire_by_incident, command, actor=require_person().actor)
        else:
            runtime().write(pouches.propose, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_pouch_page(asset, form.refused(error, at="reason")), 422)
    said = (
        _("Đã xóa vỏ túi khỏi sổ.") if by_incident else _("Đã đề nghị. Người thứ hai mở trang này để duyệt.")
    )
    flash(said, "ok")
    return redirect(url_for("pouches.show", asset=asset), code=303)


@BLUEPRINT.post("/of/<asset>/decide")
@access(Permission.RETIRE_POUCH)
def decide(asset: str) -> BaseResponse:
    """Decide on a proposal as the second person."""
    form = posted()
    command = DecideRetirement(untrusted_pouch=asset, untrusted_decision=form.value("decision"))
    try:
        runtime().write(pouches.decide, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_pouch_page(asset, form.refused(error, at="retirement")), 422)
    flash(_("Đã ghi quyết định về vỏ túi %(asset)s.", asset=asset), "ok")
    return redirect(url_for("pouches.show", asset=asset), code=303)


def _register(form: Form) -> str:
    actor, port = require_person().actor, runtime()
    queues = {queue.value: queue for queue in PouchQueue}
    asked = request.args.get("queue", "all")
    queue, after = queues.get(asked), request.args.get("after", "")
    page = port.read(pouch_pages.list_pouches, queue, actor=actor, after=after)
    counts = port.read(pouch_pages.count_queues, actor=actor)
    following = url_for("pouches.show_all", queue=asked, after=page.next_after) if page.next_after else ""
    return render_template(
        "pouches/list.html",
        form=form,
        sheet=port.read(pouch_pages.list_balances, actor=actor),
        coming=port.read(pouch_pages.count_coming, actor=actor),
        page=page,
        queues=[
            {
                "title": queue_title(one),
                "count": counts[one],
                "current": one is queue,
                "url": url_for("pouches.show_all", queue=one.value),
            }
            for one in PouchQueue
        ],
        everything=queue is None,
        following=following,
    )


def _sending(form: Form, ticked: list[str] | None = None) -> str:
    person = require_person()
    page = runtime().read(pouch_pages.list_pouches, PouchQueue.EMPTY, actor=person.actor)
    return render_template(
        "pouches/send.html", form=form, offices=other_offices(person), page=page, ticked=ticked or []
    )


def _list_page(code: str, form: Form) -> str:
    file = runtime().read(pouch_pages.show_list, code, actor=require_person().actor)
    found = {asset: mark for mark in ("received", "missing") for asset in file.lines[mark]}
    return render_template(
        "pouches/show_list.html",
        form=form,
        file=file,
        list=file.list,
        found=found,
        cancel_reasons=code_options(PouchCancelReason, "pouch_cancel_reason"),
    )


def _pouch_page(asset: str, form: Form) -> str:
    person = require_person()
    file = runtime().read(pouch_pages.show, asset, actor=person.actor)
    pouch = file.placed.pouch
    free = not file.placed.bag and pouch.state in {PouchState.HELD, PouchState.MISSING}
    return render_template(
        "pouches/show.html",
        form=form,
        file=file,
        pouch=pouch,
        may_propose=file.may_retire and free and pouch.proposal is None,
        may_decide=file.may_retire
        and pouch.proposal is not None
        and pouch.retired_at is None
        and pouch.proposal.by != person.actor.user,
        reasons=code_options(RetireReason, "retire_reason"),
    )
