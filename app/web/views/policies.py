"""Show what a handover asks of its two sides, version by version; the administrator publishes the next."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand, HandoverPolicy, policy_at
from app.http.access import access
from app.http.ports import runtime
from app.services.scans import policies
from app.services.scans.policies import PublishPolicy, form_of
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("policies", __name__)


@BLUEPRINT.get("/handover-policy")
@access(Permission.VIEW_POLICY)
def show() -> str:
    """Show one version as a table, the one in force now unless another is asked for, and list all of them."""
    found = runtime().read(policies.list_policies, actor=require_person().actor)
    current = policy_at(found, runtime().now())
    asked = request.args.get("version", "")
    chosen = current if not asked else _find(found, parse_number(asked))
    return render_template(
        "policies/show.html",
        chosen=chosen,
        current=current,
        versions=found,
        grades=tuple(Secrecy),
        demands=tuple(Demand),
    )


@BLUEPRINT.get("/handover-policy/next")
@access(Permission.MANAGE_POLICY)
def edit() -> str:
    """Offer the form, filled in with the latest version."""
    latest = runtime().read(policies.list_policies, actor=require_person().actor)[0]
    return _form_page(Form(untrusted=form_of(latest)))


@BLUEPRINT.post("/handover-policy/next")
@access(Permission.MANAGE_POLICY)
def publish() -> BaseResponse:
    """Publish the next version."""
    form = posted()
    command = PublishPolicy(untrusted=form.untrusted)
    try:
        published = runtime().write(policies.publish, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_form_page(form.refused(error, at="valid_from")), 422)
    flash(
        _("Đã ban hành quy tắc giao nhận lần %(version)d và ghi vào nhật ký.", version=published.version),
        "ok",
    )
    return redirect(url_for("policies.show", version=published.version), code=303)


def _find(found: tuple[HandoverPolicy, ...], version: int | None) -> HandoverPolicy:
    chosen = next((one for one in found if one.version == version), None)
    if chosen is None:
        raise NotFound
    return chosen


def _form_page(form: Form) -> str:
    return render_template("policies/edit.html", form=form, grades=tuple(Secrecy), demands=tuple(Demand))
