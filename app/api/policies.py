"""`GET /api/v1/handover-policy`: what a handover asks of its two sides now, by outer mark."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.openapi import BY_DEVICE, answers
from app.api.policy_schemas import PolicyAnswer
from app.domain.access import Permission
from app.domain.handover_policy import policy_at, to_table
from app.http.access import access
from app.http.ports import runtime
from app.services.scans import policies
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_policies", __name__, url_prefix="/api/v1")


@API.get(
    "/handover-policy",
    responses=answers(200, PolicyAnswer, 401, 403),
    security=BY_DEVICE,
    operation_id="getHandoverPolicy",
)
@access(Permission.VIEW_POLICY)
def show() -> Response:
    """Give the version in force now; `version` 0 is the sample that no competent authority has confirmed."""
    found = runtime().read(policies.list_policies, actor=auth.current_actor())
    policy = policy_at(found, runtime().now())
    return jsonify(
        version=policy.version,
        valid_from=None if policy.is_sample else format_at(policy.valid_from_at),
        source=policy.source,
        table=to_table(policy),
    )
