"""Evidence bundles: of an item or incident for whom it concerns, of a period for the auditor.

Every export is an entry, so each is asked for by POST, and the file leaves only after the entry is committed.
What a person may have is decided by the services; no page here shows what is in a bundle.
"""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.http.access import access
from app.http.evidence import send_evidence
from app.http.i18n import words
from app.http.ports import runtime
from app.services.evidence.evidence_choice import MOST_ENTRIES
from app.services.evidence.evidence_scope import ItemScope, Scope, parse_scope
from app.services.incidents.incident_evidence import scope_of_incident
from app.services.people import access as door
from app.web.forms import Form, posted
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("evidence", __name__)


@BLUEPRINT.post("/consignments/<code>/evidence")
@access(Permission.EXPORT_EVIDENCE)
def of_item(code: str) -> BaseResponse:
    """Give the evidence of one consignment, or go back to its page and say why there is none."""
    seen = door.parse_seen_code(code)
    with_fields = posted().value("with_fields") == "yes"
    try:
        return _export(ItemScope(code=seen), with_fields=with_fields, name=seen)
    except InvalidInput as error:
        problem = error.problems[0]
        flash(words(f"problem.{problem.code}", **problem.params), "warn")
    except Conflict as error:
        flash(words(f"conflict.{error.code}"), "warn")
    return redirect(url_for("consignments.show", code=seen), code=303)


@BLUEPRINT.post("/incidents/<number:incident>/bundle")
@access(Permission.EXPORT_EVIDENCE)
def of_incident(incident: int) -> BaseResponse:
    """Give the evidence of an incident, or go back to its page and say why there is none."""
    try:
        scope = runtime().read(scope_of_incident, incident, actor=require_person().actor)
        return _export(scope, with_fields=False, name=scope.reference.replace("/", "-"))
    except InvalidInput as error:
        problem = error.problems[0]
        flash(words(f"problem.{problem.code}", **problem.params), "warn")
    except Conflict as error:
        flash(words(f"conflict.{error.code}"), "warn")
    return redirect(url_for("incidents.show", incident=incident), code=303)


@BLUEPRINT.get("/log/evidence")
@access(Permission.EXPORT_LOG)
def show() -> str:
    """Ask for a period, or for an incident."""
    return _page(Form())


@BLUEPRINT.post("/log/evidence")
@access(Permission.EXPORT_LOG)
def of_period() -> BaseResponse:
    """Give the evidence of a period or an incident."""
    form = posted()
    try:
        return _export(parse_scope(form.untrusted), with_fields=False, name="bang-chung")
    except (InvalidInput, Conflict) as error:
        return make_response(_page(form.refused(error, at="first_day")), 422)


def _export(scope: Scope, *, with_fields: bool, name: str) -> BaseResponse:
    actor = require_person().actor
    return send_evidence(runtime(), scope, actor=actor, with_fields=with_fields, name=name)


def _page(form: Form) -> str:
    return render_template("log/evidence.html", form=form, most=MOST_ENTRIES)
