"""`/api/v1/authorities`: courier cards and letters of introduction, within what the caller answers for."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.authority_schemas import (
    AuthoritiesAnswer,
    AuthoritiesQuery,
    AuthorityPath,
    AuthorityShape,
    IssueBody,
    RevokeBody,
)
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.people import authorities
from app.services.people.authorities import IssueAuthority, RevokeAuthority, ShownPaper
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_authorities", __name__, url_prefix="/api/v1/authorities")


@API.get(
    "",
    responses=answers(200, AuthoritiesAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listAuthorities",
)
@access(Permission.VIEW_AUTHORITY)
def show_all(query: AuthoritiesQuery) -> Response:
    """List papers, 50 at a time: the caller's own, their unit's, or all, by role."""
    page = runtime().read(authorities.list_papers, actor=auth.current_actor(), before=query.before)
    return jsonify(
        authorities=[_view(one) for one in page.rows],
        ending=[_view(one) for one in page.ending],
        next_before=page.next_before,
    )


@API.post(
    "",
    responses=answers(201, AuthorityShape, 400, 401, 403, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="issueAuthority",
    openapi_extensions=json_body(IssueBody, "The paper."),
)
@access(Permission.ISSUE_AUTHORITY)
def issue() -> tuple[Response, int]:
    """Issue a paper: a focal point a letter to a colleague. 409: the unit has used this number before."""
    body = read_model(IssueBody)
    form = {
        "holder": str(body.holder),
        "number": body.number,
        "valid_from": body.valid_from,
        "valid_until": body.valid_until,
        "up_to": body.up_to or "",
    }
    actor = auth.current_actor()
    identity = runtime().write(authorities.issue, IssueAuthority(untrusted=form), actor=actor)
    return jsonify(_view(runtime().read(authorities.get_paper, identity, actor=actor))), 201


@API.post(
    "/<authority>/revoke",
    responses=answers(200, AuthorityShape, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="revokeAuthority",
    openapi_extensions=json_body(RevokeBody, "Why."),
)
@access(Permission.ISSUE_AUTHORITY)
def revoke(path: AuthorityPath) -> Response:
    """Take a paper back before its time, once; returns it as it stands then."""
    command = RevokeAuthority(authority=path.authority, untrusted_reason=str(read_model(RevokeBody).reason))
    actor = auth.current_actor()
    runtime().write(authorities.revoke, command, actor=actor)
    return jsonify(_view(runtime().read(authorities.get_paper, path.authority, actor=actor)))


def _view(shown: ShownPaper) -> dict[str, object]:
    paper = shown.paper
    return {
        "id": paper.id,
        "number": paper.number,
        "kind": paper.kind,
        "holder": int(paper.holder),
        "unit": shown.unit.code,
        "valid_from": format_at(paper.valid_from_at),
        "valid_until": format_at(paper.valid_until_at),
        "state": shown.state,
        "ends_soon": shown.ends_soon,
        "revoked_for": paper.revoked_for,
        "up_to": paper.up_to,
    }
