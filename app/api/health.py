"""`GET /api/v1/health`: whether scans can be recorded now, and what to do where not.

It says nothing that an outsider could use: no size, no name, no detail of what does not fit.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api.openapi import answers
from app.api.schemas import HealthAnswer
from app.http.access import public
from app.http.i18n import words
from app.http.ports import runtime
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_health", __name__, url_prefix="/api/v1")


@API.get("/health", responses=answers(200, HealthAnswer), operation_id="health")
@public
def health() -> Response:
    """Say that the server answers, and its time, so that a device can tell how wrong its own clock is."""
    port = runtime()
    why = port.why_halted
    if why is None and port.clock_went_back:
        why = "clock_went_back"
    status = "read_only" if port.is_halted else "clock_went_back" if port.clock_went_back else "ok"
    told = {} if why is None else {"why": why, "message": words(f"error.{why}")}
    return jsonify(status=status, now=format_at(port.now()), **told)
