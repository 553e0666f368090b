"""One's own account: who the server thinks one is, language, password. It must never show another account."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.http import headers, sessions
from app.http.access import access
from app.http.ports import runtime
from app.services.people import own_password
from app.services.people.own_password import PasswordChange
from app.web.forms import Form, posted
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("account", __name__, url_prefix="/account")


@BLUEPRINT.get("")
@access(Permission.OWN_ACCOUNT)
def show() -> str:
    """Show one's own account."""
    return render_template("account/show.html", form=Form())


@BLUEPRINT.post("")
@access(Permission.OWN_ACCOUNT)
def change_password() -> BaseResponse:
    """Change one's own password; every session ends, this one too."""
    form = posted()
    port, person = runtime(), require_person()
    change = PasswordChange(
        untrusted_old=form.value("old_password"), untrusted_new=form.value("new_password")
    )
    try:
        own_password.change_password(port.read, port.write, change, actor=person.actor)
    except (InvalidInput, Conflict) as error:
        # What was typed here is a secret, so for once it is not given back.
        page = render_template("account/show.html", form=Form().refused(error, at="old_password"))
        return make_response(page, 422)
    sessions.log_out()
    flash(_("Đã đổi mật khẩu. Mọi phiên đã đóng; hãy đăng nhập lại bằng mật khẩu mới."), "ok")
    return headers.clear_site_data(make_response(redirect(url_for("login.show"), code=303)))
