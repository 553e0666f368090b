"""Whether the server answers, for load balancers and `kt1 demo`; and where the shared error page lives.

It says nothing about what the server holds and never asks the database: a slow disk must not look like a dead
server to a proxy that would then stop sending anybody.
"""

from typing import Final

from flask import Blueprint, Response, jsonify

from app.http.access import public

BLUEPRINT: Final = Blueprint("health", __name__, template_folder="templates")


@BLUEPRINT.get("/healthz")
@public
def healthz() -> Response:
    """Say that this process answers."""
    return jsonify(status="ok")
