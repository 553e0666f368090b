"""`GET /api/v1/offers`: what waits for the caller's half of a handover, with the nonces to answer."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.openapi import BY_DEVICE, answers
from app.api.schemas import OffersAnswer
from app.api.views import consignment_view
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.offers import list_offered

API: Final = APIBlueprint("api_offers", __name__, url_prefix="/api/v1")


@API.get(
    "/offers", responses=answers(200, OffersAnswer, 401, 403), security=BY_DEVICE, operation_id="listOffers"
)
@access(Permission.SCAN)
def show() -> Response:
    """List at most 200 consignments offered to the device's owner or to the owner's unit, newest first."""
    offered = runtime().read(list_offered, actor=auth.current_actor())
    codes = {unit: found.code for unit, found in offered.units.items()}
    return jsonify(
        offers=[
            consignment_view(item, codes, fits_log=item.id not in offered.mismatched)
            for item in offered.items
        ]
    )
