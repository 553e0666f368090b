"""The courier's station of a leg: read everything aboard, leave with the escort, close the leg at its end.

Signed acts come in by the scan station's door; the escort proves who they are by the bag station's.
"""

from typing import Final

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.leg import LegState
from app.http.access import access
from app.http.ports import runtime
from app.services.legs import leg_pages
from app.web.leg_pages import escort_of
from app.web.leg_texts import leg_texts
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("leg_station", __name__, url_prefix="/legs/station")


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_LEG)
def show(code: str) -> BaseResponse:
    """Show the station to the leg's own courier; anybody else, and a leg that is over, gets the page."""
    person = require_person()
    page = runtime().read(leg_pages.show, code, actor=person.actor)
    leg = page.leg
    # What is aboard is not shown to a courier who counts: first the count, then the leg.
    if leg.courier != person.actor.user or leg.state.is_final or page.is_hidden:
        return redirect(url_for("legs.show", code=leg.code), code=303)
    departing = leg.state is LegState.PLANNED
    body = render_template(
        "legs/station.html",
        leg=leg,
        page=page,
        departing=departing,
        expected=list(page.aboard) if departing else sorted(page.with_courier),
        escort=escort_of(leg, page),
        place=page.units[leg.origin if departing else leg.destination].code,
        texts=leg_texts(),
        log=runtime().settings.origin,
    )
    return make_response(body)
