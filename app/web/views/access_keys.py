"""Keys and codes of an office: who has which, what is to be changed; hand over, change, retire with a second.

The second person's password goes to the service and nowhere else. No page asks for what opens a lock.
"""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.access_key import CHANGE_TERMS, AccessKey, AccessKeyKind, AccessKeyState
from app.domain.errors import Conflict, InvalidInput
from app.http.access import access
from app.http.attestation import attest_second
from app.http.i18n import words
from app.http.ports import runtime
from app.services.people import access_key_pages, access_keys
from app.services.people.access_keys import RegisterAccessKey, StepAccessKey, subject_of
from app.services.people.login import LoginRefused
from app.web.access_key_paper import access_key_register
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.access_key_register import render_access_key_register

BLUEPRINT: Final = Blueprint("access_keys", __name__, url_prefix="/access-keys")


@BLUEPRINT.get("")
@access(Permission.VIEW_ACCESS_KEY)
def show_all() -> str:
    """List the register, what is to be changed first, with the form to enter another one."""
    return _list(Form())


@BLUEPRINT.post("")
@access(Permission.KEEP_ACCESS_KEY)
def register() -> BaseResponse:
    """Enter a key or code that the person has in hand."""
    form = posted()
    command = RegisterAccessKey(untrusted=form.untrusted)
    try:
        key = runtime().write(access_keys.register, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_list(form.refused(error)), 422)
    flash(_("Đã ghi sổ. Bạn là người giữ; bàn giao khi giao cho người khác."), "ok")
    return redirect(url_for("access_keys.show", access_key=key.id), code=303)


@BLUEPRINT.get("/<number:access_key>")
@access(Permission.VIEW_ACCESS_KEY)
def show(access_key: int) -> str:
    """Show one with every step, and the forms for the next."""
    return _page(access_key, Form())


@BLUEPRINT.post("/<number:access_key>/hand")
@access(Permission.KEEP_ACCESS_KEY)
def hand(access_key: int) -> BaseResponse:
    """Hand it to the person who stands there."""
    return _step(access_key, access_keys.hand, _("Đã bàn giao, %(name)s đang giữ."))


@BLUEPRINT.post("/<number:access_key>/change")
@access(Permission.KEEP_ACCESS_KEY)
def change(access_key: int) -> BaseResponse:
    """Record that it was changed before the person who stands there."""
    return _step(
        access_key, access_keys.change, _("Đã ghi đổi khóa cùng %(name)s. Bạn giữ cái mới; hạn đổi tính lại.")
    )


@BLUEPRINT.post("/<number:access_key>/retire")
@access(Permission.KEEP_ACCESS_KEY)
def retire(access_key: int) -> BaseResponse:
    """Take it out of use before the person who stands there."""
    return _step(access_key, access_keys.retire, _("Đã bỏ cùng %(name)s."))


@BLUEPRINT.get("/register.pdf")
@access(Permission.VIEW_ACCESS_KEY)
def paper() -> Response:
    """Give the register of one office to print: the person's own, or the one an auditor names."""
    person, port = require_person(), runtime()
    asked = request.args.get("office", "")[:32]
    office = port.read(access_key_pages.get_office, asked, actor=person.actor)
    found = port.read(access_key_pages.list_access_keys, actor=person.actor, office=office.code)
    data = access_key_register(
        found, code=office.code, office=office.name, at=port.now(), by=person.full_name
    )
    answer = Response(render_access_key_register(data), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{data.code}.pdf"'
    return answer


def _step(access_key: int, use_case: Callable[..., AccessKey], done: str) -> BaseResponse:
    form, actor = posted(), require_person().actor
    found = attest_second(
        form.value("username"), form.value("password"), subject=subject_of(access_key), actor=actor
    )
    form = Form(untrusted={name: value for name, value in form.untrusted.items() if name != "password"})
    if isinstance(found, LoginRefused):
        return make_response(_page(access_key, form, words(f"error.{found.reason}")), 422)
    nonce, second = found
    command = StepAccessKey(
        access_key=access_key, second=second.witness, nonce=nonce, untrusted_seal=form.value("seal")
    )
    try:
        runtime().write(use_case, command, actor=actor)
    except InvalidInput as error:
        return make_response(_page(access_key, form.refused(error)), 422)
    except Conflict as error:
        return make_response(_page(access_key, form, words(f"conflict.{error.code}")), 409)
    flash(done % {"name": second.full_name}, "ok")
    return redirect(url_for("access_keys.show", access_key=access_key), code=303)


def _list(form: Form) -> str:
    person = require_person()
    due_only = request.args.get("show") == "due"
    office = request.args.get("office", "")[:32]
    found = runtime().read(
        access_key_pages.list_access_keys, actor=person.actor, due_only=due_only, office=office
    )
    may_keep = person.may(Permission.KEEP_ACCESS_KEY)
    return render_template(
        "access_keys/list.html",
        form=form,
        found=found,
        due_only=due_only,
        office=office,
        offices=sorted({(one.unit.code, one.unit.short_name) for one in found.rows}),
        term=CHANGE_TERMS[0],
        may_keep=may_keep,
        shows_office=not may_keep,
        kinds=code_options(AccessKeyKind, "access_key_kind"),
    )


def _page(access_key: int, form: Form, fault: str = "") -> str:
    person = require_person()
    page = runtime().read(access_key_pages.get_access_key, access_key, actor=person.actor)
    key = page.shown.key
    may_keep = person.may(Permission.KEEP_ACCESS_KEY) and page.shown.state is not AccessKeyState.RETIRED
    seconds = runtime().read(access_key_pages.list_seconds, actor=person.actor) if may_keep else ()
    return render_template(
        "access_keys/show.html",
        form=form,
        fault=fault,
        page=page,
        key=key,
        state=page.shown.state,
        may_keep=may_keep,
        may_hand=may_keep and key.holder == person.actor.user,
        seconds=[Option(value=one.username, label=f"{one.full_name} · {one.username}") for one in seconds],
    )
