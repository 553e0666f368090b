"""The device surface as one application: its routes, its OpenAPI document, its guard.

It wires and decides nothing; each route declares who may use it, and `auth` refuses everybody else.
"""

from typing import Final

from flask import Flask, Response, jsonify
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError

from app.api import (
    access_key_schemas,
    access_keys,
    auth,
    authorities,
    authority_schemas,
    bag_schemas,
    bags,
    bodies,
    consignments,
    custody,
    health,
    hold_schemas,
    holds,
    incident_schemas,
    incidents,
    leg_schemas,
    legs,
    muster_schemas,
    musters,
    offers,
    openapi,
    policies,
    pouch_schemas,
    pouches,
    receiver_schemas,
    receivers,
    reliefs,
    scans,
    schemas,
    section_schemas,
    sections,
    shift_schemas,
    shifts,
    suspense,
    unattended,
)
from app.http.access import public
from app.http.answers import refuse
from app.http.security_log import report

DOCUMENT: Final = "/api/v1/openapi.json"
_INFO: Final = Info(
    title="KT1 custody: devices",
    version="1",
    description=(
        "Signed scans in, signed receipts out. Every error has the same body; its message is in the language"
        " asked for by Accept-Language (vi or en). Evidence and entries: docs/formats/."
    ),
)


def new_app() -> OpenAPI:
    """Make the bare application; the composition root puts guards on it before `install` adds the routes."""
    app = OpenAPI(
        "app.api",
        info=_INFO,
        security_schemes=openapi.SECURITY,
        validation_error_status=422,
        validation_error_model=schemas.Failure,
        validation_error_callback=_refuse_validation,
        doc_ui=False,
        static_folder=None,
    )
    # Answers to programs: no key is sorted for looks, and Vietnamese is sent as it is written.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # only the default provider has it
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the same
    return app


def install(app: Flask) -> None:
    """Register the guard and every route, and publish the document made from them."""
    if not isinstance(app, OpenAPI):
        raise TypeError("the device surface is an OpenAPI application")
    auth.install(app)
    app.register_error_handler(bodies.MalformedJson, _refuse_json)
    for api in (
        health.API,
        scans.API,
        consignments.API,
        bags.API,
        legs.API,
        pouches.API,
        offers.API,
        incidents.API,
        holds.API,
        custody.API,
        suspense.API,
        authorities.API,
        access_keys.API,
        sections.API,
        receivers.API,
        unattended.API,
        shifts.API,
        reliefs.API,
        musters.API,
        policies.API,
    ):
        app.register_api(api)
    openapi.publish_bodies(
        app,
        schemas.ScansBody,
        schemas.RegistrationBody,
        schemas.SlipBody,
        incident_schemas.IncidentBody,
        incident_schemas.StepBody,
        bag_schemas.StartBagBody,
        bag_schemas.WitnessBody,
        hold_schemas.HoldBody,
        hold_schemas.LiftBody,
        hold_schemas.CorrectionBody,
        schemas.TracerAnswerBody,
        schemas.RedirectBody,
        authority_schemas.IssueBody,
        access_key_schemas.RegisterAccessKeyBody,
        access_key_schemas.SecondBody,
        access_key_schemas.ChangeAccessKeyBody,
        section_schemas.CloseSectionBody,
        section_schemas.ReopenSectionBody,
        authority_schemas.RevokeBody,
        receiver_schemas.MandateBody,
        unattended.AnswerBody,
        shift_schemas.CloseShiftBody,
        shift_schemas.ListReliefBody,
        muster_schemas.OpenMusterBody,
        muster_schemas.CloseMusterBody,
        muster_schemas.WithdrawMusterBody,
        leg_schemas.PlanLegBody,
        leg_schemas.CancelLegBody,
        pouch_schemas.EnterPouchesBody,
        pouch_schemas.SendPouchesBody,
        pouch_schemas.ReceivePouchesBody,
    )

    @app.route(DOCUMENT)
    @public
    def document() -> Response:
        return jsonify(openapi.document(app))


def _refuse_json(_error: bodies.MalformedJson) -> Response:
    report("malformed_json")
    return refuse("malformed_json")


def _refuse_validation(error: ValidationError) -> Response:
    return refuse("invalid_input", problems=tuple(bodies.problems_of(error)))
