"""The auditor's figures per office, the list behind each number, and both to take away."""

from typing import Final

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.device_clock import LATE
from app.domain.errors import InvalidInput
from app.domain.figures import ANSWERED_WITHIN, PAIR_ACTS, PAIR_SHARE
from app.http.access import access
from app.http.ports import runtime
from app.services import control_figures
from app.services.bags import pouch_pages
from app.services.control_figures import Behind, Figures
from app.web.figure_export import ORDER, figures_json, figures_workbook, number_of
from app.web.forms import Form
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("figures", __name__, url_prefix="/figures")
_FIELDS: Final = ("from", "until")
_LIMITS: Final = {
    "late": int(LATE.total_seconds() // 60),
    "answered": int(ANSWERED_WITHIN.total_seconds() // 3600),
    "pair_acts": PAIR_ACTS,
    "pair_share": round(PAIR_SHARE * 100),
}
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@BLUEPRINT.get("")
@access(Permission.VIEW_LOG)
def show() -> BaseResponse:
    """Show the figures of a period, the last thirty days where none is asked for."""
    form = _form()
    try:
        found = _read(form)
    except InvalidInput as error:
        return make_response(_page(form.refused(error), None), 422)
    return make_response(_page(form, found))


@BLUEPRINT.get("/behind")
@access(Permission.VIEW_LOG)
def behind() -> str:
    """List what one office's number counts."""
    asked = {name: request.args.get(name, "")[:32] for name in ("kind", "unit", *_FIELDS)}
    found: Behind = runtime().read(control_figures.list_behind, asked, actor=require_person().actor)
    return render_template("figures/behind.html", found=found, limits=_LIMITS)


@BLUEPRINT.get("/data.json")
@access(Permission.VIEW_LOG)
def data() -> Response:
    """Give the same figures as data."""
    return jsonify(figures_json(_read(_form())))


@BLUEPRINT.get("/table.xlsx")
@access(Permission.VIEW_LOG)
def workbook() -> Response:
    """Give the same table as a workbook."""
    person = require_person()
    answer = Response(figures_workbook(_read(_form()), by=person.full_name), mimetype=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="kt1-figures.xlsx"'
    return answer


def _form() -> Form:
    return Form(untrusted={name: request.args.get(name, "")[:20] for name in _FIELDS})


def _read(form: Form) -> Figures:
    return runtime().read(control_figures.read_figures, form.untrusted, actor=require_person().actor)


def _page(form: Form, found: Figures | None) -> str:
    return render_template(
        "figures/show.html",
        form=form,
        found=found,
        limits=_LIMITS,
        order=ORDER,
        number_of=number_of,
        sheet=runtime().read(pouch_pages.list_balances, actor=require_person().actor),
    )
