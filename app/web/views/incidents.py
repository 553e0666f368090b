"""Open an incident, follow its clocks, add to it, close it as the second person.

Views only carry forms; who may know of an incident is decided by `app/services/incidents/incident_pages.py`.
"""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput
from app.domain.incident import Cause, Incident, IncidentKind, Proof, ReportedTo
from app.http.access import access
from app.http.ports import runtime
from app.services.incidents import incident_pages, incident_steps, incidents
from app.services.incidents.incident_steps import StepIncident
from app.services.incidents.incidents import OpenIncident
from app.web.forms import Form, posted
from app.web.incidents import FILTERS, compose_minutes, search_of, show_file, show_row
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.person import require_person
from reports.minutes import render_minutes

BLUEPRINT: Final = Blueprint("incidents", __name__, url_prefix="/incidents")
UseCase = Callable[..., Incident]


@BLUEPRINT.get("")
@access(Permission.VIEW_INCIDENT)
def show_all() -> str:
    """List incidents, newest first, with the clock that runs."""
    person, now = require_person(), runtime().now()
    chosen = request.args.get("show", "")
    search = search_of(chosen, person.actor, now=now, before=parse_number(request.args.get("before", "")))
    page = runtime().read(incident_pages.list_incidents, search, actor=person.actor)
    return render_template(
        "incidents/list.html",
        rows=[show_row(row, page, now=now) for row in page.rows],
        total=page.total,
        chosen=chosen if chosen in FILTERS else "",
        filters=[(name, label()) for name, label in FILTERS.items()],
        older=page.next_before,
    )


@BLUEPRINT.get("/new")
@access(Permission.OPEN_INCIDENT)
def ask() -> str:
    """Ask what went wrong."""
    return _ask_page(Form(untrusted={"codes": request.args.get("code", "")[:64]}))


@BLUEPRINT.post("")
@access(Permission.OPEN_INCIDENT)
def open_one() -> BaseResponse:
    """Open an incident; it gets its number and its clocks."""
    form, person = posted(), require_person()
    command = OpenIncident(
        untrusted_kind=form.value("kind"),
        untrusted_codes=form.value("codes"),
        untrusted_text=form.value("text"),
    )
    try:
        incident = runtime().write(incidents.open_incident, command, actor=person.actor)
    except InvalidInput as error:
        return make_response(_ask_page(form.refused(error)), 422)
    flash(_("Đã mở sự vụ số %(number)s.", number=incident.number), "ok")
    if person.may(Permission.VIEW_INCIDENT):
        return redirect(url_for("incidents.show", incident=incident.id), code=303)
    return redirect(url_for("home.show"), code=303)


@BLUEPRINT.get("/<number:incident>")
@access(Permission.VIEW_INCIDENT)
def show(incident: int) -> str:
    """Show one incident with every step."""
    return _page(incident, Form(), "")


@BLUEPRINT.post("/<number:incident>/comment")
@access(Permission.VIEW_INCIDENT)
def comment(incident: int) -> BaseResponse:
    """Add a comment."""
    return _step(incident, incident_steps.comment, at="comment")


@BLUEPRINT.post("/<number:incident>/assign")
@access(Permission.HANDLE_INCIDENT)
def assign(incident: int) -> BaseResponse:
    """Name who answers for it."""
    return _step(incident, incident_steps.assign, at="assign", word="owner")


@BLUEPRINT.post("/<number:incident>/evidence")
@access(Permission.HANDLE_INCIDENT)
def add_evidence(incident: int) -> BaseResponse:
    """Note a piece of evidence and where it is kept."""
    return _step(incident, incident_steps.add_evidence, at="evidence", word="proof")


@BLUEPRINT.post("/<number:incident>/report")
@access(Permission.HANDLE_INCIDENT)
def report(incident: int) -> BaseResponse:
    """Note the first report."""
    return _step(incident, incident_steps.report, at="report", word="to")


@BLUEPRINT.post("/<number:incident>/resolve")
@access(Permission.HANDLE_INCIDENT)
def resolve(incident: int) -> BaseResponse:
    """Say why it happened and what was done."""
    return _step(incident, incident_steps.resolve, at="resolve", word="cause")


@BLUEPRINT.post("/<number:incident>/reopen")
@access(Permission.CLOSE_INCIDENT)
def reopen(incident: int) -> BaseResponse:
    """Send it back, as the second person."""
    return _step(incident, incident_steps.reopen, at="judge")


@BLUEPRINT.post("/<number:incident>/close")
@access(Permission.CLOSE_INCIDENT)
def close(incident: int) -> BaseResponse:
    """Close it, as the second person."""
    return _step(incident, incident_steps.close, at="judge")


@BLUEPRINT.get("/<number:incident>/minutes.pdf")
@access(Permission.HANDLE_INCIDENT)
def minutes(incident: int) -> Response:
    """Give the minutes to be signed by hand; what people wrote is in them, so only handlers print them."""
    found = runtime().read(incident_pages.get_incident, incident, actor=require_person().actor)
    data = compose_minutes(found, origin=runtime().settings.origin)
    answer = Response(render_minutes(data), mimetype="application/pdf")
    name = str(found.incident.number).replace("/", "-")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _step(incident: int, use_case: UseCase, *, at: str, word: str = "") -> BaseResponse:
    form = posted()
    command = StepIncident(
        incident=incident,
        untrusted_word=form.value(word) if word else "",
        untrusted_text=form.value("text"),
    )
    try:
        runtime().write(use_case, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        status = 422 if isinstance(error, InvalidInput) else 409
        return make_response(_page(incident, form.refused(error, at=at), at), status)
    flash(_("Đã ghi vào nhật ký."), "ok")
    return redirect(url_for("incidents.show", incident=incident), code=303)


def _ask_page(form: Form) -> str:
    return render_template(
        "incidents/open.html", form=form, kinds=code_options(IncidentKind, "incident_kind")
    )


def _page(incident: int, form: Form, wrong: str) -> str:
    person = require_person()
    found = runtime().read(incident_pages.get_incident, incident, actor=person.actor)
    owners = (
        runtime().read(incident_pages.list_owners, actor=person.actor)
        if person.may(Permission.HANDLE_INCIDENT)
        else ()
    )
    return render_template(
        "incidents/show.html",
        one=show_file(found, person, now=runtime().now()),
        forms={name: form if name == wrong else Form() for name in _FORMS},
        form=form,
        owners=[Option(value=str(int(user.id)), label=user.full_name) for user in owners],
        proofs=code_options(Proof, "proof"),
        reported_to=code_options(ReportedTo, "reported_to"),
        causes=code_options(Cause, "cause"),
    )


_FORMS: Final = ("comment", "assign", "evidence", "report", "resolve", "judge")
