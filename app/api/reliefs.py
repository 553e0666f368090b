"""`/api/v1/reliefs`, `/api/v1/shifts/<code>/relief`: the list made out to a successor, its lines, its paper.

What is on the list moves by signed statements alone: the leaver's `offer`, the successor's `take`, both by
`POST /api/v1/scans`.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, PDF_ANSWER, answers, json_body
from app.api.shift_schemas import ListReliefBody, ReliefAnswer, ReliefsAnswer, ShiftPath
from app.domain.access import Permission
from app.domain.errors import NotFound
from app.http.access import access
from app.http.ports import runtime
from app.http.relief_paper import relief_paper
from app.services.shifts import relief_pages, reliefs
from app.services.shifts.reliefs import ListRelief
from crypto.timestamps import format_at
from reports.list_minutes import render_list_minutes

API: Final = APIBlueprint("api_reliefs", __name__, url_prefix="/api/v1")


@API.get(
    "/reliefs",
    responses=answers(200, ReliefsAnswer, 401, 403),
    security=BY_DEVICE,
    operation_id="listReliefs",
)
@access(Permission.KEEP_SHIFT)
def show_all() -> Response:
    """List the reliefs that wait for the caller, and to whom the caller's own shift may go."""
    actor, port = auth.current_actor(), runtime()
    waiting = port.read(relief_pages.list_mine, actor=actor)
    successors = port.read(relief_pages.list_successors, actor=actor)
    return jsonify(
        waiting=[
            {"shift": one.shift.code, "leaver": int(one.leaver.id), "size": one.lines} for one in waiting
        ],
        successors=[{"user": int(user.id), "username": user.username} for user in successors],
    )


@API.post(
    "/shifts/<code>/relief",
    responses=answers(201, ReliefAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="listRelief",
    openapi_extensions=json_body(ListReliefBody, "Who takes over."),
)
@access(Permission.KEEP_SHIFT)
def list_one(path: ShiftPath) -> tuple[Response, int]:
    """Make the last count's list of the caller's own shift out to a successor.

    409 unless that count balances, nothing moved since, no bag is open and nothing is offered. Nothing moves
    by this: the leaver then signs an `offer` of these codes to the successor, who answers with a `take`.
    """
    body = read_model(ListReliefBody)
    command = ListRelief(untrusted_shift=path.code, untrusted_successor=body.successor)
    runtime().write(reliefs.list_relief, command, actor=auth.current_actor())
    return jsonify(_whole(path.code)), 201


@API.get(
    "/shifts/<code>/relief",
    responses=answers(200, ReliefAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getRelief",
)
@access(Permission.VIEW_SHIFT)
def show(path: ShiftPath) -> Response:
    """Tell what became of each line of the latest relief of a shift."""
    return jsonify(_whole(path.code))


@API.get(
    "/shifts/<code>/relief.pdf",
    responses=answers(200, PDF_ANSWER, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getReliefMinutes",
)
@access(Permission.VIEW_SHIFT)
def minutes(path: ShiftPath) -> Response:
    """Give the minutes of a relief as PDF; 404 until its shift is closed, and while the caller counts."""
    page = runtime().read(relief_pages.show, path.code, actor=auth.current_actor())
    paper = relief_paper(page, origin=runtime().settings.origin)
    if paper is None:
        raise NotFound
    return Response(render_list_minutes(paper), mimetype="application/pdf")


def _whole(code: str) -> dict[str, object]:
    page = runtime().read(relief_pages.show, code, actor=auth.current_actor())
    shift, relief, lines = page.shift, page.relief, page.lines
    return {
        "shift": shift.code,
        "office": page.unit.code,
        "leaver": int(shift.user),
        "successor": int(relief.successor),
        "listed_at": format_at(relief.listed_at),
        "closed_at": None if shift.closed_at is None else format_at(shift.closed_at),
        "digest": page.digest,
        "size": None if lines is None else relief.lines,
        "lines": None if lines is None else [{"code": one, "result": lines[one]} for one in lines],
        "typed": sorted(page.typed),
        "entries": [
            {
                "index": one.index,
                "at": format_at(one.at),
                "kind": one.kind,
                "user": int(one.user),
                "leaf": one.leaf.hex(),
            }
            for one in page.entries
        ],
    }
