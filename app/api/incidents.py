"""`/api/v1/incidents`: open one, follow those one may know about, add a step.

The same use cases as the pages: what a person may see is decided by
`app/services/incidents/incident_pages.py`, and what a step needs by
`app/services/incidents/incident_steps.py`. Texts are opened for whoever may see the incident.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.wrappers import Response as BaseResponse

from app.api import auth
from app.api.bodies import read_model
from app.api.incident_schemas import (
    IncidentAnswer,
    IncidentBody,
    IncidentOpened,
    IncidentPath,
    IncidentsAnswer,
    IncidentsQuery,
    StepBody,
)
from app.api.openapi import BY_DEVICE, answers, json_body
from app.domain.access import Permission
from app.domain.incident import Incident, IncidentStatus, IncidentStep
from app.domain.incident_search import IncidentSearch
from app.http.access import access
from app.http.evidence import send_evidence
from app.http.ports import runtime
from app.services.incidents import incident_pages, incident_steps, incidents
from app.services.incidents.incident_evidence import scope_of_incident
from app.services.incidents.incident_pages import IncidentFile
from app.services.incidents.incident_steps import StepIncident
from app.services.incidents.incidents import OpenIncident
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_incidents", __name__, url_prefix="/api/v1")
_ZIP: Final = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
_STEPS: Final[Mapping[str, Callable[..., Incident]]] = {
    IncidentStep.COMMENTED.value: incident_steps.comment,
    IncidentStep.ASSIGNED.value: incident_steps.assign,
    IncidentStep.EVIDENCED.value: incident_steps.add_evidence,
    IncidentStep.REPORTED.value: incident_steps.report,
    IncidentStep.RESOLVED.value: incident_steps.resolve,
    IncidentStep.REOPENED.value: incident_steps.reopen,
    IncidentStep.CLOSED.value: incident_steps.close,
}
_UNDER_WAY: Final = (IncidentStatus.OPEN, IncidentStatus.REPORTED, IncidentStatus.RESOLVED)


@API.post(
    "/incidents",
    responses=answers(201, IncidentOpened, 400, 401, 403, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="openIncident",
    openapi_extensions=json_body(IncidentBody, "What went wrong, and with which codes."),
)
@access(Permission.OPEN_INCIDENT)
def open_one() -> tuple[Response, int]:
    """Open an incident and get its number and deadlines; a courier may do so and does not read it after."""
    body = read_model(IncidentBody)
    command = OpenIncident(
        untrusted_kind=body.kind, untrusted_codes=" ".join(body.codes), untrusted_text=body.text
    )
    incident = runtime().write(incidents.open_incident, command, actor=auth.current_actor())
    answer = jsonify(_summary(incident))
    answer.headers["Location"] = f"/api/v1/incidents/{incident.id}"
    return answer, 201


@API.get(
    "/incidents",
    responses=answers(200, IncidentsAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listIncidents",
)
@access(Permission.VIEW_INCIDENT)
def show_all(query: IncidentsQuery) -> Response:
    """List the incidents under way that the caller may know about, newest first, 50 at a time."""
    search = IncidentSearch(statuses=_UNDER_WAY, before_id=query.before)
    page = runtime().read(incident_pages.list_incidents, search, actor=auth.current_actor())
    return jsonify(
        incidents=[{**_summary(row.incident), "codes": list(row.codes)} for row in page.rows],
        next_before=page.next_before,
    )


@API.get(
    "/incidents/<incident>",
    responses=answers(200, IncidentAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getIncident",
)
@access(Permission.VIEW_INCIDENT)
def show(path: IncidentPath) -> Response:
    """Tell everything about one incident, step by step."""
    return jsonify(_whole(_read(int(path.incident))))


@API.post(
    "/incidents/<incident>/steps",
    responses=answers(200, IncidentAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="stepIncident",
    openapi_extensions=json_body(StepBody, "One step: a comment, an owner, evidence, a report, a solution."),
)
@access(Permission.VIEW_INCIDENT)
def add_step(path: IncidentPath) -> Response:
    """Add one step. `word` is the owner's id, the proof, whom it was reported to, or the cause.

    409 says why the incident does not take this step now: evidence is owed, or a second person is.
    """
    body = read_model(StepBody)
    command = StepIncident(incident=int(path.incident), untrusted_word=body.word, untrusted_text=body.text)
    runtime().write(_STEPS[body.step], command, actor=auth.current_actor())
    return jsonify(_whole(_read(command.incident)))


@API.post(
    "/incidents/<incident>/evidence",
    responses=answers(200, _ZIP, 401, 403, 404, 409, 422, 503),
    security=BY_DEVICE,
    operation_id="exportIncidentEvidence",
)
@access(Permission.EXPORT_EVIDENCE)
def export(path: IncidentPath) -> BaseResponse:
    """Give the evidence bundle of an incident: the entries of its items that the caller may have.

    409: nothing of it is published yet, or every entry names items of others.
    """
    actor, port = auth.current_actor(), runtime()
    scope = port.read(scope_of_incident, int(path.incident), actor=actor)
    name = scope.reference.replace("/", "-")
    return send_evidence(port, scope, actor=actor, with_fields=False, name=name)


def _read(incident: int) -> IncidentFile:
    return runtime().read(incident_pages.get_incident, incident, actor=auth.current_actor())


def _summary(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "number": str(incident.number),
        "kind": incident.kind,
        "severity": incident.severity,
        "status": incident.status,
        "standard": incident.standard,
        "opened_at": format_at(incident.opened_at),
        "report_due_at": format_at(incident.report_due_at),
        "resolve_due_at": format_at(incident.resolve_due_at),
    }


def _whole(found: IncidentFile) -> dict[str, object]:
    incident = found.incident
    return {
        **_summary(incident),
        "codes": [*found.codes, *found.bags, *found.strangers],
        "owner": incident.owner,
        "reported_at": _moment(incident.reported_at),
        "resolved_at": _moment(incident.resolved_at),
        "closed_at": _moment(incident.closed_at),
        "owed": list(found.owed),
        "entries": list(found.entries),
        "steps": [
            {
                "number": one.note.number,
                "step": one.note.step,
                "word": one.note.word,
                "text": one.text.text,
                "text_lost": one.text.is_lost,
                "by": one.note.by,
                "at": format_at(one.note.noted_at),
            }
            for one in found.notes
        ],
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_at(value)
