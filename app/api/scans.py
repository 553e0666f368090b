"""`POST /api/v1/scans`: signed scans in, decisions and receipts out. The hot path.

Envelopes are read strictly and kept byte for byte. All scans of a request are judged in the device's own
order, in one job of the writer, so that they share one commit; a scan that cannot be read or trusted gets its
error and stops no other. Nothing here decides about custody.
"""

from collections.abc import Sequence
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bag_schemas import WitnessAnswer, WitnessBody
from app.api.bodies import read_json, read_model
from app.api.counter_schemas import GiverAnswer, GiverBody
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.receipts import receipt, refused
from app.api.schemas import MOST_SCANS, ScanPath, ScansAnswer, ScansBody
from app.domain.access import Permission
from app.domain.errors import InvalidInput, Problem, ProblemCode
from app.http.access import access
from app.http.attestation import attest_giver_from, attest_take_from
from app.http.negotiate import locale
from app.http.ports import runtime
from app.http.security_log import report
from app.services.scans.handover import ScanOutcome, read_ahead
from app.services.scans.scan_batch import Caller, StaleCaller, receive_from
from crypto.canonical import JsonValue
from crypto.envelope import Envelope, from_json
from crypto.errors import MalformedEnvelope

API: Final = APIBlueprint("api_scans", __name__, url_prefix="/api/v1")
_FIELD: Final = "envelopes"
Result = ScanOutcome | InvalidInput


@API.post(
    "/scans",
    responses=answers(200, ScansAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="submitScans",
    openapi_extensions=json_body(ScansBody, "Signed envelopes in the device's own order."),
)
@access(Permission.SCAN)
def submit_scans() -> Response:
    """Record scans and answer each at its own position, after the commit that holds it.

    A refusal is a recorded fact and answers 200 like an acceptance. The same scan sent again gets the same
    receipt with status `duplicate`; the same scan id with other content gets `conflict`, which is recorded.
    """
    envelopes = _read_envelopes(read_json())
    try:
        results = _receive(envelopes, caller=auth.current_caller())
    except StaleCaller:
        # No longer what it was when it last called: perhaps nobody, perhaps somebody with another role.
        results = _receive(envelopes, caller=auth.look_up())
    language = locale()
    return jsonify(
        results=[
            refused(result, locale=language)
            if isinstance(result, InvalidInput)
            else receipt(result, locale=language)
            for result in results
        ]
    )


@API.post(
    "/scans/<scan>/witness",
    responses=answers(200, WitnessAnswer, 400, 401, 403, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="attestTakeWitness",
    openapi_extensions=json_body(
        WitnessBody, "Account and password of the second person, and the nonce of the offer."
    ),
)
@access(Permission.SCAN)
def witness(path: ScanPath) -> Response:
    """Let a second person prove who they are for one take, for five minutes.

    The take that names `witness` must be this scan and carry this nonce. 422 for a wrong account or password,
    429 after too many.
    """
    body = read_model(WitnessBody)
    return attest_take_from({**body.model_dump(), "scan": path.scan}, actor=auth.current_actor())


@API.post(
    "/scans/givers",
    responses=answers(200, GiverAnswer, 400, 401, 403, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="attestGiver",
    openapi_extensions=json_body(
        GiverBody, "Account and password of whoever hands in, their agency, and the list they agree to."
    ),
)
@access(Permission.SCAN)
def giver() -> Response:
    """Let an agency's person agree, at a post office's counter, to one list they hand in, for five minutes.

    The take that names them in `from` must carry this nonce, this unit and these lines, each with the same
    verdict. 422 for a wrong account or password, 429 after too many.
    """
    body = read_model(GiverBody)
    said = {
        "username": body.username,
        "password": body.password,
        "nonce": body.nonce,
        "unit": body.unit,
    }
    lines = [(line.code, line.verdict) for line in body.lines]
    return attest_giver_from(said, lines, actor=auth.current_actor())


def _read_envelopes(untrusted: object) -> list[Envelope | InvalidInput]:
    if not isinstance(untrusted, dict) or _FIELD not in untrusted:
        raise InvalidInput(_FIELD, ProblemCode.REQUIRED)
    if len(untrusted) > 1:
        strangers = sorted(set(untrusted) - {_FIELD})
        raise InvalidInput.all_of(
            Problem(field=name[:64], code=ProblemCode.UNKNOWN_FIELD) for name in strangers
        )
    untrusted_list = untrusted[_FIELD]
    if not isinstance(untrusted_list, list) or not untrusted_list:
        raise InvalidInput(_FIELD, ProblemCode.REQUIRED)
    if len(untrusted_list) > MOST_SCANS:
        raise InvalidInput(_FIELD, ProblemCode.TOO_MANY, params={"most": MOST_SCANS})
    return [_read_envelope(one) for one in untrusted_list]


def _read_envelope(untrusted: JsonValue) -> Envelope | InvalidInput:
    try:
        return from_json(untrusted)
    except MalformedEnvelope:
        return InvalidInput("envelope", ProblemCode.MALFORMED)


def _receive(read: Sequence[Envelope | InvalidInput], *, caller: Caller) -> list[Result]:
    """Hand every readable scan to the writer at once and put the outcomes back in their places."""
    results: list[Result] = []
    places: list[int] = []
    envelopes: list[Envelope] = []
    wanted: dict[str, set[str]] = {"codes": set(), "scans": set(), "devices": set(), "units": set()}
    for place, one in enumerate(read):
        try:
            if isinstance(one, InvalidInput):
                raise one
            ahead = read_ahead(one)
        except InvalidInput as error:
            results.append(error)
            continue
        for name, needed in wanted.items():
            needed.update(getattr(ahead, name))
        # The place is filled below; until then it holds what would be true if nothing came back.
        results.append(InvalidInput("envelope", ProblemCode.MALFORMED))
        places.append(place)
        envelopes.append(one)
    if envelopes:
        outcomes = runtime().write(
            receive_from,
            envelopes,
            caller=caller,
            codes=wanted["codes"],
            scans=wanted["scans"],
            devices=wanted["devices"] | {caller.key_id},
            units=wanted["units"],
        )
        for place, outcome in zip(places, outcomes, strict=True):
            results[place] = outcome
    for result in results:
        if isinstance(result, InvalidInput):
            report("scan_not_recorded", user=caller.actor.user, why=result.problems[0].code)
    return results
