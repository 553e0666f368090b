"""Put the people surface's pages on an application: blueprints, filters and what every template may ask.

It wires and decides nothing; permissions live in `app/domain/access.py`, and `app/http` guards every route.
"""

from typing import Final

from flask import Blueprint, Flask

from app.web import filters, navigation, numbers
from app.web.views import (
    access_keys,
    account,
    acknowledgements,
    admin,
    authorities,
    bag_station,
    bags,
    choices,
    corrections,
    devices,
    entries,
    erasures,
    evidence,
    figures,
    holdings,
    holds,
    home,
    imports,
    incidents,
    labels,
    leg_station,
    legs,
    log,
    login,
    musters,
    policies,
    pouches,
    receivers,
    redirects,
    register,
    reliefs,
    scan,
    seals,
    search,
    sections,
    shifts,
    standards,
    tiles,
    tracers,
    unattended,
)

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    login.BLUEPRINT,
    home.BLUEPRINT,
    search.BLUEPRINT,
    register.BLUEPRINT,
    labels.BLUEPRINT,
    imports.BLUEPRINT,
    scan.BLUEPRINT,
    devices.BLUEPRINT,
    entries.BLUEPRINT,
    log.BLUEPRINT,
    erasures.BLUEPRINT,
    incidents.BLUEPRINT,
    shifts.BLUEPRINT,
    reliefs.BLUEPRINT,
    musters.BLUEPRINT,
    access_keys.BLUEPRINT,
    sections.BLUEPRINT,
    holds.BLUEPRINT,
    holdings.BLUEPRINT,
    corrections.BLUEPRINT,
    figures.BLUEPRINT,
    evidence.BLUEPRINT,
    bag_station.BLUEPRINT,
    bags.BLUEPRINT,
    leg_station.BLUEPRINT,
    legs.BLUEPRINT,
    pouches.BLUEPRINT,
    acknowledgements.BLUEPRINT,
    standards.BLUEPRINT,
    policies.BLUEPRINT,
    seals.BLUEPRINT,
    tracers.BLUEPRINT,
    receivers.BLUEPRINT,
    redirects.BLUEPRINT,
    authorities.BLUEPRINT,
    unattended.BLUEPRINT,
    tiles.BLUEPRINT,
    admin.BLUEPRINT,
    account.BLUEPRINT,
)


def install(app: Flask) -> None:
    """Register every page; the caller then checks that each declares who may use it."""
    filters.install(app)
    navigation.install(app)
    numbers.install(app)
    choices.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
