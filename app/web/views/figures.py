"""The auditor's figures per office: what was typed by hand, what came late, what was reported late."""

from typing import Final

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import InvalidInput
from app.http.access import access
from app.http.ports import runtime
from app.services import control_figures
from app.services.control_figures import Figures
from app.web.forms import Form
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("figures", __name__, url_prefix="/figures")
_FIELDS: Final = ("from", "until")


@BLUEPRINT.get("")
@access(Permission.VIEW_LOG)
def show() -> BaseResponse:
    """Show the figures of a period, the last thirty days where none is asked for."""
    form = Form(untrusted={name: request.args.get(name, "")[:20] for name in _FIELDS})
    try:
        found = runtime().read(control_figures.read_figures, form.untrusted, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error), None), 422)
    return make_response(_page(form, found))


def _page(form: Form, found: Figures | None) -> str:
    return render_template("figures/show.html", form=form, found=found)
