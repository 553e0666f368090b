"""People and units, for the administrator. It never shows a consignment, and a password only once."""

from typing import Final, Protocol

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission, Role
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.ids import UnitId, UserId
from app.http.access import access
from app.http.ports import runtime
from app.services.people import accounts, units
from app.services.people.accounts import ChangeAccount, CreateUser, IssuedPassword
from app.services.people.units import AddUnit, UnitKind
from app.services.shifts import section_notices
from app.web.forms import Form, posted
from app.web.section_pages import notice_row
from app.web.translate import _
from app.web.views.choices import code_options, unit_options
from app.web.views.person import require_person


class _Account(Protocol):
    """An account as the services give it; the storage that defines it is behind their door."""

    @property
    def full_name(self) -> str: ...

    @property
    def position(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def unit_id(self) -> UnitId: ...

    @property
    def active(self) -> bool: ...


BLUEPRINT: Final = Blueprint("admin", __name__, url_prefix="/admin")


@BLUEPRINT.get("/users")
@access(Permission.MANAGE_USERS)
def users() -> str:
    """List every account, with the form for a new one."""
    return _users_page(Form())


@BLUEPRINT.post("/users")
@access(Permission.MANAGE_USERS)
def create_user() -> Response:
    """Create an account with a random password that is shown on this answer and nowhere else."""
    form = posted()
    issued = accounts.issue_password()
    try:
        runtime().write(
            accounts.create_user,
            CreateUser(untrusted=form.untrusted),
            issued=issued,
            actor=require_person().actor,
        )
    except (InvalidInput, Conflict) as error:
        return make_response(_users_page(form.refused(error, at="username")), 422)
    return make_response(_users_page(Form(), issued=issued, name=form.value("full_name")))


@BLUEPRINT.get("/users/<number:user_id>")
@access(Permission.MANAGE_USERS)
def edit_user(user_id: int) -> str:
    """Show one account."""
    user = _find(user_id)
    values = {
        "full_name": user.full_name,
        "position": user.position,
        "role": user.role,
        "unit": _unit_code(user),
    }
    return _user_page(user_id, Form(untrusted={**values, "active": "yes" if user.active else ""}))


@BLUEPRINT.post("/users/<number:user_id>")
@access(Permission.MANAGE_USERS)
def change_user(user_id: int) -> BaseResponse:
    """Change one account; the person's sessions end."""
    form = posted()
    fields = {name: value for name, value in form.untrusted.items() if name != "active"}
    command = ChangeAccount(user=UserId(user_id), untrusted=fields, active=form.value("active") == "yes")
    try:
        runtime().write(accounts.change_account, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_user_page(user_id, form.refused(error, at="role")), 422)
    flash(_("Đã lưu và đóng các phiên đăng nhập của người này."), "ok")
    return redirect(url_for("admin.users"), code=303)


@BLUEPRINT.post("/users/<number:user_id>/password")
@access(Permission.MANAGE_USERS)
def reset_password(user_id: int) -> str:
    """Replace a forgotten password; the new one is shown on this answer and nowhere else."""
    user, issued = _find(user_id), accounts.issue_password()
    runtime().write(accounts.reset_password, UserId(user_id), issued=issued, actor=require_person().actor)
    return _users_page(Form(), issued=issued, name=user.full_name)


@BLUEPRINT.get("/units")
@access(Permission.MANAGE_UNITS)
def show_units() -> str:
    """List every unit."""
    return _units_page(Form())


@BLUEPRINT.post("/units")
@access(Permission.MANAGE_UNITS)
def add_unit() -> BaseResponse:
    """Add a unit."""
    form = posted()
    try:
        runtime().write(units.add_unit, AddUnit(untrusted=form.untrusted), actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_units_page(form.refused(error, at="code")), 422)
    flash(_("Đã thêm đơn vị."), "ok")
    return redirect(url_for("admin.show_units"), code=303)


def _find(user_id: int) -> _Account:
    found = runtime().read(accounts.list_users, actor=require_person().actor)
    user = next((user for user in found if user.id == user_id), None)
    if user is None:
        raise NotFound
    return user


def _unit_code(user: _Account) -> str:
    found = runtime().read(units.list_units, actor=require_person().actor)
    return next((unit.code for unit in found if unit.id == user.unit_id), "")


def _users_page(form: Form, *, issued: IssuedPassword | None = None, name: str = "") -> str:
    person = require_person()
    names = {unit.id: unit.name for unit in runtime().read(units.list_units, actor=person.actor)}
    rows = [
        {
            "id": user.id,
            "full_name": user.full_name,
            "username": user.username,
            "role": user.role,
            "unit": names.get(user.unit_id, ""),
            "active": user.active,
        }
        for user in runtime().read(accounts.list_users, actor=person.actor)
    ]
    shown = {"name": name, "text": issued.text} if issued else None
    return render_template(
        "admin/users.html",
        form=form,
        users=rows,
        issued=shown,
        roles=code_options(Role, "role"),
        units=unit_options(person),
    )


def _user_page(user_id: int, form: Form) -> str:
    roles, options = code_options(Role, "role"), unit_options(require_person())
    return render_template("admin/user.html", user=_find(user_id), form=form, roles=roles, units=options)


def _units_page(form: Form) -> str:
    actor = require_person().actor
    closed = runtime().read(section_notices.list_standing, actor=actor)
    return render_template(
        "admin/units.html",
        form=form,
        units=runtime().read(units.list_units, actor=actor),
        kinds=code_options(UnitKind, "unit_kind"),
        closed={one.closing.unit: notice_row(one) for one in closed},
    )
