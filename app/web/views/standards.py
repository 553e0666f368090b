"""Show what the service promises, version by version, and let the administrator publish the next one."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.grades import Scope, Secrecy
from app.domain.service_standard import Area, Standard, Urgency
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.services.owed import standards
from app.services.owed.standards import PublishStandard, form_of
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("standards", __name__)
_TIMED: Final = (Urgency.NONE, Urgency.EXPRESS)


@BLUEPRINT.get("/service-standard")
@access(Permission.VIEW_STANDARD)
def show() -> str:
    """Show one version as a table, the one valid now unless another is asked for, and list all of them."""
    found = runtime().read(standards.list_standards, actor=require_person().actor)
    now = runtime().now()
    current = next(one for one in found if one.valid_from_at <= now)
    asked = request.args.get("version", "")
    chosen = current if not asked else _find(found, parse_number(asked))
    return render_template(
        "standards/show.html",
        chosen=chosen,
        current=current,
        versions=found,
        form=Form(untrusted=form_of(chosen)),
        **_tables(),
    )


@BLUEPRINT.get("/service-standard/next")
@access(Permission.MANAGE_STANDARD)
def edit() -> str:
    """Offer the form, filled in with the latest version."""
    latest = runtime().read(standards.list_standards, actor=require_person().actor)[0]
    return _form_page(Form(untrusted=form_of(latest)))


@BLUEPRINT.post("/service-standard/next")
@access(Permission.MANAGE_STANDARD)
def publish() -> BaseResponse:
    """Publish the next version."""
    form = posted()
    command = PublishStandard(untrusted=form.untrusted)
    try:
        published = runtime().write(standards.publish, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_form_page(form.refused(error, at="valid_from")), 422)
    flash(_("Đã ban hành chỉ tiêu lần %(version)d và ghi vào nhật ký.", version=published.version), "ok")
    return redirect(url_for("standards.show", version=published.version), code=303)


def _find(found: tuple[Standard, ...], version: int | None) -> Standard:
    chosen = next((one for one in found if one.version == version), None)
    if chosen is None:
        raise NotFound
    return chosen


def _form_page(form: Form) -> str:
    return render_template("standards/edit.html", form=form, **_tables())


def _tables() -> dict[str, object]:
    """Lay the cells out as on paper: a line for each class, a column for each scope and area."""
    columns = [
        {"key": f"{scope}.{area}", "scope": words(f"scope.{scope}"), "area": words(f"area.{area}")}
        for scope in Scope
        for area in Area
    ]
    return {
        "columns": columns,
        "delivery_rows": _rows(_TIMED),
        "rows": _rows(tuple(Urgency)),
        "steps": [
            ("reminder", _("Nhắc (ngày)")),
            ("tracer", _("Thư tra cứu (ngày)")),
            ("investigation", _("Điều tra (ngày)")),
            ("answer", _("Hạn trả lời thư tra cứu (giờ)")),
        ],
    }


def _rows(urgencies: tuple[Urgency, ...]) -> list[dict[str, str]]:
    return [
        {
            "key": f"{secrecy}.{urgency}",
            "label": f"{words(f'secrecy.{secrecy}')} · {words(f'service_urgency.{urgency}')}",
        }
        for secrecy in Secrecy
        for urgency in urgencies
    ]
